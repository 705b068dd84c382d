"use strict";

const assert = require("node:assert/strict");
const test = require("node:test");
const { load } = require("./load.js");

/* The arrays over a server that gives some answers by address, and the addresses that were fetched. */
function served(answers) {
  const fetched = [];
  async function fetch(address) {
    fetched.push(address);
    const answer = answers(address);
    if (answer instanceof Error) {
      throw answer;
    }
    return answer;
  }
  return { ...load(["3-maps/arrays"], { fetch }).masldatlas.arrays, fetched };
}

const answer = (headers, body) => ({ ok: true, headers: new Map(Object.entries(headers)), arrayBuffer: async () => body.buffer });
const codes = () => answer({ "X-Dtype": "u2", "X-Low": "-1", "X-High": "3.5" }, Uint16Array.from([1, 65535]));

test("an array is fetched once", async () => {
  const { array, fetched } = served(codes);
  const [one, other] = await Promise.all([array("/a"), array("/a")]);
  assert.equal(one, other);
  assert.deepEqual(one, { values: Uint16Array.from([1, 65535]), kind: "u2", low: -1, high: 3.5 });
  assert.deepEqual(fetched, ["/a"]);
  assert.equal(await array(null), null);
});

test("of many arrays the last used are kept", async () => {
  const { array, fetched } = served(codes);
  for (let number = 0; number < 48; number++) {
    await array(`/${number}`);
  }
  await array("/0");
  await array("/new");
  assert.equal(fetched.length, 49);
  await array("/0");
  assert.equal(fetched.length, 49);
  await array("/1");
  assert.equal(fetched.length, 50);
});

test("what failed is said, and is asked for again", async () => {
  let down = true;
  const { array, fetched } = served(() => (down ? new TypeError("failed to fetch") : codes()));
  await assert.rejects(array("/a"), /server cannot be reached/);
  down = false;
  assert.equal((await array("/a")).kind, "u2");
  assert.equal(fetched.length, 2);
});

test("a refusal is said in the words of the server", async () => {
  const problem = { ok: false, status: 404, json: async () => ({ detail: "There is no such gene." }) };
  await assert.rejects(served(() => problem).array("/a"), /^Error: There is no such gene\.$/);
  const page = { ok: false, status: 502, json: async () => JSON.parse("<html>") };
  await assert.rejects(served(() => page).array("/a"), /The server answered 502/);
});

test("grids of pixels are cut out of one answer", async () => {
  const body = new Uint8Array(2 * 2 * 1 + 2 * 1);
  body.set(new Uint8Array(Uint16Array.from([7, 65535]).buffer));
  body.set([9, 8], 4);
  const headers = { "X-Width": "2", "X-Height": "1", "X-Low": "0", "X-High": "1", "X-Planes": "count:u2,share:u1" };
  const found = await served(() => answer(headers, body)).planes("/a");
  assert.deepEqual([found.width, found.height, found.low, found.high], [2, 1, 0, 1]);
  assert.deepEqual([found.count, found.share], [Uint16Array.from([7, 65535]), Uint8Array.from([9, 8])]);
});
