/* Maps of more cells than a browser should draw: pictures of the server's planes (core/raster.py), anew for each zoom. */
(function () {
  "use strict";

  const NONE = 65535; // of a code or a value
  const STEPS = 65534;
  const FAINTEST = 0.4; // a pixel of one cell beside the fullest

  function channels(colour) {
    const at = (from) => parseInt(colour.slice(from, from + 2), 16);
    return [at(1), at(3), at(5)];
  }

  /* Which colour of the table a pixel has, by the kind of the panel. */
  function chooser(panel, found) {
    const { table, low, high, zero } = panel.colours;
    const colours = table.map(channels);
    if (panel.kind === "category") {
      return (at) => (found.code[at] === NONE ? colours[colours.length - 1] : colours[found.code[at]]);
    }
    if (panel.kind === "none") {
      return () => colours[0];
    }
    const numbers = (plane, from, to) => (at) => (plane[at] === NONE ? NaN : from + (plane[at] * (to - from)) / STEPS);
    const first = numbers(found.value, found.low, found.high);
    if (panel.kind === "blend") {
      const second = numbers(found.value_b, found.lowB, found.highB);
      const steps = Math.sqrt(colours.length);
      const step = (value, top) => (top > 0 ? Math.floor(Math.min(Math.max(value / top, 0), 1) * (steps - 1) + 0.5) : 0);
      return (at) => colours[step(first(at), panel.tops[0]) * steps + step(second(at), panel.tops[1])];
    }
    const grey = zero && channels(zero);
    const missing = channels(panel.outside);
    return function (at) {
      const value = first(at);
      if (Number.isNaN(value)) {
        return missing;
      }
      if (grey && value <= 0) {
        return grey;
      }
      const share = Math.min(Math.max((value - low) / (high - low), 0), 1);
      return colours[Math.round(share * (colours.length - 1))];
    };
  }

  /* The picture of one window of the plane, as an address that an image takes. */
  function picture(panel, found) {
    const { width, height, count, outside } = found;
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [width, height];
    const image = new ImageData(width, height);
    const colour = chooser(panel, found);
    const behind = channels(panel.outside);
    const fullest = Math.log1p(count.reduce((most, n) => (n > most ? n : most), 1));
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const from = y * width + x;
        const to = 4 * ((height - 1 - y) * width + x); // row 0 of the planes is the lowest
        if (count[from]) {
          image.data.set(colour(from), to);
          image.data[to + 3] = 255 * (FAINTEST + (1 - FAINTEST) * (Math.log1p(count[from]) / fullest));
        } else if (outside[from]) {
          image.data.set(behind, to);
          image.data[to + 3] = 255;
        }
      }
    }
    canvas.getContext("2d").putImageData(image, 0, 0);
    return canvas.toDataURL();
  }

  /* What lies in a pixel, in words. */
  function told(panel, found, at) {
    const n = found.count[at];
    if (!n) {
      return "";
    }
    const cells = `${n.toLocaleString("en")} cell${n === 1 ? "" : "s"}${n === 65535 ? " or more" : ""}`;
    const number = (value) => Number(value.toPrecision(3)).toString();
    const mean = (plane, low, high) => (plane[at] === NONE ? "not given" : number(low + (plane[at] * (high - low)) / STEPS));
    if (panel.kind === "category") {
      const name = found.code[at] === NONE ? "(not given)" : panel.names[found.code[at]];
      return `${cells}\n${panel.title}: ${name} (${Math.round((100 * found.share[at]) / 255)} %)`;
    }
    if (panel.kind === "blend") {
      const means = [mean(found.value, found.low, found.high), mean(found.value_b, found.lowB, found.highB)];
      return `${cells}\n${panel.names[0]}: mean ${means[0]}\n${panel.names[1]}: mean ${means[1]}`;
    }
    return panel.kind === "none" ? cells : `${cells}\n${panel.title}: mean ${mean(found.value, found.low, found.high)}`;
  }

  /* Everything in one window of one panel: an image for each small map, and what its pixels hold. */
  async function draw(raster, panel, range, size) {
    const [x0, x1, y0, y1] = range;
    const window_ = `x=${x0},${x1}&y=${y0},${y1}&w=${size[0]}&h=${size[1]}`;
    const all = await Promise.all(
      raster.facets.map((facet) => window.masldatlas.planes([raster.address, facet, panel.raster, window_].filter(Boolean).join("&"))),
    );
    const images = all.map(function (found, place) {
      const axis = place ? place + 1 : "";
      return {
        source: picture(panel, found),
        xref: `x${axis}`,
        yref: `y${axis}`,
        x: x0,
        y: y1,
        sizex: x1 - x0,
        sizey: y1 - y0,
        xanchor: "left",
        yanchor: "top",
        sizing: "stretch",
        layer: "below",
      };
    });
    return { images, all, range };
  }

  window.masldatlas = { ...window.masldatlas, raster: { draw, told } };
})();
