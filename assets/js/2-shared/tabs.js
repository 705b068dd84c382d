/* Tabs (pages/_tabs.py): a store holds which one is open. Arrows, Home and End move between the tabs; Enter, Space or a
 * click opens one, since what is opened may have to be computed. */
(function () {
  "use strict";

  const dash = window.dash_clientside;
  const STEPS = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };

  const tabsOf = (list) => [...list.querySelectorAll("[role=tab]")];

  /* The index that a key leads to, of `n` in a ring; null for other keys. */
  function target(key, index, n) {
    if (key === "Home" || key === "End") {
      return key === "Home" ? 0 : n - 1;
    }
    return STEPS[key] ? (index + STEPS[key] + n) % n : null;
  }

  /* Callback: whether the panel of each tab is hidden. */
  function show(open) {
    const { inputs_list: inputs, outputs_list: outputs } = dash.callback_context;
    const list = document.querySelector(`[data-tabs="${inputs[0].id}"]`);
    if (!list || !open) {
      return outputs.map(() => dash.no_update);
    }
    return tabsOf(list).map(function (tab) {
      const isOpen = tab.dataset.tab === open;
      tab.setAttribute("aria-selected", String(isOpen));
      tab.tabIndex = isOpen ? 0 : -1;
      return !isOpen;
    });
  }

  document.addEventListener("click", function (event) {
    const tab = event.target instanceof Element && event.target.closest("[data-tabs] [data-tab]");
    if (tab) {
      dash.set_props(tab.closest("[data-tabs]").dataset.tabs, { data: tab.dataset.tab });
    }
  });

  document.addEventListener("keydown", function (event) {
    const tab = event.target instanceof Element && event.target.closest("[data-tabs] [data-tab]");
    if (!tab || event.ctrlKey || event.metaKey || event.altKey) {
      return;
    }
    const tabs = tabsOf(tab.closest("[data-tabs]")).filter((it) => !it.hidden);
    const next = target(event.key, tabs.indexOf(tab), tabs.length);
    if (next !== null) {
      event.preventDefault();
      tabs[next].focus();
    }
  });

  dash.tabs = { show };
  window.masldatlas.tabs = { target };
})();
