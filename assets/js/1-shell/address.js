/* The address of a page of cells: followed when it changes, and written when the state of the page does. */
(function () {
  "use strict";

  const URL_ID = "shell-url";
  const ZOOM_PAUSE = 250; // ms without a change until a zoom is written
  const { dash_clientside: dash, masldatlas } = window;
  const pages = {}; // by path
  let pathname = window.location.pathname;
  let asked = 0;

  /* Tell dcc.Location, and by it the page, of an address; Dash Pages must not hear of it, or it would render anew. */
  function notify() {
    dash.set_props(URL_ID, { search: window.location.search, href: window.location.href });
  }

  const current = () => masldatlas.address_state.separate(window.location.search);

  /* The address of the page at a path of the server, and the functions that its clientside callbacks call. */
  function page(route) {
    const path = masldatlas.base + route;
    const { separate, withZoom, samePlane } = masldatlas.address_state;
    const { push, replace, refreshButtons } = masldatlas.history_steps;
    // hydratedAt: when the server last made a state from the address; written: the search that the page wrote itself;
    // asked: number of the last address that the server was to read.
    const state = (pages[path] = { plain: "", zoom: null, written: null, hydratedAt: null, asked: null });

    const url = (plain) => path + withZoom(plain, state.zoom) + window.location.hash;

    /* Callback: the search that the server is to read; nothing where the page wrote it. */
    function search(shownPath, query) {
      const { plain, zoom } = separate(query);
      if (shownPath !== path || (plain && plain === state.written)) {
        return dash.no_update;
      }
      state.written = null;
      state.plain = plain;
      state.zoom = zoom;
      state.asked = ++asked;
      return { search: plain, at: Date.now(), asked, last: masldatlas.last_atlas.read() };
    }

    /* Callback: write the state of the page, in the place of the address from which the server made it. */
    function write(plain, hydrated) {
      if (!plain || window.location.pathname !== path) {
        return;
      }
      const isFirst = hydrated && hydrated.at !== state.hydratedAt;
      state.hydratedAt = hydrated ? hydrated.at : state.hydratedAt;
      masldatlas.last_atlas.keep(plain);
      const isFromAddress = isFirst && hydrated.search === plain;
      const before = current().plain;
      if (before === plain || (isFromAddress && !hydrated.write)) {
        refreshButtons();
        return;
      }
      // After an address of which nothing could be drawn the next one is read as if it had been followed.
      state.written = hydrated && hydrated.blocked ? null : plain;
      state.plain = plain;
      if (!isFromAddress && !samePlane(before, plain)) {
        state.zoom = null;
      }
      (isFromAddress ? replace : push)(url(plain));
      notify();
      refreshButtons();
    }

    /* Go to another view of this page: `change` edits the parameters. */
    function change(edit) {
      const parameters = new URLSearchParams(current().plain);
      edit(parameters);
      const text = parameters.toString();
      state.written = null;
      push(path + withZoom(text ? `?${text}` : "", state.zoom));
      notify();
    }

    let timer = null;

    /* Write a zoom by hand, which is no step of its own. */
    function setZoom(ranges) {
      state.zoom = ranges;
      clearTimeout(timer);
      timer = setTimeout(function () {
        if (window.location.pathname === path) {
          const { plain } = current();
          state.written = plain;
          replace(url(plain));
          notify();
        }
      }, ZOOM_PAUSE);
    }

    /* Callback: only cells that express a gene. */
    function limit(gene) {
      if (gene) {
        change((parameters) => parameters.append("expr", `${gene}:0:`));
      }
    }

    return { change, setZoom, zoom: () => state.zoom, callbacks: { search, write, limit } };
  }

  /* The number of the last address of this page that the server was to read: its answer bears the same. */
  function waiting() {
    const state = pages[window.location.pathname];
    return state ? state.asked : null;
  }

  /* Back, Forward and links between two views of a page: only what differs is drawn anew. */
  function follow(event) {
    const { separate, withZoom, samePlane } = masldatlas.address_state;
    const { replace, arrived, refreshButtons } = masldatlas.history_steps;
    const isLink = event.type !== "popstate";
    const isSamePage = pathname === window.location.pathname;
    const state = pages[window.location.pathname];
    pathname = window.location.pathname;
    arrived(isLink);
    if (state && !isSamePage) {
      // The page is built anew: it must read even the address that it wrote itself before it was left.
      state.written = null;
    }
    if (state && isSamePage) {
      event.stopImmediatePropagation();
      state.written = null;
      const { plain, zoom } = separate(window.location.search);
      // A link to the same cells in other colors keeps the zoom; Back and Forward restore the zoom of their address.
      if (isLink && state.zoom && !zoom && samePlane(plain, state.plain)) {
        replace(pathname + withZoom(plain, state.zoom) + window.location.hash);
      }
      notify();
      window.dispatchEvent(new CustomEvent("_dashprivate_historychange"));
    }
    refreshButtons();
  }

  window.addEventListener("popstate", follow, true);
  window.addEventListener("_dashprivate_pushstate", follow, true);

  masldatlas.address = { page, waiting };
})();
