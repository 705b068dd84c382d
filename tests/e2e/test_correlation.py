"""The page Correlation, driven as a biologist would; `paradox` is an atlas whose genes X and Y make Simpson's."""

import csv
import re
from urllib.parse import urlencode

import anndata
import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
from playwright.sync_api import expect

from core.analysis.donor_level import donor_means
from core.analysis.gene_pair import PairParams, pair
from core.analysis.stratified import strata
from core.atlas.catalog import Catalog
from core.ingest.importer import ImportRequest, import_file
from core.selection.masks import mask_of
from core.selection.model import Selection
from tests.e2e.conftest import HTML_NAME, LIVER, TINY, from_menu
from tests.tables import body

# Each opens pages that take a browser without a graphics card seconds to draw.
pytestmark = [pytest.mark.e2e, pytest.mark.slow(representative=True)]

# The first correlation of a process compiles its kernels.
WAIT = 60_000
PARADOX = "human/paradox"
ODD_GENE = "<b>odd</b>"
# The tab in which a message stands.
TAB_OF = {
    "scatter-fault": "pair",
    "holds": "donors",
    "forest-note": "donors",
    "forest-fault": "donors",
    "difference": "groups",
    "matrix-fault": "matrix",
}


def write_paradox(path):
    """Write 8 donors in two groups: X and Y rise together within each, and fall from donor to donor."""
    rng = np.random.default_rng(3)
    donor = np.repeat(np.arange(8), 60)
    within = rng.normal(0, 1, donor.size)
    x = 20 + 3 * donor + 2 * within + rng.normal(0, 0.6, donor.size)
    y = 60 - 4 * donor + 2 * within + rng.normal(0, 0.6, donor.size)
    others = rng.poisson(2, (donor.size, 12))
    counts = np.column_stack([x, y, others, np.ones(donor.size), rng.poisson(3, donor.size)]).round()
    genes = ["X", "Y", *(f"G{at}" for at in range(12)), "SAME", ODD_GENE]
    obs = pd.DataFrame(
        {
            "sample": pd.Categorical([f"d{at}" for at in donor]),
            "group": pd.Categorical(np.where(donor < 4, "Healthy", "MASH")),
            "one": pd.Categorical(["all"] * donor.size),
        },
        index=[f"c{at}" for at in range(donor.size)],
    )
    places = rng.normal(size=(donor.size, 2)).astype(np.float32)
    adata = anndata.AnnData(sp.csr_matrix(counts.astype(np.float32)), obs, pd.DataFrame(index=genes))
    adata.obsm["X_umap"] = places
    adata.write_h5ad(path)


@pytest.fixture(scope="module")
def paradox(serve_forever, tmp_path_factory):
    data, files = tmp_path_factory.mktemp("paradox"), tmp_path_factory.mktemp("files")
    write_paradox(files / "paradox.h5ad")
    request = ImportRequest(files / "paradox.h5ad", species="human", name="paradox", simulated=True)
    import_file(request, data, lambda _step, _done: None)
    return serve_forever(data)


@pytest.fixture
def liver(server):
    return Catalog(server.data).get(LIVER)


def correlation(page, server, *, gene="ALB", shown="", rows=True, **parameters):
    if parameters and rows:
        parameters.setdefault("tab", "ranking")
    search = f"?{urlencode({'gene': gene, **parameters}, doseq=True)}" if parameters else ""
    page.goto(f"{server.url}/correlation{search}")
    expect(page.locator("#correlation-sentence")).to_contain_text(shown or gene, timeout=WAIT)
    if rows:
        expect(page.locator("#correlation-table .ag-row").first).to_be_visible(timeout=WAIT)
        drawn(page)


def drawn(page):
    """Wait until the ranking has come."""
    expect(page.locator("#correlation-ranking-note")).to_contain_text("by r", timeout=WAIT)


def opened(page, tab):
    page.locator(f"#correlation-tab-{tab}").click()
    expect(page.locator(f"#correlation-{tab}-tab")).to_be_visible()


def rows_of(page):
    """Read the gene and the shown texts of each rendered row, in their order on the screen."""
    return page.evaluate(
        """() => [...document.querySelectorAll("#correlation-table .ag-center-cols-container .ag-row")]
          .sort((one, other) => one.getAttribute("row-index") - other.getAttribute("row-index"))
          .map((row) => [row.getAttribute("row-id"),
            ...[...row.querySelectorAll(".ag-cell")].map((it) => it.innerText)])"""
    )


def row(page, gene):
    return page.locator(f'#correlation-table .ag-pinned-left-cols-container .ag-row[row-id="{gene}"]')


def choose_gene(page, field, typed):
    page.locator(f"#{field}").click()
    page.keyboard.type(typed)
    expect(page.locator(".gene-option").first).to_be_visible()
    page.keyboard.press("Enter")


def test_a_first_visit_shows_a_meaningful_example(server, page, liver):
    correlation(page, server)
    sentence = page.locator("#correlation-sentence")
    expect(sentence).to_contain_text(re.compile(r"ALB against 59 genes in all 600 cells of 6 samples, Spearman"))
    first = page.request.get(f"{server.url}/api/v1/datasets/{LIVER}/correlations?gene=ALB&top=1").json()[
        "correlations"
    ][0]
    expect(page.locator("#correlation-gene-b")).to_have_value(first["gene"])
    expect(row(page, first["gene"])).to_have_class(re.compile("ag-row-selected"))
    donors = donor_means(liver, PairParams.of(liver, ("ALB", first["gene"])))
    opened(page, "pair")
    told = page.locator("#correlation-replicates")
    expect(told).to_contain_text("treat cells as independent")
    expect(told).to_contain_text(f"over 6 samples ({donors.measure}) r {donors.r:.3f}".replace("-", "−"), timeout=WAIT)
    page.wait_for_url(re.compile("/correlation.*gene=ALB&method=spearman"))
    expect(page.locator("#shell-link-correlation")).to_have_class(re.compile("active"))


def test_the_table_is_what_the_api_answers(server, page):
    correlation(page, server, atlas=LIVER, gene="CYP2E1", where=["group=MASL", "group=MASH"])
    address = f"{server.url}/api/v1/datasets/{LIVER}/correlations?gene=CYP2E1&where=group%3DMASL&where=group%3DMASH"
    wanted = page.request.get(address).json()["correlations"]
    shown = rows_of(page)
    assert len(shown) > 5
    for seen, it in zip(shown, wanted, strict=False):
        # Ids are the symbols in this atlas, so they have no column.
        assert seen[0] == it["gene"] == it["id"]
        assert seen[1:4] == [f"{it[name]:.3f}".replace("-", "−") for name in ("r", "ci_low", "ci_high")]
    with page.expect_download() as started:
        from_menu(page, "correlation-export").click()
    lines = list(csv.DictReader(body(started.value.path().read_text("utf-8")).splitlines()))
    assert [line["gene"] for line in lines] == [it["gene"] for it in wanted]
    assert [float(line["r"]) for line in lines] == [it["r"] for it in wanted]


def test_a_row_becomes_gene_b_by_click_and_by_enter(server, page, liver):
    correlation(page, server, atlas=LIVER, gene="ALB")
    genes = [it[0] for it in rows_of(page)]
    row(page, genes[3]).click()
    page.wait_for_url(re.compile(f"gene_b={genes[3]}&.*tab=ranking"))
    expect(row(page, genes[3])).to_have_class(re.compile("ag-row-selected"))
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(row(page, genes[4])).to_have_class(re.compile("ag-row-selected"))
    opened(page, "pair")
    title = page.locator("#correlation-scatter-title")
    found = pair(liver, PairParams.of(liver, ("ALB", genes[4])))
    expect(title).to_contain_text(f"ALB and {genes[4]}: r {found.r:.3f}".replace("-", "−"), timeout=WAIT)
    expect(page.locator("#correlation-right-title")).to_have_text(f"B: {genes[4]}")
    # An address with a gene B is about the pair.
    page.wait_for_url(lambda url: f"gene_b={genes[4]}" in url and "tab=" not in url)
    page.locator("#correlation-swap").click()
    expect(title).to_contain_text(f"{genes[4]} and ALB:", timeout=WAIT)
    page.locator("#correlation-strongest").click()
    page.wait_for_url(lambda url: "gene_b" not in url)


@pytest.mark.slow
def test_find_filter_and_undo_then_change_the_gene_and_go_back(server, page):
    correlation(page, server, atlas=LIVER, gene="ALB")
    n = len(rows_of(page))
    page.locator("#correlation-quick").fill("CYP2E1")
    expect(row(page, "CYP2E1")).to_be_visible()
    page.wait_for_function(
        "document.querySelectorAll('#correlation-table .ag-center-cols-container .ag-row').length === 1"
    )
    page.locator("#correlation-clear").click()
    expect(page.locator("#correlation-quick")).to_have_value("")
    page.wait_for_function(
        "(n) => document.querySelectorAll('#correlation-table .ag-center-cols-container .ag-row').length === n", arg=n
    )
    choose_gene(page, "correlation-gene", "cd68")
    expect(page.locator("#correlation-sentence")).to_contain_text("CD68 against", timeout=WAIT)
    page.wait_for_url(re.compile("gene=CD68"))
    drawn(page)
    page.go_back()
    expect(page.locator("#correlation-sentence")).to_contain_text("ALB against", timeout=WAIT)
    expect(page.locator("#correlation-gene")).to_have_value("ALB")
    page.go_forward()
    expect(page.locator("#correlation-sentence")).to_contain_text("CD68 against", timeout=WAIT)


@pytest.mark.slow
def test_drop_zeros(server, page):
    correlation(page, server, rows=False, atlas=LIVER, gene="ALB", gene_b="CYP2E1")
    page.locator("#correlation-zeros").get_by_text("Drop zero counts").click()
    expect(page.locator("#correlation-sentence")).to_contain_text("zero counts dropped pair by pair", timeout=WAIT)
    atlas = Catalog(server.data).get(LIVER)
    found = pair(atlas, PairParams.of(atlas, ("ALB", "CYP2E1"), drop_zeros=True))
    assert found.n < 600
    expect(page.locator("#correlation-scatter-title")).to_contain_text(f"n {found.n:,} cells", timeout=WAIT)
    page.wait_for_url(re.compile("drop_zeros=true"))


@pytest.mark.slow
def test_filters_say_how_many_cells_are_left_and_a_list_has_a_typo(server, page, liver):
    correlation(page, server, atlas=LIVER, gene="ALB")
    expect(page.locator("#correlation-count")).to_have_text("All 600 cells")
    page.locator("#correlation-filters .explore-field", has_text="Cell type").locator("button").first.click()
    page.locator(".dash-dropdown-option", has_text="Kupffer").click()
    page.keyboard.press("Escape")
    n = int(mask_of(liver, Selection.of({"cell_type": ["Kupffer cell"]})).sum())
    expect(page.locator("#correlation-count")).to_have_text(f"600 → {n} cells", timeout=WAIT)
    expect(page.locator("#correlation-sentence")).to_contain_text(
        f"in {n} cells of 6 samples (cell_type is Kupffer cell)"
    )
    page.locator("#correlation-actions .cells-reset").click()
    expect(page.locator("#correlation-count")).to_have_text("All 600 cells", timeout=WAIT)
    # The matrix of a list with a typo.
    opened(page, "matrix")
    expect(page.locator("#correlation-matrix-note")).to_contain_text("21 genes", timeout=WAIT)
    page.locator("#correlation-list").fill("ALB, CYP2E2;\nCD68 COL1A1")
    page.locator("#correlation-list-draw").click()
    expect(page.locator("#correlation-matrix-title")).to_contain_text("A list of genes", timeout=WAIT)
    expect(page.locator("#correlation-matrix-note")).to_contain_text("3 genes", timeout=WAIT)
    expect(page.locator("#correlation-matrix-unknown")).to_contain_text("CYP2E2")
    page.locator("#correlation-matrix-unknown .choice", has_text="CYP2E1").click()
    expect(page.locator("#correlation-matrix-note")).to_contain_text("4 genes", timeout=WAIT)
    expect(page.locator("#correlation-list")).to_have_value("ALB, CYP2E1; CD68 COL1A1")
    with page.expect_download() as started:
        from_menu(page, "correlation-matrix-export").click()
    lines = list(csv.reader(body(started.value.path().read_text("utf-8")).splitlines()))
    assert lines[0][:2] == ["gene", "id"]
    assert sorted(lines[0][2:]) == ["ALB", "CD68", "COL1A1", "CYP2E1"]
    assert [line[0] for line in lines[1:]] == lines[0][2:]
    page.locator("#correlation-list-top").click()
    expect(page.locator("#correlation-matrix-note")).to_contain_text("21 genes", timeout=WAIT)


@pytest.mark.slow
def test_simpsons_paradox_is_said_and_drawn(paradox, page):
    correlation(page, paradox, rows=False, gene="X", atlas=PARADOX, gene_b="Y")
    atlas = Catalog(paradox.data).get(PARADOX)
    found = strata(atlas, PairParams.of(atlas, ("X", "Y")), "sample")
    assert found.warning
    expect(page.locator("#correlation-simpson")).to_contain_text(found.warning, timeout=WAIT)
    opened(page, "donors")
    expect(page.locator("#correlation-forest-title")).to_contain_text("within each sample", timeout=WAIT)
    expect(page.locator("#correlation-simpson")).to_contain_text(found.warning)
    expect(page.locator("#correlation-forest-note")).to_contain_text("I²")
    expect(page.locator("#correlation-forest .ytick")).to_have_text(
        [*(f"d{at} (n 60)" for at in range(8)), "fixed effect", "random effects"]
    )
    holds = page.locator("#correlation-holds")
    for words in ("All cells", "random effects", "Adjusted for total counts", "Samples", "8 samples"):
        expect(holds).to_contain_text(words)
    opened(page, "groups")
    expect(page.locator("#correlation-difference")).to_contain_text("all 70 assignments", timeout=WAIT)
    expect(page.locator("#correlation-sentence")).to_contain_text("SIMULATED")


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"gene": "SAME"}, {"ranking-fault": "the same value, 1, in all of these 480 cells"}),
        pytest.param({"gene": "X", "range": "n:1:"}, {"problems": "This filter is left out"}, marks=pytest.mark.slow),
        (
            {"gene": "X", "where": "sample=d0"},
            {
                "holds": "Only 1 sample has",
                "forest-note": "Only one category of sample",
                "difference": "sample(s) here",
            },
        ),
        pytest.param(
            {"gene": "X", "one": "MASH", "two": "MASH"},
            {"difference": "Choose two different groups"},
            marks=pytest.mark.slow,
        ),
        pytest.param(
            {"gene": "X", "gene_b": "SAME"}, {"scatter-fault": "SAME has one value only"}, marks=pytest.mark.slow
        ),
        ({"gene": "X", "method": "kendall"}, {"problems": "'kendall'"}),
    ],
)
def test_what_cannot_be_computed_is_said(paradox, page, asked, said):
    page.goto(f"{paradox.url}/correlation?{urlencode({'atlas': PARADOX, **asked, 'layer': 'counts'})}")
    for place, words in said.items():
        if place in TAB_OF:
            opened(page, TAB_OF[place])
        expect(page.locator(f"#correlation-{place}")).to_contain_text(words, timeout=WAIT)
    expect(page.locator(".toast")).to_have_count(0)


@pytest.mark.slow
def test_no_cell_is_left(server, page):
    correlation(page, server, rows=False, atlas=LIVER, gene="ALB", range="n_counts:1e9:")
    for place in (
        "sentence",
        "ranking-fault",
        "table-fault",
        "scatter-fault",
        "forest-fault",
        "difference",
        "matrix-fault",
    ):
        if place in TAB_OF:
            opened(page, TAB_OF[place])
        expect(page.locator(f"#correlation-{place}")).to_contain_text("contains no cell", timeout=WAIT)
    opened(page, "ranking")
    page.locator("#correlation-actions .cells-reset").click()
    drawn(page)


@pytest.mark.slow
def test_an_atlas_without_samples_and_groups(server, page):
    correlation(page, server, gene="Alb", atlas=TINY)
    opened(page, "groups")
    expect(page.locator("#correlation-difference")).to_contain_text("has no group column", timeout=WAIT)
    expect(page.locator("#correlation-groups-field")).to_be_hidden()
    opened(page, "donors")
    expect(page.locator("#correlation-holds")).to_contain_text("has no column of samples", timeout=WAIT)
    expect(page.locator("#correlation-replicates")).to_contain_text("has no column of samples")


def said(page, part):
    """Wait for the words of a part, and return them."""
    expect(page.locator(f"#correlation-{part}")).not_to_be_empty(timeout=WAIT)
    return re.sub(r"\s+", " ", page.locator(f"#correlation-{part}").inner_text())


@pytest.mark.slow
def test_reload_restores_everything(server, page):
    correlation(
        page, server, rows=False, gene="CD68", atlas=LIVER, gene_b="COL1A1", method="pearson", drop_zeros="true",
        by="group", adjust="cell_type", one="MASL", two="MASH", genes="ALB CD68 COL1A1",
        where=["group=MASL", "group=MASH"], range="n_counts:1:",
    )  # fmt: skip
    parts = {"pair": "scatter-title", "donors": "holds", "groups": "difference", "matrix": "matrix-note"}

    def seen():
        found = []
        for tab, part in parts.items():
            opened(page, tab)
            found += [said(page, part), said(page, "count")]
        return found

    # An address with a list of genes is about the matrix.
    expect(page.locator("#correlation-matrix-tab")).to_be_visible(timeout=WAIT)
    before = seen()
    page.wait_for_url(lambda url: "tab=" not in url)
    address = page.url
    page.reload()
    expect(page.locator("#correlation-matrix-note")).to_contain_text("3 genes", timeout=WAIT)
    assert seen() == before
    assert page.url == address
    expect(page.locator("#correlation-gene-b")).to_have_value("COL1A1")
    assert page.locator("#correlation-zeros input").is_checked()


@pytest.mark.slow
def test_an_unknown_gene_offers_the_nearest(server, page):
    page.goto(f"{server.url}/correlation?atlas={LIVER}&gene=ALBB")
    expect(page.locator("#correlation-problems")).to_contain_text('"ALBB" was not found in')
    assert "gene=ALBB" in page.url
    page.locator(".choice", has_text="ALB").first.click()
    expect(page.locator("#correlation-problems .explore-problem")).to_have_count(0, timeout=WAIT)
    page.wait_for_function("() => new URLSearchParams(location.search).get('gene') === 'ALB'")


@pytest.mark.slow
def test_explore_leads_here_and_back(server, page):
    page.goto(f"{server.url}/explore?atlas={LIVER}&gene=CD68&where=group%3DMASH")
    expect(page.locator("#explore-right-title")).to_have_text("CD68", timeout=WAIT)
    page.locator("#explore-correlate").click()
    expect(page.locator("#correlation-sentence")).to_contain_text("(group is MASH)", timeout=WAIT)
    expect(page.locator("#correlation-sentence")).to_contain_text("CD68 against")
    drawn(page)
    page.locator("#correlation-explore").click()
    expect(page.locator("#explore-sentence")).to_contain_text("(group is MASH)", timeout=WAIT)
    expect(page.locator("#explore-right-title")).to_have_text("CD68")


@pytest.mark.slow
def test_html_like_names_are_text(server, paradox, page):
    correlation(page, paradox, rows=False, gene="X", atlas=PARADOX, gene_b=ODD_GENE)
    expect(page.locator("#correlation-scatter-title")).to_contain_text(f"X and {ODD_GENE}:", timeout=WAIT)
    expect(page.locator("#correlation-scatter .xtitle, #correlation-scatter .ytitle").last).to_contain_text(ODD_GENE)
    correlation(page, server, rows=False, atlas=LIVER, gene="ALB", by="cell_type", tab="donors")
    expect(page.locator("#correlation-forest .ytick", has_text="<img src=x")).to_have_count(1, timeout=WAIT)
    assert HTML_NAME.startswith("<img src=x")
    assert page.evaluate("document.querySelectorAll('img[src=x]').length") == 0


# The widest in the dark is made narrow too, which saves a page.
@pytest.mark.parametrize(("width", "scheme"), [(390, "light"), pytest.param(1440, "dark", marks=pytest.mark.slow)])
def test_no_width_scrolls_sideways(paradox, browse, width, scheme):
    page = browse(width=width, height=844, color_scheme=scheme)
    correlation(page, paradox, rows=False, gene="X", atlas=PARADOX, gene_b="Y")
    expect(page.locator("#correlation-simpson")).to_contain_text("Simpson", timeout=WAIT)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.set_viewport_size({"width": 390, "height": 844})
    page.wait_for_function("document.documentElement.scrollWidth <= 390")
