/* The light or dark theme, set before anything is painted: the only script in <head>, and the first of all.
 *
 * How the scripts share names: there are two global objects, made here.
 * - `window.masldatlas` is for scripts: `base`, and one object of each file, which bears its name.
 * - `window.dash_clientside` is for Python: one object a page holds the functions that its clientside callbacks name.
 * Dash loads folders and files in the order of their names. While a file is loaded it may use the objects of earlier
 * folders; those of its own folder it reads when a function is called. Parts of pages come and go, therefore listeners
 * sit on the document and find the parts by data- attributes. */
// The path below which the server is reached, such as "/atlas"; empty for the root. Every address begins with it.
window.masldatlas = { base: document.documentElement.dataset.base };
window.dash_clientside = window.dash_clientside || {};

(function () {
  "use strict";

  const KEY = "masldatlas-theme";
  const CHOICES = ["light", "dark", "auto"];
  const STORE = "shell-theme";
  const dash = window.dash_clientside;
  const system = window.matchMedia("(prefers-color-scheme: dark)");
  const root = document.documentElement;

  function storedChoice() {
    try {
      const stored = window.localStorage.getItem(KEY);
      return CHOICES.includes(stored) ? stored : "auto";
    } catch {
      return "auto"; // storage may be forbidden
    }
  }

  /* Show the theme of a choice; returns the theme. */
  function apply(choice) {
    const theme = choice === "auto" ? (system.matches ? "dark" : "light") : choice;
    root.setAttribute("data-bs-theme", theme);
    return theme;
  }

  function choose(choice) {
    try {
      window.localStorage.setItem(KEY, choice);
    } catch {
      return apply(choice); // the choice lasts as long as the page
    }
    return apply(storedChoice());
  }

  function refresh() {
    const theme = apply(storedChoice());
    if (dash.set_props && document.getElementById("shell-main")) {
      dash.set_props(STORE, { data: theme });
    }
  }

  apply(storedChoice());
  system.addEventListener("change", refresh);
  window.addEventListener("storage", function (event) {
    if (event.key === KEY) {
      refresh();
    }
  });

  dash.shell = {
    /* (choice) -> [theme, choice]; the first call has no choice yet and reads the stored one. */
    theme: (choice) => (CHOICES.includes(choice) ? [choose(choice), choice] : [apply(storedChoice()), storedChoice()]),
  };
})();
