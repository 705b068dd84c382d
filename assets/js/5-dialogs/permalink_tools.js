/* The menu of each figure: it copies the permalink, and opens the dialogs of export and embedding. */
(function () {
  "use strict";

  const { dash_clientside: dash, masldatlas } = window;
  let hashes = {}; // by atlas: the beginning of its content hash
  let card = null; // of the figure whose dialog was opened last

  const linkOf = (figure, panel) => masldatlas.permalinks.permalink(window.location, hashes, figure, panel);

  document.addEventListener("click", function (event) {
    const { copy } = masldatlas.clipboard;
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
      copy(window.location.origin + linkOf("", 1), button, "The link to this page is copied");
      return;
    }
    const tools = button.closest(".figure-tools");
    const { figure, panel } = tools.dataset;
    const title = tools.closest(".plot-card").querySelector(".plot-card-title").textContent.trim();
    const words = title || tools.dataset.words;
    const link = linkOf(figure, Number(panel));
    if (tool === "link") {
      copy(window.location.origin + link, tools.querySelector("summary"), `The link to ${words} is copied`);
    } else {
      card = button.closest(".plot-card");
      dash.set_props(`publish-${tool}`, { data: { figure, panel: Number(panel), words, link, at: Date.now() } });
    }
  });

  dash.publish = {
    ...dash.publish,
    /* Callback: the content hashes of the atlases. */
    contents: function (received) {
      hashes = received || {};
    },
  };

  masldatlas.permalink_tools = { plot: () => card.querySelector(".js-plotly-plot") };
})();
