/* The images behind the axes of a map: of its cells (points.js), or of what the server knows of each pixel (raster.js).
 *
 * Plotly draws axes, colour bar, outlines and labels, and no cell. Images and labels are made anew for each size and zoom. */
(function () {
  "use strict";

  const { dash_clientside: dash, masldatlas } = window;
  const PAUSE = 150; // ms without a change until a new image is made
  const [MIN_SIDE, MAX_SIDE] = [16, 1000]; // pixels that are asked of the server
  const MAX_POINTS = 2400; // pixels a side where cells are drawn here
  const SHARPEST = 2; // pixels of the screen for one of the page
  const USUAL_SIDE = 500; // where the plot is not there yet, or too narrow to be meant
  const NARROW = 50;

  /* An image as an address that Plotly's layout takes. */
  function source({ rgba, width, height, margin }) {
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [width - 2 * margin, height - 2 * margin];
    canvas.getContext("2d").putImageData(new ImageData(new Uint8ClampedArray(rgba.buffer), width, height), -margin, -margin);
    return canvas.toDataURL();
  }

  /* An image of Plotly's layout that covers a range of one small map. */
  function placed(image, map, [x0, x1, y0, y1], down) {
    const axis = map ? map + 1 : "";
    const where = { xref: `x${axis}`, yref: `y${axis}`, x: x0, y: down ? y0 : y1, sizex: x1 - x0, sizey: y1 - y0 };
    return { source: source(image), ...where, xanchor: "left", yanchor: "top", sizing: "stretch", layer: "below" };
  }

  /* Each small map of a panel with its cells, for a range and a size in pixels of the page. */
  function points({ panel, data }, range, size, down) {
    const scale = Math.min(Math.max(window.devicePixelRatio || 1, 1), SHARPEST);
    const [width, height] = size.map((side) => Math.min(Math.round(side * scale), MAX_POINTS));
    const view = { range, width, height, down, scale };
    const maps = Array.from({ length: data.length / 2 }, (_, map) => data.slice(2 * map, 2 * map + 2));
    return maps.map((traces, map) => placed(masldatlas.points.draw(panel, traces, view), map, range, down));
  }

  /* A range of a panel: the grids of its pixels, and an image for each small map. */
  async function load(raster, panel, range, size, down) {
    const [x0, x1, y0, y1] = range;
    const part = `x=${x0},${x1}&y=${y0},${y1}&w=${size[0]}&h=${size[1]}`;
    const planes = await Promise.all(
      raster.facets.map((facet) => masldatlas.arrays.planes([raster.address, facet, panel.raster, part].filter(Boolean).join("&"))),
    );
    const images = planes.map(function (found, map) {
      const rgba = masldatlas.raster.pixels(panel, found, down);
      return placed({ rgba, width: found.width, height: found.height, margin: 0 }, map, range, down);
    });
    return { images, planes, range };
  }

  async function until(isThere) {
    const since = Date.now();
    while (!isThere() && Date.now() - since < masldatlas.zoom.PATIENCE) {
      await new Promise((resolve) => window.requestAnimationFrame(resolve));
    }
  }

  /* The images and labels of a group of maps (maps.js); `layoutOf` gives the layout with tool and zoom. */
  function of(group, layoutOf) {
    let timer = null;
    let revision = 0; // one for each figure

    /* Width and height of one small map in pixels of the page. */
    function size(side) {
      const layout = group.plot(side) && group.plot(side)._fullLayout;
      const isWide = layout && layout.xaxis && layout.xaxis._length > NARROW;
      return isWide ? [layout.xaxis._length, layout.yaxis._length] : [USUAL_SIDE, USUAL_SIDE];
    }

    const asked = (side) => size(side).map((pixels) => Math.min(Math.max(Math.round(pixels), MIN_SIDE), MAX_SIDE));

    const areLabelsShown = (side, labels) => labels && (labels.mode === "on" || (labels.mode === "hover" && group.hovered === side));

    /* The annotations of a map: those of its figure, and its labels; says how many of these have no room. */
    function annotations(side, range) {
      const { panel, layout } = group.shown[side];
      const labels = areLabelsShown(side, panel.labels) ? panel.labels : null;
      const { shown, hidden } = masldatlas.labels.annotations(labels, range, size(side), masldatlas.zoom.isDown(layout));
      const line = document.getElementById(group.id(side)).parentElement.querySelector(".map-unlabelled");
      if (line && line.textContent !== masldatlas.labels.note(hidden)) {
        line.textContent = masldatlas.labels.note(hidden);
      }
      return [...layout.annotations, ...shown];
    }

    /* What an image was made for. */
    const key = (side, range) => [...range, ...asked(side)].join();

    /* Images and labels of a range, on a plot that is there. */
    async function update(side, range) {
      const shown = group.shown[side];
      const wanted = key(side, range);
      shown.requested = wanted;
      const down = masldatlas.zoom.isDown(shown.layout);
      let bitmap;
      try {
        bitmap = shown.data
          ? { images: points(shown, range, size(side), down), range }
          : await load(group.spec.raster, shown.panel, range, asked(side), down);
      } catch (error) {
        dash.set_props(`${group.id(side)}-fault`, { children: error.message });
        return;
      }
      if (group.shown[side] === shown && shown.requested === wanted) {
        shown.bitmap = bitmap;
        await until(() => group.plot(side) && group.plot(side)._fullLayout && group.plot(side)._fullLayout.xaxis);
        if (group.shown[side] === shown && shown.bitmap === bitmap) {
          window.Plotly.relayout(group.plot(side), { images: bitmap.images, annotations: annotations(side, range) });
        }
      }
    }

    /* The figure of a panel, with the cells as an image at once; an image of the server's comes when it is loaded. */
    function figure(side, panel, filled) {
      const before = group.shown[side];
      const { layout } = panel.figure;
      const isSamePlane = before && before.layout.uirevision === layout.uirevision;
      const shown = { panel, values: null, inside: [], data: null, ...filled, layout, bitmap: (isSamePlane && before.bitmap) || null };
      group.shown[side] = shown;
      const plot = isSamePlane ? group.plot(side) : null;
      const range = (plot && masldatlas.zoom.range(plot)) || masldatlas.zoom.target(masldatlas.zoom.whole(layout), group.address.zoom());
      if (shown.data) {
        shown.bitmap = { images: points(shown, range, size(side), masldatlas.zoom.isDown(layout)), range };
        shown.requested = key(side, range);
      } else {
        update(side, range);
      }
      const data = panel.figure.data.map((trace) => ({ ...trace, type: "scatter", x: [null], y: [null] }));
      const images = shown.bitmap ? shown.bitmap.images : [];
      // With another revision Plotly does not bring back a lasso that was drawn. A copy: it changes the layout that it is given.
      const own = { images, annotations: annotations(side, range), editrevision: ++revision };
      return { data, layout: structuredClone({ ...layoutOf(layout), ...own }) };
    }

    function renew() {
      for (const side of group.sides) {
        const range = group.shown[side] && masldatlas.zoom.range(group.plot(side));
        if (group.spec && range && key(side, range) !== group.shown[side].requested) {
          update(side, range);
        }
      }
    }

    /* After a zoom or in another size everything is made anew for what is seen; until then the old image is stretched. */
    function refresh() {
      clearTimeout(timer);
      timer = setTimeout(renew, PAUSE);
    }

    /* The labels alone, where they come and go with the pointer. */
    function relabel(side) {
      const shown = group.shown[side];
      const range = shown && shown.panel.labels && shown.panel.labels.mode === "hover" && masldatlas.zoom.range(group.plot(side));
      if (range) {
        window.Plotly.relayout(group.plot(side), { annotations: annotations(side, range) });
      }
    }

    return { figure, refresh, relabel };
  }

  masldatlas.bitmaps = { of };
})();
