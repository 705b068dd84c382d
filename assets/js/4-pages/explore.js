/* Explore in the browser: its maps, its address, and what is drawn on demand. */
(function () {
  "use strict";

  const { dash_clientside: dash, masldatlas } = window;
  const address = masldatlas.address.page("/explore");

  dash.explore = {
    ...masldatlas.maps.maps("explore", ["left", "right", "third", "fourth"], address, (cell) => dash.set_props("explore-cell", { data: cell })),
    ...address.callbacks,
    close_cell: () => null,
    export_csv: (clicks) => Boolean(clicks),
    take_list: (clicks, text) => (clicks ? text || "" : dash.no_update),
    take_sets: function (clicks, score, set_a, set_b, name_a, name_b) {
      return clicks || score ? { score, set_a, set_b, name_a, name_b } : dash.no_update;
    },
  };
})();
