"use strict";

const assert = require("node:assert/strict");
const test = require("node:test");
const { load } = require("./load.js");

const { hover } = load(["3-maps/hover"]).masldatlas;

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

test("the cell of a point is one of the selection", () => {
  const shown = { inside: [[7, 8], [9]] };
  const event = (curveNumber, pointNumber) => ({ points: [{ curveNumber, pointNumber, bbox: "box" }] });
  assert.deepEqual(hover.cellOf(shown, event(1, 1)), { cell: 8, box: "box" });
  assert.deepEqual(hover.cellOf(shown, event(3, 0)), { cell: 9, box: "box" });
  assert.equal(hover.cellOf(shown, event(0, 1)), null);
  assert.equal(hover.cellOf(shown, { points: [] }), null);
  assert.equal(hover.cellOf(undefined, event(1, 0)), null);
});
