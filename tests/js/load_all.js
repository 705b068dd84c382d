/* Loads every script as a page does and prints, as JSON, the functions that Python's clientside callbacks may name.
 *
 * tests/contract/test_clientside.py runs it, with the paths of the scripts in the order in which the page loads them. */
"use strict";

const { load } = require("./load.js");

const ignored = () => undefined;
const document = {
  addEventListener: ignored,
  documentElement: { dataset: { base: "" }, setAttribute: ignored },
  querySelectorAll: () => [],
  querySelector: () => null,
};
const browser = {
  document,
  fetch: ignored,
  history: { state: null },
  localStorage: { getItem: () => null },
  location: { pathname: "/explore", search: "", href: "https://atlas.example.org/explore" },
  matchMedia: () => ({ matches: false, addEventListener: ignored }),
  masldatlas: undefined, // the first script makes it
};

globalThis.MutationObserver = class {
  observe() {}
  disconnect() {}
};

const { dash_clientside: dash, masldatlas } = load(process.argv.slice(2), browser);
const pages = Object.entries(dash).filter(([, page]) => typeof page === "object");
const functions = pages.flatMap(([page, members]) => Object.keys(members).map((name) => `${page}.${name}`));
console.log(JSON.stringify({ functions, shared: Object.keys(masldatlas) }));
