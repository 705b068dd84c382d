/* Correlation in the browser: fetches the rows of the table from the API, and makes whatever is pointed at gene B. */
(function () {
  "use strict";

  const TABLE = "correlation-table";
  const LIST = "correlation-list";
  const dash = (window.dash_clientside = window.dash_clientside || {});

  /* The table shows exactly what the API answers; only the rows of the last question are kept. */
  let kept = { address: null, rows: null };
  let turn = 0;

  async function load(address) {
    if (kept.address === address) {
      return kept.rows;
    }
    let answer;
    try {
      answer = await fetch(address);
    } catch {
      throw new Error("The server cannot be reached, so the table could not be loaded. Check the connection, then reload the page.");
    }
    const body = await answer.json().catch(() => ({}));
    if (!answer.ok || !body.correlations) {
      throw new Error(body.detail || `The server answered ${answer.status}, so the table could not be loaded. Reload the page.`);
    }
    kept = { address, rows: body.correlations };
    return kept.rows;
  }

  let shown = null; // the rows that the table holds

  async function rows(source) {
    const none = dash.no_update;
    if (!source) {
      return [none, none, none];
    }
    const mine = ++turn;
    if (!source.rows) {
      shown = null;
      return [[], [], source.fault];
    }
    const marked = source.gene_b ? { ids: [source.gene_b] } : [];
    try {
      const found = await load(source.rows);
      if (mine !== turn) {
        return [none, none, none]; // something newer is on its way
      }
      const same = found === shown && document.querySelector(`#${TABLE} .ag-row`);
      shown = found;
      return [same ? none : found, marked, ""];
    } catch (error) {
      shown = null;
      return mine === turn ? [[], [], error.message] : [none, none, none];
    }
  }

  function partner(gene) {
    const search = document.getElementById("correlation-gene-b-search");
    if (search && gene) {
      dash.gene_search.put(search, gene);
    }
  }

  /* Plotly shows a text with entities, and gives it back so. */
  function plain(text) {
    return String(text).replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
  }

  function api() {
    try {
      return window.dash_ag_grid.getApi(TABLE);
    } catch {
      return null;
    }
  }

  dash.correlation = Object.assign(dash.correlation || {}, {
    rows,
    quick: function (text) {
      const grid = api();
      if (grid) {
        grid.setGridOption("quickFilterText", text || "");
      }
    },
    clear: () => ["", {}],
    point: function (clicked) {
      const point = clicked && clicked.points && clicked.points[0];
      if (point && point.text) {
        partner(plain(point.text));
      }
    },
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

  /* ---- rows of the table: a click, or Enter on any of their cells ---- */

  function rowOf(target) {
    const row = target instanceof Element && target.closest(`#${TABLE} .ag-row[row-id]`);
    return row ? row.getAttribute("row-id") : null;
  }

  document.addEventListener("click", function (event) {
    partner(rowOf(event.target));
  });

  document.addEventListener(
    "keydown",
    function (event) {
      const gene = event.key === "Enter" && !event.isComposing && rowOf(event.target);
      if (gene) {
        event.preventDefault();
        partner(gene);
      } else if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && event.target.id === LIST) {
        event.preventDefault();
        document.getElementById("correlation-list-draw").click();
      }
    },
    true,
  );

  /* ---- the order of the table: what is missing comes last, whichever way it is turned ---- */

  const functions = (window.dashAgGridFunctions = window.dashAgGridFunctions || {});

  functions.missingLast = function (a, b, descending) {
    const missing = (value) => value === null || value === undefined;
    if (missing(a) || missing(b)) {
      return missing(a) && missing(b) ? 0 : missing(a) === Boolean(descending) ? -1 : 1;
    }
    return a - b;
  };
})();
