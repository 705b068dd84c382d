/* Requests over the server's rate limit (429) are repeated after the time that Retry-After names, and a message says so.
 * Without the repetition a callback would be lost, and its part of the page would stay as it was. */
(function () {
  "use strict";

  const LONGEST_WAIT = 120; // seconds
  const MAX_REPEATS = 3;

  /* Seconds to wait by a Retry-After header; 0 where there is none, or where the wait is too long. */
  function waitOf(header) {
    const seconds = Number(header);
    return seconds <= LONGEST_WAIT ? seconds : 0;
  }

  /* The message: what the server said, and when the page goes on. */
  function toast(problem, wait) {
    const paragraph = (text, className) => ({ namespace: "dash_html_components", type: "P", props: { children: text, className } });
    const remedy = wait ? `The page goes on by itself in ${wait} second${wait === 1 ? "" : "s"}.` : problem.remedy;
    return {
      namespace: "dash_bootstrap_components",
      type: "Toast",
      props: {
        children: [paragraph(problem.detail, "toast-detail"), paragraph(remedy, "toast-remedy")],
        header: problem.title,
        dismissable: true,
        class_name: "toast-error",
      },
    };
  }

  /* A `fetch` that repeats what is over the limit. `pause` waits for some seconds, `show` shows a list of messages. */
  function repeating(fetch, pause, show) {
    let waiting = 0;
    let shown = false;
    return async function (resource, options) {
      let waited = false;
      let answer = await fetch(resource, options);
      for (let repeats = 0; repeats < MAX_REPEATS && answer.status === 429; repeats += 1) {
        const wait = waitOf(answer.headers.get("Retry-After"));
        if (!shown) {
          shown = true;
          show([toast(await answer.clone().json(), wait)]);
        }
        if (!wait) {
          break;
        }
        waited = true;
        waiting += 1;
        await pause(wait);
        waiting -= 1;
        answer = await fetch(resource, options);
      }
      if (waited && answer.status !== 429 && waiting === 0) {
        shown = false;
        show([]);
      }
      return answer;
    };
  }

  window.fetch = repeating(
    window.fetch.bind(window),
    (seconds) => new Promise((resolve) => setTimeout(resolve, 1000 * seconds)),
    // In the browser alone: the server would refuse this too.
    (toasts) => window.dash_clientside.set_props("shell-toasts", { children: toasts }),
  );
  window.masldatlas.retry_after = { waitOf, toast, repeating };
})();
