/* The cells of a figure: which of them a map shows, by which values, and where.
 *
 * The server sends figures without their cells; what `fill` does is what `with_cells` does in Python, by the same rules. */
(function () {
  "use strict";

  const { masldatlas } = window;
  const MISSING = { u1: 255, u2: 65535 }; // the code of a category that is not given
  const RANKED = ["expression", "score", "blend"];
  const BLEND = 16; // steps of each of two genes
  const MAX_BACKGROUND = 300_000; // points behind all small maps together

  function coordinates(x, y, cells) {
    return { x: Float32Array.from(cells, (cell) => x[cell]), y: Float32Array.from(cells, (cell) => y[cell]) };
  }

  /* Which cells each small map shows inside and outside of the selection; cells without coordinates are in neither.
   *
   * xy: all x, then all y. mask: nonzero for the selected cells, or null. facets: a code a cell, or null where there is
   * one map. codes: the code of each map. */
  function partition(xy, mask, facets, codes) {
    const n = xy.length / 2;
    const [x, y] = [xy.subarray(0, n), xy.subarray(n)];
    const mapOf = new Map(codes.map((code, map) => [code, map]));
    const inside = codes.map(() => []);
    const outside = codes.map(() => []);
    const every = codes.length > 1 ? Math.max(1, Math.ceil((n * codes.length) / MAX_BACKGROUND)) : 1;
    for (let cell = 0; cell < n; cell++) {
      if (!Number.isFinite(x[cell]) || !Number.isFinite(y[cell])) {
        continue;
      }
      const own = mask && !mask[cell] ? undefined : facets ? mapOf.get(facets[cell]) : 0;
      for (let map = 0; map < codes.length; map++) {
        if (map === own) {
          inside[map].push(cell);
        } else if (cell % every === 0) {
          outside[map].push(cell);
        }
      }
    }
    return {
      x,
      y,
      inside: inside.map((cells) => Uint32Array.from(cells)),
      outside: outside.map((cells) => coordinates(x, y, cells)),
    };
  }

  function numbers(source) {
    const step = (source.high - source.low) / 65535;
    return source.kind === "f4" ? source.values : Float32Array.from(source.values, (value) => source.low + value * step);
  }

  /* One number a cell: the code of its category (one past the last where none is given), its number, or both genes' steps. */
  function decode(panel, first, second) {
    if (!first) {
      return null;
    }
    if (panel.kind === "category") {
      const missing = MISSING[first.kind];
      const notGiven = panel.names.length - 1;
      return Float32Array.from(first.values, (code) => (code === missing ? notGiven : code));
    }
    if (panel.kind !== "blend") {
      return numbers(first);
    }
    const steps = (values, top) =>
      values.map((value) => (top > 0 ? Math.floor(Math.min(Math.max(value / top, 0), 1) * (BLEND - 1) + 0.5) : 0));
    const [one, other] = [steps(numbers(first), panel.tops[0]), steps(numbers(second), panel.tops[1])];
    return one.map((step, cell) => step * BLEND + other[cell]);
  }

  function joined(one, other) {
    const both = new Float32Array(one.length + other.length);
    both.set(one);
    both.set(other, one.length);
    return both;
  }

  /* The traces of a panel with their cells, two a map: those outside of the selection, then those inside.
   *
   * Cells of hidden categories are drawn as if they were outside. `inside` names the cells of each map in their order. */
  function fill(panel, cells, values) {
    const hidden = new Set(panel.hidden || []);
    const isHidden = (cell) => values && hidden.has(values[cell]);
    const inside = cells.inside.map(function (all) {
      const shown = hidden.size && values ? all.filter((cell) => !isHidden(cell)) : all;
      if (!values || !panel.sort) {
        return shown;
      }
      const { ascending, scattered } = masldatlas.draw_order;
      return RANKED.includes(panel.kind) ? ascending(shown, values) : scattered(shown);
    });
    const data = panel.figure.data.map(function (trace, number) {
      const map = number >> 1;
      if (number & 1) {
        const marker = { ...trace.marker };
        if (values) {
          marker.color = Float32Array.from(inside[map], (cell) => values[cell]);
        }
        return { ...trace, ...coordinates(cells.x, cells.y, inside[map]), marker };
      }
      const outside = cells.outside[map];
      if (!hidden.size) {
        return { ...trace, ...outside };
      }
      const off = coordinates(cells.x, cells.y, cells.inside[map].filter(isHidden));
      return { ...trace, x: joined(outside.x, off.x), y: joined(outside.y, off.y) };
    });
    return { data, inside };
  }

  masldatlas.cells = { partition, decode, fill };
})();
