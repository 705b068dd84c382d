/* The links of the bar to the pages: each page of cells keeps its view, and takes over atlas, gene and cells from another. */
(function () {
  "use strict";

  const PAGES = ["/explore", "/correlation", "/markers"];
  const SHARED = ["atlas", "gene", "where", "range", "expr", "lasso", "exclude", "a", "b"];
  const dash = window.dash_clientside;

  /* (pathname, search) -> whether Atlases is the current page, then for each page of cells whether it is, and its link. */
  function links(pathname, search) {
    const shared = new URLSearchParams([...new URLSearchParams(search || "")].filter(([name]) => SHARED.includes(name)));
    return [
      pathname === "/",
      ...PAGES.flatMap(function (page) {
        const other = PAGES.includes(pathname) && shared.size ? `${page}?${shared}` : dash.no_update;
        return pathname === page ? [true, page + (search || "")] : [false, other];
      }),
    ];
  }

  dash.shell = { ...dash.shell, links };
})();
