/* The gene search: a combobox over /api/v1/datasets/<atlas>/genes, or over the address in data-source.
 *
 * It follows the WAI-ARIA pattern "combobox with listbox popup". Every .gene-search holds a field and a list; data-gene is
 * the chosen gene, and data-chosen the id of the store that receives it, from where it comes into the address. */
(function () {
  "use strict";

  const LIMIT = 50;
  const PAUSE = 120; // ms without a key until the server is asked

  let latest = 0; // number of the last request
  let timer = null;
  let root = null; // the search that was used last; it may have left the page since

  const isField = (element) => element instanceof Element && element.matches(".gene-search input");
  const isOnPage = () => Boolean(root && root.isConnected);
  const field = () => (isOnPage() ? root.querySelector("input") : null);
  const list = () => (isOnPage() ? root.querySelector(".gene-list") : null);
  const options = () => [...list().querySelectorAll("[role=option]")];
  const isOpen = () => Boolean(list()) && !list().hidden;

  function setProps(id, props) {
    window.dash_clientside.set_props(id, props);
  }

  function setOpen(shown) {
    const input = field();
    list().hidden = !shown;
    input.setAttribute("role", "combobox");
    input.setAttribute("aria-autocomplete", "list");
    input.setAttribute("aria-controls", list().id);
    input.setAttribute("aria-expanded", String(shown));
    if (!shown) {
      input.removeAttribute("aria-activedescendant");
      clearTimeout(timer);
      latest++; // drop the request under way
    }
  }

  function highlight(index) {
    const all = options();
    all.forEach((option, number) => option.setAttribute("aria-selected", String(number === index)));
    if (all[index]) {
      field().setAttribute("aria-activedescendant", all[index].id);
      all[index].scrollIntoView({ block: "nearest" });
    }
  }

  const highlighted = () => options().findIndex((option) => option.getAttribute("aria-selected") === "true");

  function showMessage(text) {
    const line = document.createElement("li");
    line.className = "gene-none";
    line.setAttribute("role", "presentation");
    line.textContent = text;
    list().replaceChildren(line);
    setOpen(true);
  }

  function speciesOf(datasets) {
    return [...new Set(datasets.map((id) => id.split("/")[0]))].join(", ");
  }

  function showGenes(genes, text) {
    list().dataset.text = text;
    list().replaceChildren(
      ...genes.map(function (found, number) {
        const option = document.createElement("li");
        option.id = `${list().id}-${number}`;
        option.className = "gene-option";
        option.setAttribute("role", "option");
        option.dataset.gene = found.gene;
        const symbol = document.createElement("i");
        symbol.textContent = found.gene;
        option.append(symbol);
        // Beside the symbol its id in the atlas; over all atlases its species, since TREM2 and Trem2 are two genes.
        const beside = found.datasets ? speciesOf(found.datasets) : found.gene_id;
        if (beside && beside !== found.gene) {
          const span = document.createElement("span");
          span.textContent = beside;
          option.append(span);
        }
        return option;
      }),
    );
    setOpen(true);
    highlight(0);
  }

  /* Ask the server for genes; returns whether there are any. */
  async function find(text) {
    const request = ++latest;
    const { atlas, source } = root.dataset;
    if (!atlas && !source) {
      return false;
    }
    try {
      const address = source || `${window.masldatlas.base}/api/v1/datasets/${atlas}/genes`;
      const answer = await fetch(`${address}?limit=${LIMIT}&q=${encodeURIComponent(text)}`);
      const body = await answer.json();
      if (request !== latest || !field()) {
        return false;
      }
      if (!answer.ok) {
        showMessage(body.detail || "The genes could not be searched.");
      } else if (body.genes.length) {
        showGenes(body.genes, text);
        return true;
      } else {
        showMessage(`No gene named "${text.trim()}" in ${atlas ? "this" : "any"} atlas.`);
      }
    } catch {
      if (request === latest && field()) {
        showMessage("The server cannot be reached, so genes cannot be searched.");
      }
    }
    return false;
  }

  /* Choose a gene in a search, from anywhere on the page. */
  function choose(search, gene) {
    setProps(search.dataset.field, { value: gene });
    setProps(search.id, { "data-gene": gene });
    setProps(search.dataset.chosen, { data: gene });
  }

  function take(gene) {
    setOpen(false);
    choose(root, gene);
    field().select();
  }

  function restore() {
    setOpen(false);
    setProps(root.dataset.field, { value: root.dataset.gene || "" });
  }

  /* An empty field means no gene, except in the search of the gene that the page is about. */
  function isEmptied() {
    return !field().value.trim() && Boolean(root.dataset.gene) && !("geneSearch" in root.dataset);
  }

  function leave() {
    if (isEmptied()) {
      setOpen(false);
      choose(root, "");
    } else {
      restore();
    }
  }

  window.masldatlas.gene_search = { choose };

  document.addEventListener("input", function (event) {
    if (isField(event.target)) {
      clearTimeout(timer);
      timer = setTimeout(() => field() && find(field().value), PAUSE);
    }
  });

  document.addEventListener("focusin", function (event) {
    if (isField(event.target)) {
      root = event.target.closest(".gene-search");
      setOpen(false);
      event.target.select();
    }
  });

  document.addEventListener("focusout", function (event) {
    if (isField(event.target) && isOnPage()) {
      leave();
    }
  });

  // A press, not a click: the field must not lose the focus before the choice is made.
  document.addEventListener("mousedown", function (event) {
    if (event.target instanceof Element && isOnPage() && list().contains(event.target)) {
      event.preventDefault();
      const option = event.target.closest("[role=option]");
      if (option) {
        take(option.dataset.gene);
      }
    }
  });

  async function handleKey(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      if (isOpen()) {
        const n = options().length;
        highlight(n ? (highlighted() + step + n) % n : -1);
      } else {
        await find(field().value === root.dataset.gene ? "" : field().value);
      }
    } else if (event.key === "Enter") {
      event.preventDefault();
      clearTimeout(timer);
      // The list may still belong to an earlier text: what counts is in the field now.
      const text = field().value;
      if (isEmptied() && !(isOpen() && highlighted() > 0)) {
        leave();
        return;
      }
      if (text.trim() && text !== root.dataset.gene && (!isOpen() || list().dataset.text !== text)) {
        if (!(await find(text))) {
          return;
        }
      }
      const option = options()[Math.max(highlighted(), 0)];
      if (isOpen() && option) {
        take(option.dataset.gene);
      }
    } else if (event.key === "/" && field().value === root.dataset.gene) {
      event.preventDefault(); // the shortcut of the page, pressed inside the field
      field().select();
    } else if (event.key === "Escape" && isOpen()) {
      event.preventDefault();
      restore();
    }
  }

  document.addEventListener(
    "keydown",
    function (event) {
      if (isField(event.target) && !event.isComposing) {
        handleKey(event);
      }
    },
    true,
  );
})();
