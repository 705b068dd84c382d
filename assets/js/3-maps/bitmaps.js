/* Maps as bitmaps: figures without cells, behind which lies an image of what is seen, made anew after each zoom. */
(function () {
  "use strict";

  const { dash_clientside: dash, masldatlas } = window;
  const PAUSE = 150; // ms without a change until a new image is made
  const [MIN_SIDE, MAX_SIDE] = [16, 1000]; // pixels that are asked of the server
  const USUAL_SIDE = 500; // where the plot is not there yet, or too narrow to be meant
  const NARROW = 50;

  /* The image of one small map, as an address that Plotly's layout takes. */
  function draw(panel, planes, down) {
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [planes.width, planes.height];
    const image = new ImageData(masldatlas.raster.pixels(panel, planes, down), planes.width, planes.height);
    canvas.getContext("2d").putImageData(image, 0, 0);
    return canvas.toDataURL();
  }

  /* A range of a panel: the grids of its pixels, and an image of Plotly's layout for each small map. */
  async function load(raster, panel, range, size, down) {
    const [x0, x1, y0, y1] = range;
    const part = `x=${x0},${x1}&y=${y0},${y1}&w=${size[0]}&h=${size[1]}`;
    const planes = await Promise.all(
      raster.facets.map((facet) => masldatlas.arrays.planes([raster.address, facet, panel.raster, part].filter(Boolean).join("&"))),
    );
    const images = planes.map(function (found, map) {
      const axis = map ? map + 1 : "";
      return {
        source: draw(panel, found, down),
        xref: `x${axis}`,
        yref: `y${axis}`,
        x: x0,
        y: down ? y0 : y1,
        sizex: x1 - x0,
        sizey: y1 - y0,
        xanchor: "left",
        yanchor: "top",
        sizing: "stretch",
        layer: "below",
      };
    });
    return { images, planes, range };
  }

  async function until(isThere) {
    const since = Date.now();
    while (!isThere() && Date.now() - since < masldatlas.zoom.PATIENCE) {
      await new Promise((resolve) => window.requestAnimationFrame(resolve));
    }
  }

  /* The bitmaps of a group of maps (maps.js); `layoutOf` gives the layout with tool and zoom. */
  function of(group, layoutOf) {
    let timer = null;

    function size(side) {
      const layout = group.plot(side) && group.plot(side)._fullLayout;
      const isWide = layout && layout.xaxis && layout.xaxis._length > NARROW;
      const sides = isWide ? [layout.xaxis._length, layout.yaxis._length] : [USUAL_SIDE, USUAL_SIDE];
      return sides.map((pixels) => Math.min(Math.max(Math.round(pixels), MIN_SIDE), MAX_SIDE));
    }

    async function update(side, range) {
      const shown = group.shown[side];
      shown.requested = range.join();
      let bitmap;
      try {
        bitmap = await load(group.spec.raster, shown.panel, range, size(side), masldatlas.zoom.isDown(shown.layout));
      } catch (error) {
        dash.set_props(`${group.id(side)}-fault`, { children: error.message });
        return;
      }
      if (group.shown[side] === shown && shown.requested === range.join()) {
        shown.bitmap = bitmap;
        await until(() => group.plot(side) && group.plot(side)._fullLayout && group.plot(side)._fullLayout.xaxis);
        if (group.shown[side] === shown && shown.bitmap === bitmap) {
          window.Plotly.relayout(group.plot(side), { images: bitmap.images });
        }
      }
    }

    /* The figure without cells and with its last image; the new one comes when it is loaded. */
    function figure(side, panel) {
      const before = group.shown[side];
      const { layout } = panel.figure;
      const data = panel.figure.data.map((trace) => ({ ...trace, type: "scatter", x: [null], y: [null] }));
      const bitmap = (before && before.layout.uirevision === layout.uirevision && before.bitmap) || null;
      group.shown[side] = { panel, values: null, inside: [], layout, bitmap };
      update(side, masldatlas.zoom.whole(layout));
      return { data, layout: { ...layoutOf(layout), images: bitmap ? bitmap.images : [] } };
    }

    /* After a zoom the images are made anew for what is seen; until then the old ones are stretched. */
    function refresh() {
      clearTimeout(timer);
      timer = setTimeout(function () {
        for (const side of group.sides) {
          const range = masldatlas.zoom.range(group.plot(side));
          if (group.spec && group.spec.raster && group.shown[side] && range && range.join() !== group.shown[side].requested) {
            update(side, range);
          }
        }
      }, PAUSE);
    }

    return { figure, refresh };
  }

  masldatlas.bitmaps = { of };
})();
