/* The pixels of maps with more cells than a browser should draw: grids of the server (core/analysis/raster.py) become colors.
 *
 * The rules are those of `densities` in Python, which draws exported figures. */
(function () {
  "use strict";

  const NONE = 65535; // the code or value of a pixel that has none
  const STEPS = 65534;
  const FAINTEST = 0.4; // opacity of a pixel with one cell, beside the fullest

  function channels(color) {
    const at = (from) => parseInt(color.slice(from, from + 2), 16);
    return [at(1), at(3), at(5)];
  }

  /* A function of the color of a pixel, by the kind of the panel. */
  function colorizer(panel, planes) {
    const { table, low, high, zero } = panel.colours;
    const colors = table.map(channels);
    if (panel.kind === "category") {
      return (pixel) => (planes.code[pixel] === NONE ? colors[colors.length - 1] : colors[planes.code[pixel]]);
    }
    if (panel.kind === "none") {
      return () => colors[0];
    }
    const numbers = (plane, from, to) => (pixel) => (plane[pixel] === NONE ? NaN : from + (plane[pixel] * (to - from)) / STEPS);
    const first = numbers(planes.value, planes.low, planes.high);
    if (panel.kind === "blend") {
      const second = numbers(planes.value_b, planes.lowB, planes.highB);
      const steps = Math.sqrt(colors.length);
      const step = (value, top) => (top > 0 ? Math.floor(Math.min(Math.max(value / top, 0), 1) * (steps - 1) + 0.5) : 0);
      return (pixel) => colors[step(first(pixel), panel.tops[0]) * steps + step(second(pixel), panel.tops[1])];
    }
    const zeroColor = zero && channels(zero);
    const missing = channels(panel.outside);
    return function (pixel) {
      const value = first(pixel);
      if (Number.isNaN(value)) {
        return missing;
      }
      if (zeroColor && value <= 0) {
        return zeroColor;
      }
      const share = Math.min(Math.max((value - low) / (high - low), 0), 1);
      return colors[Math.round(share * (colors.length - 1))];
    };
  }

  /* Red, green, blue and opacity of each pixel, the top row first; the more cells, the more opaque. `down`: y grows downwards. */
  function pixels(panel, planes, down) {
    const { width, height, count, outside } = planes;
    const rgba = new Uint8ClampedArray(4 * width * height);
    const color = colorizer(panel, planes);
    const background = channels(panel.outside);
    const fullest = Math.log1p(count.reduce((most, n) => (n > most ? n : most), 1));
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const from = y * width + x;
        const to = 4 * ((down ? y : height - 1 - y) * width + x); // row 0 of the grids has the smallest y
        if (count[from]) {
          rgba.set(color(from), to);
          rgba[to + 3] = 255 * (FAINTEST + (1 - FAINTEST) * (Math.log1p(count[from]) / fullest));
        } else if (outside[from]) {
          rgba.set(background, to);
          rgba[to + 3] = 255;
        }
      }
    }
    return rgba;
  }

  /* What lies in a pixel, in words; empty where there is no cell. */
  function describe(panel, planes, pixel) {
    const n = planes.count[pixel];
    if (!n) {
      return "";
    }
    const cells = `${n.toLocaleString("en")} cell${n === 1 ? "" : "s"}${n === 65535 ? " or more" : ""}`;
    const number = (value) => Number(value.toPrecision(3)).toString();
    const mean = (plane, low, high) => (plane[pixel] === NONE ? "not given" : number(low + (plane[pixel] * (high - low)) / STEPS));
    if (panel.kind === "category") {
      const name = planes.code[pixel] === NONE ? "(not given)" : panel.names[planes.code[pixel]];
      return `${cells}\n${panel.title}: ${name} (${Math.round((100 * planes.share[pixel]) / 255)}%)`;
    }
    if (panel.kind === "blend") {
      const means = [mean(planes.value, planes.low, planes.high), mean(planes.value_b, planes.lowB, planes.highB)];
      return `${cells}\n${panel.names[0]}: mean ${means[0]}\n${panel.names[1]}: mean ${means[1]}`;
    }
    return panel.kind === "none" ? cells : `${cells}\n${panel.title}: mean ${mean(planes.value, planes.low, planes.high)}`;
  }

  window.masldatlas.raster = { pixels, describe };
})();
