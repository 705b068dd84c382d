"use strict";

const assert = require("node:assert/strict");
const test = require("node:test");
const { load } = require("./load.js");

const { points } = load(["3-maps/points"]).masldatlas;
const layout = { plot_bgcolor: "#ffffff" };
const colours = { table: ["#ff0000", "#00ff00", "#0000ff"], low: 0, high: 2, zero: null };
const PANEL = { kind: "category", colours, outside: "#cccccc", figure: { layout } };
const NONE = { x: Float32Array.of(), y: Float32Array.of(), marker: { size: 4 } };

function at(image, column, row) {
  const from = 4 * ((row + image.margin) * image.width + column + image.margin);
  return [...image.rgba.subarray(from, from + 4)];
}

function trace(x, y, color) {
  return { x: Float32Array.from(x), y: Float32Array.from(y), marker: { size: 4, opacity: 1, color: color && Float32Array.from(color) } };
}

const VIEW = { range: [0, 10, 0, 10], width: 100, height: 100, down: false, scale: 1 };

test("a cell is a disc of its color, the last above the others", () => {
  const image = points.draw(PANEL, [NONE, trace([2, 5, 5], [8, 5, 5], [0, 1, 2])], VIEW);
  assert.deepEqual(at(image, 20, 20), [255, 0, 0, 255]);
  assert.deepEqual(at(image, 50, 50), [0, 0, 255, 255]);
  assert.deepEqual(at(image, 80, 80), [255, 255, 255, 255]);
  assert.deepEqual(at(image, 25, 20), [255, 255, 255, 255], "two pixels of radius");
});

test("cells outside of the selection lie below; a tissue hangs upside down; a screen may be finer", () => {
  const behind = trace([5, 2], [5, 8]);
  const image = points.draw(PANEL, [behind, trace([5], [5], [1])], { ...VIEW, down: true });
  assert.deepEqual(at(image, 50, 50), [0, 255, 0, 255]);
  assert.deepEqual(at(image, 20, 80), [204, 204, 204, 255]);
  const fine = points.draw(PANEL, [NONE, trace([5], [5], [1])], { ...VIEW, width: 200, height: 200, scale: 2 });
  assert.deepEqual(at(fine, 103, 100), [0, 255, 0, 255]);
});

test("cells beyond the range are not drawn, and those at its edge are cut", () => {
  const image = points.draw(PANEL, [NONE, trace([-3, 0, 10, NaN], [5, 0, 10, 1], [0, 0, 0, 0])], VIEW);
  assert.deepEqual(at(image, 0, 99), [255, 0, 0, 255]);
  assert.deepEqual(at(image, 99, 0), [255, 0, 0, 255]);
  assert.deepEqual(at(image, 0, 50), [255, 255, 255, 255]);
});

test("the color of a number, of an exact zero and of none", () => {
  const panel = { ...PANEL, kind: "expression", colours: { ...colours, zero: "#010203" } };
  assert.deepEqual([...points.indices(panel, Float32Array.of(0, 0.6, 2, 9, NaN, -1), 6)], [3, 1, 2, 2, 4, 3]);
  assert.deepEqual([...points.indices({ ...panel, colours }, Float32Array.of(-1, 0), 2)], [0, 0]);
  assert.deepEqual([...points.indices(PANEL, null, 2)], [0, 0]);
});

test("the nearest cell within reach, the uppermost of equals", () => {
  const cells = trace([1, 1, 3], [1, 1, 1]);
  assert.equal(points.nearest(cells, [1.2, 1], [10, 10], 12), 1);
  assert.equal(points.nearest(cells, [2.9, 1], [10, 10], 12), 2);
  assert.equal(points.nearest(cells, [9, 9], [10, 10], 12), -1);
});
