/* Permalinks of figures, as core/urls/permalinks.py writes and reads them. */
(function () {
  "use strict";

  const VERSION = "1";
  const OWN = ["v", "figure", "panel", "hash"]; // parameters of permalinks; all others are those of the page

  /* The address of a figure of a page, or of the page where `figure` is empty, from its path on.
   *
   * location: {pathname, search} of the page. hashes: the beginning of the content hash of each atlas, of which the
   * link has that of the atlas and those of the others beside it. */
  function permalink(location, hashes, figure, panel) {
    const kept = [...new URLSearchParams(location.search)].filter(([name]) => !OWN.includes(name));
    const atlas = kept.find(([name]) => name === "atlas");
    const pairs = [["v", VERSION]];
    if (figure) {
      pairs.push(["figure", figure]);
    }
    if (panel > 1) {
      pairs.push(["panel", String(panel)]);
    }
    pairs.push(...kept);
    if (atlas && hashes[atlas[1]]) {
      const others = kept.find(([name]) => name === "others");
      const ids = others ? others[1].split(",") : [];
      const digests = [atlas[1], ...ids].map((id) => hashes[id] || "");
      pairs.push(["hash", digests.join(".").replace(/\.+$/, "")]);
    }
    return `${location.pathname}?${new URLSearchParams(pairs)}`;
  }

  window.masldatlas.permalinks = { permalink };
})();
