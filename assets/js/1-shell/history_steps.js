/* Undo and redo: the addresses that the pages wrote into the history of this tab are numbered, and each knows its page. */
(function () {
  "use strict";

  const paths = []; // by number
  const number = () => (window.history.state && window.history.state.step) || 0;
  let current = number();
  let newest = current;
  paths[current] = window.location.pathname;

  /* Undo and redo stay on their page. */
  function refreshButtons() {
    for (const button of document.querySelectorAll("[data-step]")) {
      const target = number() + (button.dataset.step === "undo" ? -1 : 1);
      button.disabled = target > newest || paths[target] !== window.location.pathname;
    }
  }

  /* A new address, which can be undone. */
  function push(address) {
    newest = current = number() + 1;
    window.history.pushState({ step: newest }, "", address);
    paths[current] = window.location.pathname;
    refreshButtons();
  }

  /* Another address in the place of the current one, which is no step of its own. */
  function replace(address) {
    window.history.replaceState(window.history.state, "", address);
  }

  /* The browser went to another address: by Back or Forward, or, if it is new, by a link. */
  function arrived(isNew) {
    if (isNew) {
      newest = current + 1;
      window.history.replaceState({ ...window.history.state, step: newest }, "");
    }
    current = number();
    paths[current] = window.location.pathname;
  }

  window.masldatlas.history_steps = { push, replace, arrived, refreshButtons };
})();
