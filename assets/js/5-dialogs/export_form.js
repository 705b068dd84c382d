/* The fields and texts of the export dialog. */
(function () {
  "use strict";

  const { dash_clientside: dash, masldatlas } = window;
  const NO_BROWSER =
    "This server has no browser to draw with, so only the numbers can be had at size. " +
    "The figure can be saved as this page shows it.";
  const SMALL_BUTTON = "btn btn-outline-secondary btn-sm";

  const set = (id, props) => dash.set_props(`publish-${id}`, props);
  const setText = (id, text) => set(id, { children: text });

  /* A component of dash.html. */
  const element = (type, props) => ({ type, namespace: "dash_html_components", props });

  /* One sentence on a number outside of the range of its field, since the server takes some of those; else empty. */
  function fault() {
    const fields = [...document.querySelectorAll(".publish-choices input[type=number]")].filter((field) => field.getClientRects().length);
    const wrong = fields.find((field) => !field.checkValidity());
    return wrong ? `${document.querySelector(`label[for="${wrong.id}"]`).textContent}: ${wrong.min} to ${wrong.max}.` : "";
  }

  /* The field of a width of one's own is shown where "custom" is chosen. */
  function showOwnWidth(width) {
    const field = document.getElementById("publish-width-mm");
    if (field) {
      field.parentElement.hidden = width !== "custom";
    }
  }

  /* What there is without a browser on the server: the figure as this page shows it (the buttons are in export.js). */
  function withoutBrowser() {
    const label = (form) => `${form.toUpperCase()} as on the page`;
    const button = (form) =>
      element("Button", { children: label(form), type: "button", className: SMALL_BUTTON, "data-as-shown": form });
    const buttons = element("Div", { children: [button("png"), button("svg")], className: "publish-row" });
    return element("Div", { children: [element("P", { children: NO_BROWSER }), buttons], className: "publish-warning" });
  }

  /* Offer the fonts and forms that the server has. */
  function offer(server) {
    const embedded = server.embedded_font ? ` (embedded: ${server.embedded_font})` : "";
    set("font", { options: [{ value: "default", label: `Arial, Helvetica${embedded}` }, ...server.fonts.map((name) => ({ value: name, label: name }))] });
    const forms = document.getElementById("publish-form");
    for (const option of forms ? forms.options : []) {
      option.disabled = server.browser ? !server.forms.includes(option.value) : option.value !== "csv";
    }
    if (!server.browser) {
      set("form", { value: "csv" });
      set("no-browser", { children: withoutBrowser() });
    }
  }

  function save(blob, name) {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = name;
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  }

  /* Fetch a file and save it; the dialog says how it goes. */
  async function download(url) {
    const { request, filename } = masldatlas.export_request;
    setText("status", "The server draws…");
    try {
      const answer = await request(url);
      const name = filename(answer.headers.get("Content-Disposition"));
      save(await answer.blob(), name);
      setText("status", `Saved ${name}`);
    } catch (error) {
      setText("status", error.message);
    }
  }

  masldatlas.export_form = { set, setText, element, fault, showOwnWidth, offer, download };
})();
