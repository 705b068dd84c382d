/* Correlation in the browser: makes whatever is pointed at gene B. */
(function () {
  "use strict";

  const LIST = "correlation-list";
  const dash = (window.dash_clientside = window.dash_clientside || {});

  function partner(gene) {
    const search = document.getElementById("correlation-gene-b-search");
    if (search && gene) {
      dash.gene_search.put(search, gene);
    }
  }

  dash.correlation = Object.assign(dash.correlation || {}, {
    ...dash.tables.table({ table: "correlation-table", name: "correlations", marked: "gene_b", take: partner }),
    point: (clicked) => partner(dash.tables.pointed(clicked)),
    swap: function (clicks, a, b) {
      if (clicks && a && b) {
        dash.gene_search.put(document.getElementById("correlation-gene-search"), b);
        partner(a);
      }
    },
    strongest: (clicks) => (clicks ? "" : dash.no_update),
    listed: function (_draw, _top, text) {
      return dash.callback_context.triggered_id === "correlation-list-top" ? ["", ""] : [text || "", dash.no_update];
    },
  });

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
