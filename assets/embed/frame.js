/* One embedded view: fetches its figure for the room and the theme there is, draws it, and talks to its host.
 *
 * Nothing is stored, and no cookie is needed. The host is told {source: "masldatlas", version: 1, id, type, height, …},
 * where id is the name of the iframe and type is ready, size or error; it may say hello (then the frame is as high as
 * its figure, and not the other way round), theme or gene in the same form. README, "Embed a view", has all of it. */
(function () {
  "use strict";

  const SOURCE = "masldatlas";
  const VERSION = 1;
  const THEMES = ["light", "dark", "auto"];
  // Figures are laid out for these widths and stretched to the next: frames of all sizes share the server's cache.
  const WIDTHS = [200, 240, 280, 320, 360, 400, 440, 500, 560, 640, 720, 800, 900, 1000, 1120, 1280, 1440, 1600];
  const MAPS = ["embedding", "pair_map"];
  const LOWEST = 260;
  const HIGHEST = 2400;
  const STEP = 80;
  const PAUSE = 100;
  const GREETING = 60; // ms that the host has to say that it gives us the height we want
  const CONFIG = { displayModeBar: false, scrollZoom: false, doubleClick: false, showTips: false, showSendToCloud: false };

  const root = document.documentElement;
  const main = document.querySelector("main");
  const plot = document.getElementById("plot");
  const system = window.matchMedia("(prefers-color-scheme: dark)");
  const framed = window.parent !== window;

  const address = new URL(main.dataset.figure || "/", window.location.href);
  let scene = null; // what the server last gave
  let drawn = ""; // which address that was
  let good = address.search; // the last that could be drawn
  let asked = 0;
  let hosted = false; // the host gives us the height we ask for
  let laid = 0; // the height that the figure was laid out for
  let told = 0;
  let timer = null;
  let drawing = Promise.resolve();

  function tell(type, more) {
    if (framed) {
      // To whoever frames us: the server decides who may, and no secret is in it.
      window.parent.postMessage({ source: SOURCE, version: VERSION, id: window.name, type, ...more }, "*");
    }
  }

  /* The height of everything, the figure as high as it wants to be. */
  function height() {
    const rest = main.offsetHeight - (plot ? plot.offsetHeight : 0);
    if (!plot) {
      return Math.ceil(rest);
    }
    // A bar for scrolling sideways takes room too.
    return Math.ceil(rest + (scene ? scene.height + plot.offsetHeight - plot.clientHeight : plot.offsetHeight));
  }

  function measure() {
    const now = height();
    if (now !== told) {
      told = now;
      tell("size", { height: now });
    }
  }

  const isDark = () => root.dataset.theme === "dark" || (root.dataset.theme === "auto" && system.matches);

  function fail(words) {
    const line = document.getElementById("fault");
    line.textContent = words;
    line.hidden = !words;
    if (words) {
      tell("error", { message: words, height: height() });
    }
  }

  /* ---- the figure ---- */

  function wanted() {
    const width = WIDTHS.filter((it) => it <= plot.clientWidth).pop() || WIDTHS[0];
    const url = new URL(address);
    url.searchParams.set("theme", isDark() ? "dark" : "light");
    url.searchParams.set("width", String(width));
    if (root.dataset.background === "transparent") {
      url.searchParams.set("background", "transparent");
    }
    if (MAPS.includes(main.dataset.view) && !hosted) {
      // The names on a map keep clear of one another at one height only.
      const room = window.innerHeight - (main.offsetHeight - plot.offsetHeight);
      const high = Math.min(Math.max(room, LOWEST), HIGHEST);
      if (Math.abs(high - laid) > STEP) {
        laid = Math.round(high / (STEP / 2)) * (STEP / 2);
      }
      url.searchParams.set("height", String(laid));
    }
    return url.pathname + url.search;
  }

  function size() {
    const rest = main.offsetHeight - plot.offsetHeight;
    const least = Math.min(scene.height, LOWEST);
    const fill = !hosted && !scene.rows;
    const room = plot.clientWidth;
    // What is wider than the frame scrolls, and so must be within reach of the keyboard.
    if (scene.least > room) {
      plot.tabIndex = 0;
    } else {
      plot.removeAttribute("tabindex");
    }
    return {
      width: Math.max(room, scene.least),
      height: fill ? Math.max(window.innerHeight - rest, least) : scene.height,
    };
  }

  /* Numbers as Plotly packs them. */
  function unpacked(packed) {
    const bytes = Uint8Array.from(window.atob(packed.bdata), (letter) => letter.charCodeAt(0));
    return new { f4: Float32Array, f8: Float64Array, u1: Uint8Array, u2: Uint16Array }[packed.dtype](bytes.buffer);
  }

  const escaped = (text) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

  /* The cells of a map say what their colour means: the page Explore does this with more than a frame has. */
  function speaking(trace) {
    const meta = trace.meta;
    const color = trace.marker && trace.marker.color;
    if (!meta || trace.hoverinfo !== "none" || !color || !color.bdata || meta.kind === "blend") {
      return trace;
    }
    if (meta.kind === "category") {
      const names = meta.names.map(escaped);
      const text = Array.from(unpacked(color), (code) => names[code] || "");
      return { ...trace, text, hoverinfo: "text", hovertemplate: "%{text}<extra></extra>" };
    }
    return { ...trace, hoverinfo: "text", hovertemplate: `${escaped(meta.title)}: %{marker.color:.3f}<extra></extra>` };
  }

  function hasWebGl() {
    const context = document.createElement("canvas").getContext("webgl");
    if (context && context.getExtension("WEBGL_lose_context")) {
      context.getExtension("WEBGL_lose_context").loseContext();
    }
    return Boolean(context);
  }

  function traces() {
    const data = scene.figure.data.map(speaking);
    const many = data.some((trace) => trace.type === "scattergl");
    return many && !hasWebGl() ? data.map((it) => (it.type === "scattergl" ? { ...it, type: "scatter" } : it)) : data;
  }

  async function paint() {
    const layout = { ...scene.figure.layout, ...size() };
    // Anew: Plotly loses its way where a scale of colours lies down that has stood before.
    plot.style.minHeight = `${plot.offsetHeight}px`;
    window.Plotly.purge(plot);
    await window.Plotly.newPlot(plot, traces(), layout, CONFIG);
    plot.style.minHeight = "";
    measure();
  }

  async function fit() {
    const { width, height: high } = size();
    const now = plot.layout || {};
    if (now.width !== width || now.height !== high) {
      await window.Plotly.relayout(plot, { width, height: high });
    }
    measure();
  }

  function describe() {
    document.getElementById("n").textContent = `${scene.n} · ${scene.dataset_title}`;
    document.querySelector("h1").textContent = scene.title;
    document.getElementById("open").href = root.dataset.base + scene.open;
    plot.setAttribute("aria-label", scene.legend);
    const notes = scene.notes.map(function (words) {
      const line = document.createElement("li");
      line.textContent = words;
      return line;
    });
    document.getElementById("notes").replaceChildren(...notes);
    const entries = scene.legend_entries.map(function ([name, colour]) {
      const line = document.createElement("li");
      const swatch = document.createElement("span");
      swatch.style.background = colour;
      line.append(swatch, name);
      return line;
    });
    document.getElementById("legend").replaceChildren(...entries);
  }

  /* What the server answers; null where somebody has asked for something else since, or there is nothing to draw. */
  async function ask(url) {
    const mine = ++asked;
    try {
      const answer = await fetch(url, { credentials: "omit" });
      const body = await answer.json();
      if (mine !== asked) {
        return null;
      }
      if (answer.ok) {
        fail("");
        good = address.search;
        return body;
      }
      fail([body.detail, body.remedy].filter(Boolean).join(" "));
      // What was shown stays, in any theme and size.
      address.search = good;
      return null;
    } catch {
      if (mine === asked) {
        fail("The figure cannot be fetched. Try again later.");
      }
      return null;
    }
  }

  async function renew() {
    const url = wanted();
    if (url === drawn) {
      await fit();
      return;
    }
    plot.setAttribute("aria-busy", "true");
    const found = await ask(url);
    if (found) {
      scene = found;
      drawn = url;
      describe();
      control();
      await paint();
    }
    plot.removeAttribute("aria-busy");
  }

  /* One after the other: Plotly does not draw two figures into one place at a time. */
  function draw() {
    drawing = drawing.then(renew).catch(function (error) {
      fail("The figure cannot be drawn here. Reload the page.");
      console.error(error);
    });
  }

  function soon() {
    clearTimeout(timer);
    timer = setTimeout(draw, PAUSE);
  }

  /* ---- what a visitor may change ---- */

  function change(it, value) {
    for (const name of it.drop) {
      address.searchParams.delete(name);
    }
    for (const [name, text] of Object.entries({ [it.name]: value, ...it.also })) {
      address.searchParams.set(name, text);
    }
    draw();
  }

  let built = "";

  function control() {
    const level = main.dataset.controls;
    const shown = scene.controls.filter((it) => level === "full" || (level === "gene" && it.kind === "gene"));
    const place = document.getElementById("controls");
    place.hidden = !shown.length;
    const kinds = JSON.stringify(shown.map(({ value, ...rest }) => rest));
    if (kinds !== built) {
      const focus = document.activeElement && document.activeElement.name;
      built = kinds;
      place.replaceChildren(...shown.map((it) => (it.kind === "gene" ? window.masldatlasGene(it, change, genes) : choice(it))));
      const again = focus && place.querySelector(`[name="${CSS.escape(focus)}"]`);
      if (again) {
        again.focus();
      }
    }
    shown.forEach(function (it) {
      const field = place.querySelector(`[name="${CSS.escape(it.name)}"][data-kind="${it.kind}"]`);
      field.value = it.value;
      field.dataset.value = it.value;
    });
  }

  async function genes(text) {
    const answer = await fetch(`${main.dataset.genes}?limit=30&q=${encodeURIComponent(text)}`, { credentials: "omit" });
    const body = await answer.json();
    return answer.ok ? body.genes : [];
  }

  function choice(it) {
    const label = document.createElement("label");
    const select = document.createElement("select");
    label.append(it.label, select);
    select.name = it.name;
    select.dataset.kind = it.kind;
    select.append(...it.options.map(([value, words]) => new Option(words, value)));
    select.addEventListener("change", () => change(it, select.value));
    return label;
  }

  /* ---- the host ---- */

  window.addEventListener("message", function (event) {
    const said = event.data;
    if (event.source !== window.parent || !said || said.source !== SOURCE || said.version !== VERSION) {
      return;
    }
    if (said.type === "hello") {
      hosted = true;
      root.dataset.hosted = "true";
      told = 0;
      clearTimeout(timer);
      if (plot) {
        draw();
      } else {
        measure();
      }
    } else if (said.type === "theme" && THEMES.includes(said.theme)) {
      root.dataset.theme = said.theme;
      if (plot) {
        soon();
      }
    } else if (said.type === "gene" && scene && typeof said.gene === "string") {
      const search = scene.controls.find((it) => it.kind === "gene");
      if (search) {
        change(search, said.gene);
      }
    }
  });

  tell("ready", {});
  if (main.dataset.error) {
    tell("error", { message: main.dataset.error, height: height() });
    return;
  }
  system.addEventListener("change", soon);
  window.addEventListener("resize", soon);
  new ResizeObserver(() => scene && soon()).observe(plot.parentElement);
  timer = setTimeout(draw, framed ? GREETING : 0);
})();
