"use strict";

const assert = require("node:assert/strict");
const test = require("node:test");
const { load } = require("./load.js");

const { pointer } = load(["3-maps/pointer"]).masldatlas;

test("the wheel zooms with Ctrl or Cmd alone", () => {
  assert.equal(pointer.zooms({ ctrlKey: false, metaKey: false }), false);
  assert.equal(pointer.zooms({ ctrlKey: true, metaKey: false }), true);
  assert.equal(pointer.zooms({ ctrlKey: false, metaKey: true }), true);
});

test("two touches have a middle and a distance", () => {
  const touches = [{ clientX: 10, clientY: 20 }, { clientX: 40, clientY: 60 }];
  assert.deepEqual(pointer.spread(touches), { middle: { clientX: 25, clientY: 40 }, distance: 50 });
});
