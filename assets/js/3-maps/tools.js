/* What the buttons above the maps do: the tool that dragging is, steps back and forth, and a card on the whole screen. */
(function () {
  "use strict";

  const KEYS = { p: "pan", l: "lasso", b: "box" };
  window.masldatlas = { ...window.masldatlas, tool: "pan", shift: false };

  function choose(tool) {
    window.masldatlas.tool = tool;
    for (const button of document.querySelectorAll("[data-tool]")) {
      button.setAttribute("aria-pressed", String(button.dataset.tool === tool));
    }
    window.dispatchEvent(new CustomEvent("masldatlas-tool"));
  }

  function step(way) {
    const button = document.querySelector(`[data-step=${way}]`);
    if (button && !button.disabled) {
      window.history.go(way === "undo" ? -1 : 1);
    }
  }

  function expand(card) {
    if (document.fullscreenElement) {
      document.exitFullscreen();
    } else {
      card.requestFullscreen();
    }
  }

  document.addEventListener("click", function (event) {
    const button = event.target instanceof Element && event.target.closest("[data-tool], [data-step], [data-fullscreen]");
    if (!button) {
      return;
    }
    if (button.dataset.tool) {
      choose(button.dataset.tool);
    } else if (button.dataset.step) {
      step(button.dataset.step);
    } else {
      expand(button.closest(".plot-card"));
    }
  });

  // Plotly measures its place when the window changes, and not when a card takes the screen.
  document.addEventListener("fullscreenchange", () => window.dispatchEvent(new Event("resize")));

  for (const kind of ["pointerdown", "pointerup"]) {
    document.addEventListener(kind, (event) => (window.masldatlas.shift = event.shiftKey), true);
  }

  document.addEventListener("keydown", function (event) {
    const typing = event.target instanceof Element && event.target.closest("input, textarea, select, [contenteditable=true], [role=textbox]");
    if (typing || !document.querySelector("[data-tool]")) {
      return;
    }
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z") {
      event.preventDefault();
      step(event.shiftKey ? "redo" : "undo");
    } else if (!event.ctrlKey && !event.metaKey && !event.altKey && KEYS[event.key.toLowerCase()]) {
      choose(KEYS[event.key.toLowerCase()]);
    }
  });
})();
