"use strict";

const assert = require("node:assert/strict");
const test = require("node:test");
const { fixture, load } = require("./load.js");

const { address_state } = load(["1-shell/address_state"]).masldatlas;
const { zoom } = load(["3-maps/zoom"]).masldatlas;
const SHARED = fixture("zoom");

for (const { search, plain, zoom: range } of SHARED.read) {
  test(`the zoom of ${search || "an empty search"}`, () => {
    assert.deepEqual(address_state.separate(search), { plain, zoom: range });
  });
}

for (const search of SHARED.invalid) {
  test(`${search} has no zoom`, () => {
    assert.equal(address_state.separate(search).zoom, null);
  });
}

for (const { plain, zoom: range, search } of SHARED.write) {
  test(`${search} is written`, () => {
    assert.equal(address_state.withZoom(plain, range), search);
    assert.equal(address_state.separate(search).plain, plain);
  });
}

test("a zoom is written after no parameter too", () => {
  assert.equal(address_state.withZoom("", [0, 1, 2, 3]), "?zoom=0_1_2_3");
  assert.equal(address_state.withZoom("", null), "");
});

test("one zoom serves two addresses of the same embedding of the same atlas", () => {
  const { samePlane } = address_state;
  assert.equal(samePlane("?atlas=a&gene=ALB", "?atlas=a&gene=CD68"), true);
  assert.equal(samePlane("?atlas=a", "?atlas=b"), false);
  assert.equal(samePlane("?atlas=a&embedding=X_umap", "?atlas=a&embedding=X_pca"), false);
  assert.equal(samePlane("?atlas=a&embedding=X_umap", "?atlas=a"), false);
});

test("a zoom beside the map shows the whole map", () => {
  const all = [0, 10, 0, 10];
  assert.deepEqual(zoom.target(all, null), all);
  assert.deepEqual(zoom.target(all, [2, 3, 4, 5]), [2, 3, 4, 5]);
  assert.deepEqual(zoom.target(all, [-5, 20, -5, 20]), [-5, 20, -5, 20]);
  assert.deepEqual(zoom.target(all, [10, 12, 4, 5]), all);
  assert.deepEqual(zoom.target(all, [2, 3, -9, 0]), all);
});

test("a range that holds the whole map is no zoom", () => {
  assert.equal(zoom.contains([0, 10, 0, 10], [0, 10, 0, 10]), true);
  assert.equal(zoom.contains([-1, 11, -1, 11], [0, 10, 0, 10]), true);
  assert.equal(zoom.contains([0, 10, 1, 11], [0, 10, 0, 10]), false);
});

test("ranges that differ by rounding are the same", () => {
  assert.equal(zoom.differs([0, 10, 0, 10], [0, 10.0019, 0, 10]), false);
  assert.equal(zoom.differs([0, 10, 0, 10], [0, 10.0021, 0, 10]), true);
  assert.equal(zoom.differs([0, 1e-3, 0, 1e-3], [0, 1.1e-3, 0, 1e-3]), true);
});

test("the range of a plot that is not drawn is none", () => {
  assert.equal(zoom.range(null), null);
  assert.equal(zoom.range({ _fullLayout: {} }), null);
  const layout = { xaxis: { range: [1, 2] }, yaxis: { range: [3, 4] } };
  assert.deepEqual(zoom.range({ _fullLayout: layout }), [1, 2, 3, 4]);
});

test("a y axis that grows downwards has rising ranges here, and falling ones in Plotly", () => {
  const down = { xaxis: { range: [1, 2] }, yaxis: { range: [4, 3] } };
  const up = { xaxis: { range: [1, 2] }, yaxis: { range: [3, 4] } };
  assert.equal(zoom.isDown(down), true);
  assert.equal(zoom.isDown(up), false);
  assert.deepEqual(zoom.whole(down), [1, 2, 3, 4]);
  assert.deepEqual(down.yaxis.range, [4, 3]);
  assert.deepEqual(zoom.range({ _fullLayout: down }), [1, 2, 3, 4]);
  assert.deepEqual(zoom.axes([1, 2, 3, 4], true), { "xaxis.range": [1, 2], "yaxis.range": [4, 3] });
  assert.deepEqual(zoom.axes([1, 2, 3, 4], false), { "xaxis.range": [1, 2], "yaxis.range": [3, 4] });
});
