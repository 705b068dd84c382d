/* Arrays of the cells, fetched once and kept: what every map of cells in the browser is made of (core/api/arrays.py). */
(function () {
  "use strict";

  const MAX_KEPT = 48;
  const KINDS = { f4: Float32Array, u1: Uint8Array, u2: Uint16Array };
  const kept = new Map(); // address -> promise of what `read` makes of the answer

  async function load(address, read) {
    let answer;
    try {
      answer = await fetch(address);
    } catch {
      throw new Error("The server cannot be reached, so these cells could not be loaded. Check the connection, then reload the page.");
    }
    if (!answer.ok) {
      const problem = await answer.json().catch(() => ({}));
      throw new Error(problem.detail || `The server answered ${answer.status}, so these cells could not be loaded. Reload the page.`);
    }
    return read(answer.headers, await answer.arrayBuffer());
  }

  function fetched(address, read) {
    let promise = kept.get(address);
    kept.delete(address); // the last one used is the last one to go
    if (!promise) {
      promise = load(address, read);
      promise.catch(() => kept.delete(address));
    }
    kept.set(address, promise);
    while (kept.size > MAX_KEPT) {
      kept.delete(kept.keys().next().value);
    }
    return promise;
  }

  /* One number a cell, or two: {values, kind, low, high}. */
  function array(address) {
    if (!address) {
      return Promise.resolve(null);
    }
    return fetched(address, function (headers, body) {
      const kind = headers.get("X-Dtype");
      return { values: new KINDS[kind](body), kind, low: Number(headers.get("X-Low")), high: Number(headers.get("X-High")) };
    });
  }

  /* Planes of pixels (core/api/rasters.py): {width, height, low, high, lowB, highB, and each plane by its name}. */
  function planes(address) {
    return fetched(address, function (headers, body) {
      const number = (name) => Number(headers.get(name));
      const found = {
        width: number("X-Width"),
        height: number("X-Height"),
        low: number("X-Low"),
        high: number("X-High"),
        lowB: number("X-Low-B"),
        highB: number("X-High-B"),
      };
      let at = 0;
      for (const part of headers.get("X-Planes").split(",")) {
        const [name, kind] = part.split(":");
        const size = found.width * found.height * KINDS[kind].BYTES_PER_ELEMENT;
        found[name] = new KINDS[kind](body.slice(at, at + size));
        at += size;
      }
      return found;
    });
  }

  window.masldatlas = { ...window.masldatlas, array, planes };
})();
