"use strict";

const assert = require("node:assert/strict");
const test = require("node:test");
const { load } = require("./load.js");

const { links } = load(["1-shell/page_links"]).dash_clientside.shell;
const KEPT = [false, "no update"];
const HELP = {
  atlases: "/documentation#pages-atlases",
  explore: "/documentation#pages-explore",
  markers: "/documentation#pages-markers",
};

test("from a page of cells, atlas, gene and cells go along to the others", () => {
  const search = "?atlas=human%2Fliver&gene=ALB&color=Group&where=Cell+type%3AHepatocyte&zoom=1_2_3_4";
  const shared = "atlas=human%2Fliver&gene=ALB&where=Cell+type%3AHepatocyte";
  const found = [false, true, `/explore${search}`, false, `/correlation?${shared}`, false, `/markers?${shared}`, false, `/differences?${shared}`, false, `/species?${shared}`, HELP.explore];
  assert.deepEqual(links("/explore", search), found);
});

test("the first page changes no link", () => {
  assert.deepEqual(links("/", "?gene=ALB"), [true, ...KEPT, ...KEPT, ...KEPT, ...KEPT, ...KEPT, HELP.atlases]);
});

test("an address without parameters changes no other link", () => {
  assert.deepEqual(links("/markers", null), [false, ...KEPT, ...KEPT, true, "/markers", ...KEPT, ...KEPT, HELP.markers]);
});

test("a page without a part of its own leads to the chapter on pages", () => {
  assert.equal(links("/documentation", "").at(-1), "/documentation#pages");
});

test("below a path every link begins with it", () => {
  const window = load(["1-shell/page_links"]);
  window.masldatlas.base = "/atlas";
  const below = window.dash_clientside.shell.links;
  const shared = "?gene=ALB";
  const others = ["correlation", "markers", "differences", "species"].flatMap((page) => [false, `/atlas/${page}${shared}`]);
  const found = [false, true, `/atlas/explore${shared}`, ...others];
  assert.deepEqual(below("/atlas/explore", shared), [...found, "/atlas/documentation#pages-explore"]);
  assert.deepEqual(below("/atlas/", "")[0], true);
});
