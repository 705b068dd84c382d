"use strict";

const assert = require("node:assert/strict");
const test = require("node:test");
const { fixture, load } = require("./load.js");

const { raster } = load(["3-maps/raster"]).masldatlas;
const hex = (value) => value.toString(16).padStart(2, "0");
// The color of each pair of steps says the steps.
const BLEND = Array.from({ length: 256 }, (_, code) => `#${hex(code >> 4)}${hex(code & 15)}07`);

for (const { name, kind, outside, tops, colours, width, height, scales, planes, rgba } of fixture("raster")) {
  test(name, () => {
    const panel = { kind, outside, tops, colours: { ...colours, table: colours.table === "blend" ? BLEND : colours.table } };
    const [[low, high], [lowB, highB]] = [scales[0] || [NaN, NaN], scales[1] || [NaN, NaN]];
    const found = raster.pixels(panel, { width, height, low, high, lowB, highB, ...planes });
    const pixels = Array.from({ length: width * height }, (_, pixel) => [...found.slice(4 * pixel, 4 * pixel + 4)]);
    assert.deepEqual(pixels, rgba);
    const down = raster.pixels(panel, { width, height, low, high, lowB, highB, ...planes }, true);
    const rows = Array.from({ length: height }, (_, row) => rgba.slice(row * width, (row + 1) * width)).reverse();
    assert.deepEqual([...down], rows.flat(2), "the rows the other way round where y grows downwards");
  });
}

const WIDE = { width: 4, height: 1, count: [0, 1, 1234, 65535], low: 0, high: 2, lowB: 0, highB: 1 };

test("the words about a pixel of a category", () => {
  const panel = { kind: "category", title: "Cell type", names: ["Hepatocyte", "Stellate"] };
  const planes = { ...WIDE, code: [65535, 65535, 1, 0], share: [0, 255, 128, 255] };
  const words = [0, 1, 2, 3].map((pixel) => raster.describe(panel, planes, pixel));
  assert.deepEqual(words, [
    "",
    "1 cell\nCell type: (not given) (100%)",
    "1,234 cells\nCell type: Stellate (50%)",
    "65,535 cells or more\nCell type: Hepatocyte (100%)",
  ]);
});

test("the words about a pixel of numbers, of two genes, and of no color", () => {
  const planes = { ...WIDE, value: [0, 65535, 32767, 65534], value_b: [0, 0, 65535, 65534] };
  assert.equal(raster.describe({ kind: "expression", title: "ALB" }, planes, 2), "1,234 cells\nALB: mean 1");
  assert.equal(raster.describe({ kind: "expression", title: "ALB" }, planes, 1), "1 cell\nALB: mean not given");
  const blend = { kind: "blend", names: ["ALB", "CD68"] };
  assert.equal(raster.describe(blend, planes, 2), "1,234 cells\nALB: mean 1\nCD68: mean not given");
  assert.equal(raster.describe({ kind: "none" }, planes, 1), "1 cell");
});
