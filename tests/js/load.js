/* Loads scripts of assets/js as a page does, but into a window without a document.
 *
 * Scripts of the browser share names through `window` (assets/js/1-shell/theme.js), so a test gets at their functions by
 * the `masldatlas` of the window it gave them. They run in the realm of the test: what they return compares as usual. */
"use strict";

const fs = require("node:fs");
const path = require("node:path");
const vm = require("node:vm");

const SCRIPTS = path.join(__dirname, "../../assets/js");
const PARAMETERS = ["window", "document", "fetch"];

/* The window after some scripts, such as "3-maps/lasso", have run in it in this order. `browser` is what they find there. */
function load(names, browser = {}) {
  const dash = { no_update: "no update", set_props: () => undefined };
  const window = { masldatlas: { base: "" }, dash_clientside: dash, addEventListener: () => undefined, ...browser };
  for (const name of names) {
    const file = path.join(SCRIPTS, `${name}.js`);
    vm.compileFunction(fs.readFileSync(file, "utf8"), PARAMETERS, { filename: file })(window, window.document, window.fetch);
  }
  return window;
}

/* What Python and JavaScript must agree on: tests/js/test_shared_rules.py reads the same file. */
function fixture(name) {
  return JSON.parse(fs.readFileSync(path.join(__dirname, "fixtures", `${name}.json`), "utf8"));
}

module.exports = { load, fixture };
