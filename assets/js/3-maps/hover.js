/* What a map says about the cell, or the pixel, under the pointer. */
(function () {
  "use strict";

  const { masldatlas } = window;
  const PAUSE = 40; // ms between two texts
  const NEAR = 12; // pixels within which a cell is pointed at
  const BESIDE = 10; // pixels between the pointer and the text

  /* One line about the value of a cell; empty where a panel says nothing of single cells. */
  function describe(panel, value) {
    if (panel.kind === "blend") {
      return "";
    }
    const number = () => (Number.isFinite(value) ? Number(value.toPrecision(3)).toString() : "(not given)");
    return `${panel.title}: ${panel.kind === "category" ? panel.names[value] : number()}`;
  }

  /* Which pixel of a grid lies at a point of the embedding; -1 for none. range: what the grid covers. */
  function pixelAt(x, y, [x0, x1, y0, y1], { width, height }) {
    const column = Math.floor(((x - x0) / (x1 - x0)) * width);
    const row = Math.floor(((y - y0) / (y1 - y0)) * height);
    return column >= 0 && row >= 0 && column < width && row < height ? row * width + column : -1;
  }

  /* The place of the pointer on a plot: on which small map, and where on the embedding; null beside the maps. */
  function pointed(plot, event) {
    const layout = plot._fullLayout;
    if (!layout || !layout.xaxis) {
      return null;
    }
    const frame = plot.getBoundingClientRect();
    const [left, top] = [event.clientX - frame.x, event.clientY - frame.y];
    for (let map = 0; layout[`xaxis${map ? map + 1 : ""}`]; map++) {
      const [xaxis, yaxis] = ["x", "y"].map((letter) => layout[`${letter}axis${map ? map + 1 : ""}`]);
      const [right, down] = [left - xaxis._offset, top - yaxis._offset];
      if (right >= 0 && down >= 0 && right <= xaxis._length && down <= yaxis._length) {
        const scale = [xaxis, yaxis].map((axis) => axis._length / Math.abs(axis.range[1] - axis.range[0]));
        return { map, left, top, at: [xaxis.p2d(right), yaxis.p2d(down)], scale };
      }
    }
    return null;
  }

  /* The cell of the selection nearest to a place; null where none is near, or where the map is of pixels. */
  function cellAt(shown, place) {
    const inside = shown && shown.data && place && shown.inside[place.map];
    const found = inside ? masldatlas.points.nearest(shown.data[2 * place.map + 1], place.at, place.scale, NEAR) : -1;
    return found < 0 ? null : inside[found];
  }

  /* The hover of a group of maps (maps.js). */
  function of(group) {
    let shownAt = 0;

    function line(side, cell) {
      const { panel, values } = group.shown[side] || {};
      return panel && values ? describe(panel, values[cell]) : "";
    }

    /* What is said of a cell: a line for each map of the page. */
    const linesOf = (cell) => [...new Set(group.sides.map((side) => line(side, cell)).filter(Boolean))].join("\n");

    /* The text beside the pointer, which stays within its map. */
    function show(side, text, place) {
      const box = document.getElementById(`${group.id(side)}-hover`);
      box.hidden = !text;
      if (text) {
        box.textContent = text;
        const room = box.parentElement.clientWidth;
        box.style.left = `${Math.max(Math.min(place.left + BESIDE, room - box.offsetWidth), 0)}px`;
        const above = place.top - box.offsetHeight - BESIDE;
        box.style.top = `${above >= 0 ? above : place.top + BESIDE}px`;
      }
    }

    const hide = (side) => show(side, "");

    /* The text about the cell, or the pixel, under the pointer. */
    function over(side, event) {
      const shown = group.shown[side];
      const now = Date.now();
      if (!shown || now - shownAt < PAUSE) {
        return;
      }
      shownAt = now;
      const place = event.buttons ? null : pointed(group.plot(side), event);
      if (!place) {
        hide(side);
      } else if (shown.data) {
        const cell = cellAt(shown, place);
        show(side, cell === null ? "" : linesOf(cell), place);
      } else if (shown.bitmap) {
        const planes = shown.bitmap.planes[place.map];
        const pixel = planes ? pixelAt(...place.at, shown.bitmap.range, planes) : -1;
        show(side, pixel < 0 ? "" : masldatlas.raster.describe(shown.panel, planes, pixel), place);
      }
    }

    return { over, hide };
  }

  masldatlas.hover = { describe, pixelAt, pointed, cellAt, of };
})();
