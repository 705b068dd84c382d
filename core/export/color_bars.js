/* Replaces the gradients of color bars by rectangles in an SVG that is about to be printed.
 *
 * Plotly fills a color bar with a linear gradient. Where Chromium prints it on a scaled page, the scale does not reach
 * the gradient: the PDF shows a part of the bar only, and a reader takes wrong values from it. Rectangles are scaled
 * like everything else. Kaleido asks Plotly for SVG with its "data:" prefix for PDF alone, so that other formats keep
 * their gradient. */
(function () {
  "use strict";

  const PREFIX = "data:image/svg+xml,";
  const STEPS = 256;

  const number = (text) => (text.endsWith("%") ? parseFloat(text) / 100 : parseFloat(text));

  /* Color at a place from 0 to 1 between stops [offset, [r, g, b]], as a browser mixes them. */
  function colorAt(stops, place) {
    const after = stops.findIndex(([offset]) => offset >= place);
    if (after <= 0) {
      return stops[after < 0 ? stops.length - 1 : 0][1];
    }
    const [low, from] = stops[after - 1];
    const [high, to] = stops[after];
    const share = (place - low) / (high - low || 1);
    return from.map((channel, at) => Math.round(channel + (to[at] - channel) * share));
  }

  /* Rectangles [x, y, width, height, place] from the start of a gradient to its end. Each reaches to the end of the bar
     and is covered by the next, so that no gap shines through. */
  function slices(box, isVertical, isReversed, steps = STEPS) {
    return Array.from({ length: steps }, (_, step) => {
      const share = step / steps;
      const place = (step + 0.5) / steps;
      const { x, y, width, height } = box;
      if (isVertical) {
        const rest = height * (1 - share);
        return [x, isReversed ? y : y + height - rest, width, rest, place];
      }
      const rest = width * (1 - share);
      return [isReversed ? x : x + width - rest, y, rest, height, place];
    });
  }

  /* Stops of a gradient; null where one of them is not an opaque color. */
  function stopsOf(gradient) {
    const stops = [...gradient.querySelectorAll("stop")].map((stop) => {
      const rgb = /rgba?\((\d+), ?(\d+), ?(\d+)\)/.exec(stop.style.stopColor || stop.getAttribute("stop-color") || "");
      const hex = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(stop.getAttribute("stop-color") || "");
      const channels = rgb ? rgb.slice(1).map(Number) : hex && hex.slice(1).map((pair) => parseInt(pair, 16));
      return [number(stop.getAttribute("offset")), channels];
    });
    return stops.length && stops.every(([, channels]) => channels) ? stops : null;
  }

  function withRectangles(text) {
    const svg = new DOMParser().parseFromString(text, "image/svg+xml");
    for (const bar of svg.querySelectorAll("rect.cbfill")) {
      const id = /url\(["']?#([^"')]+)["']?\)/.exec(bar.style.fill || bar.getAttribute("fill") || "");
      const gradient = id && svg.getElementById(id[1]);
      const stops = gradient && stopsOf(gradient);
      if (!stops) {
        continue;
      }
      const [x1, x2, y1, y2] = ["x1", "x2", "y1", "y2"].map((name) => number(gradient.getAttribute(name) || "0"));
      const isVertical = y1 !== y2;
      const box = Object.fromEntries(
        ["x", "y", "width", "height"].map((name) => [name, parseFloat(bar.getAttribute(name) || "0")]),
      );
      for (const [x, y, width, height, place] of slices(box, isVertical, isVertical ? y1 > y2 : x1 > x2)) {
        const slice = svg.createElementNS("http://www.w3.org/2000/svg", "rect");
        const facts = { x, y, width, height, fill: `rgb(${colorAt(stops, place).join(", ")})` };
        Object.entries(facts).forEach(([name, value]) => slice.setAttribute(name, value));
        bar.parentNode.insertBefore(slice, bar);
      }
      bar.remove();
    }
    return new XMLSerializer().serializeToString(svg);
  }

  const { Plotly } = window;
  const toImage = Plotly.toImage;
  Plotly.toImage = async function (figure, options) {
    const image = await toImage.call(Plotly, figure, options);
    if (options.format !== "svg" || options.imageDataOnly || !image.startsWith(PREFIX)) {
      return image;
    }
    return PREFIX + encodeURIComponent(withRectangles(decodeURIComponent(image.slice(PREFIX.length))));
  };
})();
