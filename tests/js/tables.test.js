"use strict";

const assert = require("node:assert/strict");
const test = require("node:test");
const { load } = require("./load.js");

const window = load(["2-shared/gene_table", "2-shared/grid_cells"]);
const { geneOfPoint } = window.masldatlas.gene_table;

test("the gene of a point is read without its entities", () => {
  const point = (text) => ({ points: [{ text }] });
  assert.equal(geneOfPoint(point("&lt;b&gt;A&amp;lt;B")), "<b>A&lt;B");
  assert.equal(geneOfPoint(point("ALB")), "ALB");
  for (const nothing of [null, {}, { points: [] }, point(null)]) {
    assert.equal(geneOfPoint(nothing), "");
  }
});

test("missing numbers come last, whichever way a column is sorted", () => {
  const { missingLast } = window.dashAgGridFunctions;
  const numbers = [2, null, -1, undefined, 0];
  const ascending = [...numbers].sort((a, b) => missingLast(a ?? null, b ?? null, false));
  // AG Grid turns the sign for a descending order.
  const descending = [...numbers].sort((a, b) => -missingLast(a ?? null, b ?? null, true));
  assert.deepEqual(ascending.slice(0, 3), [-1, 0, 2]);
  assert.deepEqual(descending, [2, 0, -1, null, undefined]);
  assert.equal(missingLast(null, undefined, false), 0);
});

test("ids have a column only where one of them is not the symbol", async () => {
  const visible = [];
  const api = { setColumnsVisible: (columns, isVisible) => visible.push([columns[0], isVisible]) };
  const answers = { "/symbols": [{ gene: "ALB", id: "ALB" }], "/ids": [{ gene: "ALB", id: "ENSG00000163631" }, { gene: "TTR", id: "TTR" }] };
  const other = load(["2-shared/gene_table"], {
    document: { addEventListener: () => undefined, querySelector: () => null },
    dash_ag_grid: { getApiAsync: () => Promise.resolve(api) },
    fetch: (address) => Promise.resolve({ ok: true, json: () => Promise.resolve({ genes: answers[address] }) }),
  });
  const { rows } = other.masldatlas.gene_table.table({ id: "table", name: "genes", marked: "gene", choose: () => undefined });
  for (const address of Object.keys(answers)) {
    await rows({ rows: address });
    await Promise.resolve();
  }
  assert.deepEqual(visible, [["id", false], ["id", true]]);
});
