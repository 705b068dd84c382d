/* The buttons above the maps: what dragging does, undo and redo, and a card on the whole screen. */
(function () {
  "use strict";

  const KEYS = { p: "pan", l: "lasso", b: "box" };
  const MODES = { pan: "pan", lasso: "drawclosedpath", box: "drawrect" }; // as Plotly calls them
  const CHANGED = "masldatlas-tool";
  let current = "pan";
  let shift = false;

  function choose(tool) {
    current = tool;
    for (const button of document.querySelectorAll("[data-tool]")) {
      button.setAttribute("aria-pressed", String(button.dataset.tool === tool));
    }
    window.dispatchEvent(new CustomEvent(CHANGED));
  }

  function go(step) {
    const button = document.querySelector(`[data-step=${step}]`);
    if (button && !button.disabled) {
      window.history.go(step === "undo" ? -1 : 1);
    }
  }

  function toggleFullscreen(card) {
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
      go(button.dataset.step);
    } else {
      toggleFullscreen(button.closest(".plot-card"));
    }
  });

  // Plotly measures its room when the window changes, but not when a card takes the screen.
  document.addEventListener("fullscreenchange", () => window.dispatchEvent(new Event("resize")));

  for (const kind of ["pointerdown", "pointerup"]) {
    document.addEventListener(kind, (event) => (shift = event.shiftKey), true);
  }

  const TEXT_FIELDS = "input, textarea, select, [contenteditable=true], [role=textbox]";

  document.addEventListener("keydown", function (event) {
    const isTyping = event.target instanceof Element && event.target.closest(TEXT_FIELDS);
    if (isTyping || !document.querySelector("[data-tool]")) {
      return;
    }
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z") {
      event.preventDefault();
      go(event.shiftKey ? "redo" : "undo");
    } else if (!event.ctrlKey && !event.metaKey && !event.altKey && KEYS[event.key.toLowerCase()]) {
      choose(KEYS[event.key.toLowerCase()]);
    }
  });

  window.masldatlas.tools = {
    dragMode: () => MODES[current],
    isShiftPressed: () => shift,
    onChange: (listener) => window.addEventListener(CHANGED, listener),
  };
})();
