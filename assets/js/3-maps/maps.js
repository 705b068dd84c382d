/* Pages of cells in the browser: paints the cells, links the maps, reads lassos, and keeps the address.
 *
 * The server sends figures without their cells (core/figures/embedding.py) and the addresses of arrays that never change
 * (core/api/arrays.py). Coordinates are fetched once; recolouring fetches the new values alone. What happens here to a
 * figure is what `with_cells` in core/figures/embedding.py does: keep both the same. */
(function () {
  "use strict";

  const URL_ID = "shell-url";
  const MISSING = { u1: 255, u2: 65535 };
  const ORDERED = ["expression", "score", "blend"];
  const BLEND = 16;
  const MAX_BACKGROUND = 300_000; // points behind all small maps together
  const MAX_CORNERS = 150;
  const dash = (window.dash_clientside = window.dash_clientside || {});
  const { array } = window.masldatlas;

  function taken(x, y, cells) {
    return { x: Float32Array.from(cells, (cell) => x[cell]), y: Float32Array.from(cells, (cell) => y[cell]) };
  }

  /* The cells in ascending order of their values, by counting: as many steps as an array has. */
  function sorted(cells, values) {
    let [low, high] = [Infinity, -Infinity];
    for (const cell of cells) {
      const value = values[cell];
      low = value < low ? value : low;
      high = value > high ? value : high;
    }
    if (!(high > low)) {
      return cells;
    }
    const scale = 65534 / (high - low);
    const key = (cell) => (Number.isNaN(values[cell]) ? 0 : 1 + Math.round((values[cell] - low) * scale));
    const starts = new Uint32Array(65537);
    const keys = Uint16Array.from(cells, key);
    for (const at of keys) {
      starts[at + 1]++;
    }
    for (let at = 1; at < starts.length; at++) {
      starts[at] += starts[at - 1];
    }
    const order = new Uint32Array(cells.length);
    keys.forEach((at, place) => (order[starts[at]++] = cells[place]));
    return order;
  }

  /* Maps of the same cells in the graphs `IDS`, named by `SIDES`; `at` keeps their zoom in the address. */
  function maps(IDS, SIDES, at) {
    /* ---- cells ---- */

    let parted = { key: null };

    /* Which cells each small map shows inside and outside of the selection; cells without a place are in neither. */
    function part(spec, xy, mask, facet) {
      const key = `${spec.xy} ${spec.mask} ${spec.facet && spec.facet.values + spec.facet.codes}`;
      if (parted.key === key) {
        return parted;
      }
      const n = xy.values.length / 2;
      const x = xy.values.subarray(0, n);
      const y = xy.values.subarray(n);
      const codes = spec.facet ? spec.facet.codes : [null];
      const placeOf = new Map(codes.map((code, place) => [code, place]));
      const sides = codes.map(() => []);
      const outside = codes.map(() => []);
      const every = codes.length > 1 ? Math.max(1, Math.ceil((n * codes.length) / MAX_BACKGROUND)) : 1;
      for (let cell = 0; cell < n; cell++) {
        if (!Number.isFinite(x[cell]) || !Number.isFinite(y[cell])) {
          continue;
        }
        const own = mask && !mask.values[cell] ? undefined : facet ? placeOf.get(facet.values[cell]) : 0;
        for (let place = 0; place < codes.length; place++) {
          if (place === own) {
            sides[place].push(cell);
          } else if (cell % every === 0) {
            outside[place].push(cell);
          }
        }
      }
      parted = {
        key,
        x,
        y,
        insides: sides.map((cells) => Uint32Array.from(cells)),
        outsides: outside.map((cells) => taken(x, y, cells)),
      };
      return parted;
    }

    /* One number a cell: the code of its category (one past the last where nothing is given), its number, or its value. */
    function decoded(panel, found, second) {
      if (!found) {
        return null;
      }
      if (panel.kind === "category") {
        const missing = MISSING[found.kind];
        const grey = panel.names.length - 1;
        return Float32Array.from(found.values, (code) => (code === missing ? grey : code));
      }
      const number = (source) => {
        const step = (source.high - source.low) / 65535;
        return source.kind === "f4" ? source.values : Float32Array.from(source.values, (value) => source.low + value * step);
      };
      if (panel.kind !== "blend") {
        return number(found);
      }
      const steps = (values, top) =>
        values.map((value) => (top > 0 ? Math.floor(Math.min(Math.max(value / top, 0), 1) * (BLEND - 1) + 0.5) : 0));
      const [one, other] = [steps(number(found), panel.tops[0]), steps(number(second), panel.tops[1])];
      return one.map((step, cell) => step * BLEND + other[cell]);
    }

    const painted = {}; // by side: what is shown

    const whole = (layout) => [...layout.xaxis.range, ...layout.yaxis.range];

    /* What a map is to show of its plane: the zoom of the address, else the whole. A zoom that shows nothing of it is none. */
    function wanted(layout) {
      const [all, zoom] = [whole(layout), at.zoomed()];
      const seen = zoom && zoom[0] < all[1] && zoom[1] > all[0] && zoom[2] < all[3] && zoom[3] > all[2];
      return seen ? zoom : all;
    }

    function zoomed(layout) {
      const shown = wanted(layout);
      return {
        ...layout,
        dragmode: MODES[window.masldatlas.tool || "pan"],
        xaxis: { ...layout.xaxis, range: shown.slice(0, 2) },
        yaxis: { ...layout.yaxis, range: shown.slice(2) },
      };
    }

    function figureOf(side, panel, cells, values) {
      const hidden = new Set(panel.hidden || []);
      const shown = [];
      const data = panel.figure.data.map(function (trace, number) {
        const place = number >> 1;
        if (!(number & 1)) {
          return hidden.size ? trace : { ...trace, ...cells.outsides[place] };
        }
        let inside = cells.insides[place];
        if (hidden.size && values) {
          inside = inside.filter((cell) => !hidden.has(values[cell]));
        }
        if (values && panel.sort && ORDERED.includes(panel.kind)) {
          inside = sorted(inside, values);
        }
        shown[place] = inside;
        const marker = { ...trace.marker };
        if (values) {
          marker.color = Float32Array.from(inside, (cell) => values[cell]);
        }
        return { ...trace, ...taken(cells.x, cells.y, inside), marker };
      });
      if (hidden.size) {
        cells.insides.forEach(function (inside, place) {
          const off = taken(cells.x, cells.y, inside.filter((cell) => values && hidden.has(values[cell])));
          const out = cells.outsides[place];
          data[2 * place] = { ...data[2 * place], x: joined(out.x, off.x), y: joined(out.y, off.y) };
        });
      }
      const layout = zoomed(panel.figure.layout);
      painted[side] = { panel, values, insides: shown, layout: panel.figure.layout };
      return { data, layout };
    }

    function joined(one, other) {
      const both = new Float32Array(one.length + other.length);
      both.set(one);
      both.set(other, one.length);
      return both;
    }

    let turn = 0;
    let last = null; // the spec that is shown

    async function paint(spec) {
      const none = SIDES.map(() => dash.no_update);
      if (!spec) {
        return [...none, ...SIDES.map(() => "This atlas has no map of its cells.")];
      }
      const mine = ++turn;
      const wait = (address) => array(address).then((value) => ({ value }), (error) => ({ error }));
      const sources = spec.panels.flatMap((panel) => (panel && !spec.raster ? [panel.values, panel.values_b] : [null, null]));
      const shared = spec.raster ? [null, null, null] : [spec.xy, spec.mask, spec.facet && spec.facet.values];
      const [xy, mask, facet, ...values] = await Promise.all([...shared, ...sources].map(wait));
      if (mine !== turn) {
        return [...none, ...none]; // something newer is on its way
      }
      last = spec;
      const common = xy.error || mask.error || facet.error;
      const cells = common || spec.raster ? null : part(spec, xy.value, mask.value, facet.value);
      const figures = [];
      const faults = [];
      SIDES.forEach(function (side, place) {
        const panel = spec.panels[place];
        const error = panel && !spec.raster && (common || values[2 * place].error || values[2 * place + 1].error);
        const fault = panel && (error ? error.message : panel.fault);
        if (!panel) {
          delete painted[side];
        }
        if (!panel || fault) {
          figures.push(dash.no_update);
        } else if (spec.raster) {
          figures.push(empty(side, panel));
        } else {
          figures.push(figureOf(side, panel, cells, decoded(panel, values[2 * place].value, values[2 * place + 1].value)));
        }
        faults.push(fault || "");
      });
      fitted = new WeakMap();
      watch(Date.now());
      return [...figures, ...faults];
    }

    /* ---- too many cells: pictures ---- */

    /* The figure without cells; its picture, the last one first, comes when it is there. */
    function empty(side, panel) {
      const before = painted[side];
      const layout = zoomed(panel.figure.layout);
      const data = panel.figure.data.map((trace) => ({ ...trace, type: "scatter", x: [null], y: [null] }));
      const same = before && before.layout.uirevision === layout.uirevision && before.picture;
      painted[side] = { panel, values: null, insides: [], layout: panel.figure.layout, picture: same || null };
      picture(side, whole(layout));
      return { data, layout: { ...layout, images: same ? same.images : [] } };
    }

    function sizeOf(side) {
      const layout = plot(side) && plot(side)._fullLayout;
      const axes = layout && layout.xaxis && layout.xaxis._length > 50 ? [layout.xaxis._length, layout.yaxis._length] : [500, 500];
      return axes.map((pixels) => Math.min(Math.max(Math.round(pixels), 16), 1000));
    }

    async function picture(side, range) {
      const mine = painted[side];
      const spec = last;
      mine.asked = range.join();
      let found;
      try {
        found = await window.masldatlas.raster.draw(spec.raster, mine.panel, range, sizeOf(side));
      } catch (error) {
        dash.set_props(`${IDS[side]}-fault`, { children: error.message });
        return;
      }
      if (painted[side] === mine && mine.asked === range.join()) {
        mine.picture = found;
        const shown = () => plot(side) && plot(side)._fullLayout && plot(side)._fullLayout.xaxis;
        await until(shown);
        if (painted[side] === mine && mine.picture === found) {
          window.Plotly.relayout(plot(side), { images: found.images });
        }
      }
    }

    async function until(there) {
      const since = Date.now();
      while (!there() && Date.now() - since < PATIENCE) {
        await new Promise((go_on) => window.requestAnimationFrame(go_on));
      }
    }

    let soon = null;

    /* After a zoom the picture is drawn anew for what is seen now; until then the old one is stretched. */
    function redraw() {
      clearTimeout(soon);
      soon = setTimeout(function () {
        for (const side of SIDES) {
          const range = ranges(plot(side));
          if (last && last.raster && painted[side] && range && range.join() !== painted[side].asked) {
            picture(side, range);
          }
        }
      }, 150);
    }

    /* ---- one zoom for all maps ---- */

    function plot(side) {
      const place = document.getElementById(IDS[side]);
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
      const moved = wanted.some((value, place) => Math.abs(value - has[place]) > close);
      const tool = change && change.dragmode;
      if (moved) {
        sent.set(to, wanted.join());
      }
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
      const open = SIDES.filter((side) => painted[side]);
      for (const side of open) {
        const gd = plot(side);
        if (!gd || !gd.on || watched.has(gd)) {
          continue;
        }
        watched.add(gd);
        const drawn = () => (home(side), fit(side));
        drawn();
        gd.on("plotly_afterplot", drawn);
        gd.addEventListener("mousemove", (event) => over(side, event));
        gd.addEventListener("mouseleave", () => last && last.raster && say(side, null));
        // While a map is dragged the others go along, at most once a frame.
        let asked = false;
        gd.on("plotly_relayouting", function () {
          if (!asked) {
            asked = true;
            window.requestAnimationFrame(function () {
              asked = false;
              SIDES.filter((other) => other !== side && painted[other]).forEach((other) => follow(gd, plot(other)));
            });
          }
        });
      }
      if (!open.every((side) => watched.has(plot(side))) && Date.now() - since < PATIENCE) {
        window.requestAnimationFrame(() => watch(since));
      }
    }

    /* A double click goes back to the whole plane, also after another atlas or embedding came into the same plot. */
    function home(side) {
      const gd = plot(side);
      const layout = gd && gd._fullLayout;
      if (painted[side] && layout && layout.xaxis) {
        for (const name of Object.keys(layout).filter((key) => /^[xy]axis\d*$/.test(key))) {
          [layout[name]._rangeInitial0, layout[name]._rangeInitial1] = painted[side].layout[name[0] + "axis"].range;
        }
      }
    }

    let fitted = new WeakMap(); // the size in which a map was last told what to show

    /* Plotly widens what is shown to fill another size, and never narrows it again. */
    function fit(side) {
      const gd = plot(side);
      const layout = gd && gd._fullLayout;
      if (!painted[side] || !layout || !layout.xaxis) {
        return;
      }
      const size = `${layout.width} ${layout.height}`;
      if (fitted.get(gd) !== size) {
        fitted.set(gd, size);
        const shown = wanted(painted[side].layout);
        sent.set(gd, shown.join());
        window.Plotly.relayout(gd, { "xaxis.range": shown.slice(0, 2), "yaxis.range": shown.slice(2) });
      }
    }

    function link(...changes) {
      const place = SIDES.findIndex((side) => IDS[side] === dash.callback_context.triggered_id);
      const [side, change] = [SIDES[place], changes[place]];
      const gd = plot(side);
      if (!change || !gd || !painted[side] || change.images) {
        return;
      }
      if (change.shapes) {
        enclose(side, change.shapes);
        return;
      }
      redraw();
      // What `follow` did, and a new size, need no answer.
      const told = change["xaxis.range"] && [...change["xaxis.range"], ...(change["yaxis.range"] || [])].join();
      const answered = told && told === sent.get(gd);
      sent.delete(gd); // the next one of the same ranges is a person's, such as a double click
      if (!change.autosize && !answered) {
        SIDES.filter((other) => other !== side && painted[other]).forEach((other) => follow(gd, plot(other), change));
        if (Object.keys(change).some((name) => /axis/.test(name))) {
          const [all, now] = [whole(painted[side].layout), ranges(gd)];
          at.zoom(now[0] <= all[0] && now[1] >= all[1] && now[2] <= all[2] && now[3] >= all[3] ? null : now);
        }
      }
    }

    /* ---- lassos ---- */

    /* A shape that was drawn becomes part of the selection, and so of the address; the server finds its cells. */
    function enclose(side, shapes) {
      const known = painted[side].layout.shapes || [];
      const shape = shapes.length > known.length && shapes[shapes.length - 1];
      const gd = plot(side);
      if (!shape) {
        return;
      }
      const { xaxis, yaxis } = gd._fullLayout;
      const scale = [xaxis, yaxis].map((axis) => axis._length / Math.abs(axis.range[1] - axis.range[0]));
      const corners =
        shape.type === "rect"
          ? [[shape.x0, shape.y0], [shape.x1, shape.y0], [shape.x1, shape.y1], [shape.x0, shape.y1]]
          : [...(shape.path || "").matchAll(/[ML]\s*([-+.\de]+)[, ]([-+.\de]+)/gi)].map((pair) => [Number(pair[1]), Number(pair[2])]);
      const [xs, ys] = [0, 1].map((axis) => corners.map((corner) => corner[axis] * scale[axis]));
      const extent = (values) => Math.max(...values) - Math.min(...values);
      window.Plotly.relayout(gd, { shapes: known });
      if (corners.length < 3 || extent(xs) < 4 || extent(ys) < 4) {
        return; // a click, not a lasso
      }
      let tolerance = 0.75; // pixels
      let kept = simplified(corners, scale, tolerance);
      while (kept.length > MAX_CORNERS) {
        tolerance *= 1.5;
        kept = simplified(corners, scale, tolerance);
      }
      const [begin, end] = [kept[0], kept[kept.length - 1]];
      if (kept.length > 3 && begin.join() === end.join()) {
        kept.pop(); // the last corner joins the first
      }
      const digits = scale.map((pixels) => Math.max(0, Math.ceil(Math.log10(pixels)) + 1));
      const text = kept.map((corner) => corner.map((value, axis) => Number(value.toFixed(digits[axis]))).join("_")).join("~");
      const plane = `${last.plane}:`;
      const add = window.masldatlas.shift;
      at.go(function (parameters) {
        const others = parameters.getAll("lasso").filter((lasso) => add || lasso.slice(0, lasso.lastIndexOf(":") + 1) !== plane);
        parameters.delete("lasso");
        [...others, plane + text].forEach((lasso) => parameters.append("lasso", lasso));
      });
    }

    /* Ramer, Douglas and Peucker: no corner that is left out lies farther than `tolerance` pixels from the line. */
    function simplified(corners, scale, tolerance) {
      const keep = new Array(corners.length).fill(false);
      const open = [[0, corners.length - 1]];
      [keep[0], keep[corners.length - 1]] = [true, true];
      const px = corners.map((corner) => corner.map((value, axis) => value * scale[axis]));
      while (open.length) {
        const [first, end] = open.pop();
        let [farthest, where] = [0, -1];
        const [dx, dy] = [px[end][0] - px[first][0], px[end][1] - px[first][1]];
        const length = Math.hypot(dx, dy);
        for (let corner = first + 1; corner < end; corner++) {
          const [ox, oy] = [px[corner][0] - px[first][0], px[corner][1] - px[first][1]];
          const distance = length > 1e-9 ? Math.abs(ox * dy - oy * dx) / length : Math.hypot(ox, oy);
          if (distance > farthest) {
            [farthest, where] = [distance, corner];
          }
        }
        if (farthest > tolerance) {
          keep[where] = true;
          open.push([first, where], [where, end]);
        }
      }
      const kept = corners.filter((_, corner) => keep[corner]);
      return kept.length < 3 ? corners.slice(0, 3) : kept;
    }

    /* ---- what lies under the pointer ---- */

    function told(side, cell) {
      const { panel, values } = painted[side] || {};
      if (!panel || !values) {
        return "";
      }
      const value = values[cell];
      if (panel.kind === "blend") {
        return "";
      }
      const words = panel.kind === "category" ? panel.names[value] : Number.isFinite(value) ? Number(value.toPrecision(3)).toString() : "(not given)";
      return `${panel.title}: ${words}`;
    }

    function cellOf(side, data) {
      const point = data && data.points && data.points[0];
      if (!point || !(point.curveNumber & 1) || !painted[side]) {
        return null;
      }
      const inside = painted[side].insides[point.curveNumber >> 1];
      return inside ? { cell: inside[point.pointNumber], box: point.bbox } : null;
    }

    function hover(side) {
      return function (data) {
        const found = cellOf(side, data);
        if (!found) {
          return [false, dash.no_update, dash.no_update];
        }
        const lines = new Set(SIDES.map((other) => told(other, found.cell)).filter(Boolean));
        return [true, found.box, [...lines].join("\n")];
      };
    }

    let told_at = 0;

    /* The words about a pixel, where the map is a picture. */
    function over(side, event) {
      const mine = painted[side];
      const now = Date.now();
      if (!last || !last.raster || !mine || !mine.picture || now - told_at < 40) {
        return;
      }
      told_at = now;
      const gd = plot(side);
      const box = gd.getBoundingClientRect();
      const [left, top] = [event.clientX - box.x, event.clientY - box.y];
      const layout = gd._fullLayout;
      const [x0, x1, y0, y1] = mine.picture.range;
      for (const [place, found] of mine.picture.all.entries()) {
        const [xaxis, yaxis] = ["x", "y"].map((letter) => layout[`${letter}axis${place ? place + 1 : ""}`]);
        const [right, down] = [left - xaxis._offset, top - yaxis._offset];
        if (right < 0 || down < 0 || right > xaxis._length || down > yaxis._length) {
          continue;
        }
        const column = Math.floor(((xaxis.p2d(right) - x0) / (x1 - x0)) * found.width);
        const row = Math.floor(((yaxis.p2d(down) - y0) / (y1 - y0)) * found.height);
        const inside = column >= 0 && row >= 0 && column < found.width && row < found.height;
        const words = inside ? window.masldatlas.raster.told(mine.panel, found, row * found.width + column) : "";
        say(side, words ? { words, box: { x0: left, x1: left + 1, y0: top, y1: top + 1 } } : null);
        return;
      }
      say(side, null);
    }

    function say(side, what) {
      dash.set_props(`${IDS[side]}-hover`, what ? { show: true, bbox: what.box, children: what.words } : { show: false });
    }

    /* The cell that was clicked; null when its card is closed. */
    function click(...data) {
      const place = SIDES.findIndex((side) => IDS[side] === dash.callback_context.triggered_id);
      if (place < 0) {
        return null;
      }
      const found = cellOf(SIDES[place], data[place]);
      return found ? found.cell : dash.no_update;
    }

    /* ---- what dragging does ---- */

    window.addEventListener("masldatlas-tool", function () {
      for (const side of SIDES) {
        const gd = plot(side);
        if (gd && gd._fullLayout && painted[side]) {
          window.Plotly.relayout(gd, { dragmode: MODES[window.masldatlas.tool] });
        }
      }
    });

    const hovers = Object.fromEntries(SIDES.map((side) => [`hover_${side}`, hover(side)]));
    return { paint, link, click, ...hovers };
  }

  const MODES = { pan: "pan", lasso: "drawclosedpath", box: "drawrect" };

  /* ---- the address ---- */

  const pages = {}; // by path
  const paths = []; // by step
  let pathname = window.location.pathname;

  /* Where in the history of this tab we are: each address of ours has a number. */
  const step = () => (window.history.state && window.history.state.step) || 0;
  let current = step();
  let newest = current;
  paths[current] = pathname;

  /* Tell the frame (and by it the page) where we are; Dash Pages itself must not hear of it, or it would render anew. */
  function tell() {
    dash.set_props(URL_ID, { search: window.location.search, href: window.location.href });
  }

  function push(address) {
    newest = current = step() + 1;
    window.history.pushState({ step: newest }, "", address);
    paths[current] = window.location.pathname;
    steps();
  }

  /* Undo and redo stay on their page. */
  function steps() {
    for (const button of document.querySelectorAll("[data-step]")) {
      const to = step() + (button.dataset.step === "undo" ? -1 : 1);
      button.disabled = to > newest || paths[to] !== window.location.pathname;
    }
  }

  /* The zoom is a parameter of the address that the server need not know. */
  function parted(search) {
    const parameters = new URLSearchParams(search);
    const zoom = parameters.get("zoom");
    const numbers = zoom && zoom.split("_").map(Number);
    return {
      plain: (search || "").replace(/([?&])zoom=[^&]*&?/, "$1").replace(/[?&]$/, ""),
      zoom: numbers && numbers.length === 4 && numbers.every(Number.isFinite) && numbers[0] < numbers[1] && numbers[2] < numbers[3] ? numbers : null,
    };
  }

  /* Whether two addresses show the same plane, so that one zoom serves both. */
  function alike(one, other) {
    const [mine, others] = [one, other].map((search) => new URLSearchParams(search));
    return ["atlas", "embedding"].every((name) => mine.get(name) === others.get(name));
  }

  function address(path) {
    const page = (pages[path] = { seen: null, written: null, plain: "", zoom: null, whole });

    function whole(state) {
      if (!page.zoom) {
        return state;
      }
      const zoom = page.zoom.map((value) => Number(value.toPrecision(6))).join("_");
      return `${state}${state ? "&" : "?"}zoom=${zoom}`;
    }

    function search(current, query) {
      const { plain, zoom } = parted(query);
      if (current !== path || (plain && plain === page.written)) {
        return dash.no_update;
      }
      page.written = null;
      page.plain = plain;
      page.zoom = zoom;
      return { search: plain, at: Date.now() };
    }

    function write(state, hydrated) {
      if (!state || window.location.pathname !== path) {
        return;
      }
      const first = hydrated && hydrated.at !== page.seen;
      page.seen = hydrated ? hydrated.at : page.seen;
      const followed = first && hydrated.search === state;
      const { plain } = parted(window.location.search);
      if (plain === state || (followed && !hydrated.write)) {
        steps();
        return;
      }
      page.written = state;
      page.plain = state;
      if (!followed && !alike(plain, state)) {
        page.zoom = null;
      }
      const url = path + whole(state) + window.location.hash;
      if (followed) {
        window.history.replaceState(window.history.state, "", url);
      } else {
        push(url);
      }
      tell();
      steps();
    }

    /* Another view of this page: `change` gets its parameters. */
    function go(change) {
      const parameters = new URLSearchParams(parted(window.location.search).plain);
      change(parameters);
      const text = parameters.toString();
      page.written = null;
      push(path + whole(text ? `?${text}` : ""));
      tell();
    }

    let soon = null;
    const at = {
      go,
      zoomed: () => page.zoom,
      /* A zoom by hand goes into the address, and is no step of its own. */
      zoom(ranges) {
        page.zoom = ranges;
        clearTimeout(soon);
        soon = setTimeout(function () {
          if (window.location.pathname === path) {
            const { plain } = parted(window.location.search);
            page.written = plain;
            window.history.replaceState(window.history.state, "", path + whole(plain) + window.location.hash);
            tell();
          }
        }, 250);
      },
    };
    return { at, functions: { search, write, limit: (gene) => gene && go((parameters) => parameters.append("expr", `${gene}:0:`)) && undefined } };
  }

  /* Back, Forward and links between two views of a page: only what differs is drawn anew. */
  function travel(event) {
    const same = pathname === window.location.pathname;
    const page = pages[window.location.pathname];
    pathname = window.location.pathname;
    if (event.type !== "popstate") {
      newest = current + 1;
      window.history.replaceState({ ...window.history.state, step: newest }, "");
    }
    current = step();
    paths[current] = pathname;
    if (page && same) {
      event.stopImmediatePropagation();
      page.written = null;
      const { plain, zoom } = parted(window.location.search);
      // A link to the same cells in other colours keeps the zoom; a step goes back to what was seen then.
      if (event.type !== "popstate" && page.zoom && !zoom && alike(plain, page.plain)) {
        window.history.replaceState(window.history.state, "", window.location.pathname + page.whole(plain) + window.location.hash);
      }
      tell();
      window.dispatchEvent(new CustomEvent("_dashprivate_historychange"));
    }
    steps();
  }

  window.addEventListener("popstate", travel, true);
  window.addEventListener("_dashprivate_pushstate", travel, true);

  const SIDES = { explore: ["left", "right", "third", "fourth"], correlation: ["left", "right"], markers: [] };
  for (const [page, sides] of Object.entries(SIDES)) {
    const { at, functions } = address(`/${page}`);
    const ids = Object.fromEntries(sides.map((side) => [side, `${page}-${side}`]));
    dash[page] = {
      ...dash[page],
      ...(sides.length ? maps(ids, sides, at) : {}),
      ...functions,
      export_csv: (clicks) => Boolean(clicks),
    };
  }

  /* ---- the lower parts of Explore ---- */

  Object.assign(dash.explore, {
    tabs: (open) => ["violins", "dots", "composition", "sets"].map((tab) => tab !== open),
    take_list: (clicks, text) => (clicks ? text || "" : dash.no_update),
    take_sets: (clicks, score, set_a, set_b, name_a, name_b) => (clicks || score ? { score, set_a, set_b, name_a, name_b } : dash.no_update),
  });

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
