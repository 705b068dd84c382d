/* Tabs (pages/_tabs.py): a store holds which one is open. Arrows, Home and End move between the tabs; Enter, Space or a
 * click opens one, since what is opened may have to be computed. */
(function () {
  "use strict";

  const { dash_clientside: dash, masldatlas } = window;
  const STEPS = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };

  // Tabs that were opened before the server had answered the address of the page, by the id of their store.
  const early = {};

  const tabsOf = (list) => [...list.querySelectorAll("[role=tab]")];

  /* The index that a key leads to, of `n` in a ring; null for other keys. */
  function target(key, index, n) {
    if (key === "Home" || key === "End") {
      return key === "Home" ? 0 : n - 1;
    }
    return STEPS[key] ? (index + STEPS[key] + n) % n : null;
  }

  /* Mark the open tab; whether the panel of each tab is hidden. */
  function mark(list, open) {
    return tabsOf(list).map(function (tab) {
      const isOpen = tab.dataset.tab === open;
      tab.setAttribute("aria-selected", String(isOpen));
      tab.tabIndex = isOpen ? 0 : -1;
      return !isOpen;
    });
  }

  /* The tab to open instead of `open`, which the answer to the address of number `answered` names: the one that a
   * visitor has opened while waiting for this answer. */
  function kept(store, open, answered) {
    const choice = early[store];
    if (!choice || choice.asked !== answered) {
      return open;
    }
    delete early[store];
    return choice.tab;
  }

  /* Callback: whether the panel of each tab is hidden. `hydrated` is the last answer to the address of the page. */
  function show(given, hydrated) {
    const { inputs_list: inputs, outputs_list: outputs } = dash.callback_context;
    const store = inputs[0].id;
    const list = document.querySelector(`[data-tabs="${store}"]`);
    if (!list || !given) {
      return outputs.map(() => dash.no_update);
    }
    const open = kept(store, given, hydrated ? hydrated.asked : null);
    if (open !== given) {
      dash.set_props(store, { data: open });
    }
    return mark(list, open);
  }

  document.addEventListener("click", function (event) {
    const tab = event.target instanceof Element && event.target.closest("[data-tabs] [data-tab]");
    if (tab) {
      const list = tab.closest("[data-tabs]");
      early[list.dataset.tabs] = { tab: tab.dataset.tab, asked: masldatlas.address.waiting() };
      dash.set_props(list.dataset.tabs, { data: tab.dataset.tab });
      // Dash calls `show` once the server has answered what is under way.
      const hidden = mark(list, tab.dataset.tab);
      tabsOf(list).forEach((it, at) => dash.set_props(it.getAttribute("aria-controls"), { hidden: hidden[at] }));
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
  masldatlas.tabs = { target };
})();
