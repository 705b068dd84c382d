/* The gene search: a combobox over /api/v1/datasets/<atlas>/genes (WAI-ARIA pattern "combobox with listbox popup").
 *
 * The field holds what is typed; the choice goes into the store explore-chosen, and so into the address. */
(function () {
  "use strict";

  const FIELD = "explore-gene";
  const CHOSEN = "explore-chosen";
  const ROOT = "explore-gene-search";
  const LIST = "explore-gene-list";
  const LIMIT = 50;
  const PAUSE = 120; // ms of silence before the server is asked

  let asked = 0;
  let timer = null;

  const part = (id) => document.getElementById(id);
  const isField = (element) => element instanceof Element && element.matches(`#${FIELD}, #${FIELD} input`);
  const field = () => {
    const found = part(FIELD);
    return found && (found.matches("input") ? found : found.querySelector("input"));
  };
  const options = () => [...part(LIST).querySelectorAll("[role=option]")];
  const isOpen = () => Boolean(part(LIST)) && !part(LIST).hidden;

  function set(id, props) {
    window.dash_clientside.set_props(id, props);
  }

  function open(shown) {
    const input = field();
    part(LIST).hidden = !shown;
    input.setAttribute("role", "combobox");
    input.setAttribute("aria-autocomplete", "list");
    input.setAttribute("aria-controls", LIST);
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
    part(LIST).replaceChildren(line);
    open(true);
  }

  function offer(genes, text) {
    part(LIST).dataset.text = text;
    part(LIST).replaceChildren(
      ...genes.map(function (found, at) {
        const option = document.createElement("li");
        option.id = `${LIST}-${at}`;
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
    const atlas = part(ROOT).dataset.atlas;
    if (!atlas) {
      return false;
    }
    try {
      const answer = await fetch(`/api/v1/datasets/${atlas}/genes?limit=${LIMIT}&q=${encodeURIComponent(text)}`);
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
        say(`No gene of this atlas is called ${text.trim()}, or begins so.`);
      }
    } catch {
      if (mine === asked && field()) {
        say("The server cannot be reached, so genes cannot be searched.");
      }
    }
    return false;
  }

  function choose(gene) {
    open(false);
    set(FIELD, { value: gene });
    set(ROOT, { "data-gene": gene });
    set(CHOSEN, { data: gene });
    field().select();
  }

  function restore() {
    open(false);
    set(FIELD, { value: part(ROOT).dataset.gene || "" });
  }

  document.addEventListener("input", function (event) {
    if (isField(event.target)) {
      clearTimeout(timer);
      timer = setTimeout(() => field() && ask(field().value), PAUSE);
    }
  });

  document.addEventListener("focusin", function (event) {
    if (isField(event.target)) {
      open(false);
      event.target.select();
    }
  });

  document.addEventListener("focusout", function (event) {
    if (isField(event.target) && part(ROOT)) {
      restore();
    }
  });

  // A press, not a click: the field must not lose the focus before the choice is made.
  document.addEventListener("mousedown", function (event) {
    const list = event.target instanceof Element && event.target.closest(`#${LIST}`);
    if (list) {
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
        await ask(field().value === part(ROOT).dataset.gene ? "" : field().value);
      }
    } else if (event.key === "Enter") {
      event.preventDefault();
      clearTimeout(timer);
      // Whoever types faster than the server answers gets what is in the field, not what was in it before.
      const text = field().value;
      if (text.trim() && text !== part(ROOT).dataset.gene && (!isOpen() || part(LIST).dataset.text !== text)) {
        if (!(await ask(text))) {
          return;
        }
      }
      const option = options()[Math.max(marked(), 0)];
      if (isOpen() && option) {
        choose(option.dataset.gene);
      }
    } else if (event.key === "/" && field().value === part(ROOT).dataset.gene) {
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
