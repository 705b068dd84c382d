/* What opens and closes around a page: the dialog of help, the menu of the bar, popovers, and the rail of controls.
 *
 * The bar has a menu below 1,200 px. A popover is a <details data-popover> that behaves like a menu of links. The rail folds
 * on a wide screen and is a drawer below 768 px. */
(function () {
  "use strict";

  const SMALL = window.matchMedia("(max-width: 767.98px)");
  const NARROW = window.matchMedia("(max-width: 1199.98px)");

  const help = () => document.getElementById("shell-help");
  const isHelpOpen = () => Boolean(help() && help().open);

  function toggleHelp() {
    const dialog = help();
    if (!dialog) {
      return;
    }
    if (dialog.open) {
      dialog.close();
    } else {
      dialog.showModal();
    }
  }

  /* Open or close the menu; returns whether it was open. */
  function setMenu(open) {
    const button = document.querySelector("[data-menu]");
    const panel = document.getElementById("shell-menu");
    if (!button || !panel) {
      return false;
    }
    const wasOpen = panel.hasAttribute("data-open");
    panel.toggleAttribute("data-open", open);
    button.setAttribute("aria-expanded", String(open));
    return wasOpen;
  }

  /* Close all popovers but one; returns the last that was closed. */
  function closePopovers(except) {
    let closed = null;
    for (const open of document.querySelectorAll("details[data-popover][open]")) {
      if (open !== except) {
        open.removeAttribute("open");
        closed = open;
      }
    }
    return closed;
  }

  /* Arrow keys move along the entries of a popover, to the first one from its button. */
  function moveInPopover(event) {
    const popover = event.target.closest("details[data-popover]");
    if (!popover || !(event.key === "ArrowDown" || event.key === "ArrowUp")) {
      return;
    }
    event.preventDefault();
    popover.setAttribute("open", "");
    const links = [...popover.querySelectorAll("a, button:not(:disabled)")];
    const next = links.indexOf(document.activeElement) + (event.key === "ArrowDown" ? 1 : -1);
    if (next < 0) {
      popover.querySelector("summary").focus();
    } else if (links.length) {
      links[Math.min(next, links.length - 1)].focus();
    }
  }

  function foldRail(rail) {
    const folded = rail.toggleAttribute("data-folded");
    rail.querySelector("[data-rail='fold']").setAttribute("aria-expanded", String(!folded));
    window.dispatchEvent(new Event("resize")); // plots take the room
  }

  function setDrawer(rail, open) {
    const wasOpen = rail.hasAttribute("data-drawer");
    const opener = rail.querySelector("[data-rail='open']");
    rail.toggleAttribute("data-drawer", open);
    opener.setAttribute("aria-expanded", String(open));
    for (const sibling of rail.parentElement.children) {
      if (sibling !== rail) {
        sibling.inert = open;
      }
    }
    if (open) {
      rail.querySelector("[data-rail='close'].rail-close").focus();
    } else if (wasOpen) {
      opener.focus();
    }
  }

  /* The menu of atlases is drawn anew when the address changes: if it is open, it stays so and keeps the focus.
   *
   * Whether it is open is known from the click on its button, since the event "toggle" comes later and never reaches the
   * document when the menu was replaced meanwhile; and the entries may be replaced after the callback has ended. */
  const ENTRIES = "#shell-atlas summary, #shell-atlas a";
  let isMenuOpen = false;
  let focused = -1;
  let place = null;
  document.addEventListener("focusin", function (event) {
    focused = [...document.querySelectorAll(ENTRIES)].indexOf(event.target);
  });
  document.addEventListener(
    "click",
    function (event) {
      const button = event.target.closest("#shell-atlas > details > summary");
      if (button) {
        isMenuOpen = !button.parentElement.open;
      }
    },
    true,
  );
  document.addEventListener(
    "toggle",
    function (event) {
      if (event.target.matches("#shell-atlas > details") && event.target.isConnected) {
        isMenuOpen = event.target.open;
      }
    },
    true,
  );

  function restoreMenu() {
    const menu = document.querySelector("#shell-atlas > details");
    if (menu && isMenuOpen) {
      menu.open = true;
    }
    // Whoever has left the menu has the focus elsewhere; a focused element that is removed leaves it to the body.
    const entry = document.querySelectorAll(ENTRIES)[focused];
    if (entry && document.activeElement === document.body) {
      entry.focus();
    }
  }

  function keepAtlasMenu() {
    const current = document.getElementById("shell-atlas");
    if (current !== place) {
      place = current;
      // An observer ends with the element that it observes.
      new MutationObserver(restoreMenu).observe(place, { childList: true });
    }
    requestAnimationFrame(restoreMenu);
  }

  NARROW.addEventListener("change", () => setMenu(false));
  SMALL.addEventListener("change", function () {
    for (const rail of document.querySelectorAll(".rail-place[data-drawer]")) {
      setDrawer(rail, false);
    }
  });

  const dash = window.dash_clientside;
  dash.shell = Object.assign(dash.shell || {}, { keepAtlasMenu });
  window.masldatlas.panels = { help, isHelpOpen, toggleHelp, setMenu, closePopovers, moveInPopover, foldRail, setDrawer };
})();
