/* The home page: the gene that is searched in every atlas is kept in the address; buttons with data-copy copy a command. */
(function () {
  "use strict";

  const { dash_clientside: dash, masldatlas } = window;
  const SHOWN = 1500; // ms for which a button says what happened

  const isHome = () => window.location.pathname === `${masldatlas.base}/`;
  const geneOfAddress = () => new URLSearchParams(window.location.search).get("gene") || "";

  /* Callback: write the gene into the address. */
  function write(gene) {
    if (isHome() && (gene || "") !== geneOfAddress()) {
      const search = gene ? `?${new URLSearchParams({ gene })}` : "";
      window.history.pushState(window.history.state, "", `${masldatlas.base}/${search}`);
    }
    return dash.no_update;
  }

  /* Back, Forward and links between two genes: Dash sees no other page, since it did not write the address. */
  function follow() {
    const search = isHome() && document.getElementById("home-gene-search");
    if (search && (search.dataset.gene || "") !== geneOfAddress()) {
      masldatlas.gene_search.choose(search, geneOfAddress());
    }
  }

  window.addEventListener("popstate", follow);
  window.addEventListener("_dashprivate_pushstate", follow);

  /* Callback: load the small map of a card when it comes near; Dash's img knows no attribute for that. */
  function pictures() {
    requestAnimationFrame(function () {
      const near = new IntersectionObserver(
        function (seen) {
          for (const { target } of seen.filter((it) => it.isIntersecting)) {
            near.unobserve(target);
            target.src = target.dataset.src;
          }
        },
        { rootMargin: "300px" },
      );
      document.querySelectorAll("img[data-src]:not([src])").forEach((it) => near.observe(it));
    });
  }

  dash.home = { write, pictures };

  document.addEventListener("click", async function (event) {
    const button = event.target instanceof Element && event.target.closest("button[data-copy]");
    if (!button) {
      return;
    }
    const label = (button.dataset.words = button.dataset.words || button.textContent);
    try {
      await navigator.clipboard.writeText(button.dataset.copy);
      button.textContent = "Copied";
    } catch {
      // Without https there is no clipboard: then the command is at least selected.
      window.getSelection().selectAllChildren(button.parentElement.querySelector("code"));
      button.textContent = "Press Ctrl+C";
    }
    setTimeout(() => {
      button.textContent = label;
    }, SHOWN);
  });
})();
