/* Arrays of the cells, each fetched once and kept: what maps of cells in the browser are made of (core/web/arrays.py). */
(function () {
  "use strict";

  const MAX_CACHED = 48;
  const KINDS = { f4: Float32Array, u1: Uint8Array, u2: Uint16Array };
  const cache = new Map(); // address -> promise of what `read` makes of the answer; the last used comes last

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

  function cached(address, read) {
    let promise = cache.get(address);
    cache.delete(address);
    if (!promise) {
      promise = load(address, read);
      promise.catch(() => cache.delete(address));
    }
    cache.set(address, promise);
    while (cache.size > MAX_CACHED) {
      cache.delete(cache.keys().next().value);
    }
    return promise;
  }

  /* One number a cell, or two: {values, kind, low, high}. */
  function array(address) {
    if (!address) {
      return Promise.resolve(null);
    }
    return cached(address, function (headers, body) {
      const kind = headers.get("X-Dtype");
      return { values: new KINDS[kind](body), kind, low: Number(headers.get("X-Low")), high: Number(headers.get("X-High")) };
    });
  }

  /* Grids of pixels (core/web/rasters.py): {width, height, low, high, lowB, highB, and each grid by its name}. */
  function planes(address) {
    return cached(address, function (headers, body) {
      const number = (name) => Number(headers.get(name));
      const found = {
        width: number("X-Width"),
        height: number("X-Height"),
        low: number("X-Low"),
        high: number("X-High"),
        lowB: number("X-Low-B"),
        highB: number("X-High-B"),
      };
      let offset = 0;
      for (const part of headers.get("X-Planes").split(",")) {
        const [name, kind] = part.split(":");
        const size = found.width * found.height * KINDS[kind].BYTES_PER_ELEMENT;
        found[name] = new KINDS[kind](body.slice(offset, offset + size));
        offset += size;
      }
      return found;
    });
  }

  window.masldatlas.arrays = { array, planes };
})();
