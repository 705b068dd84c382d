/* The cells of a map as pixels: discs stamped into an array of colors, which needs no graphics card.
 *
 * Plotly makes a text of the color of each point, and draws it with WebGL: seconds for 100,000 cells on a plain laptop. */
(function () {
  "use strict";

  const STEPS = 4; // places of the middle of a disc within a pixel, along each axis
  const OPAQUE = 256;

  const channels = (color) => [1, 3, 5].map((from) => parseInt(color.slice(from, from + 2), 16));

  /* The palette of a panel as three bytes a color, then the color of zero, then that of a missing value. */
  function palette(panel) {
    const { table, zero } = panel.colours;
    return Uint8Array.from([...table, zero || table[0], panel.outside].flatMap(channels));
  }

  /* The place in the palette of each value; without values every cell has the first color. */
  function indices(panel, values, n) {
    const found = new Uint16Array(n);
    if (!values) {
      return found;
    }
    const { table, low, high, zero } = panel.colours;
    const [last, none] = [table.length - 1, table.length + 1];
    if (panel.kind === "category" || panel.kind === "blend") {
      return Uint16Array.from(values);
    }
    const scale = last / (high - low);
    for (let at = 0; at < n; at++) {
      const value = values[at];
      const step = Math.round((value - low) * scale);
      found[at] = Number.isNaN(value) ? none : zero && value <= 0 ? last + 1 : step < 0 ? 0 : step > last ? last : step;
    }
    return found;
  }

  /* The pixels that a disc covers, for each place of its middle within a pixel: offsets into rows of `width`, and opacities. */
  function stamps(radius, opacity, width) {
    const reach = Math.ceil(radius + 1);
    const found = [];
    for (let place = 0; place < STEPS * STEPS; place++) {
      const [x, y] = [((place % STEPS) + 0.5) / STEPS, (Math.floor(place / STEPS) + 0.5) / STEPS];
      const offsets = [];
      const alphas = [];
      for (let row = -reach; row <= reach; row++) {
        for (let column = -reach; column <= reach; column++) {
          const covered = radius + 0.5 - Math.hypot(column + 0.5 - x, row + 0.5 - y);
          const alpha = Math.round(Math.min(Math.max(covered, 0), 1) * opacity * OPAQUE);
          if (alpha) {
            offsets.push(4 * (row * width + column));
            alphas.push(alpha);
          }
        }
      }
      found.push({ offsets: Int32Array.from(offsets), alphas: Uint16Array.from(alphas) });
    }
    return found;
  }

  /* Stamp discs onto an image with a margin; view: range, width, height, margin, down. */
  function stamp(rgba, view, layer) {
    const [x0, x1, y0, y1] = view.range;
    const width = view.width + 2 * view.margin;
    const discs = stamps(layer.radius, layer.opacity, width);
    const [across, up] = [view.width / (x1 - x0), view.height / (y1 - y0)];
    for (let at = 0; at < layer.x.length; at++) {
      const x = (layer.x[at] - x0) * across;
      const y = (view.down ? layer.y[at] - y0 : y1 - layer.y[at]) * up;
      if (!(x > -1 && y > -1 && x < view.width + 1 && y < view.height + 1)) {
        continue;
      }
      const [column, row] = [Math.floor(x), Math.floor(y)];
      const { offsets, alphas } = discs[Math.floor((y - row) * STEPS) * STEPS + Math.floor((x - column) * STEPS)];
      const middle = 4 * ((row + view.margin) * width + column + view.margin);
      const color = 3 * (layer.colors ? layer.colors[at] : 0);
      const [red, green, blue] = [layer.palette[color], layer.palette[color + 1], layer.palette[color + 2]];
      for (let part = 0; part < offsets.length; part++) {
        const pixel = middle + offsets[part];
        const alpha = alphas[part];
        rgba[pixel] += ((red - rgba[pixel]) * alpha) >> 8;
        rgba[pixel + 1] += ((green - rgba[pixel + 1]) * alpha) >> 8;
        rgba[pixel + 2] += ((blue - rgba[pixel + 2]) * alpha) >> 8;
      }
    }
  }

  /* The image of one small map: {rgba, width, height, margin}, of which `margin` pixels on each side are to be cut off.
   *
   * traces: the cells outside of the selection and those inside, as cells.js fills them. window: {range, width, height,
   * down, scale}, the pixels counted as the screen has them, `scale` of them to one of the page. */
  function draw(panel, traces, window) {
    const radii = traces.map((trace) => Math.max((trace.marker.size * window.scale) / 2, 0.5));
    const margin = Math.ceil(Math.max(...radii)) + 3;
    const [width, height] = [window.width + 2 * margin, window.height + 2 * margin];
    const rgba = new Uint8Array(4 * width * height);
    const [red, green, blue] = channels(panel.figure.layout.plot_bgcolor);
    new Uint32Array(rgba.buffer).fill(((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0);
    const view = { ...window, margin };
    traces.forEach(function (trace, inside) {
      const colors = inside ? indices(panel, trace.marker.color, trace.x.length) : null;
      const own = inside ? palette(panel) : Uint8Array.from(channels(panel.outside));
      stamp(rgba, view, { x: trace.x, y: trace.y, radius: radii[inside], opacity: trace.marker.opacity ?? 1, colors, palette: own });
    });
    return { rgba, width, height, margin };
  }

  /* The place in a trace of the cell nearest to a point of the embedding, the uppermost of equals; -1 where none is near.
   *
   * scale: pixels of one unit of x and of y; reach: pixels. */
  function nearest({ x, y }, at, scale, reach) {
    let [best, found] = [reach * reach, -1];
    for (let place = 0; place < x.length; place++) {
      const [across, up] = [(x[place] - at[0]) * scale[0], (y[place] - at[1]) * scale[1]];
      const distance = across * across + up * up;
      if (distance <= best) {
        [best, found] = [distance, place];
      }
    }
    return found;
  }

  window.masldatlas.points = { indices, draw, nearest };
})();
