/* Legends of maps and the buttons of Plotly are one stop of the Tab key each: arrows, Home and End move within. */
(function () {
  "use strict";

  const GROUPS = ".legend, .modebar";
  const ITEMS = "a, button";
  const { masldatlas } = window;

  const itemsOf = (group) => [...group.querySelectorAll(ITEMS)];

  function makeCurrent(group, current) {
    for (const item of itemsOf(group)) {
      const index = item === current ? 0 : -1;
      if (item.tabIndex !== index || !item.hasAttribute("tabindex")) {
        item.tabIndex = index;
      }
    }
  }

  /* One item of each group can be reached by Tab: the one that had the focus last, else the first. */
  function refresh() {
    for (const group of document.querySelectorAll(GROUPS)) {
      const items = itemsOf(group);
      const marked = items.filter((item) => item.getAttribute("tabindex") === "0");
      if (items.length && (marked.length !== 1 || items.some((item) => !item.hasAttribute("tabindex")))) {
        makeCurrent(group, marked[0] || items[0]);
      }
    }
  }

  document.addEventListener("focusin", function (event) {
    const group = event.target instanceof Element && event.target.closest(GROUPS);
    if (group && event.target.matches(ITEMS)) {
      makeCurrent(group, event.target);
    }
  });

  document.addEventListener("keydown", function (event) {
    const group = event.target instanceof Element && event.target.closest(GROUPS);
    if (!group || event.ctrlKey || event.metaKey || event.altKey) {
      return;
    }
    const items = itemsOf(group);
    const next = masldatlas.tabs.target(event.key, items.indexOf(event.target), items.length);
    if (next !== null) {
      event.preventDefault();
      items[next].focus();
    }
  });

  masldatlas.roving = { refresh };
})();
