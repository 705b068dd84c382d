/* Explore in the browser: its maps, its address, and what is drawn on demand. */
(function () {
  "use strict";

  const { dash_clientside: dash, masldatlas } = window;
  const address = masldatlas.address.page("/explore");
  const sides = ["left", "right", "third", "fourth"];
  const { paint, settled } = masldatlas.maps.maps("explore", sides, address, (cell) => dash.set_props("explore-cell", { data: cell }));
  const BELOW = ["tab", "by", "split", "show", "plot", "genes"]; // parameters that no map depends on
  let seen = null; // what the maps show, or will

  function ofMaps(state) {
    const parameters = new URLSearchParams(state);
    BELOW.forEach((name) => parameters.delete(name));
    return parameters.toString();
  }

  /* Callback: a state, once the maps show it; what does not concern them need not wait. */
  async function later(state) {
    const wanted = state && ofMaps(state);
    if (wanted !== seen) {
      seen = wanted;
      await settled();
    }
    return { state };
  }

  dash.explore = {
    paint,
    later,
    ...address.callbacks,
    close_cell: () => null,
    export_csv: (clicks) => Boolean(clicks),
    take_list: (clicks, text) => (clicks ? text || "" : dash.no_update),
    take_sets: function (clicks, score, set_a, set_b, name_a, name_b) {
      return clicks || score ? { score, set_a, set_b, name_a, name_b } : dash.no_update;
    },
  };
})();
