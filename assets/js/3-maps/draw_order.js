/* The order in which cells are drawn: the highest values last, so that nothing covers them. */
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

  window.masldatlas.draw_order = { ascending };
})();
