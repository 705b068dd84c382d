/* The gene search: a combobox over /api/v1/datasets/<atlas>/genes, or the address in data-source (WAI-ARIA pattern "combobox with listbox popup").
 *
 * Every .gene-search holds a field, a list and, in data-chosen, the id of the store that takes the choice, and so brings
 * it into the address. The field holds what is typed; data-gene the choice. */
(function () {
  "use strict";

  const LIMIT = 50;
  const PAUSE = 120; // ms of silence before the server is asked

  let asked = 0;
  let timer = null;

  let root = null; // the search that was used last; pages come and go, and so do their searches

  const isField = (element) => element instanceof Element && element.matches(".gene-search input");
  const here = () => Boolean(root && root.isConnected);
  const field = () => (here() ? root.querySelector("input") : null);
  const list = () => (here() ? root.querySelector(".gene-list") : null);
  const options = () => [...list().querySelectorAll("[role=option]")];
  const isOpen = () => Boolean(list()) && !list().hidden;

  function set(id, props) {
    window.dash_clientside.set_props(id, props);
  }

  function open(shown) {
    const input = field();
    list().hidden = !shown;
    input.setAttribute("role", "combobox");
    input.setAttribute("aria-autocomplete", "list");
    input.setAttribute("aria-controls", list().id);
    input.setAttribute("aria-expanded", String(shown));
    if (!shown) {
      input.removeAttribute("aria-activedescendant");
      clearTimeout(timer);
      asked++; // what is on its way is no longer wanted
    }
  }

  function mark(index) {
    const all = options();
    all.forEach((option, at) => option.setAttribute("aria-selected", String(at === index)));
    if (all[index]) {
      field().setAttribute("aria-activedescendant", all[index].id);
      all[index].scrollIntoView({ block: "nearest" });
    }
  }

  const marked = () => options().findIndex((option) => option.getAttribute("aria-selected") === "true");

  function say(words) {
    const line = document.createElement("li");
    line.className = "gene-none";
    line.setAttribute("role", "presentation");
    line.textContent = words;
    list().replaceChildren(line);
    open(true);
  }

  function offer(genes, text) {
    list().dataset.text = text;
    list().replaceChildren(
      ...genes.map(function (found, at) {
        const option = document.createElement("li");
        option.id = `${list().id}-${at}`;
        option.className = "gene-option";
        option.setAttribute("role", "option");
        option.dataset.gene = found.gene;
        const symbol = document.createElement("i");
        symbol.textContent = found.gene;
        option.append(symbol);
        if (found.gene_id && found.gene_id !== found.gene) {
          const id = document.createElement("span");
          id.textContent = found.gene_id;
          option.append(id);
        }
        return option;
      }),
    );
    open(true);
    mark(0);
  }

  async function ask(text) {
    const mine = ++asked;
    const { atlas, source } = root.dataset;
    if (!atlas && !source) {
      return false;
    }
    try {
      const address = source || `/api/v1/datasets/${atlas}/genes`;
      const answer = await fetch(`${address}?limit=${LIMIT}&q=${encodeURIComponent(text)}`);
      const body = await answer.json();
      if (mine !== asked || !field()) {
        return false;
      }
      if (!answer.ok) {
        say(body.detail || "The genes could not be searched.");
      } else if (body.genes.length) {
        offer(body.genes, text);
        return true;
      } else {
        say(`No gene of ${atlas ? "this" : "any"} atlas is called ${text.trim()}, or begins so.`);
      }
    } catch {
      if (mine === asked && field()) {
        say("The server cannot be reached, so genes cannot be searched.");
      }
    }
    return false;
  }

  /* Put a gene into a search, from wherever it was chosen. */
  function put(search, gene) {
    set(search.dataset.field, { value: gene });
    set(search.id, { "data-gene": gene });
    set(search.dataset.chosen, { data: gene });
  }

  function choose(gene) {
    open(false);
    put(root, gene);
    field().select();
  }

  function restore() {
    open(false);
    set(root.dataset.field, { value: root.dataset.gene || "" });
  }

  /* Whoever empties a search wants no gene in it; the one that a page is about must have one. */
  function emptied() {
    return !field().value.trim() && Boolean(root.dataset.gene) && !("geneSearch" in root.dataset);
  }

  function leave() {
    if (emptied()) {
      open(false);
      put(root, "");
    } else {
      restore();
    }
  }

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.gene_search = { put };

  document.addEventListener("input", function (event) {
    if (isField(event.target)) {
      clearTimeout(timer);
      timer = setTimeout(() => field() && ask(field().value), PAUSE);
    }
  });

  document.addEventListener("focusin", function (event) {
    if (isField(event.target)) {
      root = event.target.closest(".gene-search");
      open(false);
      event.target.select();
    }
  });

  document.addEventListener("focusout", function (event) {
    if (isField(event.target) && here()) {
      leave();
    }
  });

  // A press, not a click: the field must not lose the focus before the choice is made.
  document.addEventListener("mousedown", function (event) {
    if (event.target instanceof Element && here() && list().contains(event.target)) {
      event.preventDefault();
      const option = event.target.closest("[role=option]");
      if (option) {
        choose(option.dataset.gene);
      }
    }
  });

  async function key(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      if (isOpen()) {
        const n = options().length;
        mark(n ? (marked() + step + n) % n : -1);
      } else {
        await ask(field().value === root.dataset.gene ? "" : field().value);
      }
    } else if (event.key === "Enter") {
      event.preventDefault();
      clearTimeout(timer);
      // Whoever types faster than the server answers gets what is in the field, not what was in it before.
      const text = field().value;
      if (emptied() && !(isOpen() && marked() > 0)) {
        leave();
        return;
      }
      if (text.trim() && text !== root.dataset.gene && (!isOpen() || list().dataset.text !== text)) {
        if (!(await ask(text))) {
          return;
        }
      }
      const option = options()[Math.max(marked(), 0)];
      if (isOpen() && option) {
        choose(option.dataset.gene);
      }
    } else if (event.key === "/" && field().value === root.dataset.gene) {
      event.preventDefault(); // the shortcut of the page, by someone who is already here
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
        key(event);
      }
    },
    true,
  );
})();
