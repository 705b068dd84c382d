/* Differences in the browser: its address, the choice of a gene in table and volcano, of a cell type in the overview, and
 * the gene set that is kept. */
(function () {
  "use strict";

  const { dash_clientside: dash, masldatlas } = window;
  const { table, geneOfPoint } = masldatlas.gene_table;
  const address = masldatlas.address.page("/differences");
  const MOST = 300; // genes that an address can hold
  // Parameters on which the overview does not depend; the second opinion depends on the cell type.
  const OF_PARTS = [
    ...["gene", "genes", "color", "tab", "collection", "test", "direction", "min_size", "max_size", "seed", "gene_set"],
    ...["network", "source"],
  ];
  const OF_SECOND = ["log2fc_deseq2", "p_adj_deseq2", "called_by_both"];

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

  /* A callback: a state without the parameters on which something does not depend. */
  function without(names) {
    return function (state, before) {
      const parameters = new URLSearchParams(state || "");
      names.forEach((name) => parameters.delete(name));
      const part = state ? `?${parameters}` : null;
      return part === before ? dash.no_update : part;
    };
  }

  const genes = table({ id: "differences-table", marked: "gene", choose: chooseGene });

  /* Callback: [rows, selected rows, fault] of a source, from the second opinion where it is one of the same comparison. */
  async function rows(source, second) {
    const isBoth = Boolean(source && source.rows && second && second.of === source.rows);
    const found = await genes.rows(isBoth ? { ...source, rows: second.rows } : source);
    if (source) {
      (await window.dash_ag_grid.getApiAsync("differences-table")).setColumnsVisible(OF_SECOND, isBoth);
    }
    return found;
  }

  /* Callback: the columns of the second opinion where the rows of the overview have them. */
  async function overview(found) {
    const api = await window.dash_ag_grid.getApiAsync("differences-overview");
    api.setColumnsVisible(["up_both", "down_both"], (found || []).some((row) => row.up_both !== undefined));
  }

  dash.differences = {
    ...address.callbacks,
    ...genes,
    rows,
    overview,
    clear: function () {
      dash.set_props("differences-show", { value: "all" });
      return genes.clear();
    },
    point: (clicked) => chooseGene(geneOfPoint(clicked)),
    compared: without(["cell_type", ...OF_PARTS]),
    second_asked: without(["fdr", "min_change", ...OF_PARTS]),
    box,
    keep,
    show,
    drop: (clicks) => (clicks ? ["", ""] : [dash.no_update, dash.no_update]),
  };
})();
