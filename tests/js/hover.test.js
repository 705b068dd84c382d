"use strict";

const assert = require("node:assert/strict");
const test = require("node:test");
const { load } = require("./load.js");

const { hover } = load(["3-maps/points", "3-maps/hover"]).masldatlas;

test("the line about a cell", () => {
  assert.equal(hover.describe({ kind: "expression", title: "ALB" }, 1.23456), "ALB: 1.23");
  assert.equal(hover.describe({ kind: "number", title: "Age" }, NaN), "Age: (not given)");
  assert.equal(hover.describe({ kind: "category", title: "Group", names: ["MASH", "(not given)"] }, 1), "Group: (not given)");
  assert.equal(hover.describe({ kind: "blend", title: "ALB and CD68" }, 17), "");
});

test("the pixel under a point, from the lowest row on", () => {
  const grid = { width: 4, height: 2 };
  const range = [0, 8, 10, 20];
  assert.equal(hover.pixelAt(0, 10, range, grid), 0);
  assert.equal(hover.pixelAt(7.9, 10, range, grid), 3);
  assert.equal(hover.pixelAt(2, 15, range, grid), 5);
  for (const [x, y] of [[-0.1, 15], [8, 15], [4, 9.9], [4, 20]]) {
    assert.equal(hover.pixelAt(x, y, range, grid), -1);
  }
});

const axis = (offset, length, range) => ({ _offset: offset, _length: length, range, p2d: (at) => range[0] + (at / length) * (range[1] - range[0]) });
const layout = { xaxis: axis(20, 100, [0, 10]), yaxis: axis(40, 50, [10, 0]), xaxis2: axis(140, 100, [0, 10]), yaxis2: axis(40, 50, [10, 0]) };
const plot = { _fullLayout: layout, getBoundingClientRect: () => ({ x: 1000, y: 500 }) };

test("where the pointer is: on which small map, and where on the embedding", () => {
  assert.deepEqual(hover.pointed(plot, { clientX: 1070, clientY: 565 }), { map: 0, left: 70, top: 65, at: [5, 5], scale: [10, 5] });
  assert.equal(hover.pointed(plot, { clientX: 1150, clientY: 565 }).map, 1);
  assert.equal(hover.pointed(plot, { clientX: 1130, clientY: 565 }), null, "between the maps");
  assert.equal(hover.pointed({ _fullLayout: {} }, {}), null, "before it is drawn");
});

test("the cell below the pointer is one of the selection", () => {
  const trace = (x, y) => ({ x: Float32Array.from(x), y: Float32Array.from(y) });
  const shown = { data: [trace([5], [5]), trace([5, 8], [5, 8]), trace([], []), trace([5], [5])], inside: [[7, 8], [9]] };
  const place = (map, at) => ({ map, at, scale: [10, 10] });
  assert.equal(hover.cellAt(shown, place(0, [8, 8.5])), 8);
  assert.equal(hover.cellAt(shown, place(1, [5, 5])), 9);
  assert.equal(hover.cellAt(shown, place(1, [1, 1])), null);
  assert.equal(hover.cellAt({ data: null }, place(0, [5, 5])), null, "a map of pixels");
  assert.equal(hover.cellAt(shown, null), null);
  assert.equal(hover.cellAt(undefined, place(0, [5, 5])), null);
});
