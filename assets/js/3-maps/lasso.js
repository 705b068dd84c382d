/* Lassos and boxes: a shape that was drawn on a map becomes a part of the selection, and so of the address.
 *
 * In the address a lasso is MAP:X_Y~X_Y~X_Y (core/selection/model.py); the server finds its cells. */
(function () {
  "use strict";

  const { masldatlas } = window;
  const MAX_CORNERS = 150;
  const TOLERANCE = 0.75; // pixels
  const SMALLEST = 4; // pixels: less is a click

  /* The corners [x, y] of a shape of Plotly: a rectangle, or a closed path. */
  function corners(shape) {
    return shape.type === "rect"
      ? [[shape.x0, shape.y0], [shape.x1, shape.y0], [shape.x1, shape.y1], [shape.x0, shape.y1]]
      : [...(shape.path || "").matchAll(/[ML]\s*([-+.\de]+)[, ]([-+.\de]+)/gi)].map((pair) => [Number(pair[1]), Number(pair[2])]);
  }

  /* Ramer, Douglas and Peucker: no corner that is left out lies farther than `tolerance` pixels from the line.
   *
   * scale: pixels of one unit of x and of y. At least three corners are left. */
  function simplify(points, scale, tolerance) {
    const keep = new Array(points.length).fill(false);
    const open = [[0, points.length - 1]];
    [keep[0], keep[points.length - 1]] = [true, true];
    const px = points.map((point) => point.map((value, axis) => value * scale[axis]));
    while (open.length) {
      const [first, last] = open.pop();
      let [largest, farthest] = [0, -1];
      const [dx, dy] = [px[last][0] - px[first][0], px[last][1] - px[first][1]];
      const length = Math.hypot(dx, dy);
      for (let corner = first + 1; corner < last; corner++) {
        const [ox, oy] = [px[corner][0] - px[first][0], px[corner][1] - px[first][1]];
        const distance = length > 1e-9 ? Math.abs(ox * dy - oy * dx) / length : Math.hypot(ox, oy);
        if (distance > largest) {
          [largest, farthest] = [distance, corner];
        }
      }
      if (largest > tolerance) {
        keep[farthest] = true;
        open.push([first, farthest], [farthest, last]);
      }
    }
    const kept = points.filter((_, corner) => keep[corner]);
    return kept.length < 3 ? points.slice(0, 3) : kept;
  }

  /* X_Y~X_Y~X_Y of a shape, to a tenth of a pixel and in at most 150 corners; null for a shape as small as a click. */
  function encode(shape, scale) {
    const points = corners(shape);
    const extent = (axis) => {
      const values = points.map((point) => point[axis] * scale[axis]);
      return Math.max(...values) - Math.min(...values);
    };
    if (points.length < 3 || extent(0) < SMALLEST || extent(1) < SMALLEST) {
      return null;
    }
    let tolerance = TOLERANCE;
    let kept = simplify(points, scale, tolerance);
    while (kept.length > MAX_CORNERS) {
      tolerance *= 1.5;
      kept = simplify(points, scale, tolerance);
    }
    if (kept.length > 3 && kept[0].join() === kept[kept.length - 1].join()) {
      kept.pop(); // the last corner joins the first
    }
    const digits = scale.map((pixels) => Math.max(0, Math.ceil(Math.log10(pixels)) + 1));
    return kept.map((point) => point.map((value, axis) => Number(value.toFixed(digits[axis]))).join("_")).join("~");
  }

  /* The lassos of an address with a new one on a map: beside the others of this map, or instead of them. */
  function withLasso(lassos, map, text, add) {
    const prefix = `${map}:`;
    const isOther = (lasso) => lasso.slice(0, lasso.lastIndexOf(":") + 1) !== prefix;
    return [...lassos.filter((lasso) => add || isOther(lasso)), prefix + text];
  }

  /* Take the shape that was drawn last off a map, and its cells into the selection. */
  function select(group, side, shapes) {
    const known = group.shown[side].layout.shapes || [];
    if (shapes.length <= known.length) {
      return;
    }
    const plot = group.plot(side);
    const { xaxis, yaxis } = plot._fullLayout;
    const scale = [xaxis, yaxis].map((axis) => axis._length / Math.abs(axis.range[1] - axis.range[0]));
    const text = encode(shapes[shapes.length - 1], scale);
    window.Plotly.relayout(plot, { shapes: structuredClone(known) });
    if (text === null) {
      return;
    }
    group.address.change(function (parameters) {
      const lassos = withLasso(parameters.getAll("lasso"), group.spec.plane, text, masldatlas.tools.isShiftPressed());
      parameters.delete("lasso");
      lassos.forEach((lasso) => parameters.append("lasso", lasso));
    });
  }

  masldatlas.lasso = { corners, simplify, encode, withLasso, select };
})();
