/* Species in the browser: its address, and the list of genes that is drawn. */
(function () {
  "use strict";

  const { dash_clientside: dash, masldatlas } = window;
  const address = masldatlas.address.page("/species");

  dash.species = {
    ...address.callbacks,
    take_list: (clicks, text) => (clicks ? text || "" : dash.no_update),
  };
})();
