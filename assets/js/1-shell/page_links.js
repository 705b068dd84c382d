/* The links of the bar to the pages: each page of cells keeps its view, and takes over atlas, gene and cells from another. */
(function () {
  "use strict";

  const PAGES = ["/explore", "/correlation", "/markers", "/species"];
  const SHARED = ["atlas", "gene", "where", "range", "expr", "lasso", "exclude", "a", "b"];
  // Headings of the chapter "pages" of the documentation, by the page they are about.
  const HELP = { "/": "-atlases", "/explore": "-explore", "/markers": "-markers", "/correlation": "-correlation", "/species": "-species", "/atlas": "-one-atlas" };
  const { dash_clientside: dash, masldatlas } = window;

  /* (pathname, search) -> whether Atlases is the current page, then for each page of cells whether it is, and its link;
     last the part of the documentation that is about the page. */
  function links(pathname, search) {
    const { base } = masldatlas;
    const shown = pathname.slice(base.length) || "/";
    const shared = new URLSearchParams([...new URLSearchParams(search || "")].filter(([name]) => SHARED.includes(name)));
    return [
      shown === "/",
      ...PAGES.flatMap(function (page) {
        const other = [...PAGES, "/atlas"].includes(shown) && shared.size ? `${base}${page}?${shared}` : dash.no_update;
        return shown === page ? [true, base + page + (search || "")] : [false, other];
      }),
      `${base}/documentation#pages${HELP[shown] || ""}`,
    ];
  }

  dash.shell = { ...dash.shell, links };
})();
