/* The export dialog: which figure it is about, in which style, and what its buttons do. */
(function () {
  "use strict";

  const { dash_clientside: dash, masldatlas } = window;
  const OPENING = 10_000; // ms that a busy browser may take to show the dialog
  const PAUSE = 350; // ms without a change until a preview is requested
  let figure = null; // {figure, panel, words, link, at}, as the toolbar of a figure tells it
  let style = null; // {form, dpi, width, ...}, as the fields of the dialog say
  let server = null; // what the server can export
  let timer = null;
  let openedAt = 0;

  /* Draw the preview, once the dialog is on the page: it is there a moment after it was told to open. */
  async function begin() {
    if (!document.getElementById("publish-preview")) {
      if (Date.now() - openedAt < OPENING) {
        timer = setTimeout(begin, PAUSE);
      }
      return;
    }
    masldatlas.export_form.showOwnWidth(document.getElementById("publish-width").value);
    try {
      if (!server) {
        server = await masldatlas.export_request.capabilities();
        masldatlas.export_form.offer(server);
      }
    } catch (error) {
      masldatlas.export_form.setText("size", error.message);
      return;
    }
    if (figure && style) {
      masldatlas.export_preview.draw(figure, style, server);
    }
  }

  /* Save the plot as the page shows it, where the server cannot draw. */
  document.addEventListener("click", function (event) {
    const button = event.target instanceof Element && event.target.closest("[data-as-shown]");
    if (button) {
      const plot = masldatlas.permalink_tools.plot();
      const { width, height } = plot.getBoundingClientRect();
      window.Plotly.downloadImage(plot, { format: button.dataset.asShown, width, height, scale: 3, filename: figure.words });
    }
  });

  /* Fit the figure on a page of a journal, as the preview proposes. */
  document.addEventListener("click", function (event) {
    const button = event.target instanceof Element && event.target.closest("[data-fit]");
    if (button && figure) {
      figure = { ...figure, link: masldatlas.export_request.withParameters(figure.link, button.dataset.fit) };
      begin();
    }
  });

  dash.publish = {
    ...dash.publish,
    /* Callback: [whether the dialog is open, its heading, its status]. */
    open: function (requested) {
      if (dash.callback_context.triggered_id === "publish-close" || !requested) {
        return [false, dash.no_update, ""];
      }
      figure = requested;
      return [true, `Export: ${requested.words}`, ""];
    },
    chosen: function (requested, form, dpi, width, own, height, font_size, font, theme, legend, title) {
      figure = requested || figure;
      openedAt = dash.callback_context.triggered_id === "publish-export" ? Date.now() : openedAt;
      style = { form, dpi: Number(dpi), width: width === "custom" ? own : Number(width), height, font_size, font, theme, legend, title };
      masldatlas.export_form.showOwnWidth(width);
      clearTimeout(timer);
      timer = setTimeout(begin, PAUSE);
    },
    download: function (clicks) {
      const { fault, setText, download } = masldatlas.export_form;
      const wrong = clicks && fault();
      if (wrong) {
        setText("status", wrong);
      } else if (clicks && figure && server) {
        download(masldatlas.export_request.address(server.figures, figure, style, `.${style.form}`, style.dpi));
      }
    },
    add: function (clicks, items) {
      const isValid = clicks && figure && !masldatlas.export_form.fault();
      return isValid ? masldatlas.export_collection.add(items || [], figure, style) : dash.no_update;
    },
  };
})();
