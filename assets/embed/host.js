// For a page with embedded views of MASLDatlas: gives each frame the height of what it shows.
// It finds <iframe data-masldatlas src="…/embed/v1/…">, and makes one of each <div data-masldatlas="…/embed/v1/…">.
{
  // Only while a script runs does it know where it comes from.
  const { origin: home, href: top } = new URL("..", document.currentScript.src);
  const hello = { source: "masldatlas", version: 1, type: "hello" };
  const all = (tag) => [...document.querySelectorAll(tag + "[data-masldatlas]")];
  const start = () => {
    for (const div of all("div")) {
      const url = div.dataset.masldatlas;
      if (!url.startsWith(top)) continue;
      const frame = document.createElement("iframe");
      frame.loading = "lazy";
      frame.title = div.title;
      frame.style.cssText = "border:0;width:100%";
      frame.dataset.masldatlas = "";
      frame.src = url;
      div.replaceWith(frame);
    }
    for (const frame of all("iframe")) {
      // To whoever is there: a frame that waits to be seen is still empty, and a greeting is no secret.
      frame.contentWindow.postMessage(hello, "*");
    }
  };
  addEventListener("message", ({ data, origin, source }) => {
    const frame = all("iframe").find((it) => it.contentWindow == source);
    if (!frame || origin != home || data.source != hello.source || data.version > 1) return;
    if (data.type == "ready") source.postMessage(hello, home);
    if (data.height > 0) frame.style.height = data.height + "px";
  });
  addEventListener("DOMContentLoaded", start);
  start();
}
