"use strict";

const assert = require("node:assert/strict");
const test = require("node:test");
const { load } = require("./load.js");

const { masldatlas } = load(["5-dialogs/export_request", "5-dialogs/export_collection"], { document: { addEventListener: () => undefined } });
const { address, bundle, describeSize, filename, parameters } = masldatlas.export_request;
const STYLE = { form: "png", dpi: 300, width: 85, height: null, font_size: 7, font: "default", theme: "light", legend: "right", title: true };
const FIGURE = { figure: "violin", words: "Violins of ALB", link: "/explore?v=1&figure=violin&atlas=human%2Fliver&gene=ALB&zoom=1_2_3_4" };

test("a style is sent without what is left to the server", () => {
  assert.equal(String(parameters(STYLE, 300)), "width=85&font_size=7&theme=light&legend=right&dpi=300&title=1");
  const other = { ...STYLE, width: undefined, font: "DejaVu Sans", legend: "", title: false };
  assert.equal(String(parameters(other, 72)), "font_size=7&font=DejaVu+Sans&theme=light&dpi=72&title=0");
});

test("a figure is asked for with the parameters that the API knows", () => {
  const figures = [{ figure: "embedding", parameters: ["atlas", "zoom"] }, { figure: "violin", parameters: ["atlas", "gene"] }];
  const url = address(figures, FIGURE, STYLE, ".png", 192);
  assert.equal(url, `/api/v1/figures/violin.png?atlas=human%2Fliver&gene=ALB&${parameters(STYLE, 192)}`);
});

test("a proposal of the server changes the link of a figure", () => {
  const { withParameters } = masldatlas.export_request;
  assert.equal(withParameters("/markers?atlas=human%2Fliver&top_n=10", "top_n=4"), "/markers?atlas=human%2Fliver&top_n=4");
  assert.equal(withParameters("/markers?atlas=a", "top_n=4"), "/markers?atlas=a&top_n=4");
});

test("the collection names each figure, and is one zip", () => {
  const entry = masldatlas.export_collection.entry(FIGURE, STYLE);
  assert.equal(entry.link, `${FIGURE.link}&${parameters(STYLE, 300)}`);
  assert.equal(entry.words, "Violins of ALB, 85 mm, human/liver");
  const url = new URL(bundle([entry, { link: "/markers?v=1" }]), "https://atlas.example.org");
  assert.equal(url.pathname, "/api/v1/figures.zip");
  assert.deepEqual(url.searchParams.getAll("figure"), [entry.link, "/markers?v=1"]);
});

test("the name of a file is read from its header", () => {
  assert.equal(filename(`attachment; filename="violin.png"`), "violin.png");
  assert.equal(filename(`attachment; filename="x.png"; filename*=UTF-8''Zelltyp%20%C3%A4.png`), "Zelltyp ä.png");
  assert.equal(filename(null), "figure");
});

test("the size of a file is said in millimetres, and in pixels where a browser draws them", () => {
  const about = { width_mm: 85, height_mm: 60.04 };
  assert.equal(describeSize(about, STYLE, true), "85 × 60 mm · 1,003 × 709 pixels at 300 dpi");
  assert.equal(describeSize(about, { ...STYLE, form: "pdf" }, true), "85 × 60 mm · raster parts at 300 dpi");
  assert.equal(describeSize(about, STYLE, false), "85 × 60 mm");
});
