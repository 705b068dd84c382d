/* Where the names of categories stand on a map, for the size and the part of it that are seen.
 *
 * The rules are those of core/figures/labels.py, which places them on exported figures; tests/js/fixtures/labels.json holds both. */
(function () {
  "use strict";

  const LETTER = 6.4;
  const LINE = 17;
  const DISTANCES = [1.3, 2, 3, 4, 5.5, 7, 9, 12]; // lines
  const DIRECTIONS = 16;
  const POINT = 6; // half the width of what a point keeps free

  const overlap = (one, other) => Math.abs(one[0] - other[0]) < one[2] + other[2] && Math.abs(one[1] - other[1]) < LINE;
  const tenth = (value) => Math.floor(value * 10 + 0.5) / 10;

  /* Where a label may stand, from its own place outwards, in pixels: [right, up]; `half` its width. */
  function moves(half) {
    const found = [[0, 0]];
    for (const distance of DISTANCES) {
      for (let step = 0; step < DIRECTIONS; step++) {
        const turn = Math.PI / 2 + (Math.PI * 2 * (Math.floor((step + 1) / 2) * (step % 2 ? -1 : 1))) / DIRECTIONS;
        found.push([tenth(Math.cos(turn) * (distance * LINE + half)), tenth(Math.sin(turn) * distance * LINE)]);
      }
    }
    return found;
  }

  /* Whether the line from a point to a label that was moved runs through another label. */
  function crosses(point, move, other) {
    const steps = Math.max(Math.floor(Math.hypot(...move) / (LINE / 2)), 1);
    for (let at = 1; at < steps; at++) {
      if (overlap([point[0] + (move[0] * at) / steps, point[1] + (move[1] * at) / steps, 0], other)) {
        return true;
      }
    }
    return false;
  }

  /* Place labels without overlaps, the largest categories first: {placed: [{index, right, up}], hidden: how many have no room}.
   *
   * names: {text, x, y, n}, a point among the cells of each; those out of sight have no label. range: what is seen.
   * panel: its width and height in pixels. */
  function arranged(names, range, panel) {
    const [width, height] = [range[1] - range[0] || 1, range[3] - range[2] || 1];
    const [middle, level] = [(range[0] + range[1]) / 2, (range[2] + range[3]) / 2];
    const scale = Math.min(panel[0] / width, panel[1] / height);
    const all = names.map((name, index) => ({ ...name, index, point: [(name.x - middle) * scale, (name.y - level) * scale, POINT] }));
    const shown = all.filter(({ point }) => Math.abs(point[0]) <= panel[0] / 2 && Math.abs(point[1]) <= panel[1] / 2);
    const points = shown.map(({ point }) => point);
    const taken = [];
    const placed = [];
    for (const { index, text, point } of [...shown].sort((one, other) => other.n - one.n || one.index - other.index)) {
      const half = (text.length * LETTER) / 2;
      let chosen = null;
      for (const move of moves(half)) {
        const centre = [point[0] + move[0], point[1] + move[1], half];
        const isInside = Math.abs(centre[0]) + half <= panel[0] / 2 && Math.abs(centre[1]) + LINE / 2 <= panel[1] / 2;
        const others = move[0] || move[1] ? [...taken, ...points] : taken;
        if (!isInside || others.some((other) => overlap(centre, other))) {
          continue;
        }
        chosen = chosen || move;
        // Rather a little farther away than with a line through the name of others.
        if (!taken.some((other) => crosses(point, move, other))) {
          chosen = move;
          break;
        }
      }
      if (chosen) {
        taken.push([point[0] + chosen[0], point[1] + chosen[1], half]);
        placed.push({ index, right: chosen[0], up: chosen[1] });
      }
    }
    return { placed, hidden: shown.length - placed.length };
  }

  const escaped = (text) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

  /* The labels of a panel as annotations of Plotly, and how many have no room; none of either where they are switched off. */
  function annotations(labels, range, panel, down) {
    if (!labels || labels.mode === "off") {
      return { shown: [], hidden: 0 };
    }
    const shown = [];
    let hidden = 0;
    const seen = down ? [range[0], range[1], -range[3], -range[2]] : range;
    labels.maps.forEach(function (names, map) {
      const axis = map ? map + 1 : "";
      const found = arranged(down ? names.map((name) => ({ ...name, y: -name.y })) : names, seen, panel);
      hidden += found.hidden;
      for (const { index, right, up } of found.placed) {
        const { text, x, y } = names[index];
        const leader = right || up ? { ...labels.leader, showarrow: true, ax: right, ay: -up } : { showarrow: false };
        shown.push({ ...labels.style, ...leader, text: escaped(text), xref: `x${axis}`, yref: `y${axis}`, x, y });
      }
    });
    return { shown, hidden };
  }

  /* What is said of labels that have no room. */
  const note = (hidden) => (hidden ? `${hidden} label${hidden === 1 ? "" : "s"} hidden; enlarge the map` : "");

  window.masldatlas.labels = { arranged, annotations, note };
})();
