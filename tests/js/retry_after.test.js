"use strict";

const assert = require("node:assert/strict");
const test = require("node:test");
const { load } = require("./load.js");

const PROBLEM = { title: "Too many requests", detail: "Rate limit reached.", remedy: "Try again later." };
const OK = { status: 200 };
const { retry_after } = load(["1-shell/retry_after"], { fetch: () => OK }).masldatlas;

const refused = (seconds) => ({
  status: 429,
  headers: new Map([["Retry-After", seconds]]),
  clone: () => ({ json: async () => PROBLEM }),
});

/* A `fetch` that gives some answers in turn, and what it did. */
function observed(answers) {
  const log = { requests: [], pauses: [], shown: [] };
  const fetch = async (...request) => (log.requests.push(request), answers[log.requests.length - 1]);
  const pause = async (seconds) => log.pauses.push(seconds);
  const repeated = retry_after.repeating(fetch, pause, (toasts) => log.shown.push(toasts));
  return { log, repeated };
}

test("what is answered goes through untouched", async () => {
  const { log, repeated } = observed([OK]);
  assert.equal(await repeated("/a", { method: "POST" }), OK);
  assert.deepEqual(log, { requests: [["/a", { method: "POST" }]], pauses: [], shown: [] });
});

test("what is over the limit is said, waited for and asked again, and the message goes", async () => {
  const { log, repeated } = observed([refused("5"), OK]);
  assert.equal(await repeated("/a", "options"), OK);
  assert.deepEqual(log.requests, [["/a", "options"], ["/a", "options"]]);
  assert.deepEqual(log.pauses, [5]);
  assert.equal(log.shown.length, 2);
  assert.equal(log.shown[0][0].props.header, PROBLEM.title);
  const lines = log.shown[0][0].props.children.map((paragraph) => paragraph.props.children);
  assert.deepEqual(lines, [PROBLEM.detail, "The page goes on by itself in 5 seconds."]);
  assert.deepEqual(log.shown[1], []);
});

test("after three repetitions the refusal is the answer", async () => {
  const last = refused("1");
  const { log, repeated } = observed([refused("1"), refused("1"), refused("1"), last, OK]);
  assert.equal(await repeated("/a"), last);
  assert.deepEqual(log.pauses, [1, 1, 1]);
  assert.equal(log.shown.length, 1);
});

test("who should wait too long, or for no known time, is told what to do", async () => {
  for (const header of ["121", null, "Wed, 21 Oct 2026 07:28:00 GMT"]) {
    const { log, repeated } = observed([refused(header), OK]);
    assert.equal((await repeated("/a")).status, 429);
    assert.deepEqual(log.pauses, []);
    assert.equal(log.shown[0][0].props.children[1].props.children, PROBLEM.remedy);
  }
});

test("several refusals at once show one message, which stays until none of them waits", async () => {
  const shown = [];
  const pauses = [];
  const answers = [refused("2"), refused("3"), OK, OK];
  const pause = () => new Promise((resolve) => pauses.push(resolve));
  const repeated = retry_after.repeating(async () => answers.shift(), pause, (toasts) => shown.push(toasts.length));
  const both = [repeated("/a"), repeated("/b")];
  while (pauses.length < 2) {
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.deepEqual(shown, [1]);
  pauses[0]();
  assert.equal(await Promise.race(both), OK);
  assert.deepEqual(shown, [1]);
  pauses[1]();
  assert.deepEqual(await Promise.all(both), [OK, OK]);
  assert.deepEqual(shown, [1, 0]);
});

test("the longest wait is two minutes", () => {
  assert.deepEqual(["1", "120", "121", "", null, "soon"].map(retry_after.waitOf), [1, 120, 0, 0, 0, 0]);
});

test("one second is one second", () => {
  const remedy = (wait) => retry_after.toast(PROBLEM, wait).props.children[1].props.children;
  assert.equal(remedy(1), "The page goes on by itself in 1 second.");
  assert.equal(remedy(0), PROBLEM.remedy);
});
