/* Clicks and keys that every page understands: menu, rail, help, popovers, and the field of the gene search. */
(function () {
  "use strict";

  const { masldatlas } = window;

  document.addEventListener("click", function (event) {
    const { help, toggleHelp, setMenu, closePopovers, foldRail, setDrawer } = masldatlas.panels;
    const target = event.target instanceof Element ? event.target : null;
    if (!target) {
      return;
    }
    const popover = target.closest("details[data-popover]");
    const isEntry = Boolean(popover && target.closest("a, button"));
    closePopovers(isEntry ? null : popover);
    if (isEntry && popover.matches(".share")) {
      popover.querySelector("summary").focus(); // and there the dialog that opens gives the focus back
    }
    if (target.closest("[data-skip]")) {
      event.preventDefault(); // a fragment would become part of the link that people share
      const results = target.closest("[data-skip=results]") && document.querySelector(".workspace-answer");
      (results || document.getElementById("shell-main")).focus();
    } else if (target.closest("[data-help]")) {
      toggleHelp();
    } else if (target === help()) {
      help().close(); // the backdrop
    } else if (target.closest("[data-menu]")) {
      setMenu(!document.getElementById("shell-menu").hasAttribute("data-open"));
    } else if (target.closest("[data-rail]")) {
      const button = target.closest("[data-rail]");
      const rail = button.closest(".rail-place");
      if (button.dataset.rail === "fold") {
        foldRail(rail);
      } else {
        setDrawer(rail, button.dataset.rail === "open");
      }
    } else if (target.closest("#shell-menu a") || !target.closest("#shell-menu")) {
      setMenu(false);
    }
  });

  function isTextField(element) {
    return Boolean(element && element.closest("input:not([type=radio], [type=checkbox]), textarea, select, [contenteditable=true]"));
  }

  function focusSearch(event) {
    const search = document.querySelector("[data-gene-search] input, input[data-gene-search], [data-search]");
    const field = search && (search.matches("input, button, [tabindex]") ? search : search.querySelector("input, button, [tabindex]"));
    if (field) {
      event.preventDefault();
      field.focus();
      if (field.select) {
        field.select();
      }
    }
  }

  /* Escape closes one thing: a popover, the drawer, the menu, the field that is written in, or else the newest message. */
  function escape(active) {
    const { closePopovers, setDrawer, setMenu } = masldatlas.panels;
    const drawer = document.querySelector(".rail-place[data-drawer]");
    const popover = closePopovers(null);
    if (popover) {
      popover.querySelector("summary").focus();
    } else if (drawer) {
      setDrawer(drawer, false);
    } else if (setMenu(false)) {
      document.querySelector("[data-menu]").focus();
    } else if (isTextField(active)) {
      active.blur();
    } else {
      const toasts = document.querySelectorAll("#shell-toasts .toast.show .btn-close");
      if (toasts.length) {
        toasts[toasts.length - 1].click();
      }
    }
  }

  document.addEventListener("keydown", function (event) {
    const { isHelpOpen, toggleHelp, moveInPopover } = masldatlas.panels;
    const active = document.activeElement;
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.defaultPrevented) {
      return;
    }
    moveInPopover(event);
    if (event.key === "?" && !isTextField(active)) {
      event.preventDefault();
      toggleHelp();
    } else if (event.key === "/" && !isTextField(active) && !isHelpOpen()) {
      focusSearch(event);
    } else if (event.key === "Escape" && !isHelpOpen()) {
      escape(active);
    }
  });
})();
