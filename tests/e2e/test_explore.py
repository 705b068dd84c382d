"""The page Explore, driven as a biologist would."""

import csv
import json
import re

import numpy as np
import pytest
from playwright.sync_api import expect

from core.analysis.distributions import summarise
from core.analysis.expression import expression_of
from core.atlas.catalog import Catalog
from core.figures.draw_order import drawn
from core.selection.masks import mask_of
from core.selection.model import Selection
from tests.e2e.conftest import HTML_NAME, LIVER, TINY, from_menu
from tests.tables import body

# Each opens pages that take a browser without a graphics card seconds to draw.
pytestmark = [pytest.mark.e2e, pytest.mark.slow(representative=True)]

WAIT = 30_000
MAP = """(side) => {
  const gd = document.querySelector(`#explore-${side} .js-plotly-plot`);
  const shown = window.masldatlas.maps.groups.explore?.shown[side];
  if (!gd || !gd._fullLayout || !gd.layout.images.length || shown?.data?.length !== 2) return null;
  const [outside, inside] = shown.data;
  const plain = (values) => values && typeof values !== "string" ? Array.from(values) : values;
  return {
    outside: (outside.x || []).length,
    inside: (inside.x || []).length,
    type: gd._fullData[1].type,
    array: inside.x.constructor.name,
    color: plain((inside.marker || {}).color),
    scale: (inside.marker || {}).colorscale,
    x: plain(inside.x),
    range: [...gd._fullLayout.xaxis.range, ...gd._fullLayout.yaxis.range],
    labels: (gd.layout.annotations || []).map((it) => it.text),
  };
}"""


def map_of(page, side):
    return page.evaluate(MAP, side)


def painted(page, gene, n=600):
    """Wait until both maps show so many cells, and the right one that gene."""
    expect(page.locator("#explore-right-title")).to_have_text(gene, timeout=WAIT)
    expect(page.locator("#explore-sentence")).to_contain_text(gene, timeout=WAIT)
    page.wait_for_function(
        f"""(n) => ["left", "right"].every((side) => {{
          const map = ({MAP})(side);
          return map && map.inside === n;
        }})""",
        arg=n,
        timeout=WAIT,
    )


def explore(page, server, search="", gene="ALB", n=600):
    page.goto(f"{server.url}/explore{search}")
    painted(page, gene, n)


def search(page, typed):
    page.keyboard.press("/")
    page.keyboard.type(typed)
    expect(page.locator(".gene-option").first).to_be_visible()


def choose(page, control, option):
    page.locator(f"#{control}").click()
    page.locator(".dash-dropdown-option", has_text=option).first.click()


@pytest.fixture
def liver(server):
    return Catalog(server.data).get(LIVER)


def test_a_first_visit_shows_a_meaningful_example(server, page, liver):
    page.goto(f"{server.url}/explore")
    painted(page, "ALB")
    share = 100 * (expression_of(liver, "ALB").values > 0).mean()
    expect(page.locator("#explore-sentence")).to_contain_text(f"ALB in all 600 cells of 6 samples: {share:.1f}%")
    expect(page.locator("#explore-left-title")).to_have_text("Cell type")
    expect(page.locator("#explore-types-title")).to_have_text("ALB by cell type")
    expect(page.locator("#explore-groups-title")).to_have_text("ALB by group")
    # The address is the whole view, whatever the defaults will be tomorrow.
    page.wait_for_url(re.compile(r"atlas=human%2Fliver&gene=ALB&color=cell_type&embedding=X_umap$"))
    # Both maps show every cell in its colour.
    left, right = map_of(page, "left"), map_of(page, "right")
    codes = liver.categorical("cell_type").codes
    values = expression_of(liver, "ALB").values
    xy = liver.embedding("X_umap")
    assert (left["type"], left["array"]) == ("scatter", "Float32Array"), "the cells are an image: no WebGL"
    order = drawn(np.arange(codes.size), codes, "category")
    # Compared at once: pytest would take minutes to explain how two lists of 600 differ.
    assert np.array_equal(left["color"], codes[order])
    np.testing.assert_array_equal(np.float32(left["x"]), xy[order, 0])
    # The highest lie on top; steps of a 65,535th are alike.
    np.testing.assert_allclose(right["color"], np.sort(values), atol=2 * values.max() / 65_535)
    value_at = dict(zip(xy[:, 0].tolist(), values.tolist(), strict=True))
    at = [value_at[x] for x in np.float32(right["x"]).tolist()]
    np.testing.assert_allclose(right["color"], at, atol=values.max() / 65_535)
    zero, first = right["scale"][0], right["scale"][2]
    assert zero[1] != first[1], "zeros have a colour of their own"
    assert len({step[1] for step in left["scale"]}) == 4, "three types and grey"
    # Names that look like HTML are text.
    labels = map_of(page, "left")["labels"]
    assert "&lt;img src=x onerror=alert(1)&gt;" in labels
    expect(page.locator("#explore-left .annotation-text", has_text=HTML_NAME)).to_have_count(1)
    expect(page.locator("#explore-types .ytick", has_text=HTML_NAME)).to_have_count(1)
    expect(page.locator("#explore-table .category-chip", has_text=HTML_NAME)).to_have_count(1)
    assert page.evaluate(
        "document.scrollingElement.scrollWidth <= innerWidth && document.body.scrollWidth <= innerWidth"
    )
    page.locator("#explore-filters .explore-field", has_text="Cell type").locator("button").first.click()
    expect(page.locator(".dash-dropdown-option", has_text=HTML_NAME)).to_have_count(1)
    assert page.evaluate("document.querySelectorAll('img[src=x]').length") == 0


def test_choose_an_atlas(server, page):
    explore(page, server)
    page.locator("#shell-atlas summary").click()
    page.locator("#shell-atlas a", has_text="40 cells").click()
    painted(page, "Alb", 40)  # the gene is kept, in the spelling of the species
    expect(page.locator("#explore-sentence")).to_contain_text("SIMULATED")
    expect(page.locator("#explore-groups-card")).to_be_hidden()
    page.wait_for_url(re.compile("atlas=mouse%2Ftiny"))
    expect(page.locator("#shell-atlas")).to_contain_text("40 cells")


def test_search_a_gene_by_prefix_case_and_id(server, page):
    explore(page, server)
    # The list is walked with arrows and left with Escape.
    search(page, "gene1")
    page.keyboard.press("ArrowDown")
    expect(page.locator(".gene-option[aria-selected=true]")).to_contain_text("GENE10")
    page.keyboard.press("Escape")
    expect(page.locator("#explore-gene-list")).to_be_hidden()
    expect(page.locator("#explore-gene")).to_have_value("ALB")
    page.locator("#explore-gene").fill("nothing like it")
    expect(page.locator(".gene-none")).to_contain_text("nothing like it")
    page.keyboard.press("Tab")
    expect(page.locator("#explore-gene")).to_have_value("ALB")
    page.evaluate("document.activeElement.blur()")
    before = map_of(page, "right")["x"]
    for typed, gene in (
        ("cyp", "CYP2E1"), ("cd68", "CD68"), ("ENSG00000000004", "COL1A1"), ("ensg00000000002", "CYP2E1"),
    ):  # fmt: skip
        search(page, typed)
        expect(page.locator(".gene-option").first).to_contain_text(gene)
        page.keyboard.press("Enter")
        painted(page, gene)
        expect(page.locator("#explore-gene")).to_have_value(gene)
        page.wait_for_url(re.compile(f"gene={gene}&"))
        assert sorted(map_of(page, "right")["x"]) == sorted(before)
        page.evaluate("document.activeElement.blur()")


def test_hover_tells_the_cell_and_recolouring_fetches_the_new_values_alone(server, page, liver):
    explore(page, server)
    at = page.evaluate(
        """() => {
          const gd = document.querySelector("#explore-left .js-plotly-plot"), layout = gd._fullLayout;
          const box = gd.getBoundingClientRect(), cells = window.masldatlas.maps.groups.explore.shown.left.data[1];
          return [box.x + layout.xaxis._offset + layout.xaxis.d2p(cells.x[5]),
                  box.y + layout.yaxis._offset + layout.yaxis.d2p(cells.y[5])];
        }"""
    )
    page.mouse.move(at[0] - 3, at[1] - 3)
    page.mouse.move(*at, steps=3)
    tip = page.locator(".explore-tooltip")
    column = liver.categorical("cell_type")
    expect(tip.filter(has_text="Cell type: ")).to_be_visible(timeout=WAIT)
    words = tip.filter(has_text="Cell type: ").inner_text()
    assert any(name in words for name in column.categories)
    assert re.search(r"ALB: \d", words)
    # Nothing moves when the colours change.
    zoom(page, "left")
    wait_for_same_range(page)
    before = map_of(page, "left")
    fetched = []
    page.on("request", lambda request: fetched.append(request.url) if "/arrays/" in request.url else None)
    search(page, "cyp2e1")
    page.keyboard.press("Enter")
    painted(page, "CYP2E1")
    assert [re.sub(r".*/", "", url) for url in fetched] == ["expression?gene=CYP2E1"]
    after = map_of(page, "left")
    assert after["x"] == before["x"]
    assert after["range"] == pytest.approx(before["range"])
    assert map_of(page, "right")["range"] == pytest.approx(before["range"])


def zoom(page, side):
    box = page.locator(f"#explore-{side} .nsewdrag").first.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 3, box["y"] + box["height"] / 3)
    page.keyboard.down("Control")
    page.mouse.wheel(0, -300)
    page.keyboard.up("Control")
    return box


def wait_for_same_range(page, moved_from=None):
    page.wait_for_function(
        f"""(home) => {{
          const [left, right] = ["left", "right"].map((side) => ({MAP})(side).range);
          const close = (one, other) => one.every((value, at) => Math.abs(value - other[at]) < 1e-3);
          return close(left, right) && !(home && close(left, home));
        }}""",
        arg=moved_from,
        timeout=WAIT,
    )


def test_zoom_and_reset_are_shared(server, page):
    explore(page, server)
    for side in ("left", "right"):
        home = map_of(page, side)["range"]
        # The wheel alone scrolls the page, and says how to zoom.
        page.locator(f"#explore-{side} .nsewdrag").first.hover()
        page.mouse.wheel(0, 60)
        expect(page.locator(f"#explore-{side}-card .map-hint[data-shown]")).to_have_text("Ctrl + scroll to zoom")
        page.wait_for_function("window.scrollY > 0")
        assert map_of(page, side)["range"] == home
        page.evaluate("window.scrollTo(0, 0)")
        page.wait_for_function("window.scrollY === 0")
        box = zoom(page, side)
        wait_for_same_range(page, home)
        page.wait_for_timeout(600)  # a wheel zoom ends 50 ms after the wheel, and a double click must not be part of it
        page.mouse.dblclick(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        page.wait_for_function(
            f"""(home) => ["left", "right"].every((side) =>
              ({MAP})(side).range.every((value, at) => Math.abs(value - home[at]) < 1e-2))""",
            arg=home,
            timeout=WAIT,
        )


@pytest.mark.slow
def test_filters_say_how_many_cells_are_left(server, page, liver):
    explore(page, server)
    expect(page.locator("#explore-count")).to_have_text("All 600 cells")
    place = page.locator("#explore-filters .explore-field", has_text="Cell type")
    place.locator("button").first.click()
    page.locator(".dash-dropdown-option", has_text="Kupffer").click()
    page.keyboard.press("Escape")
    n = int(mask_of(liver, Selection.of({"cell_type": ["Kupffer cell"]})).sum())
    expect(page.locator("#explore-count")).to_have_text(f"600 → {n} cells", timeout=WAIT)
    painted(page, "ALB", n)
    assert map_of(page, "left")["outside"] == 600 - n
    page.wait_for_url(re.compile("where=cell_type%3DKupffer"))
    page.locator("#explore-actions .cells-reset").click()
    expect(page.locator("#explore-count")).to_have_text("All 600 cells", timeout=WAIT)
    painted(page, "ALB")


@pytest.mark.slow
def test_no_cell_left_is_said_and_can_be_undone(server, page):
    explore(page, server, f"?atlas={LIVER}&where=cell_type%3DHepatocyte&range=n_counts:1e9:", n=0)
    expect(page.locator("#explore-sentence")).to_contain_text("No cells match these filters")
    page.locator("#explore-actions .cells-reset").click()
    painted(page, "ALB")


def test_the_table_equals_core_and_is_exported(server, page, liver):
    explore(page, server, f"?atlas={LIVER}&gene=COL1A1&where=group%3DMASH", "COL1A1", mash(liver))
    selection = Selection.of({"group": ["MASH"]})
    wanted = summarise(liver, expression_of(liver, "COL1A1"), "cell_type", selection)
    everything = summarise(liver, expression_of(liver, "COL1A1"), "cell_type", Selection())
    before = {it.category: it.n for it in everything}
    rows = page.locator("#explore-table .ag-center-cols-container .ag-row")
    expect(rows).to_have_count(3)
    for row, it in zip([rows.nth(n) for n in range(3)], wanted, strict=True):
        cells = row.locator(".ag-cell").all_inner_texts()
        share = 100 * it.n / mash(liver)
        assert cells == [
            it.category, f"{before[it.category]:,}", f"{it.n:,}", f"{share:.1f}", f"{it.n_expressing:,}",
            f"{it.pct_expressing:.1f}",
            f"{it.mean:.3f}", f"{it.median:.3f}",
        ]  # fmt: skip
    with page.expect_download() as started:
        from_menu(page, "explore-export").click()
    assert started.value.suggested_filename == "human-liver_COL1A1_cell_type.csv"
    lines = list(csv.reader(body(started.value.path().read_text("utf-8-sig")).splitlines()))
    assert lines[0][:3] == ["Cell type", "All cells", "Cells"]
    assert [line[0] for line in lines[1:]] == [it.category for it in wanted]
    assert [float(line[6]) for line in lines[1:]] == pytest.approx([it.mean for it in wanted])


def mash(atlas):
    return int(mask_of(atlas, Selection.of({"group": ["MASH"]})).sum())


@pytest.mark.slow
def test_reload_restores_everything(server, page, liver):
    explore(page, server)
    choose(page, "explore-color", "group")
    expect(page.locator("#explore-left-title")).to_have_text("Group", timeout=WAIT)
    choose(page, "explore-split", "group")
    page.wait_for_url(re.compile("split=group"))
    search(page, "CD68")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("gene=CD68"))
    page.locator("#explore-filters .explore-field", has_text="Group").locator("button").first.click()
    page.locator(".dash-dropdown-option", has_text="MASH").click()
    page.keyboard.press("Escape")
    painted(page, "CD68", mash(liver))
    page.wait_for_url(re.compile("where=group%3DMASH"))
    address, said = page.url, page.locator("#explore-sentence").inner_text().rpartition(" · ")[0]
    before = map_of(page, "left")
    page.reload()
    painted(page, "CD68", mash(liver))
    assert page.url == address
    assert page.locator("#explore-sentence").inner_text().rpartition(" · ")[0] == said
    assert map_of(page, "left")["color"] == before["color"]
    expect(page.locator("#explore-color")).to_contain_text("group")
    expect(page.locator("#explore-split")).to_contain_text("group")
    expect(page.locator("#explore-filters")).to_contain_text("MASH")


def test_back_and_forward_walk_the_views(server, page):
    explore(page, server)
    search(page, "CD68")
    page.keyboard.press("Enter")
    painted(page, "CD68")
    search(page, "CYP2E1")
    page.keyboard.press("Enter")
    painted(page, "CYP2E1")
    page.wait_for_url(re.compile("gene=CYP2E1"))
    page.go_back()
    painted(page, "CD68")
    expect(page.locator("#explore-gene")).to_have_value("CD68")
    page.go_back()
    painted(page, "ALB")
    page.go_forward()
    painted(page, "CD68")
    page.wait_for_url(re.compile("gene=CD68"))
    # To another page and back: this one is built anew from its own address.
    page.get_by_role("link", name="Atlases").first.click()
    expect(page.locator("#explore-gene")).to_have_count(0)
    page.go_back()
    painted(page, "CD68")


@pytest.mark.slow
def test_a_broken_link_explains_and_shows_what_it_can(server, page):
    broken = "&gene=ALBB&color=nope&where=cell_type%3DHepatocite&where=x&embedding=X_pca9"
    page.goto(f"{server.url}/explore?atlas={LIVER}{broken}")
    problems = page.locator(".explore-problem")
    expect(problems).to_have_count(5, timeout=WAIT)
    for words in (
        '"ALBB" was not found in',
        "'nope'",
        "no category 'Hepatocite'",
        "'x' is not a filter",
        "X_pca9",
    ):
        expect(page.locator("#explore-problems")).to_contain_text(words)
    assert "gene=ALBB" in page.url, "the broken link can still be read"
    expect(page.locator("#explore-answer")).to_be_hidden()
    page.locator(".choice", has_text="Hepatocyte").click()
    page.wait_for_url(re.compile("Hepatocyte"))
    page.locator(".choice", has_text="ALB").first.click()
    page.wait_for_url(re.compile("gene=ALB&"))
    expect(page.locator("#explore-count")).to_contain_text("→", timeout=WAIT)
    expect(page.locator("#explore-problems")).not_to_contain_text("ALBB", timeout=WAIT)


@pytest.mark.slow
def test_an_unknown_atlas_offers_the_others(server, page):
    page.goto(f"{server.url}/explore?atlas=human/livr")
    expect(page.locator(".explore-problem")).to_contain_text("no atlas 'human/livr'")
    expect(page.locator("#explore-answer")).to_be_hidden()
    page.locator(".choice", has_text=LIVER).click()
    painted(page, "ALB")
    expect(page.locator(".explore-problem")).to_have_count(0, timeout=WAIT)


@pytest.mark.slow
def test_a_number_colours_the_left_map(server, page, liver):
    explore(page, server, f"?atlas={LIVER}&color=n_counts")
    numbers = liver.column("n_counts").values
    numbers = numbers[drawn(np.arange(numbers.size), numbers, "number")]
    np.testing.assert_allclose(map_of(page, "left")["color"], numbers, atol=np.ptp(numbers) / 65_535)
    expect(page.locator("#explore-table-note")).to_contain_text("rows are grouped by cell type")


@pytest.mark.slow
def test_arrays_that_cannot_be_fetched_leave_a_sentence(server, page, tolerated):
    tolerated.append("Failed to load resource")
    page.route("**/arrays/**", lambda route: route.abort())
    page.goto(f"{server.url}/explore")
    for side in ("left", "right"):
        expect(page.locator(f"#explore-{side}-fault")).to_contain_text("could not be loaded", timeout=WAIT)
    page.unroute("**/arrays/**")
    page.reload()
    painted(page, "ALB")
    expect(page.locator("#explore-left-fault")).to_be_hidden()


@pytest.mark.parametrize("scheme", ["light", pytest.param("dark", marks=pytest.mark.slow)])
def test_a_phone_scrolls_down_only(server, browse, scheme):
    page = browse(width=390, height=844, color_scheme=scheme)
    explore(page, server, f"?atlas={LIVER}&split=group")
    expect(page.locator("#explore-table .ag-row").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert page.evaluate("document.body.scrollWidth") <= 390
    page.locator("[data-rail=open]").first.click()
    expect(page.locator("#explore-gene")).to_be_visible()


def test_without_an_atlas_the_page_says_how_to_get_one(serve, page):
    server = serve(empty=True)
    page.goto(f"{server.url}/explore")
    expect(page.locator("#explore-problems")).to_contain_text("No atlas yet", timeout=WAIT)
    expect(page.locator("#explore-answer")).to_be_hidden()


@pytest.mark.slow
def test_an_atlas_without_groups(server, page):
    explore(page, server, f"?atlas={TINY}", "Alb", 40)
    expect(page.locator("#explore-types-card")).to_be_visible()
    expect(page.locator("#explore-groups-card")).to_be_hidden()
    # Its cell types are mixed on the map: their names would stand anywhere.
    assert "Hepatocyte" not in json.dumps(map_of(page, "left")["labels"])
