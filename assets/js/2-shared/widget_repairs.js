/* Repairs what the components of Dash and of AG Grid lack for a keyboard or a screen reader.
 *
 * - Dropdowns hide the element that takes the focus from screen readers (assets/css/10-shell.css removes it), and are
 *   named by their value alone. Their list is a dialog without a name.
 * - Lists of radio buttons and check boxes are labelled as options of a listbox, which must not hold fields; without
 *   these roles they are what they look like.
 * - Sliders and tables have no name.
 *
 * Components come and go, so a pass over the page follows what changes, at most one in PAUSE. React does not undo this:
 * it writes an attribute only when the property changes; that is why the selection of an option is watched. */
(function () {
  "use strict";

  const PAUSE = 60; // ms
  const { masldatlas } = window;
  let n = 0;
  let isWaiting = false;

  const idOf = (element) => (element.id = element.id || `named-${++n}`);
  const wordsOf = (element) => (element ? element.textContent.trim() : "");

  /* The words beside a field. */
  function labelOf(field) {
    const own = field.labels && field.labels[0];
    const place = field.closest(".explore-field, .publish-field, .markers-pick, .explore-color-place");
    return own || (place && place.querySelector(".explore-label, label"));
  }

  function dropdown(button) {
    const label = labelOf(button);
    button.tabIndex = 0;
    button.setAttribute("aria-haspopup", "dialog");
    if (label) {
      const value = button.querySelector(".dash-dropdown-value");
      button.setAttribute("aria-labelledby", [label, value].filter(Boolean).map(idOf).join(" "));
    }
    button.dataset.repaired = "true";
  }

  function dropdownList(list) {
    const button = document.querySelector(`.dash-dropdown[aria-controls="${list.id}"]`) || document.querySelector(".dash-dropdown[aria-expanded=true]");
    list.setAttribute("aria-label", (button && wordsOf(labelOf(button))) || "Options");
    const search = list.querySelector(".dash-dropdown-search");
    if (search) {
      search.setAttribute("aria-label", "Search the options");
    }
    list.dataset.repaired = "true";
  }

  function option(label) {
    label.removeAttribute("role");
    label.removeAttribute("aria-selected");
  }

  function slider(thumb) {
    const thumbs = [...thumb.closest(".dash-slider-root, .dash-slider-container").querySelectorAll("[role=slider]")];
    const ends = thumbs.length > 1 ? [", from", ", to"] : [""];
    thumb.setAttribute("aria-label", `${wordsOf(labelOf(thumb)) || "Value"}${ends[thumbs.indexOf(thumb)] || ""}`);
  }

  function grid(table) {
    const card = table.closest(".plot-card");
    const title = card && card.querySelector(".plot-card-title");
    if (title) {
      table.setAttribute("aria-labelledby", idOf(title));
    } else {
      table.setAttribute("aria-label", "Table");
    }
  }

  const REPAIRS = [
    [".dash-dropdown:not([data-repaired])", dropdown],
    [".dash-dropdown-content:not([data-repaired])", dropdownList],
    [".dash-options-list[role]", (list) => list.removeAttribute("role")],
    [".dash-options-list-option[role], .dash-options-list-option[aria-selected]", option],
    ["[role=slider]:not([aria-label])", slider],
    [".ag-root:is([role=grid], [role=treegrid]):not([aria-label], [aria-labelledby])", grid],
  ];

  function repair() {
    isWaiting = false;
    for (const [selector, change] of REPAIRS) {
      document.querySelectorAll(selector).forEach(change);
    }
    masldatlas.roving.refresh();
  }

  function schedule() {
    if (!isWaiting) {
      isWaiting = true;
      setTimeout(repair, PAUSE);
    }
  }

  document.addEventListener("DOMContentLoaded", function () {
    new MutationObserver(schedule).observe(document.body, { subtree: true, childList: true, attributeFilter: ["aria-selected"] });
    schedule();
  });
})();
