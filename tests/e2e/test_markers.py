"""The page Markers, driven as a biologist would."""

import csv
import io
import re
from urllib.parse import urlencode

import openpyxl
import pytest
from playwright.sync_api import expect

from core.atlas.catalog import Catalog
from core.selection.masks import mask_of
from core.selection.model import Selection
from tests.e2e.conftest import HTML_NAME, LIVER, TINY, from_menu
from tests.tables import body

# Each opens pages that take a browser without a graphics card seconds to draw.
pytestmark = [pytest.mark.e2e, pytest.mark.slow(representative=True)]

# The first markers of a process compile their kernel.
WAIT = 60_000
HEPATOCYTE, KUPFFER = (Selection.parse([f"cell_type={name}"]).text() for name in ("Hepatocyte", "Kupffer cell"))


def markers(page, server, *, rows=True, **parameters):
    page.goto(f"{server.url}/markers?{urlencode({'atlas': LIVER, **parameters}, doseq=True)}")
    if rows:
        drawn(page)


def drawn(page):
    """Wait until the last part of the page has come."""
    expect(page.locator("#markers-table .ag-row").first).to_be_visible(timeout=WAIT)
    expect(page.locator("#markers-dots-note")).to_contain_text("Dot size", timeout=WAIT)
    expect(page.locator("#markers-violin-note")).to_contain_text("In ", timeout=WAIT)


def api(page, server, **parameters):
    address = f"{server.url}/api/v1/datasets/{LIVER}/markers?{urlencode(parameters, doseq=True)}"
    return page.request.get(address).json()["markers"]


def rows_of(page):
    """Read the gene and the shown texts of each rendered row, in their order on the screen."""
    return page.evaluate(
        """() => [...document.querySelectorAll("#markers-table .ag-center-cols-container .ag-row")]
          .sort((one, other) => one.getAttribute("row-index") - other.getAttribute("row-index"))
          .map((row) => [row.getAttribute("row-id"),
            ...[...row.querySelectorAll(".ag-cell")].map((it) => it.innerText)])"""
    )


def row(page, gene):
    return page.locator(f'#markers-table .ag-pinned-left-cols-container .ag-row[row-id="{gene}"]')


def choose_category(page, name):
    page.locator("#markers-category").click()
    page.locator(".dash-dropdown-option", has_text=name).click()


def downloaded(page, name):
    with page.expect_download() as started:
        from_menu(page, f"markers-{name}").click()
    return started.value.path()


def test_a_first_visit_compares_the_cell_types(server, page):
    page.goto(f"{server.url}/markers")
    drawn(page)
    expect(page.locator("#markers-sentence")).to_contain_text(
        re.compile(
            r"Markers of 3 cell types, each against the rest, in 60 genes, all 600 cells of 6 samples; "
            r"Wilcoxon rank-sum"
        )
    )
    expect(page.locator("#markers-replicates")).to_contain_text("treat cells as independent")
    expect(page.locator("#markers-replicates")).to_contain_text("Cells come from 6 samples.")
    page.wait_for_url(re.compile("/markers.*by=cell_type"))
    expect(page.locator("#shell-link-markers")).to_have_class(re.compile("active"))
    best = api(page, server, top=1, category=HTML_NAME)[0]
    expect(page.locator("#markers-gene")).to_have_value(best["gene"])
    expect(row(page, best["gene"])).to_have_class(re.compile("ag-row-selected"))


def test_the_table_and_its_downloads_are_what_the_api_answers(server, page):
    markers(page, server, category="Kupffer cell", where=["group=MASL", "group=MASH"])
    wanted = api(page, server, category="Kupffer cell", where=["group=MASL", "group=MASH"])
    shown = rows_of(page)
    assert len(shown) > 5
    for seen, it in zip(shown, wanted, strict=False):
        # Ids are the symbols in this atlas, so they have no column.
        assert seen[0] == it["gene"] == it["id"]
        digits = {"score": 1, "auc": 3, "log2fc": 2, "pct_in": 1, "pct_out": 1}
        assert seen[1:6] == [f"{it[name]:.{n}f}".replace("-", "−") for name, n in digits.items()]
    lines = list(csv.DictReader(body(downloaded(page, "csv").read_text("utf-8")).splitlines()))
    assert [line["gene"] for line in lines] == [it["gene"] for it in wanted]
    assert [float(line["score"]) for line in lines] == [it["score"] for it in wanted]
    book = openpyxl.load_workbook(io.BytesIO(downloaded(page, "xlsx").read_bytes()))
    header, *values = book["markers"].values
    assert [dict(zip(header, value, strict=True)) for value in values] == wanted
    assert ("selection", "group is MASH or MASL") in list(book["About"].values)
    assert len(body(downloaded(page, "every").read_text("utf-8")).splitlines()) == 1 + 3 * 60


@pytest.mark.slow
def test_another_category_and_back_and_another_column(server, page):
    markers(page, server, category="Hepatocyte")
    expect(page.locator("#markers-ranking-title")).to_have_text("Marker genes of Hepatocyte")
    expect(page.locator("#markers-gene")).to_have_value("ALB")
    choose_category(page, "Kupffer cell")
    expect(page.locator("#markers-ranking-title")).to_have_text("Marker genes of Kupffer cell", timeout=WAIT)
    expect(row(page, "CD68")).to_have_class(re.compile("ag-row-selected"), timeout=WAIT)
    page.wait_for_url(re.compile("category=Kupffer"))
    page.go_back()
    expect(page.locator("#markers-ranking-title")).to_have_text("Marker genes of Hepatocyte", timeout=WAIT)
    expect(page.locator("#markers-category")).to_contain_text("Hepatocyte")
    page.locator("#markers-by").click()
    page.locator(".dash-dropdown-option", has_text="group").click()
    expect(page.locator("#markers-sentence")).to_contain_text("3 groups", timeout=WAIT)
    expect(page.locator("#markers-category")).to_contain_text("Healthy · ")
    page.wait_for_function("() => !new URLSearchParams(location.search).has('category')")
    expect(page.locator("#markers-problems .explore-problem")).to_have_count(0)


def test_a_row_is_looked_at_by_click_and_by_enter_and_opens_in_explore(server, page):
    markers(page, server, category="Hepatocyte")
    row(page, "CYP2E1").click()
    expect(page.locator("#markers-violin-title")).to_have_text("CYP2E1 in each cell type", timeout=WAIT)
    found = {it["gene"]: it for it in api(page, server, category="Hepatocyte")}["CYP2E1"]
    expect(page.locator("#markers-violin-note")).to_contain_text(
        f"rank 2 of 60, score {found['score']:.1f}, AUC {found['auc']:.3f}"
    )
    page.wait_for_url(re.compile("gene=CYP2E1"))
    page.locator('#markers-table .ag-row[row-id="ALB"] .ag-cell').first.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#markers-violin-title")).to_have_text("ALB in each cell type", timeout=WAIT)
    page.locator("#markers-gene-explore").click()
    page.wait_for_url(re.compile(r"/explore\?.*gene=ALB"))


def test_the_keyboard_alone_finds_a_gene(server, page):
    markers(page, server)
    # Without A and B the page says how to get them.
    expect(page.locator("#markers-mode-help")).to_contain_text("save them as A")
    assert page.locator("#markers-mode input").nth(1).is_disabled()
    page.keyboard.press("/")
    expect(page.locator("#markers-gene")).to_be_focused()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("cd6")
    expect(page.locator("#markers-gene-list .gene-option").first).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.locator("#markers-violin-title")).to_have_text("CD68 in each cell type", timeout=WAIT)
    # In the table too, and back.
    n = len(rows_of(page))
    page.locator("#markers-quick").fill("CYP2E1")
    expect(row(page, "CYP2E1")).to_be_visible()
    count = "document.querySelectorAll('#markers-table .ag-center-cols-container .ag-row').length"
    page.wait_for_function(f"{count} === 1")
    page.locator("#markers-clear").click()
    expect(page.locator("#markers-quick")).to_have_value("")
    page.wait_for_function(f"(n) => {count} === n", arg=n)


@pytest.mark.slow
def test_a_against_b(server, page):
    markers(page, server, a=HEPATOCYTE, b=KUPFFER)
    liver = Catalog(server.data).get(LIVER)
    n_a, n_b = (int(mask_of(liver, Selection.from_text(text)).sum()) for text in (HEPATOCYTE, KUPFFER))
    expect(page.locator("#markers-sentence")).to_contain_text(
        f"A ({n_a} cells: cell_type is Hepatocyte) against B ({n_b} cells: cell_type is Kupffer cell)"
    )
    expect(page.locator("#markers-ranking-title")).to_have_text("Genes higher in A")
    assert rows_of(page)[0][0] == "ALB"
    choose_category(page, "B ·")
    expect(page.locator("#markers-ranking-title")).to_have_text("Genes higher in B", timeout=WAIT)
    page.wait_for_function(
        "document.querySelector('#markers-table .ag-row[row-index=\"0\"]').getAttribute('row-id') === 'CD68'"
    )
    page.locator("#markers-mode").get_by_text("Each category against the rest").click()
    expect(page.locator("#markers-sentence")).to_contain_text("3 cell types", timeout=WAIT)
    page.wait_for_url(re.compile("by=cell_type"))
    page.locator("#markers-mode").get_by_text("Group A against group B").click()
    expect(page.locator("#markers-sentence")).to_contain_text("against B", timeout=WAIT)


@pytest.mark.slow
def test_where_nothing_can_be_compared_one_sentence_says_so(server, page):
    markers(page, server, rows=False, where="cell_type=Hepatocyte")
    expect(page.locator("#markers-sentence")).to_contain_text("has only 'Hepatocyte'", timeout=WAIT)
    expect(page.locator("#markers-parts")).to_be_hidden()
    page.locator(".cells-reset").click()
    drawn(page)
    expect(page.locator("#markers-parts")).to_be_visible()


def test_the_plots_take_the_best_of_each_or_of_one(server, page):
    markers(page, server, category="Hepatocyte")
    expect(page.locator("#markers-dots-title")).to_have_text("Best genes of each cell type")
    expect(page.locator("#markers-dots-note")).to_contain_text("the best 10 of each of 3 cell types")
    page.locator("#markers-whose").get_by_text("of this category").click()
    expect(page.locator("#markers-dots-note")).to_contain_text("the best 10 of Hepatocyte", timeout=WAIT)
    page.locator("#markers-top").fill("20")
    page.keyboard.press("Enter")
    expect(page.locator("#markers-dots-note")).to_contain_text("the best 20 of Hepatocyte", timeout=WAIT)
    page.wait_for_url(re.compile("top_n=20&whose=one"))
    page.get_by_role("tab", name="Heatmap").click()
    expect(page.locator("#markers-heatmap-note")).to_contain_text("z-score of mean expression", timeout=WAIT)
    expect(page.locator("#markers-dots")).to_be_hidden()
    page.wait_for_url(re.compile("tab=heatmap"))
    page.get_by_role("tab", name="Dot plot").click()
    expect(page.locator("#markers-heatmap")).to_be_hidden()
    lines = list(csv.DictReader(body(downloaded(page, "top-csv").read_text("utf-8")).splitlines()))
    assert [(line["category"], line["gene"]) for line in lines] == [
        ("Hepatocyte", it["gene"]) for it in api(page, server, category="Hepatocyte", top=20)
    ]


@pytest.mark.slow
def test_reload_restores_everything(server, page):
    markers(
        page, server, by="group", category="MASL", gene="CD68", top_n=20, whose="one", layer="counts",
        where=["cell_type=Hepatocyte", "cell_type=Kupffer cell"], range="n_counts:1:",
    )  # fmt: skip
    expect(page.locator("#markers-violin-title")).to_have_text("CD68 in each group")
    parts = ("ranking-title", "violin-note", "dots-note", "count", "replicates", "table-title")
    before = [page.locator(f"#markers-{part}").inner_text() for part in parts]
    first, address = rows_of(page)[0], page.url
    page.reload()
    drawn(page)
    for part, said in zip(parts, before, strict=True):
        expect(page.locator(f"#markers-{part}")).to_have_text(said, use_inner_text=True, timeout=WAIT)
    assert page.url == address
    assert rows_of(page)[0] == first


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"by": "n_counts"}, "a column 'n_counts' of 2 to 100 categories"),
        pytest.param({"category": "Hepatocytes"}, "a category 'Hepatocytes'", marks=pytest.mark.slow),
        pytest.param({"top_n": "0"}, "1 to 500 genes, not '0'", marks=pytest.mark.slow),
        pytest.param({"a": "x=1", "b": KUPFFER}, "A cannot be read", marks=pytest.mark.slow),
    ],
)
def test_what_means_nothing_is_said(server, page, asked, words):
    markers(page, server, **asked)
    expect(page.locator("#markers-problems")).to_contain_text(words)
    expect(page.locator(".toast")).to_have_count(0)


@pytest.mark.slow
def test_a_simulated_atlas_without_samples(server, page):
    markers(page, server, atlas=TINY)
    expect(page.locator("#markers-sentence")).to_contain_text("SIMULATED")
    expect(page.locator("#markers-replicates")).to_contain_text("This atlas has no sample column")


@pytest.mark.slow
def test_html_like_names_are_text(server, page):
    markers(page, server, category=HTML_NAME)
    expect(page.locator("#markers-ranking-title")).to_have_text(f"Marker genes of {HTML_NAME}")
    expect(page.locator("#markers-violin .ytick", has_text="<img src=x")).to_have_count(1)
    assert page.evaluate("document.querySelectorAll('img[src=x]').length") == 0


# The widest in the dark is made narrow too, which saves a page.
@pytest.mark.parametrize(("width", "scheme"), [(390, "light"), pytest.param(1440, "dark", marks=pytest.mark.slow)])
def test_no_width_scrolls_sideways(server, browse, width, scheme):
    page = browse(width=width, height=844, color_scheme=scheme)
    markers(page, server)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.set_viewport_size({"width": 390, "height": 844})
    page.wait_for_function("document.documentElement.scrollWidth <= 390")


@pytest.mark.slow
def test_the_other_pages_lead_here_with_their_cells(server, page):
    markers(page, server, where="group=MASH", gene="CD68")
    page.locator("#shell-link-correlation").click()
    page.wait_for_url(re.compile("/correlation.*gene=CD68"))
    page.locator("#shell-link-markers").click()
    drawn(page)
    expect(page.locator("#markers-sentence")).to_contain_text("(group is MASH)")
    expect(page.locator("#markers-violin-title")).to_contain_text("CD68")
