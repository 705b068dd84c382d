"use strict";

const assert = require("node:assert/strict");
const test = require("node:test");
const { fixture, load } = require("./load.js");

const { labels } = load(["3-maps/labels"]).masldatlas;
const STYLE = { style: { borderpad: 1 }, leader: { arrowhead: 6 } };

for (const { name, names, range, panel, placed, hidden } of fixture("labels")) {
  test(name, () => assert.deepEqual(labels.arranged(names, range, panel), { placed, hidden }));
}

test("labels of two small maps, one of them moved", () => {
  const maps = [[{ text: "A & B", n: 2, x: 0, y: 0 }, { text: "C", n: 1, x: 0.1, y: 0 }], [{ text: "C", n: 1, x: 1, y: 1 }]];
  const { shown, hidden } = labels.annotations({ mode: "on", maps, ...STYLE }, [-5, 5, -5, 5], [300, 300], false);
  assert.equal(hidden, 0);
  assert.deepEqual(shown.map(({ text, xref, yref }) => [text, xref, yref]), [["A &amp; B", "x", "y"], ["C", "x", "y"], ["C", "x2", "y2"]]);
  assert.deepEqual(shown.map(({ showarrow }) => showarrow), [false, true, false]);
  assert.equal(shown[1].arrowhead, 6);
  assert.ok(shown[1].ay < 0, "above its cells");
});

test("a tissue hangs upside down, its labels do not", () => {
  const maps = [[{ text: "low", n: 2, x: 0, y: 4.9 }]];
  const { shown } = labels.annotations({ mode: "on", maps, ...STYLE }, [-5, 5, -5, 5], [300, 300], true);
  assert.ok(shown[0].ay < 0, "moved up, into the map");
  assert.equal(shown[0].y, 4.9);
});

test("no label is hidden without a word", () => {
  const crowd = Array.from({ length: 40 }, (_, at) => ({ text: "Scar-associated macrophage", n: 40 - at, x: at / 100, y: 0 }));
  const { shown, hidden } = labels.annotations({ mode: "on", maps: [crowd], ...STYLE }, [-1, 1, -1, 1], [200, 100], false);
  assert.equal(shown.length + hidden, 40);
  assert.ok(hidden > 0);
  assert.equal(labels.note(hidden), `${hidden} labels hidden; enlarge the map`);
  assert.equal(labels.note(1), "1 label hidden; enlarge the map");
  assert.equal(labels.note(0), "");
  assert.deepEqual(labels.annotations({ mode: "off", maps: [crowd] }, [-1, 1, -1, 1], [200, 100], false), { shown: [], hidden: 0 });
});
