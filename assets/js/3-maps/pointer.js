/* What a pointer does on a map, beyond what Plotly hears: a click on a cell, a pinch, and the wheel, which scrolls the page. */
(function () {
  "use strict";

  const STILL = 4; // pixels: a pointer that moves less has clicked
  const HINT = 1400; // ms that a hint stays
  const IS_APPLE = /Mac|iPhone|iPad/.test((window.navigator || {}).platform || "");

  /* Whether a wheel zooms: with a key held down, or by the pinch of a touchpad, which browsers tell as Ctrl and wheel. */
  const zooms = (event) => event.ctrlKey || event.metaKey;

  /* Say on a map how to zoom, until the wheel has rested. */
  function hint(plot) {
    const card = plot.closest(".explore-map");
    let box = card.querySelector(".map-hint");
    if (!box) {
      box = document.createElement("div");
      box.className = "map-hint";
      box.textContent = `${IS_APPLE ? "⌘" : "Ctrl"} + scroll to zoom`;
      card.append(box);
    }
    box.dataset.shown = "true";
    clearTimeout(box.timer);
    box.timer = setTimeout(() => delete box.dataset.shown, HINT);
  }

  /* Middle and distance of two touches. */
  function spread([one, other]) {
    const middle = { clientX: (one.clientX + other.clientX) / 2, clientY: (one.clientY + other.clientY) / 2 };
    return { middle, distance: Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY) };
  }

  /* Listen on a plot; `on` has move(event), cross(isOver), click(event) and zoom(event at the middle, factor). */
  function listen(plot, on) {
    const isOnMap = (event) => event.target instanceof Element && Boolean(event.target.closest(".draglayer"));
    let down = null;
    let pinched = null;

    function wheel(event) {
      if (zooms(event)) {
        event.preventDefault(); // the browser would zoom the page as well
      } else {
        event.stopPropagation();
        if (isOnMap(event)) {
          hint(plot);
        }
      }
    }

    function pinch(event) {
      if (event.touches.length !== 2) {
        pinched = null;
        return;
      }
      event.preventDefault();
      event.stopPropagation();
      const now = spread(event.touches);
      if (pinched) {
        on.zoom(now.middle, pinched.distance / Math.max(now.distance, 1));
      }
      pinched = now;
      down = null;
    }

    plot.addEventListener("wheel", wheel, { capture: true, passive: false });
    for (const kind of ["touchstart", "touchmove", "touchend"]) {
      plot.addEventListener(kind, pinch, { capture: true, passive: false });
    }
    plot.addEventListener("mousemove", on.move);
    plot.addEventListener("mouseenter", () => on.cross(true));
    plot.addEventListener("mouseleave", () => on.cross(false));
    plot.addEventListener("pointerdown", (event) => (down = isOnMap(event) && event.isPrimary && !event.button ? event : null), true);
    // While a button is down Plotly covers the page, so that the pointer is moved and let go elsewhere.
    window.addEventListener("pointermove", function (event) {
      if (down && Math.hypot(event.clientX - down.clientX, event.clientY - down.clientY) >= STILL) {
        down = null;
      }
    }, true);
    window.addEventListener("pointerup", function (event) {
      if (down) {
        on.click(event);
      }
      down = null;
    }, true);
  }

  window.masldatlas.pointer = { zooms, spread, listen };
})();
