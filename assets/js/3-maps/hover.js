/* What a map says about the cell, or the pixel, under the pointer. */
(function () {
  "use strict";

  const { dash_clientside: dash, masldatlas } = window;
  const PAUSE = 40; // ms between two texts about pixels

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

  /* The cell of a point that Plotly tells; null for one outside of the selection. */
  function cellOf(shown, event) {
    const point = event && event.points && event.points[0];
    if (!point || !(point.curveNumber & 1) || !shown) {
      return null;
    }
    const inside = shown.inside[point.curveNumber >> 1];
    return inside ? { cell: inside[point.pointNumber], box: point.bbox } : null;
  }

  /* The hover of a group of maps (maps.js). */
  function of(group) {
    let shownAt = 0;

    function line(side, cell) {
      const { panel, values } = group.shown[side] || {};
      return panel && values ? describe(panel, values[cell]) : "";
    }

    /* Callback: [show, box, text] of the cell under the pointer, with a line for each map of the page. */
    function overCell(side, event) {
      const found = cellOf(group.shown[side], event);
      if (!found) {
        return [false, dash.no_update, dash.no_update];
      }
      const lines = new Set(group.sides.map((other) => line(other, found.cell)).filter(Boolean));
      return [true, found.box, [...lines].join("\n")];
    }

    function show(side, text, left, top) {
      const box = { x0: left, x1: left + 1, y0: top, y1: top + 1 };
      dash.set_props(`${group.id(side)}-hover`, text ? { show: true, bbox: box, children: text } : { show: false });
    }

    function hide(side) {
      if (group.spec && group.spec.raster) {
        show(side, "");
      }
    }

    /* The text about the pixel under the mouse, where the map is a bitmap. */
    function overPixel(side, event) {
      const shown = group.shown[side];
      const now = Date.now();
      if (!group.spec || !group.spec.raster || !shown || !shown.bitmap || now - shownAt < PAUSE) {
        return;
      }
      shownAt = now;
      const plot = group.plot(side);
      const frame = plot.getBoundingClientRect();
      const [left, top] = [event.clientX - frame.x, event.clientY - frame.y];
      for (const [map, planes] of shown.bitmap.planes.entries()) {
        const [xaxis, yaxis] = ["x", "y"].map((letter) => plot._fullLayout[`${letter}axis${map ? map + 1 : ""}`]);
        const [right, down] = [left - xaxis._offset, top - yaxis._offset];
        if (right >= 0 && down >= 0 && right <= xaxis._length && down <= yaxis._length) {
          const pixel = pixelAt(xaxis.p2d(right), yaxis.p2d(down), shown.bitmap.range, planes);
          show(side, pixel < 0 ? "" : masldatlas.raster.describe(shown.panel, planes, pixel), left, top);
          return;
        }
      }
      show(side, "");
    }

    return { overCell, overPixel, hide };
  }

  masldatlas.hover = { describe, pixelAt, cellOf, of };
})();
