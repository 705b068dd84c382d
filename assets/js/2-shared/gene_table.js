/* Tables of genes: their rows come from the API, and a click, or Enter on any of their cells, takes up the gene of a row. */
(function () {
  "use strict";

  const dash = (window.dash_clientside = window.dash_clientside || {});

  /* What a page calls. `table` is the id of the grid, `name` what the API calls the rows, `marked` the part of a source that
     holds the marked gene, and `take` is called with the gene of a row. */
  function table({ table, name, marked, take }) {
    /* The table shows exactly what the API answers; only the rows of the last question are kept. */
    let kept = { address: null, rows: null };
    let shown = null; // the rows that the table holds
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
      if (!answer.ok || !body[name]) {
        throw new Error(body.detail || `The server answered ${answer.status}, so the table could not be loaded. Reload the page.`);
      }
      kept = { address, rows: body[name] };
      return kept.rows;
    }

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
      try {
        const found = await load(source.rows);
        if (mine !== turn) {
          return [none, none, none]; // something newer is on its way
        }
        const same = found === shown && document.querySelector(`#${table} .ag-row`);
        shown = found;
        return [same ? none : found, source[marked] ? { ids: [source[marked]] } : [], ""];
      } catch (error) {
        shown = null;
        return mine === turn ? [[], [], error.message] : [none, none, none];
      }
    }

    function quick(text) {
      try {
        window.dash_ag_grid.getApi(table).setGridOption("quickFilterText", text || "");
      } catch {
        // There is no table yet.
      }
    }

    function rowOf(target) {
      const row = target instanceof Element && target.closest(`#${table} .ag-row[row-id]`);
      return row ? row.getAttribute("row-id") : null;
    }

    document.addEventListener("click", function (event) {
      const gene = rowOf(event.target);
      if (gene) {
        take(gene);
      }
    });

    document.addEventListener(
      "keydown",
      function (event) {
        const gene = event.key === "Enter" && !event.isComposing && rowOf(event.target);
        if (gene) {
          event.preventDefault();
          take(gene);
        }
      },
      true,
    );

    return { rows, quick, clear: () => ["", {}] };
  }

  /* The gene of a point that was clicked: Plotly shows a text with entities, and gives it back so. */
  function pointed(clicked) {
    const point = clicked && clicked.points && clicked.points[0];
    const text = point && point.text ? String(point.text) : "";
    return text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
  }

  dash.tables = { table, pointed };

  /* ---- the order of a table: what is missing comes last, whichever way it is turned ---- */

  const functions = (window.dashAgGridFunctions = window.dashAgGridFunctions || {});

  functions.missingLast = function (a, b, descending) {
    const missing = (value) => value === null || value === undefined;
    if (missing(a) || missing(b)) {
      return missing(a) && missing(b) ? 0 : missing(a) === Boolean(descending) ? -1 : 1;
    }
    return a - b;
  };
})();
