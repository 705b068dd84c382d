/* Copying a text: the button and a live region say so, or a dialog shows the text where the browser refuses. */
(function () {
  "use strict";

  const { dash_clientside: dash, masldatlas } = window;
  const SHOWN = 2000; // ms for which a button says that its text was copied

  function announce(text) {
    const region = document.getElementById("publish-said");
    // The same text twice is not read out again.
    region.textContent = "";
    setTimeout(() => (region.textContent = text), 50);
  }

  /* Show a text in a field, selected, so that the visitor copies it. */
  function showDialog(text) {
    const field = document.getElementById("publish-by-hand-link");
    document.getElementById("publish-by-hand").showModal();
    dash.set_props("publish-by-hand-link", { value: text });
    field.focus();
    (function select() {
      if (field.value === text) {
        field.select();
      } else {
        requestAnimationFrame(select);
      }
    })();
  }

  async function copy(text, button, announcement) {
    try {
      await navigator.clipboard.writeText(text);
    } catch (error) {
      console.info(`The clipboard cannot be written: ${error.message}`);
      showDialog(text);
      return;
    }
    announce(announcement);
    button.dataset.copied = "true";
    setTimeout(() => delete button.dataset.copied, SHOWN);
  }

  masldatlas.clipboard = { copy };
})();
