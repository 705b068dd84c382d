/* The requests of the export dialog: addresses of figures in the API (core/web/api/figures.py), and their answers. */
(function () {
  "use strict";

  const API = `${window.masldatlas.base}/api/v1/figures`;
  const MM_PER_INCH = 25.4;

  /* The parameters of a style {width, height, font_size, font, theme, legend, title}, by the names of the API. */
  function parameters(style, dpi) {
    const { width, height, font_size, theme, legend } = style;
    const pairs = { width, height, font_size, font: style.font === "default" ? "" : style.font, theme, legend };
    const given = Object.entries(pairs).filter(([, value]) => value !== null && value !== undefined && value !== "");
    return new URLSearchParams([...given, ["dpi", dpi], ["title", style.title ? "1" : "0"]]);
  }

  /* The address of a figure {figure, link}; `form` is a suffix such as ".png", or "/about".
   *
   * figures: what the API says of each kind of figure; only parameters that it knows are sent. */
  function address(figures, figure, style, form, dpi) {
    const known = figures.find((kind) => kind.figure === figure.figure).parameters;
    const pairs = [...new URLSearchParams(figure.link.split("?")[1])].filter(([name]) => known.includes(name));
    return `${API}/${figure.figure}${form}?${new URLSearchParams(pairs)}&${parameters(style, dpi)}`;
  }

  /* A link with some of its parameters changed. */
  function withParameters(link, changed) {
    const [path, query] = link.split("?");
    const all = new URLSearchParams(query);
    new URLSearchParams(changed).forEach((value, name) => all.set(name, value));
    return `${path}?${all}`;
  }

  /* The address of a zip of figures, each {link}. */
  function bundle(items) {
    return `${API}.zip?${new URLSearchParams(items.map((item) => ["figure", item.link]))}`;
  }

  /* The name of a file in a Content-Disposition header. */
  function filename(header) {
    const exact = (header || "").match(/filename\*=UTF-8''([^;]+)/);
    const plain = (header || "").match(/filename="([^"]+)"/);
    return exact ? decodeURIComponent(exact[1]) : plain ? plain[1] : "figure";
  }

  const short = (value) => String(Number(value.toFixed(1)));

  /* One line on the size of a file; without a browser on the server there are no pixels. */
  function describeSize(about, style, hasBrowser) {
    const size = `${short(about.width_mm)} × ${short(about.height_mm)} mm`;
    if (!hasBrowser) {
      return size;
    }
    const whole = (mm) => Math.floor((mm / MM_PER_INCH) * style.dpi).toLocaleString("en");
    return style.form === "png"
      ? `${size} · ${whole(about.width_mm)} × ${whole(about.height_mm)} pixels at ${style.dpi} dpi`
      : `${size} · raster parts at ${style.dpi} dpi`;
  }

  /* Fetch; an answer that is no success becomes an error with the words of the server. */
  async function request(url, signal) {
    const answer = await fetch(url, { signal });
    if (!answer.ok) {
      const problem = await answer.json().catch(() => ({}));
      throw new Error([problem.detail || `The server answers ${answer.status}.`, problem.remedy].filter(Boolean).join(" "));
    }
    return answer;
  }

  /* What the server can export: {figures, forms, fonts, browser}. */
  async function capabilities() {
    return (await request(API)).json();
  }

  window.masldatlas.export_request = { withParameters, parameters, address, bundle, filename, short, describeSize, request, capabilities };
})();
