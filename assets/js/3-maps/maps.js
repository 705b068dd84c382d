/* The maps of one page: several views of the same cells, painted in the browser.
 *
 * The server sends figures without their cells (core/figures/cell_map.py) and the addresses of arrays that never change
 * (core/web/arrays.py). Coordinates are fetched once; another coloring fetches its values alone. */
(function () {
  "use strict";

  const { dash_clientside: dash, masldatlas } = window;
  const NO_MAP = "This atlas has no map of its cells.";

  /* Everything that the maps of a page share. `sides` are their names, such as "left", whose graph is `${page}-left`. */
  function groupOf(page, sides, address) {
    const id = (side) => `${page}-${side}`;
    return {
      sides,
      id,
      address, // of the page (address.js): it keeps the zoom and the lassos
      spec: null, // what is shown, as the server describes it
      shown: {}, // by side: {panel, values, inside, layout}, and the bitmap where there is one
      plot: (side) => document.getElementById(id(side))?.querySelector(".js-plotly-plot"),
    };
  }

  /* The functions that the clientside callbacks of a page call for its maps. */
  function maps(page, sides, address) {
    const group = groupOf(page, sides, address);
    const hover = masldatlas.hover.of(group);
    const zoom = masldatlas.zoom.linked(group, function (side, plot) {
      plot.addEventListener("mousemove", (event) => hover.overPixel(side, event));
      plot.addEventListener("mouseleave", () => hover.hide(side));
    });
    const layoutOf = (layout) => ({ ...layout, dragmode: masldatlas.tools.dragMode(), ...zoom.layout(layout) });
    const bitmaps = masldatlas.bitmaps.of(group, layoutOf);
    let latest = 0; // number of the last painting
    let partitioned = { key: null };

    const triggered = () => sides.find((side) => group.id(side) === dash.callback_context.triggered_id);

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
      const { data, inside } = masldatlas.cells.fill(panel, cells, values);
      const { layout } = panel.figure;
      group.shown[side] = { panel, values, inside, layout };
      return { data, layout: layoutOf(layout) };
    }

    /* Fetch the arrays of a spec, none for bitmaps: those that all panels share, and two a panel. Each is {value} or {error}. */
    async function load(spec) {
      const request = (address) => masldatlas.arrays.array(address).then((value) => ({ value }), (error) => ({ error }));
      const shared = spec.raster ? [null, null, null] : [spec.xy, spec.mask, spec.facet && spec.facet.values];
      const own = spec.panels.flatMap((panel) => (panel && !spec.raster ? [panel.values, panel.values_b] : [null, null]));
      const [xy, mask, facet, ...values] = await Promise.all([...shared, ...own].map(request));
      return { xy, mask, facet, values };
    }

    /* Callback: the figure of each map, then the fault of each. */
    async function paint(spec) {
      const unchanged = sides.map(() => dash.no_update);
      if (!spec) {
        return [...unchanged, ...sides.map(() => NO_MAP)];
      }
      const painting = ++latest;
      const { xy, mask, facet, values } = await load(spec);
      if (painting !== latest) {
        return [...unchanged, ...unchanged]; // a newer painting is under way
      }
      group.spec = spec;
      const error = xy.error || mask.error || facet.error;
      const cells = error || spec.raster ? null : cellsOf(spec, xy.value, mask.value, facet.value);
      const figures = [];
      const faults = [];
      sides.forEach(function (side, place) {
        const panel = spec.panels[place];
        const [first, second] = values.slice(2 * place, 2 * place + 2);
        const own = panel && !spec.raster && (error || first.error || second.error);
        const fault = panel && (own ? own.message : panel.fault);
        if (!panel) {
          delete group.shown[side];
        }
        if (!panel || fault) {
          figures.push(dash.no_update);
        } else {
          figures.push(spec.raster ? bitmaps.figure(side, panel) : figureOf(side, panel, cells, first.value, second.value));
        }
        faults.push(fault || "");
      });
      zoom.painted();
      return [...figures, ...faults];
    }

    /* Callback: one of the maps was moved, or a shape was drawn on it. */
    function link(...changes) {
      const side = triggered();
      const change = changes[sides.indexOf(side)];
      if (!change || !group.plot(side) || !group.shown[side] || change.images) {
        return;
      }
      if (change.shapes) {
        masldatlas.lasso.select(group, side, change.shapes);
        return;
      }
      bitmaps.refresh();
      zoom.moved(side, change);
    }

    /* Callback: the cell that was clicked; null when its card is closed. */
    function click(...events) {
      const side = triggered();
      if (!side) {
        return null;
      }
      const found = masldatlas.hover.cellOf(group.shown[side], events[sides.indexOf(side)]);
      return found ? found.cell : dash.no_update;
    }

    masldatlas.tools.onChange(function () {
      for (const side of sides) {
        const plot = group.plot(side);
        if (plot && plot._fullLayout && group.shown[side]) {
          window.Plotly.relayout(plot, { dragmode: masldatlas.tools.dragMode() });
        }
      }
    });

    const hovers = Object.fromEntries(sides.map((side) => [`hover_${side}`, (event) => hover.overCell(side, event)]));
    return { paint, link, click, ...hovers };
  }

  masldatlas.maps = { maps };
})();
