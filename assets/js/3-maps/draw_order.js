/* The order in which cells are drawn: what is drawn last covers the others. By the same rules as core/figures/draw_order.py. */
(function () {
  "use strict";

  const STEPS = 65535;

  /* The cells in ascending order of their values, NaN first: a counting sort in 65,535 steps of the range of the values. */
  function ascending(cells, values) {
    let [low, high] = [Infinity, -Infinity];
    for (const cell of cells) {
      const value = values[cell];
      low = value < low ? value : low;
      high = value > high ? value : high;
    }
    if (!(high > low)) {
      return cells;
    }
    const scale = (STEPS - 1) / (high - low);
    const key = (cell) => (Number.isNaN(values[cell]) ? 0 : 1 + Math.round((values[cell] - low) * scale));
    const keys = Uint16Array.from(cells, key);
    const starts = new Uint32Array(STEPS + 2); // by key: where its cells begin
    for (const key of keys) {
      starts[key + 1]++;
    }
    for (let key = 1; key < starts.length; key++) {
      starts[key] += starts[key - 1];
    }
    const order = new Uint32Array(cells.length);
    keys.forEach((key, index) => (order[starts[key]++] = cells[index]));
    return order;
  }

  const GOLDEN = 2654435769; // 2 ** 32 divided by the golden ratio, and odd
  const MOST = 2 ** 21; // cells, so that a key and a place fit into one number; larger maps are images

  /* The cells scattered, so that the last sample of a file does not cover the others. */
  function scattered(cells) {
    if (cells.length > MOST) {
      return cells;
    }
    const keys = Float64Array.from(cells, (cell, place) => (Math.imul(cell, GOLDEN) >>> 0) * MOST + place);
    return Uint32Array.from(keys.sort(), (key) => cells[key % MOST]);
  }

  window.masldatlas.draw_order = { ascending, scattered };
})();
