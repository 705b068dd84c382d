/* What the server refuses for now (429): said in a message, waited for, and asked again, so that the page goes on by
 * itself. Without the second try a callback would be lost, and its part of the page would stay as it was. */
(function () {
  "use strict";

  const LONGEST_WAIT = 120; // seconds
  const MOST_TRIES = 3;
  const fetchNow = window.fetch;
  let waiting = 0;
  let told = false;

  function toast(said, wait) {
    const paragraph = (text, className) => ({ namespace: "dash_html_components", type: "P", props: { children: text, className } });
    const remedy = wait ? `The page goes on by itself in ${wait} second${wait === 1 ? "" : "s"}.` : said.remedy;
    return {
      namespace: "dash_bootstrap_components",
      type: "Toast",
      props: {
        children: [paragraph(said.detail, "toast-detail"), paragraph(remedy, "toast-remedy")],
        header: said.title,
        dismissable: true,
        class_name: "toast-error",
      },
    };
  }

  // Not through the server, which would refuse this too.
  function show(toasts) {
    window.dash_clientside.set_props("shell-toasts", { children: toasts });
  }

  window.fetch = async function (resource, options) {
    let waited = false;
    let answer = await fetchNow.call(window, resource, options);
    for (let tries = 0; tries < MOST_TRIES && answer.status === 429; tries += 1) {
      const asked = Number(answer.headers.get("Retry-After"));
      const wait = asked <= LONGEST_WAIT ? asked : 0;
      if (!told) {
        told = true;
        show([toast(await answer.clone().json(), wait)]);
      }
      if (!wait) {
        break;
      }
      waited = true;
      waiting += 1;
      await new Promise((resolve) => setTimeout(resolve, 1000 * wait));
      waiting -= 1;
      answer = await fetchNow.call(window, resource, options);
    }
    if (waited && answer.status !== 429 && waiting === 0) {
      told = false;
      show([]);
    }
    return answer;
  };
})();
