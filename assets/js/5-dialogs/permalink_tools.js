/* The toolbar beside each figure: permalinks as core/permalinks.py writes them, and the way to the dialogs. */
(function () {
  "use strict";

  const VERSION = "1";
  const OWN = ["v", "figure", "panel", "hash"];
  const SHOWN = 2000; // milliseconds for which a button says that its link was copied
  const PATIENCE = 20_000; // in which a figure that a link names has to appear
  const dash = (window.dash_clientside = window.dash_clientside || {});
  let contents = {};

  /* The address of this page from its path on, as a permalink of one of its figures, or of the page as a whole. */
  function permalink(figure, panel) {
    const kept = [...new URLSearchParams(window.location.search)].filter(([name]) => !OWN.includes(name));
    const atlas = kept.find(([name]) => name === "atlas");
    const pairs = [["v", VERSION]];
    if (figure) {
      pairs.push(["figure", figure]);
    }
    if (panel > 1) {
      pairs.push(["panel", String(panel)]);
    }
    pairs.push(...kept);
    if (atlas && contents[atlas[1]]) {
      pairs.push(["hash", contents[atlas[1]]]);
    }
    return `${window.location.pathname}?${new URLSearchParams(pairs)}`;
  }

  function say(words) {
    const place = document.getElementById("publish-said");
    // The same words twice are not read out again.
    place.textContent = "";
    setTimeout(() => (place.textContent = words), 50);
  }

  function byHand(text) {
    const field = document.getElementById("publish-by-hand-link");
    document.getElementById("publish-by-hand").showModal();
    dash.set_props("publish-by-hand-link", { value: text });
    field.focus();
    (function select() {
      if (field.value === text) {
        field.select();
      } else {
        requestAnimationFrame(select);
      }
    })();
  }

  /* Puts a text into the clipboard; the button says so, or a field shows the text where the browser refuses. */
  async function copy(text, button, said) {
    try {
      await navigator.clipboard.writeText(text);
    } catch (error) {
      console.info(`The clipboard is not to be written: ${error.message}`);
      byHand(text);
      return;
    }
    say(said);
    button.dataset.copied = "true";
    setTimeout(() => delete button.dataset.copied, SHOWN);
  }

  document.addEventListener("click", function (event) {
    const button = event.target instanceof Element && event.target.closest("[data-publish], [data-copy-text]");
    if (!button) {
      return;
    }
    if (button.dataset.copyText) {
      copy(document.getElementById(button.dataset.copyText).value, button, "Copied");
      return;
    }
    const tool = button.dataset.publish;
    if (tool === "page") {
      copy(window.location.origin + permalink("", 1), button, "The link to this page is copied");
      return;
    }
    const tools = button.closest(".figure-tools");
    const { figure, panel } = tools.dataset;
    const title = tools.closest(".plot-card").querySelector(".plot-card-title").textContent.trim();
    const words = title || tools.dataset.words;
    const link = permalink(figure, Number(panel));
    if (tool === "link") {
      copy(window.location.origin + link, button, `The link to ${words} is copied`);
    } else {
      window.masldatlas.published = button;
      dash.set_props(`publish-${tool}`, { data: { figure, panel: Number(panel), words, link, at: Date.now() } });
    }
  });

  /* ---- a link that names a figure leads to it ---- */

  const asked = new URLSearchParams(window.location.search);

  function lead(figure, panel, until) {
    const tools = document.querySelector(`.figure-tools[data-figure="${CSS.escape(figure)}"][data-panel="${CSS.escape(panel)}"]`);
    const card = tools && tools.closest(".plot-card");
    const drawn = card && card.getClientRects().length && card.querySelector(".js-plotly-plot .main-svg");
    if (!drawn) {
      if (Date.now() < until) {
        setTimeout(() => lead(figure, panel, until), 200);
      }
      return;
    }
    if (document.activeElement && document.activeElement !== document.body) {
      return; // whoever has begun to type is not led away
    }
    card.tabIndex = -1;
    card.dataset.linked = "true";
    card.focus({ preventScroll: true });
    card.scrollIntoView({ block: "start" });
    // What is drawn above it a moment later moves it away.
    setTimeout(() => document.activeElement === card && card.scrollIntoView({ block: "start" }), 1500);
    card.addEventListener("blur", () => delete card.dataset.linked, { once: true });
  }

  if (asked.get("figure")) {
    lead(asked.get("figure"), asked.get("panel") || "1", Date.now() + PATIENCE);
  }

  dash.publish = {
    ...dash.publish,
    contents: function (found) {
      contents = found || {};
    },
  };
  window.masldatlas = { ...window.masldatlas, permalink, copy };
})();
