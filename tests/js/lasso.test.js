"use strict";

const assert = require("node:assert/strict");
const test = require("node:test");
const { fixture, load } = require("./load.js");

const { lasso } = load(["3-maps/lasso"]).masldatlas;

for (const { name, shape, scale, text } of fixture("lassos")) {
  test(name, () => assert.equal(lasso.encode(shape, scale), text));
}

test("a shape as small as a click is no lasso", () => {
  const rect = (width, height) => ({ type: "rect", x0: 0, y0: 0, x1: width, y1: height });
  assert.equal(lasso.encode(rect(0.39, 10), [10, 10]), null);
  assert.equal(lasso.encode(rect(10, 0.39), [10, 10]), null);
  assert.notEqual(lasso.encode(rect(0.4, 0.4), [10, 10]), null);
  assert.equal(lasso.encode({ type: "path", path: "M0,0L9,9Z" }, [10, 10]), null);
  assert.equal(lasso.encode({ type: "path" }, [10, 10]), null);
});

/* The distance of a point from the nearest of the lines between neighbouring corners. */
function distance([x, y], corners) {
  const each = corners.slice(1).map(function ([x1, y1], index) {
    const [x0, y0] = corners[index];
    const length = (x1 - x0) ** 2 + (y1 - y0) ** 2;
    const share = length ? Math.min(Math.max(((x - x0) * (x1 - x0) + (y - y0) * (y1 - y0)) / length, 0), 1) : 0;
    return Math.hypot(x - x0 - share * (x1 - x0), y - y0 - share * (y1 - y0));
  });
  return Math.min(...each);
}

const circle = (n, wobble) =>
  Array.from({ length: n }, function (_, index) {
    const angle = (2 * Math.PI * index) / n;
    const radius = 5 + wobble * Math.sin(37 * angle);
    return [radius * Math.cos(angle), radius * Math.sin(angle)];
  });

test("what is left out of a lasso lies within the tolerance of its line", () => {
  const points = circle(500, 0.3);
  for (const tolerance of [0.5, 2, 10]) {
    const kept = lasso.simplify(points, [40, 40], tolerance);
    assert.ok(kept.length < points.length && kept.every((corner) => points.includes(corner)));
    const farthest = Math.max(...points.map((point) => 40 * distance(point, kept)));
    assert.ok(farthest <= tolerance + 1e-9, `${farthest} px`);
  }
});

test("a long lasso becomes one of at most 150 corners, of the same form", () => {
  const points = circle(4000, 1);
  const text = lasso.encode({ type: "path", path: `M${points.map((point) => point.join()).join("L")}Z` }, [100, 100]);
  const corners = text.split("~").map((corner) => corner.split("_").map(Number));
  assert.ok(corners.length > 50 && corners.length <= 150, `${corners.length} corners`);
  assert.ok(Math.max(...points.map((point) => distance(point, [...corners, corners[0]]))) < 0.5);
});

test("three corners are left of a line", () => {
  const line = [[0, 0], [1, 0], [2, 0], [3, 0]];
  assert.deepEqual(lasso.simplify(line, [1, 1], 1), [[0, 0], [1, 0], [2, 0]]);
});

test("a new lasso takes the place of those on the same map, or comes beside them", () => {
  const before = ["X_umap:0_0~1_0~1_1", "X_umap:1-3:0_0~2_0~2_2", "X_pca:0_0~3_0~3_3"];
  assert.deepEqual(lasso.withLasso(before, "X_umap", "9_9", false), [before[1], before[2], "X_umap:9_9"]);
  assert.deepEqual(lasso.withLasso(before, "X_umap:1-3", "9_9", false), [before[0], before[2], "X_umap:1-3:9_9"]);
  assert.deepEqual(lasso.withLasso(before, "X_umap", "9_9", true), [...before, "X_umap:9_9"]);
});
