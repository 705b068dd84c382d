"use strict";

const assert = require("node:assert/strict");
const test = require("node:test");
const { fixture, load } = require("./load.js");

const { cells, draw_order } = load(["3-maps/cells", "3-maps/draw_order"]).masldatlas;
const SHARED = fixture("cells");
const number = (value) => (value === null ? NaN : value);
const XY = Float32Array.from([...SHARED.x, ...SHARED.y], number);
const at = (axis, found) => Float32Array.from(found, (cell) => SHARED[axis][cell]);

function panelOf(kind, sort, maps, more = {}) {
  const traces = Array.from({ length: 2 * maps }, (_, number) => ({ name: number & 1 ? "inside" : "outside", marker: { size: 3 } }));
  return { kind, sort, figure: { data: traces }, ...more };
}

for (const { name, mask, facets, codes, kind, sort, values, maps } of SHARED.cases) {
  test(name, () => {
    const panel = panelOf(kind, sort, codes.length);
    const found = cells.fill(panel, cells.partition(XY, mask, facets, codes), values && Float32Array.from(values));
    maps.forEach(function ({ outside, inside, color }, map) {
      const [behind, front] = found.data.slice(2 * map, 2 * map + 2);
      assert.deepEqual([behind.x, behind.y], [at("x", outside), at("y", outside)]);
      assert.deepEqual([front.x, front.y], [at("x", inside), at("y", inside)]);
      assert.deepEqual(front.marker, { size: 3, ...(color ? { color: Float32Array.from(color) } : {}) });
      assert.deepEqual([...found.inside[map]], inside);
    });
  });
}

test("cells of a hidden category lie in the background", () => {
  const panel = panelOf("category", true, 1, { hidden: [0] });
  const mask = [1, 0, 1, 1, 1, 1, 1];
  const { data, inside } = cells.fill(panel, cells.partition(XY, mask, null, [null]), Float32Array.from([2, 0, 1, 0, 1, 2, 0]));
  assert.deepEqual([...inside[0]], [0, 2, 4]);
  assert.deepEqual([...data[0].x], [1, 3, 6]);
  assert.deepEqual([...data[1].marker.color], [2, 1, 1]);
});

for (const name of ["blend", "blend_of_nothing"]) {
  test(`two genes as one code: ${name}`, () => {
    const { tops, one, other, codes } = SHARED[name];
    const source = (values) => ({ kind: "f4", values: Float32Array.from(values) });
    assert.deepEqual([...cells.decode({ kind: "blend", tops }, source(one), source(other))], codes);
  });
}

test("a category that is not given has the code past the last", () => {
  const names = ["Hepatocyte", "Stellate", "(not given)"];
  const codes = cells.decode({ kind: "category", names }, { kind: "u1", values: Uint8Array.from([0, 255, 1]) });
  assert.deepEqual([...codes], [0, 2, 1]);
  const wide = cells.decode({ kind: "category", names }, { kind: "u2", values: Uint16Array.from([255, 65535, 1]) });
  assert.deepEqual([...wide], [255, 2, 1]);
});

test("numbers come as steps of their range, or as they are", () => {
  const steps = { kind: "u2", low: -1, high: 3, values: Uint16Array.from([0, 65535]) };
  assert.deepEqual([...cells.decode({ kind: "expression" }, steps)], [-1, 3]);
  const values = Float32Array.from([0.5, NaN]);
  assert.equal(cells.decode({ kind: "number" }, { kind: "f4", values }), values);
  assert.equal(cells.decode({ kind: "number" }, null), null);
});

test("the background of many small maps is thinned, the selection is not", () => {
  const [n, maps] = [100_000, 8];
  const facets = Uint8Array.from({ length: n }, (_, cell) => cell % maps);
  const codes = Array.from({ length: maps }, (_, code) => code);
  const found = cells.partition(new Float32Array(2 * n), null, facets, codes);
  assert.equal(found.inside.reduce((sum, inside) => sum + inside.length, 0), n);
  const background = found.outside.reduce((sum, { x }) => sum + x.length, 0);
  assert.ok(background > 200_000 && background <= 300_000, `${background} points`);
});

test("the counting sort sorts stably, NaN first", () => {
  const values = [3, NaN, -1, 3, 0, 2];
  assert.deepEqual([...draw_order.ascending([5, 4, 3, 2, 1, 0], values)], [1, 2, 4, 5, 3, 0]);
});

test("the counting sort agrees with a comparison sort within one step of the range", () => {
  let seed = 1;
  const random = () => (seed = (seed * 48271) % 2147483647) / 2147483647;
  const values = Float32Array.from({ length: 20_000 }, () => random() ** 4 * 50 - 1);
  const subset = Uint32Array.from({ length: 10_000 }, (_, index) => 2 * index);
  const order = draw_order.ascending(subset, values);
  assert.deepEqual(Uint32Array.from(order).sort(), subset);
  const sorted = Float32Array.from(order, (cell) => values[cell]);
  const step = 51 / 65534;
  for (let index = 1; index < sorted.length; index++) {
    assert.ok(sorted[index] >= sorted[index - 1] - step, `${sorted[index]} after ${sorted[index - 1]}`);
  }
});

test("what has no rank is scattered, as the server scatters it", () => {
  const { cells: all, scattered } = fixture("draw_order");
  assert.deepEqual([...draw_order.scattered(Uint32Array.from(all))], scattered);
  assert.deepEqual([...draw_order.scattered(new Uint32Array())], []);
});

test("equal values, one cell and no cell stay as they are", () => {
  for (const some of [[2, 0, 1], [1], []]) {
    assert.equal(draw_order.ascending(some, [7, 7, 7]), some);
  }
});
