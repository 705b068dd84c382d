/* Markers in the browser: its address, the categories that it offers, and the choice of a gene in table and ranking. */
(function () {
  "use strict";

  const { dash_clientside: dash, masldatlas } = window;
  const { table, geneOfPoint } = masldatlas.gene_table;
  const address = masldatlas.address.page("/markers");

  function chooseGene(gene) {
    const search = document.getElementById("markers-gene-search");
    if (search && gene) {
      masldatlas.gene_search.choose(search, gene);
    }
  }

  const markers = table({ id: "markers-table", marked: "gene", choose: chooseGene });

  dash.markers = {
    ...address.callbacks,
    ...markers,
    rows: function (source) {
      if (source) {
        dash.set_props("markers-category", { options: source.categories, value: source.category });
      }
      return markers.rows(source);
    },
    point: (clicked) => chooseGene(geneOfPoint(clicked)),
  };
})();
