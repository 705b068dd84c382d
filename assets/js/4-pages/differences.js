/* Differences in the browser: its address, the choice of a gene in table and volcano, and of a cell type in the overview. */
(function () {
  "use strict";

  const { dash_clientside: dash, masldatlas } = window;
  const { table, geneOfPoint } = masldatlas.gene_table;
  const address = masldatlas.address.page("/differences");

  function chooseGene(gene) {
    const search = document.getElementById("differences-gene-search");
    if (search && gene) {
      masldatlas.gene_search.choose(search, gene);
    }
  }

  function chooseType(event) {
    const row = event.target instanceof Element && event.target.closest("#differences-overview .ag-row[row-id]");
    if (row) {
      dash.set_props("differences-cell-type", { value: row.getAttribute("row-id") });
    }
  }

  document.addEventListener("click", chooseType);
  document.addEventListener("keydown", (event) => event.key === "Enter" && !event.isComposing && chooseType(event), true);

  dash.differences = {
    ...address.callbacks,
    ...table({ id: "differences-table", marked: "gene", choose: chooseGene }),
    point: (clicked) => chooseGene(geneOfPoint(clicked)),
  };
})();
