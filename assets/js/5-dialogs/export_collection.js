/* The collection: figures that were added in the export dialog, on any page, and are downloaded as one zip. */
(function () {
  "use strict";

  const { dash_clientside: dash, masldatlas } = window;
  let collection = []; // each {link, words}

  /* The list of the collection, as components. */
  function list(items) {
    const { element } = masldatlas.export_form;
    if (!items.length) {
      return element("P", { children: "Empty. Figures that are added, from any page, come as one zip.", className: "publish-size" });
    }
    const rows = items.map(function (item, number) {
      const remove = {
        children: "Remove",
        type: "button",
        className: "btn btn-outline-secondary btn-sm",
        "data-remove": String(number),
        "aria-label": `Remove: ${item.words}`,
      };
      return element("Li", { children: [element("A", { children: item.words, href: item.link }), element("Button", remove)] });
    });
    return element("Ol", { children: rows, className: "publish-list" });
  }

  /* The entry of a figure in a style. */
  function entry(figure, style) {
    const { parameters, short } = masldatlas.export_request;
    const width = style.width ? `, ${short(Number(style.width))} mm` : "";
    const atlas = new URLSearchParams(figure.link.split("?")[1]).get("atlas") || "";
    return { link: `${figure.link}&${parameters(style, style.dpi)}`, words: `${figure.words}${width}, ${atlas}` };
  }

  /* The collection with one more figure; what it holds already is not added again. */
  function add(items, figure, style) {
    const { setText } = masldatlas.export_form;
    const added = entry(figure, style);
    if (items.some((item) => item.link === added.link)) {
      setText("status", "It is in the collection already.");
      return dash.no_update;
    }
    setText("status", "Added to the collection");
    return [...items, added];
  }

  document.addEventListener("click", function (event) {
    const button = event.target instanceof Element && event.target.closest("[data-remove]");
    if (button) {
      masldatlas.export_form.set("collection", { data: collection.filter((_item, number) => number !== Number(button.dataset.remove)) });
    }
  });

  dash.publish = {
    ...dash.publish,
    /* Callback: [the list, whether there is nothing to download]. */
    collected: function (items) {
      collection = items || [];
      return [list(collection), !collection.length];
    },
    bundle: function (clicks, items) {
      if (clicks && items && items.length) {
        masldatlas.export_form.download(masldatlas.export_request.bundle(items));
      }
    },
  };

  masldatlas.export_collection = { entry, add };
})();
