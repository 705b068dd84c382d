/* The dialog of files: previews, downloads and the collection, all by the addresses of core/api/figures.py. */
(function () {
  "use strict";

  const API = "/api/v1/figures";
  const DPI = 192; // of the preview: sharp on most screens, whatever the file will have
  const INCH = 25.4;
  const OPENING = 10_000; // milliseconds that a busy browser may take to show the dialog
  const SOON = 350; // milliseconds without a change until a preview is asked for
  const dash = (window.dash_clientside = window.dash_clientside || {});
  let figure = null; // what is asked for: {figure, panel, words, link, at}
  let look = null; // how: {form, dpi, width, ...}
  let server = null; // what the server can do
  let soon = null;
  let opened = 0; // when the dialog was last told to open
  let under = null; // the preview under way

  const set = (id, props) => dash.set_props(`publish-${id}`, props);
  const text = (id, words) => set(id, { children: words });

  /* The parameters of a look, by the names of core/figures/journal.py. */
  function parameters(dpi) {
    const { width, height, font_size, theme, legend } = look;
    const pairs = { width, height, font_size, font: look.font === "default" ? "" : look.font, theme, legend };
    const said = Object.entries(pairs).filter(([, value]) => value !== null && value !== undefined && value !== "");
    return new URLSearchParams([...said, ["dpi", dpi], ["title", look.title ? "1" : "0"]]);
  }

  function address(form, dpi) {
    const known = server.figures.find((it) => it.figure === figure.figure).parameters;
    const pairs = [...new URLSearchParams(figure.link.split("?")[1])].filter(([name]) => known.includes(name));
    return `${API}/${figure.figure}${form}?${new URLSearchParams(pairs)}&${parameters(dpi)}`;
  }

  /* Fetches; what the server refuses becomes an error in its own words. */
  async function ask(url, signal) {
    const answer = await fetch(url, { signal });
    if (!answer.ok) {
      const said = await answer.json().catch(() => ({}));
      throw new Error([said.detail || `The server answers ${answer.status}.`, said.remedy].filter(Boolean).join(" "));
    }
    return answer;
  }

  const whole = (value) => Math.floor(value).toLocaleString("en");
  const short = (value) => String(Number(value.toFixed(1)));

  async function preview() {
    if (under) {
      under.abort();
    }
    const mine = (under = new AbortController());
    const place = document.getElementById("publish-preview");
    if (!place || !figure || !look || !server) {
      return;
    }
    const wrong = fault();
    if (wrong) {
      text("size", wrong);
      return;
    }
    place.dataset.waiting = "true";
    text("size", "Drawing…");
    const words = ask(address("/about", look.dpi), mine.signal)
      .then((answer) => answer.json())
      .then(function (about) {
        set("legend-text", { value: [about.legend, ...about.notes].join("\n\n") });
        set("methods-text", { value: about.methods });
        return about;
      });
    try {
      const about = await words;
      let size = `${short(about.width_mm)} × ${short(about.height_mm)} mm`;
      if (server.browser) {
        await show(place, await ask(address(".png", DPI), mine.signal), about);
        const [across, up] = [about.width_mm, about.height_mm].map((side) => (side / INCH) * look.dpi);
        size += look.form === "png" ? ` · ${whole(across)} × ${whole(up)} pixels at ${look.dpi} dpi` : ` · pixels, where there are any, at ${look.dpi} dpi`;
      }
      text("size", size);
    } catch (error) {
      if (!mine.signal.aborted) {
        place.replaceChildren();
        text("size", error.message);
      }
    }
    if (under === mine) {
      delete place.dataset.waiting;
    }
  }

  /* A number that the dialog does not take: the server would take some of them. */
  function fault() {
    const fields = [...document.querySelectorAll(".publish-choices input[type=number]")].filter((field) => field.getClientRects().length);
    const wrong = fields.find((field) => !field.checkValidity());
    return wrong ? `${document.querySelector(`label[for="${wrong.id}"]`).textContent}: ${wrong.min} to ${wrong.max}.` : "";
  }

  async function show(place, answer, about) {
    const picture = new Image();
    const url = URL.createObjectURL(await answer.blob());
    picture.src = url;
    picture.alt = about.legend;
    await picture.decode();
    URL.revokeObjectURL(url);
    picture.style.width = `${about.width_mm}mm`;
    place.replaceChildren(picture);
  }

  async function know() {
    if (server) {
      return;
    }
    server = await (await ask(API)).json();
    set("font", { options: [{ value: "default", label: "Sans-serif" }, ...server.fonts.map((name) => ({ value: name, label: name }))] });
    const forms = document.getElementById("publish-form");
    for (const option of forms ? forms.options : []) {
      option.disabled = server.browser ? !server.forms.includes(option.value) : option.value !== "csv";
    }
    if (!server.browser) {
      set("form", { value: "csv" });
      set("no-browser", { children: without() });
    }
  }

  /* What there is without a browser on the server: the figure as this page shows it. */
  function without() {
    const make = (type, props) => ({ type, namespace: "dash_html_components", props });
    const button = (form) =>
      make("Button", { children: `${form.toUpperCase()} as on the page`, type: "button", className: "btn btn-outline-secondary btn-sm", "data-as-shown": form });
    const words = "This server has no browser to draw with, so only the numbers can be had at size. The figure can be saved as this page shows it.";
    return make("Div", { children: [make("P", { children: words }), make("Div", { children: [button("png"), button("svg")], className: "publish-row" })], className: "publish-warning" });
  }

  function save(blob, name) {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = name;
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  }

  function named(answer) {
    const said = answer.headers.get("Content-Disposition") || "";
    const exact = said.match(/filename\*=UTF-8''([^;]+)/);
    const plain = said.match(/filename="([^"]+)"/);
    return exact ? decodeURIComponent(exact[1]) : plain ? plain[1] : "figure";
  }

  async function fetched(url) {
    text("status", "The server draws…");
    try {
      const answer = await ask(url);
      const name = named(answer);
      save(await answer.blob(), name);
      text("status", `Saved ${name}`);
    } catch (error) {
      text("status", error.message);
    }
  }

  /* ---- the collection ---- */

  function list(items) {
    const make = (type, props) => ({ type, namespace: "dash_html_components", props });
    if (!items.length) {
      return make("P", { children: "Empty. Figures that are added, from any page, come as one zip.", className: "publish-size" });
    }
    const rows = items.map((item, at) =>
      make("Li", {
        children: [
          make("A", { children: item.words, href: item.link }),
          make("Button", { children: "Remove", type: "button", className: "btn btn-outline-secondary btn-sm", "data-remove": String(at), "aria-label": `Remove: ${item.words}` }),
        ],
      }),
    );
    return make("Ol", { children: rows, className: "publish-list" });
  }

  let collection = [];

  document.addEventListener("click", function (event) {
    const button = event.target instanceof Element && event.target.closest("[data-remove], [data-as-shown]");
    if (!button) {
      return;
    }
    if (button.dataset.remove) {
      set("collection", { data: collection.filter((_item, at) => at !== Number(button.dataset.remove)) });
      return;
    }
    const graph = window.masldatlas.published.closest(".plot-card").querySelector(".js-plotly-plot");
    const { width, height } = graph.getBoundingClientRect();
    window.Plotly.downloadImage(graph, { format: button.dataset.asShown, width, height, scale: 3, filename: figure.words });
  });

  dash.publish = {
    ...dash.publish,
    open: function (asked) {
      if (dash.callback_context.triggered_id === "publish-close" || !asked) {
        return [false, dash.no_update, ""];
      }
      figure = asked;
      return [true, `Export: ${asked.words}`, ""];
    },
    chosen: function (asked, form, dpi, width, own, height, font_size, font, theme, legend, title) {
      figure = asked || figure;
      opened = dash.callback_context.triggered_id === "publish-export" ? Date.now() : opened;
      look = { form, dpi: Number(dpi), width: width === "custom" ? own : Number(width), height, font_size, font, theme, legend, title };
      const field = document.getElementById("publish-width-mm");
      if (field) {
        field.parentElement.hidden = width !== "custom";
      }
      clearTimeout(soon);
      soon = setTimeout(begin, SOON);
    },
    download: function (clicks) {
      const wrong = clicks && fault();
      if (wrong) {
        text("status", wrong);
      } else if (clicks && figure && server) {
        fetched(address(`.${look.form}`, look.dpi));
      }
    },
    add: function (clicks, items) {
      if (!clicks || !figure || fault()) {
        return dash.no_update;
      }
      const before = items || [];
      const link = `${figure.link}&${parameters(look.dpi)}`;
      if (before.some((item) => item.link === link)) {
        text("status", "It is in the collection already.");
        return dash.no_update;
      }
      const width = look.width ? `, ${short(Number(look.width))} mm` : "";
      text("status", "Added to the collection");
      return [...before, { link, words: `${figure.words}${width}, ${new URLSearchParams(figure.link.split("?")[1]).get("atlas") || ""}` }];
    },
    collected: function (items) {
      collection = items || [];
      return [list(collection), !collection.length];
    },
    bundle: function (clicks, items) {
      if (clicks && items && items.length) {
        fetched(`${API}.zip?${new URLSearchParams(items.map((item) => ["figure", item.link]))}`);
      }
    },
  };

  /* The dialog is on the page a moment after it is told to open. */
  async function begin() {
    if (!document.getElementById("publish-preview")) {
      if (Date.now() - opened < OPENING) {
        soon = setTimeout(begin, SOON);
      }
      return;
    }
    const field = document.getElementById("publish-width-mm");
    field.parentElement.hidden = document.getElementById("publish-width").value !== "custom";
    try {
      await know();
    } catch (error) {
      text("size", error.message);
      return;
    }
    preview();
  }
})();
