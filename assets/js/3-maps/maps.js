/* The maps of one page: several views of the same cells, painted in the browser.
 *
 * The server sends figures without their cells (core/figures/cell_map.py) and the addresses of arrays that never change
 * (core/web/arrays.py). Coordinates are fetched once; another coloring fetches its values alone. */
(function () {
  "use strict";

  const { dash_clientside: dash, masldatlas } = window;
  const PATIENCE = 3000; // ms
  const NO_MAP = "This atlas has no map of its cells.";

  /* Everything that the maps of a page share. `sides` are their names, such as "left", whose graph is `${page}-left`. */
  function groupOf(page, sides, address) {
    const id = (side) => `${page}-${side}`;
    return {
      sides,
      id,
      address, // of the page (address.js): it keeps the zoom and the lassos
      spec: null, // what is shown, as the server describes it
      shown: {}, // by side: {panel, layout, data, values, inside, bitmap}; without cells where maps are rasters
      hovered: null, // the side under the pointer
      used: null, // the side that was zoomed or drawn on last
      plot: (side) => document.getElementById(id(side))?.querySelector(".js-plotly-plot"),
    };
  }

  const groups = {}; // by page

  /* The functions that the clientside callbacks of a page call for its maps; `choose` is told the cell that is clicked. */
  function maps(page, sides, address, choose = () => undefined) {
    const group = (groups[page] = groupOf(page, sides, address));
    const hover = masldatlas.hover.of(group);
    const zoom = masldatlas.zoom.linked(group, function (side, plot) {
      masldatlas.pointer.listen(plot, {
        move: (event) => hover.over(side, event),
        cross: function (isOver) {
          group.hovered = isOver ? side : null;
          bitmaps.relabel(side);
          if (!isOver) {
            hover.hide(side);
          }
        },
        click: function (event) {
          const cell = masldatlas.hover.cellAt(group.shown[side], masldatlas.hover.pointed(plot, event));
          if (cell !== null) {
            choose(cell);
          }
        },
        zoom: (event, factor) => zoom.about(side, masldatlas.hover.pointed(plot, event), factor),
      });
      plot.on("plotly_relayout", (change) => link(side, change));
      plot.on("plotly_afterplot", bitmaps.refresh);
    });
    const layoutOf = (layout) => ({ ...layout, dragmode: masldatlas.tools.dragMode(), ...zoom.layout(layout) });
    const bitmaps = masldatlas.bitmaps.of(group, layoutOf);
    const waiting = []; // functions to call after a painting
    let latest = 0; // number of the last painting
    let partitioned = { key: null };

    function cellsOf(spec, xy, mask, facet) {
      const key = `${spec.xy} ${spec.mask} ${spec.facet && spec.facet.values + spec.facet.codes}`;
      if (partitioned.key !== key) {
        const codes = spec.facet ? spec.facet.codes : [null];
        partitioned = { key, cells: masldatlas.cells.partition(xy.values, mask && mask.values, facet && facet.values, codes) };
      }
      return partitioned.cells;
    }

    function figureOf(side, panel, cells, first, second) {
      const values = masldatlas.cells.decode(panel, first, second);
      return bitmaps.figure(side, panel, { values, ...masldatlas.cells.fill(panel, cells, values) });
    }

    /* Whether a map shows this panel with these cells already, on a plot that is there: a page may have been left and built anew. */
    function isShown(side, panel, key) {
      const shown = group.shown[side];
      return group.plot(side) && shown?.key === key && JSON.stringify(shown.panel) === JSON.stringify(panel);
    }

    /* Fetch the arrays of a spec, none for bitmaps: those that all panels share, and two a panel. Each is {value} or {error}. */
    async function load(spec) {
      const request = (address) => masldatlas.arrays.array(address).then((value) => ({ value }), (error) => ({ error }));
      const shared = spec.raster ? [null, null, null] : [spec.xy, spec.mask, spec.facet && spec.facet.values];
      const own = spec.panels.flatMap((panel) => (panel && !spec.raster ? [panel.values, panel.values_b] : [null, null]));
      const [xy, mask, facet, ...values] = await Promise.all([...shared, ...own].map(request));
      return { xy, mask, facet, values };
    }

    /* One map: its fault, or nothing where it is drawn. */
    async function paintSide(side, panel, arrays, cells, key) {
      const { error, first, second } = arrays;
      const failed = error || first.error || second.error;
      if (failed || panel.fault) {
        return failed ? failed.message : panel.fault;
      }
      if (!isShown(side, panel, key)) {
        const figure = cells ? figureOf(side, panel, cells, first.value, second.value) : bitmaps.figure(side, panel);
        group.shown[side].key = key;
        await masldatlas.plots.draw(document.getElementById(group.id(side)), figure);
        zoom.painted();
      }
      return "";
    }

    /* Wait until the maps have been painted the next time, but for PATIENCE at most. */
    function settled() {
      return new Promise(function (resolve) {
        waiting.push(resolve);
        setTimeout(resolve, PATIENCE);
      });
    }

    /* Callback: the fault of each map. */
    async function paint(spec) {
      try {
        return await painted(spec);
      } finally {
        waiting.splice(0).forEach((resolve) => resolve());
      }
    }

    /* The map that was used last is drawn first, and shown before the others are drawn. */
    async function painted(spec) {
      if (!spec) {
        return sides.map(() => NO_MAP);
      }
      const painting = ++latest;
      const unchanged = sides.map(() => dash.no_update);
      const [{ xy, mask, facet, values }] = await Promise.all([load(spec), masldatlas.plots.ready()]);
      if (painting !== latest) {
        return unchanged; // a newer painting is under way
      }
      group.spec = spec;
      const error = xy.error || mask.error || facet.error;
      const cells = error || spec.raster ? null : cellsOf(spec, xy.value, mask.value, facet.value);
      const key = JSON.stringify([spec.xy, spec.mask, spec.facet, spec.raster]);
      const faults = sides.map(() => "");
      const inOrder = [...sides].sort((one, other) => (other === group.used) - (one === group.used));
      for (const side of inOrder) {
        const place = sides.indexOf(side);
        const [first, second] = values.slice(2 * place, 2 * place + 2);
        if (!spec.panels[place]) {
          delete group.shown[side];
          continue;
        }
        faults[place] = await paintSide(side, spec.panels[place], { error, first, second }, cells, key);
        await new Promise((resolve) => setTimeout(resolve));
        if (painting !== latest) {
          return unchanged;
        }
      }
      return faults;
    }

    /* One of the maps was moved, or a shape was drawn on it. */
    function link(side, change) {
      if (!group.shown[side] || change.images || change.annotations) {
        return;
      }
      group.used = side;
      if (change.shapes) {
        // Plotly is still at the drawing of the shape.
        setTimeout(() => masldatlas.lasso.select(group, side, change.shapes));
        return;
      }
      bitmaps.refresh();
      zoom.moved(side, change);
    }

    masldatlas.tools.onChange(function () {
      for (const side of sides) {
        const plot = group.plot(side);
        if (plot && plot._fullLayout && group.shown[side]) {
          window.Plotly.relayout(plot, { dragmode: masldatlas.tools.dragMode() });
        }
      }
    });

    return { paint, settled };
  }

  masldatlas.maps = { maps, groups };
})();
