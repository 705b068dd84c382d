/* Enrichment and activity in the browser: runs that can be looked at and cancelled, sets and sources that are chosen, and
 * genes that the volcano and the table of genes hand over. */
(function () {
  "use strict";

  const { dash_clientside: dash, masldatlas } = window;
  const { table, geneOfPoint } = masldatlas.gene_table;
  const MAX_LIST = 6000; // letters of a list in an address, as core/urls/page_queries.py says
  const BETWEEN = /[\s,;|"'`“”‘’()[\]{}、،؛]/;
  const SHARED = ["atlas", "layer", "where", "range", "expr", "lasso", "exclude", "a", "b"];
  // The server finds the computations of this page by it.
  const TOKEN = Array.from(window.crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");

  let number = 0; // of the last run
  let last = null; // the state of the last run

  const triggeredBy = (property) => dash.callback_context.triggered.some(({ prop_id: id }) => id.endsWith(`.${property}`));

  /* Callback: what is to be computed, where the tab is open and its state is another, or it is asked for again. */
  function run(state) {
    const isOpen = Boolean(state) && new URLSearchParams(state).get("tab") === "enrichment";
    if (!isOpen || (state === last && !triggeredBy("n_clicks"))) {
      return dash.no_update;
    }
    last = state;
    number += 1;
    return { state, token: TOKEN, n: number };
  }

  /* Callback: [no more looks, progress hidden, step, share] of the last run. */
  function progress(running, done, look) {
    const isOver = !running || Boolean(done && done.n === running.n);
    const isKnown = !isOver && Boolean(look && look.n === running.n && look.step);
    const step = isKnown ? `${look.step[0].toUpperCase()}${look.step.slice(1)}: ${Math.round(100 * look.done)} %` : "";
    return [isOver, !isKnown, step, isKnown ? String(look.done) : "0"];
  }

  const cancel = (clicks, running) => (clicks && running ? running.n : dash.no_update);

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

  function quoted(gene) {
    const mark = BETWEEN.test(gene) && ['"', "'", "`"].find((each) => !gene.includes(each));
    return mark ? mark + gene + mark : gene;
  }

  /* Genes as they stand in an address; null for too many. */
  function joined(genes) {
    const text = genes.map(quoted).join(" ");
    return text.length <= MAX_LIST ? text : null;
  }

  /* Callback: [hidden, words, genes, address in Explore] of a box in the volcano; a new figure has none. */
  function box(selected, _figure, state) {
    const points = triggeredBy("selectedData") && selected ? selected.points : [];
    const genes = [...new Set(points.map((point) => geneOfPoint({ points: [point] })))];
    if (!genes.length) {
      return [true, "", [], ""];
    }
    const text = joined(genes);
    const shared = [...new URLSearchParams(state || "")].filter(([name]) => SHARED.includes(name));
    const query = new URLSearchParams([...shared, ["set_a", text || ""], ["name_a", "From the volcano"], ["tab", "sets"]]);
    const words = `${genes.length.toLocaleString("en")} gene${genes.length === 1 ? "" : "s"} in the box`;
    return [false, text ? words : `${words}: too many for a list`, genes, text ? `${masldatlas.base}/explore?${query}` : ""];
  }

  /* Over-representation in some genes. */
  function enrich(genes) {
    const text = joined(genes);
    if (text === null) {
      const detail = `${genes.length.toLocaleString("en")} genes are more than fit into an address.`;
      const remedy = "Choose fewer, or use the limits of p and fold change in Enrichment.";
      dash.set_props("shell-error", { data: { title: "Too many genes for a list", detail, remedy } });
      return;
    }
    dash.set_props("differences-list", { value: text });
    dash.set_props("differences-test", { value: "ora" });
    dash.set_props("differences-tab", { data: "enrichment" });
  }

  function enrichBox(clicks, genes) {
    if (clicks && genes && genes.length) {
      enrich(genes);
    }
  }

  /* Callback: the genes in the rows that the filters of the table leave. */
  function enrichRows(clicks) {
    if (clicks) {
      const genes = [];
      window.dash_ag_grid.getApi("differences-table").forEachNodeAfterFilterAndSort((node) => genes.push(node.data.gene));
      enrich(genes);
    }
  }

  dash.meaning = {
    run,
    progress,
    cancel,
    rows,
    quick: sets.quick,
    clear: sets.clear,
    set_of_point: (clicked) => withPoint(clicked, chooseSet),
    source_of_point: (clicked) => withPoint(clicked, chooseSource),
    gene_of_point: (clicked) => withPoint(clicked, chooseGene),
    box,
    enrich_box: enrichBox,
    enrich_rows: enrichRows,
  };
})();
