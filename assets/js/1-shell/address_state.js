/* Rules of the address of a page of cells. The zoom of its maps is a parameter that only the browser writes. */
(function () {
  "use strict";

  const NUMBER = /^\s*[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?\s*$/i;

  /* The ranges [x0, x1, y0, y1] of a parameter `zoom=X0_X1_Y0_Y1`; null where it is none. */
  function parseZoom(text) {
    const parts = (text || "").split("_");
    const [x0, x1, y0, y1] = parts.map((part) => (NUMBER.test(part) ? Number(part) : NaN));
    const valid = parts.length === 4 && [x0, x1, y0, y1].every(Number.isFinite) && x0 < x1 && y0 < y1;
    return valid ? [x0, x1, y0, y1] : null;
  }

  /* The state that the server knows, and the zoom. */
  function separate(search) {
    return {
      plain: (search || "").replace(/([?&])zoom=[^&]*&?/, "$1").replace(/[?&]$/, ""),
      zoom: parseZoom(new URLSearchParams(search).get("zoom")),
    };
  }

  function withZoom(plain, zoom) {
    if (!zoom) {
      return plain;
    }
    const text = zoom.map((value) => Number(value.toPrecision(6))).join("_");
    return `${plain}${plain ? "&" : "?"}zoom=${text}`;
  }

  /* Whether two addresses show the same embedding of the same atlas, so that one zoom serves both. */
  function samePlane(one, other) {
    const [first, second] = [one, other].map((search) => new URLSearchParams(search));
    return ["atlas", "embedding"].every((name) => first.get(name) === second.get(name));
  }

  window.masldatlas.address_state = { separate, withZoom, samePlane };
})();
