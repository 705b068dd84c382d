"use strict";

const assert = require("node:assert/strict");
const test = require("node:test");
const { fixture, load } = require("./load.js");

const { permalink } = load(["5-dialogs/permalinks"]).masldatlas.permalinks;
const HASH_DIGITS = 12; // what the server sends of a content hash

for (const { pathname, search, figure, panel, content_hash, beside, link } of fixture("permalinks")) {
  test(`the permalink ${link}`, () => {
    const atlas = new URLSearchParams(search).get("atlas");
    const hashes = Object.entries({ ...beside, [atlas]: content_hash }).map(([id, hash]) => [id, hash.slice(0, HASH_DIGITS)]);
    assert.equal(permalink({ pathname, search }, Object.fromEntries(hashes), figure, panel), link);
  });
}

test("the link of a page names no figure", () => {
  assert.equal(permalink({ pathname: "/markers", search: "?atlas=a" }, { a: "0123" }, "", 1), "/markers?v=1&atlas=a&hash=0123");
});

test("an atlas without a hash, and an address without an atlas, give links without one", () => {
  assert.equal(permalink({ pathname: "/explore", search: "?atlas=a" }, { b: "0123" }, "violin", 1), "/explore?v=1&figure=violin&atlas=a");
  assert.equal(permalink({ pathname: "/explore", search: "" }, { a: "0123" }, "violin", 2), "/explore?v=1&figure=violin&panel=2");
});
