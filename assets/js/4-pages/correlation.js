/* Correlation in the browser: its maps, its address, and the choice of gene B in the table and in the ranking. */
(function () {
  "use strict";

  const { dash_clientside: dash, masldatlas } = window;
  const { table, geneOfPoint } = masldatlas.gene_table;
  const LIST = "correlation-list";
  const address = masldatlas.address.page("/correlation");

  function chooseGeneB(gene) {
    const search = document.getElementById("correlation-gene-b-search");
    if (search && gene) {
      masldatlas.gene_search.choose(search, gene);
    }
  }

  function swap(clicks, a, b) {
    if (clicks && a && b) {
      masldatlas.gene_search.choose(document.getElementById("correlation-gene-search"), b);
      chooseGeneB(a);
    }
  }

  dash.correlation = {
    paint: masldatlas.maps.maps("correlation", ["left", "right"], address).paint,
    ...address.callbacks,
    ...table({ id: "correlation-table", marked: "gene_b", choose: chooseGeneB }),
    point: (clicked) => chooseGeneB(geneOfPoint(clicked)),
    swap,
    strongest: (clicks) => (clicks ? "" : dash.no_update),
    listed: function (_draw, _top, text) {
      return dash.callback_context.triggered_id === "correlation-list-top" ? ["", ""] : [text || "", dash.no_update];
    },
  };

  // Ctrl+Enter in the list of genes draws the matrix.
  document.addEventListener(
    "keydown",
    function (event) {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && event.target.id === LIST) {
        event.preventDefault();
        document.getElementById("correlation-list-draw").click();
      }
    },
    true,
  );
})();
