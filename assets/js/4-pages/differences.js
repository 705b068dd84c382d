/* Differences in the browser: its address, the choice of a gene in table and volcano, of a cell type in the overview, and
 * the gene set that is kept. */
(function () {
  "use strict";

  const { dash_clientside: dash, masldatlas } = window;
  const { table, geneOfPoint } = masldatlas.gene_table;
  const address = masldatlas.address.page("/differences");
  const MOST = 300; // genes that an address can hold
  // Parameters on which the overview does not depend.
  const OF_PARTS = [
    ...["cell_type", "gene", "genes", "color", "tab", "collection", "test", "direction", "min_size", "max_size", "seed"],
    ...["gene_set", "network", "source"],
  ];

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

  /* A name with a separator in it is read back as one name only within quotes. */
  function listed(genes) {
    const quoted = (gene) => (/[\s,;|'`()[\]{}]/.test(gene) && !gene.includes('"') ? `"${gene}"` : gene);
    return genes.map(quoted).join(", ");
  }

  /* [the list, a note] of genes that come best first. */
  function kept(genes) {
    const note = `${genes.length.toLocaleString("en")} genes were chosen; the first ${MOST} by p are kept.`;
    return [listed(genes.slice(0, MOST)), genes.length > MOST ? note : ""];
  }

  /* Callback: the genes in a box on the volcano, by falling -log10 p. Plotly also reports that nothing is selected when
   * it draws anew, so only the button removes a set. */
  function box(selected) {
    const points = (selected && selected.points) || [];
    if (!points.length) {
      return [dash.no_update, dash.no_update];
    }
    const best = [...points].sort((one, other) => other.y - one.y);
    return kept(best.map((point) => geneOfPoint({ points: [point] })));
  }

  /* Callback: the genes that the table shows, by rising p. */
  function keep(clicks) {
    if (!clicks) {
      return [dash.no_update, dash.no_update];
    }
    const rows = [];
    window.dash_ag_grid.getApi("differences-table").forEachNodeAfterFilter((node) => rows.push(node.data));
    return kept(rows.filter((row) => row.p !== null).sort((one, other) => one.p - other.p).map((row) => row.gene));
  }

  /* Callback: the filters of the table that show the genes within the thresholds. */
  function show(what, source) {
    if (what === "all" || !source) {
      return {};
    }
    const least = { filterType: "number", type: "greaterThanOrEqual", filter: source.min_change };
    const most = { filterType: "number", type: "lessThanOrEqual", filter: -source.min_change };
    const both = { filterType: "number", operator: "OR", conditions: [least, most] };
    const small = { filterType: "number", type: "lessThanOrEqual", filter: source.fdr };
    return { p_adj: small, log2fc: { up: least, down: most, both }[what] };
  }

  /* Callback: the part of a state that the overview depends on. */
  function compared(state, before) {
    const parameters = new URLSearchParams(state || "");
    OF_PARTS.forEach((name) => parameters.delete(name));
    const part = state ? `?${parameters}` : null;
    return part === before ? dash.no_update : part;
  }

  const genes = table({ id: "differences-table", marked: "gene", choose: chooseGene });

  dash.differences = {
    ...address.callbacks,
    ...genes,
    clear: function () {
      dash.set_props("differences-show", { value: "all" });
      return genes.clear();
    },
    point: (clicked) => chooseGene(geneOfPoint(clicked)),
    compared,
    box,
    keep,
    show,
    drop: (clicks) => (clicks ? ["", ""] : [dash.no_update, dash.no_update]),
  };
})();
