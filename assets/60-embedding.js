/* Pages of cells in the browser: paints the cells, links the two maps, and keeps the address.
 *
 * The server sends a figure without its cells (core/figures/embedding.py) and the addresses of arrays that never change
 * (core/api/arrays.py). Coordinates are fetched once; recolouring fetches the new values alone. What happens here to a
 * figure is what `with_cells` in core/figures/embedding.py does: keep both the same. */
(function () {
  "use strict";

  const URL_ID = "shell-url";
  const MAX_KEPT = 48;
  const MISSING = { u1: 255, u2: 65535 };
  const dash = (window.dash_clientside = window.dash_clientside || {});

  /* ---- arrays ---- */

  const kept = new Map(); // address -> promise of {values, kind, low, high}

  async function load(address) {
    let answer;
    try {
      answer = await fetch(address);
    } catch {
      throw new Error("The server cannot be reached, so these cells could not be loaded. Check the connection, then reload the page.");
    }
    if (!answer.ok) {
      const problem = await answer.json().catch(() => ({}));
      throw new Error(problem.detail || `The server answered ${answer.status}, so these cells could not be loaded. Reload the page.`);
    }
    const kind = answer.headers.get("X-Dtype");
    const Kind = { f4: Float32Array, u1: Uint8Array, u2: Uint16Array }[kind];
    return {
      values: new Kind(await answer.arrayBuffer()),
      kind,
      low: Number(answer.headers.get("X-Low")),
      high: Number(answer.headers.get("X-High")),
    };
  }

  function fetched(address) {
    if (!address) {
      return Promise.resolve(null);
    }
    let promise = kept.get(address);
    kept.delete(address); // the last one used is the last one to go
    if (!promise) {
      promise = load(address);
      promise.catch(() => kept.delete(address));
    }
    kept.set(address, promise);
    while (kept.size > MAX_KEPT) {
      kept.delete(kept.keys().next().value);
    }
    return promise;
  }

  /* Two maps of the same cells; `ROOT` holds the ids of their graphs. */
  function maps(ROOT) {
    /* ---- cells ---- */

    let parted = { key: null };

    /* Which cells lie inside and outside of the selection, with their coordinates; cells without a place are in neither. */
    function part(spec, xy, mask) {
      const key = `${spec.xy} ${spec.mask}`;
      if (parted.key === key) {
        return parted;
      }
      const n = xy.values.length / 2;
      const x = xy.values.subarray(0, n);
      const y = xy.values.subarray(n);
      const sides = [[], []];
      for (let cell = 0; cell < n; cell++) {
        if (Number.isFinite(x[cell]) && Number.isFinite(y[cell])) {
          sides[!mask || mask.values[cell] ? 1 : 0].push(cell);
        }
      }
      const [outside, inside] = sides.map((side) => Uint32Array.from(side));
      parted = { key, x, y, outside, inside, ofOutside: taken(x, y, outside), ofInside: taken(x, y, inside) };
      return parted;
    }

    function taken(x, y, cells) {
      return { x: Float32Array.from(cells, (cell) => x[cell]), y: Float32Array.from(cells, (cell) => y[cell]) };
    }

    /* One number a cell: the code of its category (one past the last where nothing is given), its number, or its value. */
    function decoded(panel, array) {
      if (!array) {
        return null;
      }
      if (panel.kind === "category") {
        const missing = MISSING[array.kind];
        const grey = panel.names.length - 1;
        return Float32Array.from(array.values, (code) => (code === missing ? grey : code));
      }
      if (panel.kind === "expression") {
        const step = (array.high - array.low) / 65535;
        return Float32Array.from(array.values, (value) => array.low + value * step);
      }
      return array.values;
    }

    const painted = { left: null, right: null };

    /* Another gene or colour keeps the zoom; another plane of another atlas begins anew. */
    function zoomed(side, layout) {
      const before = painted[side];
      const shown = before && before.layout.uirevision === layout.uirevision && ranges(plot(side));
      if (!shown) {
        return layout;
      }
      return {
        ...layout,
        xaxis: { ...layout.xaxis, range: shown.slice(0, 2) },
        yaxis: { ...layout.yaxis, range: shown.slice(2) },
      };
    }

    function figureOf(side, spec, cells, array) {
      const panel = spec[side];
      const values = decoded(panel, array);
      let inside = cells.inside;
      let placed = cells.ofInside;
      if (panel.kind === "expression") {
        // Expressing cells lie above the others; nothing else about the order changes.
        const low = inside.filter((cell) => !(values[cell] > 0));
        const high = inside.filter((cell) => values[cell] > 0);
        inside = new Uint32Array(cells.inside.length);
        inside.set(low);
        inside.set(high, low.length);
        placed = taken(cells.x, cells.y, inside);
      }
      const [background, foreground] = panel.figure.data;
      const marker = { ...foreground.marker };
      if (values) {
        marker.color = Float32Array.from(inside, (cell) => values[cell]);
      }
      const layout = zoomed(side, panel.figure.layout);
      painted[side] = { panel, values, inside, layout: panel.figure.layout };
      return {
        data: [
          { ...background, ...cells.ofOutside },
          { ...foreground, ...placed, marker },
        ],
        layout,
      };
    }

    let turn = 0;

    async function paint(spec) {
      const none = dash.no_update;
      if (!spec) {
        return [none, none, "This atlas has no map of its cells.", "This atlas has no map of its cells."];
      }
      const mine = ++turn;
      const wait = (address) => fetched(address).then((value) => ({ value }), (error) => ({ error }));
      const [xy, mask, left, right] = await Promise.all([spec.xy, spec.mask, spec.left.values, spec.right.values].map(wait));
      if (mine !== turn) {
        return [none, none, none, none]; // something newer is on its way
      }
      const common = xy.error || mask.error;
      const cells = common ? null : part(spec, xy.value, mask.value);
      const figures = [];
      const faults = [];
      for (const [side, array] of [["left", left], ["right", right]]) {
        const error = common || array.error;
        figures.push(error ? none : figureOf(side, spec, cells, array.value));
        faults.push(error ? error.message : "");
      }
      watch(Date.now());
      return [...figures, ...faults];
    }

    /* ---- one zoom for both maps ---- */

    function plot(side) {
      const place = document.getElementById(ROOT[side]);
      return place && place.querySelector(".js-plotly-plot");
    }

    function ranges(gd) {
      const layout = gd && gd._fullLayout;
      return layout && layout.xaxis && layout.xaxis.range ? [...layout.xaxis.range, ...layout.yaxis.range] : null;
    }

    const sent = new WeakMap(); // the ranges that a map was last told

    function follow(from, to, change) {
      const [wanted, has] = [ranges(from), ranges(to)];
      if (!wanted || !has) {
        return;
      }
      const close = (Math.abs(wanted[1] - wanted[0]) + Math.abs(wanted[3] - wanted[2])) * 1e-4;
      const moved = wanted.some((value, at) => Math.abs(value - has[at]) > close);
      const tool = change && change.dragmode;
      sent.set(to, wanted.join());
      if (moved || (tool && tool !== to._fullLayout.dragmode)) {
        window.Plotly.relayout(to, {
          ...(moved ? { "xaxis.range": wanted.slice(0, 2), "yaxis.range": wanted.slice(2) } : {}),
          ...(tool ? { dragmode: tool } : {}),
        });
      }
    }

    const watched = new WeakSet();
    const PATIENCE = 10_000; // ms until a plot that has been asked for must be there

    function watch(since) {
      const plots = { left: plot("left"), right: plot("right") };
      for (const [side, other] of [["left", "right"], ["right", "left"]]) {
        const gd = plots[side];
        if (!gd || !gd.on || watched.has(gd)) {
          continue;
        }
        watched.add(gd);
        home(side);
        gd.on("plotly_afterplot", () => home(side));
        // While a map is dragged the other one goes along, at most once a frame.
        let asked = false;
        gd.on("plotly_relayouting", function () {
          if (!asked) {
            asked = true;
            window.requestAnimationFrame(function () {
              asked = false;
              follow(gd, plot(other));
            });
          }
        });
      }
      if (!(watched.has(plots.left) && watched.has(plots.right)) && Date.now() - since < PATIENCE) {
        window.requestAnimationFrame(() => watch(since));
      }
    }

    /* A double click goes back to the whole plane, also after another atlas or embedding came into the same plot. */
    function home(side) {
      const gd = plot(side);
      const layout = gd && gd._fullLayout;
      if (painted[side] && layout && layout.xaxis) {
        for (const name of ["xaxis", "yaxis"]) {
          [layout[name]._rangeInitial0, layout[name]._rangeInitial1] = painted[side].layout[name].range;
        }
      }
    }

    function link(left, right) {
      const from = dash.callback_context.triggered_id === ROOT.right ? "right" : "left";
      const change = from === "left" ? left : right;
      // What `follow` did, and a new size, need no answer.
      const told = change && change["xaxis.range"] && [...change["xaxis.range"], ...(change["yaxis.range"] || [])].join();
      if (change && !change.autosize && !(told && told === sent.get(plot(from)))) {
        follow(plot(from), plot(from === "left" ? "right" : "left"), change);
      }
    }

    /* ---- what lies under the pointer ---- */

    function told(side, cell) {
      const { panel, values } = painted[side] || {};
      if (!panel || !values) {
        return "";
      }
      const value = values[cell];
      const words = panel.kind === "category" ? panel.names[value] : Number.isFinite(value) ? Number(value.toPrecision(3)).toString() : "(not given)";
      return `${panel.title}: ${words}`;
    }

    function hover(side) {
      return function (data) {
        const point = data && data.points && data.points[0];
        if (!point || point.curveNumber !== 1 || !painted[side]) {
          return [false, dash.no_update, dash.no_update];
        }
        const cell = painted[side].inside[point.pointNumber];
        const lines = [told("left", cell), told("right", cell)].filter(Boolean);
        return [true, point.bbox, lines.join("\n")];
      };
    }

    return { paint, link, hover_left: hover("left"), hover_right: hover("right") };
  }

  /* ---- the address ---- */

  const pages = {}; // by path: the last address that was followed, and the last one that the page wrote itself
  let pathname = window.location.pathname;

  /* Tell the frame (and by it the page) where we are; Dash Pages itself must not hear of it, or it would render anew. */
  function tell() {
    dash.set_props(URL_ID, { search: window.location.search, href: window.location.href });
  }

  function address(page) {
    const at = (pages[page] = { seen: null, written: null });

    function search(path, query) {
      if (path !== page || (query && query === at.written)) {
        return dash.no_update;
      }
      at.written = null;
      return { search: query || "", at: Date.now() };
    }

    function write(state, hydrated) {
      if (!state || window.location.pathname !== page) {
        return;
      }
      const first = hydrated && hydrated.at !== at.seen;
      at.seen = hydrated ? hydrated.at : at.seen;
      const followed = first && hydrated.search === state;
      if (window.location.search === state || (followed && !hydrated.write)) {
        return;
      }
      at.written = state;
      window.history[followed ? "replaceState" : "pushState"](window.history.state, "", page + state + window.location.hash);
      tell();
    }

    return { search, write };
  }

  /* Back, Forward and links between two views of a page: only what differs is drawn anew. */
  function travel(event) {
    const page = pathname === window.location.pathname && pages[pathname];
    pathname = window.location.pathname;
    if (page) {
      event.stopImmediatePropagation();
      page.written = null;
      tell();
      window.dispatchEvent(new CustomEvent("_dashprivate_historychange"));
    }
  }

  window.addEventListener("popstate", travel, true);
  window.addEventListener("_dashprivate_pushstate", travel, true);

  for (const page of ["explore", "correlation"]) {
    dash[page] = {
      ...dash[page],
      ...maps({ left: `${page}-left`, right: `${page}-right` }),
      ...address(`/${page}`),
      export_csv: (clicks) => Boolean(clicks),
    };
  }

  /* ---- the table ---- */

  const components = (window.dashAgGridComponentFunctions = window.dashAgGridComponentFunctions || {});

  components.CategoryChip = function (props) {
    const make = window.React.createElement;
    const colour = props.data && props.data.color;
    return make(
      "span",
      { className: "category-chip", title: props.value },
      make("span", { className: "category-colour", style: { background: colour }, "aria-hidden": true }),
      props.value,
    );
  };
})();
