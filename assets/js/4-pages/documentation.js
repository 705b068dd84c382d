/* The page Documentation: goes to the heading that the address names.
 *
 * Texts, formulas and pictures arrive after their headings and push them down, so the heading is kept in place for a
 * while, unless the reader moves. */
(function () {
  "use strict";

  const dash = (window.dash_clientside = window.dash_clientside || {});
  const KEEP_MS = 3000;
  const MOVES = ["wheel", "touchmove", "keydown", "pointerdown"];
  let release = () => {};

  function keep(heading, article) {
    const stay = () => heading.scrollIntoView({ block: "start" });
    const watch = new ResizeObserver(stay);
    const timer = setTimeout(() => release(), KEEP_MS);
    release = function () {
      clearTimeout(timer);
      watch.disconnect();
      MOVES.forEach((name) => window.removeEventListener(name, release));
    };
    MOVES.forEach((name) => window.addEventListener(name, release, { passive: true }));
    watch.observe(article);
    stay();
  }

  /* (children, hash) -> nothing; React has drawn the children by the next frame. */
  function go(_children, hash) {
    release();
    requestAnimationFrame(function () {
      const article = document.getElementById("documentation-article");
      const heading = article && document.getElementById(decodeURIComponent((hash || "").slice(1)));
      if (heading && article.contains(heading)) {
        heading.focus({ preventScroll: true });
        keep(heading, article);
      }
    });
    return dash.no_update;
  }

  dash.documentation = { go };
})();
