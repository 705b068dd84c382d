/* The first page: the gene that is looked for in every atlas stands in the address; buttons with data-copy copy that. */
(function () {
  "use strict";

  const dash = (window.dash_clientside = window.dash_clientside || {});

  const here = () => window.location.pathname === "/";
  const named = () => new URLSearchParams(window.location.search).get("gene") || "";

  function write(gene) {
    if (here() && (gene || "") !== named()) {
      const search = gene ? `?${new URLSearchParams({ gene })}` : "";
      window.history.pushState(window.history.state, "", `/${search}`);
    }
    return dash.no_update;
  }

  /* Back, Forward and links between two genes: Dash sees no other page, since it did not write the address. */
  function travel() {
    const search = here() && document.getElementById("home-gene-search");
    if (search && (search.dataset.gene || "") !== named()) {
      dash.gene_search.put(search, named());
    }
  }

  window.addEventListener("popstate", travel);
  window.addEventListener("_dashprivate_pushstate", travel);

  dash.home = { write };

  const SAID_MS = 1500;

  document.addEventListener("click", async function (event) {
    const button = event.target instanceof Element && event.target.closest("button[data-copy]");
    if (!button) {
      return;
    }
    const words = (button.dataset.words = button.dataset.words || button.textContent);
    try {
      await navigator.clipboard.writeText(button.dataset.copy);
      button.textContent = "Copied";
    } catch {
      // Without https there is no clipboard: then what is to be copied is at least selected.
      window.getSelection().selectAllChildren(button.parentElement.querySelector("code"));
      button.textContent = "Press Ctrl+C";
    }
    setTimeout(() => {
      button.textContent = words;
    }, SAID_MS);
  });
})();
