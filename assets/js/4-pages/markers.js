/* Markers in the browser: offers the categories, and looks at whichever gene is pointed at. */
(function () {
  "use strict";

  const dash = (window.dash_clientside = window.dash_clientside || {});

  function look(gene) {
    const search = document.getElementById("markers-gene-search");
    if (search && gene) {
      dash.gene_search.put(search, gene);
    }
  }

  const table = dash.tables.table({ table: "markers-table", name: "markers", marked: "gene", take: look });

  dash.markers = Object.assign(dash.markers || {}, {
    ...table,
    rows: function (source) {
      if (source) {
        dash.set_props("markers-category", { options: source.categories, value: source.category });
      }
      return table.rows(source);
    },
    point: (clicked) => look(dash.tables.pointed(clicked)),
  });
})();
