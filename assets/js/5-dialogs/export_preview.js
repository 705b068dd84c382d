/* The preview of the export dialog: the figure as the server draws it, its size, legend and methods. */
(function () {
  "use strict";

  const { masldatlas } = window;
  const DPI = 192; // of the preview: sharp on most screens, whatever the file will have
  let current = null; // AbortController of the preview under way

  async function showImage(frame, answer, about) {
    const image = new Image();
    const url = URL.createObjectURL(await answer.blob());
    image.src = url;
    image.alt = about.legend;
    await image.decode();
    URL.revokeObjectURL(url);
    image.style.width = `${about.width_mm}mm`;
    frame.replaceChildren(image);
  }

  /* A button that changes parameters of the figure, so that it fits on a page of a journal. */
  function fitButton(parameters) {
    const props = { children: "Fit one page", type: "button", className: "btn btn-outline-secondary btn-sm", "data-fit": parameters };
    return masldatlas.export_form.element("Button", props);
  }

  async function load(frame, figure, style, server, signal) {
    const { address, request, describeSize } = masldatlas.export_request;
    const { set, setText } = masldatlas.export_form;
    const about = await (await request(address(server.figures, figure, style, "/about", style.dpi), signal)).json();
    set("legend-text", { value: about.legend });
    set("methods-text", { value: about.methods });
    if (server.browser) {
      await showImage(frame, await request(address(server.figures, figure, style, ".png", DPI), signal), about);
    }
    const words = [describeSize(about, style, server.browser), ...about.notes].join(" · ");
    const fitting = new URLSearchParams(about.fitting).toString();
    setText("size", fitting ? [`${words} `, fitButton(fitting)] : words);
  }

  /* Draw the preview anew; one that is under way is given up. */
  async function draw(figure, style, server) {
    const { fault, setText } = masldatlas.export_form;
    if (current) {
      current.abort();
    }
    const controller = (current = new AbortController());
    const frame = document.getElementById("publish-preview");
    if (!frame) {
      return;
    }
    const wrong = fault();
    if (wrong) {
      setText("size", wrong);
      return;
    }
    frame.dataset.waiting = "true";
    setText("size", "Drawing…");
    try {
      await load(frame, figure, style, server, controller.signal);
    } catch (error) {
      if (!controller.signal.aborted) {
        frame.replaceChildren();
        setText("size", error.message);
      }
    }
    if (current === controller) {
      delete frame.dataset.waiting;
    }
  }

  masldatlas.export_preview = { draw };
})();
