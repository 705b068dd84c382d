/* The atlas that was used last, for pages whose address names none. A browser without storage has none. */
(function () {
  "use strict";

  const KEY = "masldatlas-atlas";

  function read() {
    try {
      return window.localStorage.getItem(KEY) || "";
    } catch {
      return ""; // storage is forbidden: the server chooses
    }
  }

  function keep(search) {
    const atlas = new URLSearchParams(search).get("atlas");
    try {
      if (atlas) {
        window.localStorage.setItem(KEY, atlas);
      }
    } catch {
      // As above: the next visit starts with the choice of the server.
    }
  }

  window.masldatlas.last_atlas = { read, keep };
})();
