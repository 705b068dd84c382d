/* The search of genes of an embedded view: a combobox with a list (WAI-ARIA pattern "combobox with listbox popup"). */
window.masldatlasGene = function (control, change, search) {
  "use strict";

  const PAUSE = 150; // ms of silence before the server is asked
  const id = `genes-${control.name}`;
  const label = document.createElement("label");
  const field = document.createElement("input");
  const list = document.createElement("ul");
  const box = document.createElement("div");
  let asked = 0;
  let timer = null;

  label.textContent = control.label;
  label.htmlFor = `${id}-field`;
  box.className = "gene";
  box.append(label, field, list);
  list.id = id;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", control.label);
  Object.assign(field, { id: `${id}-field`, name: control.name, type: "text", autocomplete: "off", spellcheck: false });
  field.dataset.kind = control.kind;
  field.setAttribute("role", "combobox");
  field.setAttribute("aria-autocomplete", "list");
  field.setAttribute("aria-controls", id);

  const options = () => [...list.children];
  const marked = () => options().findIndex((it) => it.getAttribute("aria-selected") === "true");

  function open(shown) {
    list.hidden = !shown;
    field.setAttribute("aria-expanded", String(shown));
    if (!shown) {
      clearTimeout(timer);
      asked++;
      field.removeAttribute("aria-activedescendant");
    }
  }

  function mark(at) {
    options().forEach((it, place) => it.setAttribute("aria-selected", String(place === at)));
    const option = options()[at];
    if (option) {
      field.setAttribute("aria-activedescendant", option.id);
      option.scrollIntoView({ block: "nearest" });
    }
  }

  async function offer(text) {
    const mine = ++asked;
    const found = await search(text);
    if (mine !== asked) {
      return;
    }
    list.replaceChildren(
      ...found.map(function ({ gene }, at) {
        const option = document.createElement("li");
        option.id = `${id}-${at}`;
        option.setAttribute("role", "option");
        option.textContent = gene;
        return option;
      }),
    );
    open(found.length > 0);
    mark(0);
  }

  function choose(gene) {
    open(false);
    field.value = gene;
    if (gene && gene !== field.dataset.value) {
      change(control, gene);
    }
  }

  field.addEventListener("input", function () {
    clearTimeout(timer);
    timer = setTimeout(() => offer(field.value), PAUSE);
  });
  field.addEventListener("focus", () => field.select());
  field.addEventListener("blur", function () {
    open(false);
    field.value = field.dataset.value || "";
  });
  field.addEventListener("keydown", function (event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      if (list.hidden) {
        offer(field.value === field.dataset.value ? "" : field.value);
      } else {
        mark((marked() + step + options().length) % options().length);
      }
    } else if (event.key === "Enter") {
      event.preventDefault();
      // Whoever types faster than the server answers gets what is in the field; the server says if it is no gene.
      const option = list.hidden ? null : options()[marked()];
      choose(option ? option.textContent : field.value.trim());
    } else if (event.key === "Escape" && !list.hidden) {
      event.preventDefault();
      open(false);
      field.value = field.dataset.value || "";
    }
  });
  // A press, not a click: the field must not lose the focus before the choice is made.
  list.addEventListener("mousedown", function (event) {
    event.preventDefault();
    const option = event.target.closest("[role=option]");
    if (option) {
      choose(option.textContent);
    }
  });
  open(false);
  return box;
};
