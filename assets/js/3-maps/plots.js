/* The plots of maps. They are drawn here and not by Dash, which would tell all components of the page of every zoom and hover. */
(function () {
  "use strict";

  const CONFIG = {
    showSendToCloud: false,
    displaylogo: false,
    scrollZoom: true, // with Ctrl or Cmd alone: pointer.js
    doubleClick: "reset",
    modeBarButtonsToRemove: ["select2d", "lasso2d", "autoScale2d"],
  };
  const PATIENCE = 10; // ms between two looks for Plotly, which Dash loads with its first graph

  async function ready() {
    while (!window.Plotly) {
      await new Promise((resolve) => setTimeout(resolve, PATIENCE));
    }
  }

  /* Draw a figure into an element, or change what is drawn there. */
  async function draw(place, figure) {
    let plot = place.firstElementChild;
    if (!plot) {
      plot = document.createElement("div");
      plot.className = "explore-plot";
      place.append(plot);
      new ResizeObserver(() => plot._fullLayout && plot.offsetWidth && window.Plotly.Plots.resize(plot)).observe(plot);
    }
    await window.Plotly.react(plot, figure.data, figure.layout, CONFIG);
  }

  window.masldatlas.plots = { ready, draw };
})();
