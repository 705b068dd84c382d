"use strict";

const assert = require("node:assert/strict");
const test = require("node:test");
const { load } = require("./load.js");

const SCRIPTS = ["1-shell/address_state", "1-shell/history_steps", "1-shell/last_atlas", "1-shell/address"];

/* A tab that opened an address: its history, its buttons Undo and Redo, and what the page was told of its address. */
function open(address, stored = {}) {
  const entries = [{ state: null, address }];
  let index = 0;
  const listeners = {};
  const told = [];
  const location = {
    get href() {
      return `https://atlas.example.org${entries[index].address}`;
    },
    get pathname() {
      return new URL(location.href).pathname;
    },
    get search() {
      return new URL(location.href).search;
    },
    get hash() {
      return new URL(location.href).hash;
    },
  };
  const history = {
    get state() {
      return entries[index].state;
    },
    pushState(state, _title, to) {
      entries.splice(++index, Infinity, { state, address: to });
    },
    replaceState(state, _title, to) {
      entries[index] = { state, address: to || entries[index].address };
    },
  };
  const buttons = [{ dataset: { step: "undo" }, disabled: false }, { dataset: { step: "redo" }, disabled: false }];
  const event = (type) => ({ type, stopped: false, stopImmediatePropagation() { this.stopped = true; } });
  const window = load(SCRIPTS, {
    location,
    history,
    document: { querySelectorAll: () => buttons },
    localStorage: { getItem: (key) => stored[key] ?? null, setItem: (key, text) => (stored[key] = text) },
    addEventListener: (type, listener) => (listeners[type] = listener),
    dispatchEvent: () => true,
  });
  window.dash_clientside.set_props = (_id, props) => told.push(props.search);
  return {
    masldatlas: window.masldatlas,
    address: () => entries[index].address,
    told,
    disabled: () => buttons.map((button) => button.disabled),
    /* Back or Forward; returns whether Dash hears of it. */
    go(steps) {
      index += steps;
      const popped = event("popstate");
      listeners.popstate(popped);
      return !popped.stopped;
    },
    /* A click on a link of the page. */
    follow(to) {
      history.pushState({}, "", to);
      const pushed = event("_dashprivate_pushstate");
      listeners._dashprivate_pushstate(pushed);
      return !pushed.stopped;
    },
  };
}

test("the state that the server made of an address takes its place, a later one is a step", () => {
  const tab = open("/explore?gene=ALB");
  const { callbacks } = tab.masldatlas.address.page("/explore");
  const read = callbacks.search("/explore", "?gene=ALB");
  assert.equal(read.search, "?gene=ALB");
  const hydrated = { search: "?atlas=a&gene=ALB", at: read.at, write: true };
  callbacks.write("?atlas=a&gene=ALB", hydrated);
  assert.equal(tab.address(), "/explore?atlas=a&gene=ALB");
  assert.deepEqual(tab.disabled(), [true, true]);
  callbacks.write("?atlas=a&gene=CD68", hydrated);
  assert.equal(tab.address(), "/explore?atlas=a&gene=CD68");
  assert.deepEqual(tab.disabled(), [false, true]);
  assert.equal(tab.go(-1), false);
  assert.equal(tab.address(), "/explore?atlas=a&gene=ALB");
  assert.deepEqual(tab.disabled(), [true, false]);
  assert.deepEqual(tab.told, ["?atlas=a&gene=ALB", "?atlas=a&gene=CD68", "?atlas=a&gene=ALB"]);
});

test("the atlas that was used last is told to the server, which takes it where the address names none", () => {
  const stored = {};
  const tab = open("/explore?atlas=human%2Fhe2020", stored);
  const { callbacks } = tab.masldatlas.address.page("/explore");
  assert.equal(callbacks.search("/explore", "?atlas=human%2Fhe2020").last, "");
  callbacks.write("?atlas=human%2Fhe2020", null);
  const { callbacks: others } = open("/markers", stored).masldatlas.address.page("/markers");
  assert.equal(others.search("/markers", "").last, "human/he2020");
});

test("after an address of which nothing could be drawn the next one is read by the server", () => {
  const tab = open("/explore?atlas=a&gene=PLINN2");
  const { callbacks } = tab.masldatlas.address.page("/explore");
  const read = callbacks.search("/explore", "?atlas=a&gene=PLINN2");
  const hydrated = { search: "?atlas=a&gene=PLINN2", at: read.at, write: false, blocked: true };
  callbacks.write("?atlas=a&gene=PLINN2", hydrated);
  callbacks.write("?atlas=a&gene=PLIN2", hydrated);
  assert.equal(tab.address(), "/explore?atlas=a&gene=PLIN2");
  assert.equal(callbacks.search("/explore", "?atlas=a&gene=PLIN2").search, "?atlas=a&gene=PLIN2");
});

test("what the page wrote itself is not read again, and another page's address is not its own", () => {
  const tab = open("/explore?atlas=a");
  const { callbacks } = tab.masldatlas.address.page("/explore");
  callbacks.search("/explore", "?atlas=a");
  callbacks.write("?atlas=a&gene=ALB", null);
  assert.equal(callbacks.search("/explore", "?atlas=a&gene=ALB"), "no update");
  assert.equal(callbacks.search("/markers", "?atlas=b"), "no update");
  tab.follow("/markers?atlas=b");
  callbacks.write("?atlas=a&gene=CD68", null);
  assert.equal(tab.address(), "/markers?atlas=b");
});

test("a page that was left reads its own address again when one goes back to it", () => {
  const tab = open("/explore?gene=ALB");
  const { callbacks } = tab.masldatlas.address.page("/explore");
  const read = callbacks.search("/explore", "?gene=ALB");
  callbacks.write("?atlas=a&gene=ALB", { search: "?atlas=a&gene=ALB", at: read.at, write: true });
  tab.follow("/");
  assert.equal(tab.go(-1), true);
  assert.equal(tab.address(), "/explore?atlas=a&gene=ALB");
  assert.equal(callbacks.search("/explore", "?atlas=a&gene=ALB").search, "?atlas=a&gene=ALB");
});

test("a zoom is no step, stays with other colors, and goes with another atlas", (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const tab = open("/explore?atlas=a#top");
  const page = tab.masldatlas.address.page("/explore");
  page.callbacks.search("/explore", "?atlas=a");
  page.setZoom([0, 1, 2, 3]);
  page.setZoom([0, 1, 2, 4]);
  assert.equal(tab.address(), "/explore?atlas=a#top");
  context.mock.timers.tick(250);
  assert.equal(tab.address(), "/explore?atlas=a&zoom=0_1_2_4#top");
  assert.deepEqual(page.zoom(), [0, 1, 2, 4]);
  page.callbacks.write("?atlas=a&gene=ALB", null);
  assert.equal(tab.address(), "/explore?atlas=a&gene=ALB&zoom=0_1_2_4#top");
  page.callbacks.write("?atlas=b", null);
  assert.equal(tab.address(), "/explore?atlas=b#top");
  assert.equal(page.zoom(), null);
});

test("a link to the same cells keeps the zoom, one to others does not", () => {
  const tab = open("/explore?atlas=a&zoom=0_1_2_3");
  const { callbacks } = tab.masldatlas.address.page("/explore");
  callbacks.search("/explore", "?atlas=a&zoom=0_1_2_3");
  assert.equal(tab.follow("/explore?atlas=a&gene=ALB"), false);
  assert.equal(tab.address(), "/explore?atlas=a&gene=ALB&zoom=0_1_2_3");
  tab.follow("/explore?atlas=b");
  assert.equal(tab.address(), "/explore?atlas=b");
});

test("a link to another page is left to Dash, and undo stays on its page", () => {
  const tab = open("/explore?atlas=a");
  tab.masldatlas.address.page("/explore");
  tab.masldatlas.address.page("/markers");
  assert.equal(tab.follow("/markers?atlas=a"), true);
  assert.deepEqual(tab.disabled(), [true, true]);
});

test("a lasso or a limit changes the address without the zoom being lost", () => {
  const tab = open("/explore?atlas=a&zoom=0_1_2_3");
  const page = tab.masldatlas.address.page("/explore");
  page.callbacks.search("/explore", "?atlas=a&zoom=0_1_2_3");
  page.change((parameters) => parameters.append("lasso", "X_umap:0_0~1_0~1_1"));
  assert.equal(tab.address(), "/explore?atlas=a&lasso=X_umap%3A0_0%7E1_0%7E1_1&zoom=0_1_2_3");
  page.callbacks.limit("");
  assert.equal(tab.told.length, 1);
  page.callbacks.limit("ALB");
  assert.equal(new URLSearchParams(tab.address().split("?")[1]).get("expr"), "ALB:0:");
  assert.deepEqual(tab.disabled(), [false, true]);
});

test("below a path, a page knows its address and writes it with the path", () => {
  const tab = open("/atlas/explore?gene=ALB");
  tab.masldatlas.base = "/atlas";
  const { callbacks } = tab.masldatlas.address.page("/explore");
  assert.equal(callbacks.search("/atlas/explore", "?gene=ALB").search, "?gene=ALB");
  assert.equal(callbacks.search("/explore", "?gene=ALB"), "no update");
  callbacks.write("?gene=APOB", null);
  assert.equal(tab.address(), "/atlas/explore?gene=APOB");
});
