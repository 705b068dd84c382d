/* Enrichment and activity in the browser: sets, sources and genes that are chosen in tables and plots. */
(function () {
  "use strict";

  const { dash_clientside: dash, masldatlas } = window;
  const { table } = masldatlas.gene_table;
  /* A row of the table of sets is called direction:collection/name. */
  const chooseSet = (row) => dash.set_props("differences-gene-set", { data: row.slice(row.indexOf(":") + 1) });
  const chooseSource = (source) => dash.set_props("differences-source", { data: source });

  /* The gene is plotted in the first tab. */
  function chooseGene(gene) {
    const search = document.getElementById("differences-gene-search");
    if (search && gene) {
      dash.set_props("differences-tab", { data: "genes" });
      masldatlas.gene_search.choose(search, gene);
    }
  }

  const sets = table({ id: "differences-sets", marked: "set", choose: chooseSet, hasIds: false });
  table({ id: "differences-sources", marked: "source", choose: chooseSource, hasIds: false });
  table({ id: "differences-members", marked: "gene", choose: chooseGene, hasIds: false });
  table({ id: "differences-goals", marked: "gene", choose: chooseGene, hasIds: false });

  /* Callback: [rows, fault] of a source; the columns are those of its test. */
  async function rows(source) {
    const [found, , fault] = await sets.rows(source);
    if (source && source.rows) {
      const api = await window.dash_ag_grid.getApiAsync("differences-sets");
      api.setColumnsVisible(["fold"], !source.ranked);
      api.setColumnsVisible(["nes", "why"], source.ranked);
    }
    return [found, fault];
  }

  /* Choose what a point that was clicked stands for. */
  function withPoint(clicked, choose) {
    const point = clicked && clicked.points && clicked.points[0];
    if (point && point.customdata) {
      choose(String(point.customdata));
    }
  }

  /* Callback: compute once more what was cancelled. */
  function again(clicks, state) {
    if (clicks) {
      const [held] = dash.callback_context.states_list;
      dash.set_props(held.id, { data: state });
    }
  }

  /* Callback: test the gene set that is kept for enriched sets. */
  function enrichKept(clicks) {
    if (clicks) {
      dash.set_props("differences-test", { value: "ora" });
      dash.set_props("differences-tab", { data: "enrichment" });
    }
  }

  const dropKept = (clicks) => clicks && dash.set_props("differences-kept", { data: "" });

  dash.meaning = {
    again,
    rows,
    quick: sets.quick,
    clear: sets.clear,
    set_of_point: (clicked) => withPoint(clicked, chooseSet),
    source_of_point: (clicked) => withPoint(clicked, chooseSource),
    gene_of_point: (clicked) => withPoint(clicked, chooseGene),
    enrich_kept: enrichKept,
    drop_kept: dropKept,
  };
})();
