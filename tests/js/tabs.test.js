/* Keys in a list of tabs, and the panels that are shown. */
"use strict";

const test = require("node:test");
const assert = require("node:assert/strict");
const { load } = require("./load.js");

function tab(name) {
  return { dataset: { tab: name }, attributes: {}, setAttribute(key, value) { this.attributes[key] = value; } };
}

function scripts(list) {
  const document = { addEventListener: () => undefined, querySelector: () => list };
  return load(["2-shared/tabs"], { document });
}

test("arrows walk a ring, Home and End go to its ends, other keys do nothing", function () {
  const { target } = scripts(null).masldatlas.tabs;
  assert.equal(target("ArrowRight", 0, 4), 1);
  assert.equal(target("ArrowRight", 3, 4), 0);
  assert.equal(target("ArrowLeft", 0, 4), 3);
  assert.equal(target("Home", 2, 4), 0);
  assert.equal(target("End", 2, 4), 3);
  assert.equal(target("x", 2, 4), null);
});

test("the open tab is selected, reached by Tab, and its panel alone is shown", function () {
  const tabs = [tab("ranking"), tab("pair"), tab("matrix")];
  const window = scripts({ querySelectorAll: () => tabs });
  const dash = window.dash_clientside;
  dash.callback_context = { inputs_list: [{ id: "store" }], outputs_list: [{}, {}, {}] };
  assert.deepEqual(dash.tabs.show("pair"), [true, false, true]);
  assert.deepEqual(tabs.map((it) => it.attributes["aria-selected"]), ["false", "true", "false"]);
  assert.deepEqual(tabs.map((it) => it.tabIndex), [-1, 0, -1]);
});

test("without a list of tabs nothing changes", function () {
  const dash = scripts(null).dash_clientside;
  dash.callback_context = { inputs_list: [{ id: "store" }], outputs_list: [{}, {}] };
  assert.deepEqual(dash.tabs.show("pair"), ["no update", "no update"]);
});
