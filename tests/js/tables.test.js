"use strict";

const assert = require("node:assert/strict");
const fs = require("node:fs");
const path = require("node:path");
const test = require("node:test");
const { load } = require("./load.js");

const window = load(["2-shared/gene_table", "2-shared/grid_cells"]);
const { geneOfPoint, rowsOf } = window.masldatlas.gene_table;

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

test("columns of bytes become rows, as Python writes them", () => {
  const fixture = JSON.parse(fs.readFileSync(path.join(__dirname, "fixtures/columns.json"), "utf8"));
  const bytes = Buffer.from(fixture.bytes, "base64");
  const buffer = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
  assert.deepEqual(JSON.parse(JSON.stringify(rowsOf(buffer))), fixture.rows);
});

/* A table as the server sends it: text columns only. */
function sent(rows) {
  const columns = Object.keys(rows[0]).map((name) => ({ name, values: rows.map((row) => row[name]) }));
  const header = Buffer.from(JSON.stringify({ facts: {}, rows: rows.length, columns }));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(header.length);
  const bytes = Buffer.concat([length, header]);
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
}

test("ids have a column only where one of them is not the symbol", async () => {
  const visible = [];
  const api = { setColumnsVisible: (columns, isVisible) => visible.push([columns[0], isVisible]) };
  const answers = { "/symbols": [{ gene: "ALB", id: "ALB" }], "/ids": [{ gene: "ALB", id: "ENSG00000163631" }, { gene: "TTR", id: "TTR" }] };
  const other = load(["2-shared/gene_table"], {
    document: { addEventListener: () => undefined, querySelector: () => null },
    dash_ag_grid: { getApiAsync: () => Promise.resolve(api) },
    fetch: (address) => Promise.resolve({ ok: true, arrayBuffer: () => Promise.resolve(sent(answers[address.replace("&format=columns", "")])) }),
  });
  const { rows } = other.masldatlas.gene_table.table({ id: "table", marked: "gene", choose: () => undefined });
  for (const address of Object.keys(answers)) {
    await rows({ rows: address });
    await Promise.resolve();
  }
  assert.deepEqual(visible, [["id", false], ["id", true]]);
});
