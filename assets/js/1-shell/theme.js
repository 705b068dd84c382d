/* Theme, keyboard, menu and rail: what the browser can do without asking the server.
 *
 * Loaded in <head>, so that the theme stands before anything is painted. Parts of pages come and go, therefore every
 * listener sits on the document and finds its parts by data- attributes. */
(function () {
  "use strict";

  const KEY = "masldatlas-theme";
  const CHOICES = ["light", "dark", "auto"];
  const STORE = "shell-theme";
  const SMALL = window.matchMedia("(max-width: 767.98px)");
  const system = window.matchMedia("(prefers-color-scheme: dark)");
  const root = document.documentElement;

  /* ---- theme ---- */

  function chosen() {
    try {
      const kept = window.localStorage.getItem(KEY);
      return CHOICES.includes(kept) ? kept : "auto";
    } catch {
      return "auto"; // storage may be forbidden
    }
  }

  function resolved() {
    const choice = chosen();
    return choice === "auto" ? (system.matches ? "dark" : "light") : choice;
  }

  function keep(choice) {
    try {
      window.localStorage.setItem(KEY, choice);
    } catch {
      // then it lasts as long as the page
      root.setAttribute("data-bs-theme", choice === "auto" ? (system.matches ? "dark" : "light") : choice);
      return root.getAttribute("data-bs-theme");
    }
    return paint();
  }

  function paint() {
    root.setAttribute("data-bs-theme", resolved());
    return resolved();
  }

  function follow() {
    const theme = paint();
    if (window.dash_clientside && window.dash_clientside.set_props && document.getElementById("shell-main")) {
      window.dash_clientside.set_props(STORE, { data: theme });
    }
  }

  paint();
  system.addEventListener("change", follow);
  window.addEventListener("storage", function (event) {
    if (event.key === KEY) {
      follow();
    }
  });

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.shell = {
    /* (choice) -> [resolved theme, choice]; the first call, with no choice yet, reads what was kept. */
    theme: function (choice) {
      return CHOICES.includes(choice) ? [keep(choice), choice] : [paint(), chosen()];
    },
    /* (pathname, search) -> is Atlases current, then of Explore and of Correlation whether it is and its address, where
       each keeps its view; from one to the other the atlas, the gene and the cells go along. */
    links: function (pathname, search) {
      const told = new URLSearchParams(search || "");
      const shared = ["atlas", "gene", "where", "range", "expr", "lasso", "exclude", "a", "b"];
      const known = new URLSearchParams([...told].filter(([name]) => shared.includes(name)));
      const cells = ["/explore", "/correlation", "/markers"];
      return [
        pathname === "/",
        ...cells.flatMap(function (page) {
          const others = cells.includes(pathname) && known.size ? `${page}?${known}` : window.dash_clientside.no_update;
          return pathname === page ? [true, page + (search || "")] : [false, others];
        }),
      ];
    },
  };

  /* ---- help ---- */

  function help() {
    return document.getElementById("shell-help");
  }

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

  /* ---- the menu of the bar, below 768 px ---- */

  function menu(open) {
    const button = document.querySelector("[data-menu]");
    const panel = document.getElementById("shell-menu");
    if (!button || !panel) {
      return false;
    }
    const was = panel.hasAttribute("data-open");
    panel.toggleAttribute("data-open", open);
    button.setAttribute("aria-expanded", String(open));
    return was;
  }

  /* ---- disclosures: <details data-popover> behaves like a menu of links ---- */

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

  /* Down and up walk the links, the first one from the button. */
  function walk(event) {
    const popover = event.target.closest("details[data-popover]");
    if (!popover || !(event.key === "ArrowDown" || event.key === "ArrowUp")) {
      return;
    }
    event.preventDefault();
    popover.setAttribute("open", "");
    const links = [...popover.querySelectorAll("a")];
    const at = links.indexOf(document.activeElement) + (event.key === "ArrowDown" ? 1 : -1);
    if (at < 0) {
      popover.querySelector("summary").focus();
    } else if (links.length) {
      links[Math.min(at, links.length - 1)].focus();
    }
  }

  /* ---- the rail: folds on a wide screen, a drawer on a small one ---- */

  function fold(place) {
    const folded = place.toggleAttribute("data-folded");
    place.querySelector("[data-rail='fold']").setAttribute("aria-expanded", String(!folded));
    window.dispatchEvent(new Event("resize")); // plots take the room
  }

  function drawer(place, open) {
    const was = place.hasAttribute("data-drawer");
    const opener = place.querySelector("[data-rail='open']");
    place.toggleAttribute("data-drawer", open);
    opener.setAttribute("aria-expanded", String(open));
    for (const beside of place.parentElement.children) {
      if (beside !== place) {
        beside.inert = open;
      }
    }
    if (open) {
      place.querySelector("[data-rail='close'].rail-close").focus();
    } else if (was) {
      opener.focus();
    }
    return was;
  }

  SMALL.addEventListener("change", function () {
    menu(false);
    for (const place of document.querySelectorAll(".rail-place[data-drawer]")) {
      drawer(place, false);
    }
  });

  /* ---- clicks and keys ---- */

  document.addEventListener("click", function (event) {
    const target = event.target instanceof Element ? event.target : null;
    if (!target) {
      return;
    }
    closePopovers(target.closest("a") ? null : target.closest("details[data-popover]"));
    if (target.closest("[data-skip]")) {
      event.preventDefault(); // a fragment would become part of the link that people share
      document.getElementById("shell-main").focus();
    } else if (target.closest("[data-help]")) {
      toggleHelp();
    } else if (target === help()) {
      help().close(); // the backdrop
    } else if (target.closest("[data-menu]")) {
      menu(!document.getElementById("shell-menu").hasAttribute("data-open"));
    } else if (target.closest("[data-rail]")) {
      const part = target.closest("[data-rail]");
      const place = part.closest(".rail-place");
      if (part.dataset.rail === "fold") {
        fold(place);
      } else {
        drawer(place, part.dataset.rail === "open");
      }
    } else if (target.closest("#shell-menu a") || !target.closest("#shell-menu")) {
      menu(false);
    }
  });

  function writing(element) {
    return Boolean(element && element.closest("input:not([type=radio], [type=checkbox]), textarea, select, [contenteditable=true]"));
  }

  document.addEventListener("keydown", function (event) {
    const active = document.activeElement;
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.defaultPrevented) {
      return;
    }
    walk(event);
    if (event.key === "?" && !writing(active)) {
      event.preventDefault();
      toggleHelp();
    } else if (event.key === "/" && !writing(active) && !(help() && help().open)) {
      const search = document.querySelector("[data-gene-search] input, input[data-gene-search], [data-search]");
      const field = search && (search.matches("input, button, [tabindex]") ? search : search.querySelector("input, button, [tabindex]"));
      if (field) {
        event.preventDefault();
        field.focus();
        if (field.select) {
          field.select();
        }
      }
    } else if (event.key === "Escape" && !(help() && help().open)) {
      const place = document.querySelector(".rail-place[data-drawer]");
      const popover = closePopovers(null);
      if (popover) {
        popover.querySelector("summary").focus();
      } else if (place) {
        drawer(place, false);
      } else if (menu(false)) {
        document.querySelector("[data-menu]").focus();
      } else if (writing(active)) {
        active.blur();
      } else {
        const toasts = document.querySelectorAll("#shell-toasts .toast.show .btn-close");
        if (toasts.length) {
          toasts[toasts.length - 1].click();
        }
      }
    }
  });
})();
