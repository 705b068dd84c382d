"""What a biologist does on Explore beyond one gene: lassos, two genes, gene sets, small maps, and the keyboard."""

import re
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
from playwright.sync_api import expect

from core.analysis.correlation import CorrelationParams, correlates
from core.analysis.distributions import summarise
from core.analysis.expression import expression_of
from core.analysis.gene_set_scores import ScoreParams, cell_moments, score
from core.atlas.catalog import Catalog
from core.compute.workers import open_workers
from core.selection.masks import mask_of
from core.selection.model import Selection
from core.settings.settings import load
from tests.e2e._large import LARGE, centres, import_large
from tests.e2e.conftest import HTML_NAME, LIVER
from tests.e2e.test_explore import WAIT, choose, explore, map_of, painted, search, zoom

# Each opens pages that take a browser without a graphics card seconds to draw.
pytestmark = [pytest.mark.e2e, pytest.mark.slow(representative=True)]
N_LARGE = 20_000
RANGES = """() => ["left", "right"].map((side) => {
  const layout = document.querySelector(`#explore-${side} .js-plotly-plot`)._fullLayout;
  return [...layout.xaxis.range, ...layout.yaxis.range];
})"""


@pytest.fixture
def liver(server):
    return Catalog(server.data).get(LIVER)


def selection_of(page):
    """The selection that the address holds."""
    given = parse_qs(urlsplit(page.url).query, keep_blank_values=True)
    return Selection.of_parameters(given)


def on_screen(page, side, x, y):
    """Where a point of the map is on the screen."""
    return page.evaluate(
        """([side, x, y]) => {
          const gd = document.querySelector(`#explore-${side} .js-plotly-plot`), layout = gd._fullLayout;
          const box = gd.getBoundingClientRect();
          const place = (axis, value) => axis._offset + axis.d2p(value);
          return [box.x + place(layout.xaxis, x), box.y + place(layout.yaxis, y)];
        }""",
        [side, x, y],
    )


def drag(page, corners):
    page.mouse.move(*corners[0])
    page.mouse.down()
    for corner in corners[1:]:
        page.mouse.move(*corner, steps=8)
    page.mouse.up()


def lasso(page, side, corners, tool="lasso"):
    """Draw round some corners in the coordinates of the map."""
    page.locator(f"[data-tool={tool}]").click()
    drag(page, [on_screen(page, side, *corner) for corner in corners])
    page.wait_for_url(re.compile("lasso="))


HEPATOCYTES = [(-1.7, -1.7), (1.8, -1.7), (2.2, 0.4), (1.7, 1.9), (-1.7, 2.0)]


def test_a_lasso_becomes_violins_and_then_correlations(server, page, liver):
    explore(page, server)
    lasso(page, "right", HEPATOCYTES)
    mask = mask_of(liver, selection_of(page))
    n = int(mask.sum())
    assert 0 < n < 600
    # Exactly the cells inside the polygon, on both maps.
    painted(page, "ALB", n)
    xy = liver.embedding("X_umap")
    shown = map_of(page, "left")["x"]
    assert sorted(shown) == sorted(xy[mask, 0].tolist())
    near = (np.abs(xy) < 1.4).all(axis=1)
    assert mask[near].all(), "what lies well inside of what was drawn is selected"
    assert not mask[(xy > 2.5).any(axis=1) | (xy < -2).any(axis=1)].any()
    expect(page.locator("#explore-count")).to_have_text(f"600 → {n} cells")
    wanted = summarise(liver, expression_of(liver, "ALB"), "cell_type", selection_of(page))
    biggest = max(wanted, key=lambda it: it.n)
    expect(page.locator("#explore-types .ytick", has_text=f"n {biggest.n:,}")).to_have_count(1)
    # The same cells on the page of correlations.
    page.locator("#explore-correlate").click()
    page.wait_for_url(re.compile(r"/correlation\?.*lasso="))
    workers = open_workers(load(data_dir=server.data))
    table = correlates(liver, CorrelationParams.of(liver, "ALB", selection=selection_of(page)), workers)
    expect(page.locator("#correlation-count")).to_have_text(f"600 → {n} cells", timeout=WAIT)
    first = page.locator("#correlation-table .ag-pinned-left-cols-container [row-index='0'] .ag-cell").first
    expect(first).to_have_text(table["gene"][0].as_py(), timeout=WAIT)
    expect(page.locator("#correlation-actions")).to_contain_text("lasso on UMAP")
    # These cells against all others, in one click.
    page.get_by_role("link", name=f"Find markers of these {n} cells").click()
    page.wait_for_url(re.compile(r"/markers\?.*a=lasso.*b=exclude"))
    expect(page.locator("#markers-sentence")).to_contain_text("A", timeout=WAIT)


@pytest.mark.slow
def test_boxes_add_up_with_shift_and_steps_go_back_and_forth(server, page, liver):
    explore(page, server)
    expect(page.locator("[data-step=undo]")).to_be_disabled()
    lasso(page, "left", [(-2, -2), (1, 1)], tool="box")
    one = int(mask_of(liver, selection_of(page)).sum())
    painted(page, "ALB", one)
    page.keyboard.down("Shift")
    before = page.url
    drag(page, [on_screen(page, "left", 5, 0), on_screen(page, "left", 7, 2)])
    page.keyboard.up("Shift")
    page.wait_for_url(lambda url: url != before)
    assert len(selection_of(page).lassos) == 2
    both = int(mask_of(liver, selection_of(page)).sum())
    assert both > one
    painted(page, "ALB", both)
    page.locator("[data-step=undo]").click()
    painted(page, "ALB", one)
    page.keyboard.press("Control+z")
    painted(page, "ALB")
    page.keyboard.press("Control+Shift+z")
    painted(page, "ALB", one)
    page.locator("#explore-actions .btn", has_text="Invert").click()
    painted(page, "ALB", 600 - one)
    np.testing.assert_array_equal(mask_of(liver, selection_of(page)).sum(), 600 - one)
    page.locator("#explore-actions .cells-remove").first.click()
    painted(page, "ALB")


def test_selections_are_kept_as_a_and_b(server, page, liver):
    explore(page, server, f"?atlas={LIVER}&where=group%3DMASH", n=int(group(liver, "MASH")))
    page.locator(".cells-keep-a").click()
    expect(page.locator("#explore-actions")).to_contain_text(f"A {group(liver, 'MASH')} cells")
    page.locator("#explore-actions .cells-reset").click()
    painted(page, "ALB")
    page.locator("#explore-filters .explore-field", has_text="Group").locator("button").first.click()
    page.locator(".dash-dropdown-option", has_text="Healthy").click()
    page.keyboard.press("Escape")
    painted(page, "ALB", group(liver, "Healthy"))
    page.locator(".cells-keep-b").click()
    expect(page.locator(".cells-show-b")).to_have_text(f"B {group(liver, 'Healthy')} cells")
    page.locator(".cells-show-a").click()
    painted(page, "ALB", group(liver, "MASH"))
    expect(page.locator(".cells-compare")).to_have_attribute("href", re.compile(r"/markers\?.*a=.*b="))


def group(atlas, name):
    return int(mask_of(atlas, Selection.of({"group": [name]})).sum())


def test_two_genes_are_blended(server, page, liver):
    explore(page, server)
    field = page.locator("#explore-gene-b")
    field.click()
    field.fill("CYP2E1")
    expect(page.locator(".gene-option").first).to_be_visible()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("gene_b=CYP2E1"))
    expect(page.locator("#explore-third-title")).to_have_text("ALB and CYP2E1", timeout=WAIT)
    page.wait_for_function("""() => {
      const cells = window.masldatlas.maps.groups.explore.shown.third?.data[1];
      return cells && cells.marker.cmax === 255.5 && cells.x.length === 600;
    }""")
    shown = page.evaluate("""() => {
      const trace = window.masldatlas.maps.groups.explore.shown.third.data[1];
      return [Array.from(trace.x), Array.from(trace.marker.color)];
    }""")
    values = [expression_of(liver, gene).values for gene in ("ALB", "CYP2E1")]
    codes = sum(
        np.floor(each / each.max() * 15 + 0.5).astype(int) * weight
        for each, weight in zip(values, (16, 1), strict=True)
    )
    by_place = dict(zip(liver.embedding("X_umap")[:, 0].tolist(), codes.tolist(), strict=True))
    wrong = [x for x, code in zip(*shown, strict=True) if abs(by_place[np.float32(x).item()] - code) not in (0, 1, 16)]
    assert not wrong
    exact = sum(by_place[np.float32(x).item()] == code for x, code in zip(*shown, strict=True))
    assert exact > 590, "the browser rounds what the server sends in 65,535 steps"
    expect(page.locator("#explore-third-legend .blend-square")).to_be_visible()


def test_gene_sets_with_a_typo(server, page, liver):
    explore(page, server, f"?atlas={LIVER}&tab=sets")
    expect(page.locator("#explore-sets-shown")).to_contain_text("No gene set yet", timeout=WAIT)
    page.locator("#explore-name-a").fill("Hepatocyte genes")
    page.locator("#explore-set-a").fill("alb; 'CYP2E2'\nGENE3")
    page.locator("#explore-set-b").fill("CD68, COL1A1")
    page.locator("#explore-sets-draw").click()
    shown = page.locator("#explore-sets-shown")
    expect(shown).to_contain_text("2 of 3 found", timeout=WAIT)
    shown.locator(".choice, a", has_text="CYP2E1").first.click()
    expect(shown).to_contain_text("3 of 3 found", timeout=WAIT)
    choose(page, "explore-color-2", "Hepatocyte genes")
    expect(page.locator("#explore-right-title")).to_have_text("Hepatocyte genes", timeout=WAIT)
    params = ScoreParams.of(liver, ["ALB", "CYP2E1", "GENE3"])
    workers = open_workers(load(data_dir=server.data))
    wanted = score(liver, params, cell_moments(liver, "expression", workers))
    page.wait_for_function("""() => {
      const trace = window.masldatlas.maps.groups.explore.shown.right.data[1];
      return trace.marker.cmin < 0;
    }""")
    np.testing.assert_allclose(np.sort(map_of(page, "right")["color"]), np.sort(wanted), atol=np.ptp(wanted) / 30_000)


@pytest.mark.slow
def test_split_by_group(server, page, liver):
    explore(page, server)
    choose(page, "explore-facet", "group")
    page.wait_for_url(re.compile("facet=group"))
    page.wait_for_function("""() => ["left", "right"].every((side) => {
      const { data } = window.masldatlas.maps.groups.explore.shown[side];
      const gd = document.querySelector(`#explore-${side} .js-plotly-plot`);
      return data.length === 6 && data[5].x.length > 0 && gd.layout.images.length === 3;
    })""")
    n = page.evaluate("""() => window.masldatlas.maps.groups.explore.shown.right.data
      .filter((_, at) => at % 2).map((trace) => trace.x.length)""")
    assert n == [group(liver, name) for name in ("Healthy", "MASL", "MASH")]
    scale = page.evaluate("""() => window.masldatlas.maps.groups.explore.shown.right.data
      .filter((_, at) => at % 2).map((trace) => [trace.marker.cmin, trace.marker.cmax])""")
    assert scale[0] == scale[1] == scale[2], "one scale for all"
    expect(page.locator("#explore-right")).to_contain_text(f"MASH · {n[2]} cells")


def test_an_address_restores_panels_selection_colours_and_zoom(server, page, browse, liver):
    explore(page, server, f"?atlas={LIVER}&gene_b=CYP2E1&color=group&color_3=@gene_b&scale=viridis&clip=p95&size=2")
    lasso(page, "left", HEPATOCYTES)
    n = int(mask_of(liver, selection_of(page)).sum())
    painted(page, "ALB", n)
    page.locator("[data-tool=pan]").click()
    zoom(page, "left")
    page.wait_for_url(re.compile("zoom="))
    left, right = page.evaluate(RANGES)
    assert left == pytest.approx(right)
    before = map_of(page, "right")
    other = browse()
    other.goto(page.url)
    painted(other, "ALB", n)
    after = map_of(other, "right")
    assert other.evaluate(RANGES)[0] == pytest.approx(left, rel=1e-4, abs=1e-4)
    assert (after["color"], after["scale"]) == (before["color"], before["scale"])
    expect(other.locator("#explore-left-title")).to_have_text("Group")
    expect(other.locator("#explore-third-title")).to_have_text("CYP2E1")
    expect(other.locator("#explore-actions")).to_contain_text("lasso on UMAP")
    assert other.url == page.url


SHOWN_RANGES = """(sides) => sides.map((side) => {
  const layout = document.querySelector(`#explore-${side} .js-plotly-plot`)._fullLayout;
  return [...layout.xaxis.range, ...layout.yaxis.range];
})"""


@pytest.mark.slow
def test_every_map_shows_what_the_address_says(server, page):
    sides = ["left", "right", "third"]

    def shown(wanted, sides=sides):
        page.wait_for_function(
            f"""([sides, wanted]) => {{
              const all = ({SHOWN_RANGES})(sides);
              return all.every((range) => range.every((value, at) => Math.abs(value - wanted[at]) < 1e-3));
            }}""",
            arg=[sides, wanted],
        )

    explore(page, server, f"?atlas={LIVER}&color_3=group")
    home = page.evaluate(SHOWN_RANGES, ["left"])[0]
    shown(home)
    zoom(page, "left")
    page.wait_for_url(re.compile("zoom="))
    zoomed = page.evaluate(SHOWN_RANGES, ["left"])[0]
    shown(zoomed)
    # A link of the legend, maps that go and come, and with them their size.
    page.locator("#explore-left-legend .legend-entry").first.click()
    page.wait_for_url(re.compile("hide=.*zoom="))
    page.locator("#explore-third-close").click()
    page.locator("#explore-right-close").click()
    page.wait_for_url(re.compile("color_2=%40none.*zoom="))
    page.locator("#explore-add-map").click()
    page.wait_for_url(lambda url: "color_2" not in url and "zoom=" in url)
    shown(zoomed, sides[:2])
    # To another page and back by its link, which knows the view but not the zoom.
    page.locator("#explore-correlate").click()
    page.wait_for_url(re.compile("/correlation"))
    page.locator("a", has_text="Explore").first.click()
    page.wait_for_url(re.compile("/explore"))
    painted(page, "ALB")
    shown(home, sides[:2])
    expect(page.locator("[data-step=undo]")).to_be_disabled()


@pytest.mark.slow
def test_a_zoom_belongs_to_its_plane(server, page):
    page.goto(f"{server.url}/explore?atlas={LIVER}&zoom=900_901_900_901")
    painted(page, "ALB")
    assert map_of(page, "left")["range"][0] < 0, "a zoom that shows nothing is none"
    zoom(page, "left")
    page.wait_for_url(lambda url: "zoom=" in url and "900" not in url)
    page.locator("#shell-atlas summary").click()
    page.locator("#shell-atlas a", has_text="40 cells").click()
    painted(page, "Alb", 40)
    page.wait_for_url(lambda url: "tiny" in url and "zoom=" not in url)
    page.go_back()
    painted(page, "ALB")
    page.wait_for_url(lambda url: "liver" in url and "zoom=" in url)


@pytest.mark.slow
def test_the_second_gene_can_be_taken_out(server, page):
    explore(page, server, f"?atlas={LIVER}&gene_b=CYP2E1")
    field = page.locator("#explore-gene-b")
    for key in ("Enter", "Tab"):
        expect(field).to_have_value("CYP2E1")
        field.click()
        field.fill("")
        page.keyboard.press(key)
        page.wait_for_url(lambda url: "gene_b" not in url)
        expect(field).to_have_value("")
        if key == "Enter":
            field.click()
            field.fill("CYP2E1")
            expect(page.locator(".gene-option").first).to_be_visible()
            page.keyboard.press("Enter")
            page.wait_for_url(re.compile("gene_b=CYP2E1"))
    # The gene that the page is about stays.
    field = page.locator("#explore-gene")
    field.click()
    field.fill("")
    page.keyboard.press("Tab")
    expect(field).to_have_value("ALB")


@pytest.mark.slow
def test_a_legend_hides_and_shows(server, page, liver):
    explore(page, server)
    n = int(mask_of(liver, Selection.of({"cell_type": ["Hepatocyte"]})).sum())
    page.locator("#explore-left-legend .legend-entry", has_text="Hepatocyte").click()
    page.wait_for_url(re.compile("hide="))
    page.wait_for_function(f"""() => {{
      return window.masldatlas.maps.groups.explore.shown.left.data[1].x.length === {600 - n};
    }}""")
    expect(page.locator("#explore-count")).to_have_text("All 600 cells")
    entry = page.locator("#explore-left-legend li", has_text="Kupffer")
    entry.hover()
    entry.locator(".legend-only").click()
    alone = int(mask_of(liver, Selection.of({"cell_type": ["Kupffer cell"]})).sum())
    page.wait_for_function(f"""() => {{
      return window.masldatlas.maps.groups.explore.shown.left.data[1].x.length === {alone};
    }}""")
    entry.hover()
    entry.locator(".legend-only", has_text="all").click()
    painted(page, "ALB")


@pytest.mark.slow
def test_filters_by_a_number_and_by_a_gene(server, page, liver):
    explore(page, server)
    page.get_by_text("More filters").click()
    page.locator("#explore-more").click()
    page.locator(".dash-dropdown-option", has_text="n_counts").click()
    page.keyboard.press("Escape")
    field = page.locator("#explore-more-filters .cells-bounds")
    expect(field.locator(".cells-histogram i")).to_have_count(40)
    low = field.locator("input").first
    low.fill("60")
    low.press("Enter")
    low.press("Tab")
    page.wait_for_url(re.compile("range=n_counts%3A60%3A"))
    n = int((liver.column("n_counts").values >= 60).sum())
    painted(page, "ALB", n)
    gene = page.locator("#explore-limit")
    gene.click()
    gene.fill("cd68")
    expect(page.locator(".gene-option").first).to_be_visible()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("expr=CD68%3A0%3A"))
    both = int(mask_of(liver, Selection.parse([], ["n_counts:60:"], ["CD68:0:"])).sum())
    assert 0 < both < n
    painted(page, "ALB", both)
    page.locator("#explore-thresholds .cells-remove").click()
    painted(page, "ALB", n)


def test_a_click_on_a_cell_shows_its_card(server, page, liver):
    explore(page, server)
    xy = liver.embedding("X_umap")
    index = int(np.argmax(xy[:, 0] - xy[:, 1]))  # at the edge, where no other lies above it
    at = on_screen(page, "left", *xy[index].tolist())
    page.mouse.move(at[0] - 2, at[1] - 2)
    page.mouse.move(*at, steps=3)
    page.wait_for_timeout(200)
    page.mouse.click(*at)
    expect(page.locator("#explore-cell-title")).to_have_text(liver.cell(index), timeout=WAIT)
    expect(page.locator("#explore-cell-body")).to_contain_text("donor")
    page.locator("#explore-cell-close").click()
    expect(page.locator("#explore-cell-card")).to_be_hidden()


def test_dots_and_composition(server, page, liver):
    explore(page, server)
    page.get_by_role("tab", name="Dot plot").click()
    page.locator("#explore-list").fill("ALB cd68 NOPE1")
    page.locator("#explore-list-draw").click()
    expect(page.locator("#explore-dots-title")).to_contain_text("2 genes by cell type", timeout=WAIT)
    expect(page.locator("#explore-list-unknown")).to_contain_text("NOPE1")
    page.wait_for_url(re.compile("tab=dots"))
    page.get_by_role("tab", name="Composition").click()
    expect(page.locator("#explore-bars-title")).to_have_text("Cell type in each sample", timeout=WAIT)
    expect(page.locator("#explore-bars-table .ag-center-cols-container .ag-row")).to_have_count(6)
    expect(page.locator("#explore-bars")).to_contain_text(HTML_NAME)


def test_by_keyboard_alone(server, page, liver):
    explore(page, server)
    page.keyboard.press("/")
    page.keyboard.type("cd68")
    expect(page.locator(".gene-option").first).to_be_visible()
    page.keyboard.press("Enter")
    painted(page, "CD68")
    page.keyboard.press("Escape")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("l")
    expect(page.locator("[data-tool=lasso]")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("p")
    expect(page.locator("[data-tool=pan]")).to_have_attribute("aria-pressed", "true")
    # From the tool to the legend, with nothing but the tabulator.
    page.locator("[data-tool=pan]").focus()
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.classList.contains('legend-entry')"):
            break
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("hide="))
    page.get_by_role("tab").first.focus()
    page.keyboard.press("Control+z")
    painted(page, "CD68")


@pytest.fixture(scope="module")
def large(serve_forever, tmp_path_factory):
    """An app on more cells than a map draws one by one."""
    data = tmp_path_factory.mktemp("large")
    import_large(tmp_path_factory.mktemp("file"), data, N_LARGE)
    return serve_forever(data, raster_above=N_LARGE - 1)


def pictured(page, side="left"):
    page.wait_for_function(
        f"""() => {{
          const gd = document.querySelector("#explore-{side} .js-plotly-plot");
          return gd && gd._fullLayout && (gd._fullLayout.images || []).length;
        }}""",
        timeout=2 * WAIT,
    )


def test_an_atlas_of_too_many_points_stays_usable(large, page):
    atlas = Catalog(large.data).get(LARGE)
    page.goto(f"{large.url}/explore?atlas={LARGE}&gene=ALB")
    for side in ("left", "right"):
        pictured(page, side)
    sent = []
    page.on("request", lambda request: sent.append(request.url) if "/arrays/" in request.url else None)
    search(page, "CD68")
    page.keyboard.press("Enter")
    expect(page.locator("#explore-right-title")).to_have_text("CD68", timeout=WAIT)
    page.wait_for_function(
        """() => performance.getEntriesByType("resource").some((it) => it.name.includes("gene=CD68"))"""
    )
    assert all("/raster/" in url for url in sent), "no cell is sent"
    # Hover tells what lies under the pointer.
    middle = centres()[0].tolist()
    at = on_screen(page, "left", *middle)
    page.mouse.move(at[0] - 4, at[1])
    page.wait_for_timeout(120)
    page.mouse.move(*at)
    tip = page.locator(".explore-tooltip", has_text="Cell type: Hepatocyte")
    expect(tip.first).to_be_visible(timeout=WAIT)
    # A lasso is a polygon here too.
    corners = [[middle[0] - 3, middle[1] - 3], [middle[0] + 3, middle[1] - 3], [middle[0] + 3, middle[1] + 3]]
    lasso(page, "left", corners)
    n = int(mask_of(atlas, selection_of(page)).sum())
    expect(page.locator("#explore-count")).to_have_text(f"{N_LARGE:,} → {n:,} cells", timeout=WAIT)
    page.locator("[data-tool=pan]").click()
    sent.clear()
    zoom(page, "left")
    page.wait_for_url(re.compile("zoom="))
    page.wait_for_timeout(1500)
    assert any("/raster/" in url for url in sent), "what is seen now is drawn anew"
