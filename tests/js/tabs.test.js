/* Keys in a list of tabs, and the panels that are shown. */
"use strict";

const test = require("node:test");
const assert = require("node:assert/strict");
const { load } = require("./load.js");

function tab(name) {
  return {
    dataset: { tab: name },
    attributes: { "aria-controls": `${name}-panel` },
    setAttribute(key, value) {
      this.attributes[key] = value;
    },
    getAttribute(key) {
      return this.attributes[key];
    },
  };
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

/* A page with tabs whose server has not answered yet: what a click sets, and what is shown of it. */
function waitingPage() {
  const tabs = [tab("ranking"), tab("pair"), tab("matrix")];
  const list = { dataset: { tabs: "store" }, querySelectorAll: () => tabs };
  const listeners = {};
  class Element {
    constructor(name) {
      this.clicked = { dataset: { tab: name }, closest: () => list };
    }
    closest() {
      return this.clicked;
    }
  }
  const document = { addEventListener: (type, listener) => (listeners[type] = listener), querySelector: () => list };
  globalThis.Element = Element;
  const page = { asked: 1, set: [], panels: {} };
  const window = load(["2-shared/tabs"], { document });
  window.masldatlas.address = { waiting: () => page.asked };
  const dash = window.dash_clientside;
  dash.callback_context = { inputs_list: [{ id: "store" }], outputs_list: [{}, {}, {}] };
  dash.set_props = (id, props) => (id === "store" ? page.set.push(props.data) : (page.panels[id] = props.hidden));
  page.click = (name) => listeners.click({ target: new Element(name) });
  page.shown = (open, hydrated) => tabs.map((it) => it.dataset.tab)[dash.tabs.show(open, hydrated).indexOf(false)];
  return page;
}

test("a tab that was opened before the server answered stays open", function () {
  const page = waitingPage();
  page.shown("ranking", null);
  page.click("pair");
  // Dash does not call back before the answer.
  assert.deepEqual(page.panels, { "ranking-panel": true, "pair-panel": false, "matrix-panel": true });
  assert.equal(page.shown("pair", null), "pair");
  page.click("matrix");
  assert.equal(page.shown("matrix", null), "matrix");
  // The answer to the address opens its own tab; the visitor's is shown, and set again.
  assert.equal(page.shown("ranking", { asked: 1 }), "matrix");
  assert.deepEqual(page.set, ["pair", "matrix", "matrix"]);
  assert.equal(page.shown("matrix", { asked: 1 }), "matrix");
  // A later choice is one of its own: an address that is followed afterwards opens its tab.
  page.click("pair");
  assert.equal(page.shown("pair", { asked: 1 }), "pair");
  page.asked = 2;
  assert.equal(page.shown("ranking", { asked: 2 }), "ranking");
});

test("a tab that was opened before another address was followed is that of the address", function () {
  const page = waitingPage();
  page.click("pair");
  assert.equal(page.shown("pair", null), "pair");
  page.asked = 2;
  assert.equal(page.shown("ranking", { asked: 2 }), "ranking");
});

test("without a list of tabs nothing changes", function () {
  const dash = scripts(null).dash_clientside;
  dash.callback_context = { inputs_list: [{ id: "store" }], outputs_list: [{}, {}] };
  assert.deepEqual(dash.tabs.show("pair"), ["no update", "no update"]);
});
