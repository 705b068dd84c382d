/* Tables of genes: their rows come from the API, and a click, or Enter on any cell of a row, chooses the gene of the row. */
(function () {
  "use strict";

  const { dash_clientside: dash, masldatlas } = window;

  /* The rows of a table that came as columns of bytes (core/tables/columns.py): one object a row, null for a missing
   * number. */
  function rowsOf(buffer) {
    const length = new DataView(buffer).getUint32(0, true);
    const head = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, length)));
    const columns = head.columns.map(({ name, values, type, at }) => ({
      name,
      values: values || new { f8: Float64Array, i4: Int32Array }[type](buffer, 4 + length + at, head.rows),
    }));
    return Array.from({ length: head.rows }, (_, row) => {
      const found = {};
      for (const { name, values } of columns) {
        found[name] = Number.isNaN(values[row]) ? null : values[row];
      }
      return found;
    });
  }

  /* The clientside callbacks of one table.
   *
   * id: of the grid. marked: the part of a source that names the marked gene.
   * choose: called with the gene of a row, or what else the id of a row is. hasIds: whether there is a column of ids. */
  function table({ id, marked, choose, hasIds = true }) {
    let cached = { address: null, rows: null }; // the rows of the last address, of the API
    let shown = null; // the rows that the table holds
    let latest = 0; // number of the last request

    async function load(address) {
      if (cached.address === address) {
        return cached.rows;
      }
      let answer;
      try {
        answer = await fetch(`${address}&format=columns`);
      } catch {
        throw new Error("The server cannot be reached, so the table could not be loaded. Check the connection, then reload the page.");
      }
      if (!answer.ok) {
        const problem = await answer.json().catch(() => ({}));
        throw new Error(problem.detail || `The server answered ${answer.status}, so the table could not be loaded. Reload the page.`);
      }
      cached = { address, rows: rowsOf(await answer.arrayBuffer()) };
      return cached.rows;
    }

    /* The ids are shown where one of them is not the symbol itself. */
    async function showIds(all) {
      const api = await window.dash_ag_grid.getApiAsync(id);
      api.setColumnsVisible(["id"], all.some((row) => row.id !== row.gene));
    }

    /* Callback: [rows, selected rows, fault] of a source. */
    async function rows(source) {
      const unchanged = [dash.no_update, dash.no_update, dash.no_update];
      if (!source) {
        return unchanged;
      }
      const request = ++latest;
      if (!source.rows) {
        shown = null;
        return [[], [], source.fault];
      }
      try {
        const loaded = await load(source.rows);
        if (request !== latest) {
          return unchanged; // a newer request is under way
        }
        const isShown = loaded === shown && document.querySelector(`#${id} .ag-row`);
        shown = loaded;
        if (hasIds) {
          showIds(loaded);
        }
        return [isShown ? dash.no_update : loaded, source[marked] ? { ids: [source[marked]] } : [], ""];
      } catch (error) {
        shown = null;
        return request === latest ? [[], [], error.message] : unchanged;
      }
    }

    /* Callback: show only rows that hold a text. */
    function quick(text) {
      try {
        window.dash_ag_grid.getApi(id).setGridOption("quickFilterText", text || "");
      } catch {
        // There is no table yet.
      }
    }

    function geneOf(target) {
      const row = target instanceof Element && target.closest(`#${id} .ag-row[row-id]`);
      return row ? row.getAttribute("row-id") : null;
    }

    document.addEventListener("click", function (event) {
      const gene = geneOf(event.target);
      if (gene) {
        choose(gene);
      }
    });

    document.addEventListener(
      "keydown",
      function (event) {
        const gene = event.key === "Enter" && !event.isComposing && geneOf(event.target);
        if (gene) {
          event.preventDefault();
          choose(gene);
        }
      },
      true,
    );

    return { rows, quick, clear: () => ["", {}] };
  }

  /* The gene of a point that was clicked: Plotly writes its text with entities. */
  function geneOfPoint(clicked) {
    const point = clicked && clicked.points && clicked.points[0];
    const text = point && point.text ? String(point.text) : "";
    return text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
  }

  masldatlas.gene_table = { table, geneOfPoint, rowsOf };
})();
