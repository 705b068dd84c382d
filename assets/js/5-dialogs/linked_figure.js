/* A page that was opened by the link of a figure scrolls to this figure once it is drawn, and focuses its card. */
(function () {
  "use strict";

  const PATIENCE = 20_000; // ms in which the figure has to appear
  const PAUSE = 200; // ms between two looks
  const SETTLED = 1500; // ms until what lies above the figure is drawn too, and has moved it

  function scrollTo(figure, panel, deadline) {
    const tools = document.querySelector(`.figure-tools[data-figure="${CSS.escape(figure)}"][data-panel="${CSS.escape(panel)}"]`);
    const card = tools && tools.closest(".plot-card");
    const isDrawn = card && card.getClientRects().length && card.querySelector(".js-plotly-plot .main-svg");
    if (!isDrawn) {
      if (Date.now() < deadline) {
        setTimeout(() => scrollTo(figure, panel, deadline), PAUSE);
      }
      return;
    }
    if (document.activeElement && document.activeElement !== document.body) {
      return; // the visitor uses the page already
    }
    card.tabIndex = -1;
    card.dataset.linked = "true";
    card.focus({ preventScroll: true });
    card.scrollIntoView({ block: "start" });
    setTimeout(() => document.activeElement === card && card.scrollIntoView({ block: "start" }), SETTLED);
    card.addEventListener("blur", () => delete card.dataset.linked, { once: true });
  }

  const parameters = new URLSearchParams(window.location.search);
  if (parameters.get("figure")) {
    scrollTo(parameters.get("figure"), parameters.get("panel") || "1", Date.now() + PATIENCE);
  }
})();
