/* Progress of a long computation; callbacks/shared/progress.py names its parts. */
(function () {
  "use strict";

  window.dash_clientside = window.dash_clientside || {};

  window.dash_clientside.progress = {
    /* state -> begin to ask, from the first time, with the progress hidden until there is some. */
    begin: () => [false, 0, true],
  };
})();
