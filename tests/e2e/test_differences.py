"""The page Differences, driven as a biologist would."""

import re
import time
from dataclasses import dataclass
from urllib.parse import urlencode

import pytest
from playwright.sync_api import expect

from core.analysis import differences_overview
from tests.e2e.conftest import TINY
from tests.e2e.test_accessibility import faults, named
from tests.factories import cohort, imported
from tests.waiting import until

# A page takes a browser without a graphics card seconds to draw.
pytestmark = [pytest.mark.e2e, pytest.mark.slow(representative=True)]

WAIT = 60_000
CALLBACKS = re.compile("_dash-update-component")
TABLE = "dash_ag_grid.getApi('differences-table')"
# A worker that takes tasks of the tests.
WORKER = "import sys, core.compute.worker as w; w.OURS = 'tests.'; w.main(int(sys.argv[1]), sys.argv[2])"
COHORT = "human/cohort"


@pytest.fixture(scope="module")
def donors(atlases, tmp_path_factory, serve_forever):
    """Return the app on `COHORT`, eight donors in two groups, beside the tiny atlas without any."""
    directory = tmp_path_factory.mktemp("donors")
    cohort(n_genes=100, n_cells=15).write_h5ad(directory / "cohort.h5ad")
    imported(directory / "data", directory / "cohort.h5ad", species="human")
    return serve_forever(directory / "data")


def opened(page, server, **query):
    page.goto(f"{server.url}/differences?{urlencode({'atlas': COHORT, **query})}")


def drawn(page):
    expect(page.locator("#differences-table .ag-row").first).to_be_visible(timeout=WAIT)
    expect(page.locator("#differences-violin-note")).to_contain_text("cells have a count", timeout=WAIT)


def open_a_tab_at_once(page, donors):
    """Open a tab before the server has answered the address: it stays open; then go back to the first one."""
    held = []

    def hold(route):
        is_first = not held and '"differences-search"' in (route.request.post_data or "")
        held.append(route) if is_first else route.continue_()

    page.route(CALLBACKS, hold)
    opened(page, donors, tab="composition")
    page.locator("#differences-tab-samples").click()
    samples = page.locator("#differences-samples-tab")
    expect(samples).to_be_visible()
    until(lambda: held or page.wait_for_timeout(50), "the page asks about its address")
    held[0].continue_()
    expect(page.locator("#differences-samples-title")).to_have_text("8 of 8 samples kept", timeout=WAIT)
    page.wait_for_url(re.compile("tab=samples"))
    expect(samples).to_be_visible()
    page.unroute(CALLBACKS)
    page.locator("#differences-tab-genes").click()


def genes(page):
    return page.locator("#differences-table .ag-pinned-left-cols-container .ag-row")


def keep_gene_sets(page):
    """Draw a box around the genes that rise; take those that fall from the table; then all again, and no set."""
    expect(page.locator("#differences-violin-title")).to_contain_text("up", timeout=WAIT)
    place = page.locator("#differences-volcano .nsewdrag").bounding_box()
    page.mouse.move(place["x"] + 0.6 * place["width"], place["y"] + 2)
    page.mouse.down()
    page.mouse.move(place["x"] + place["width"] - 2, place["y"] + 0.6 * place["height"], steps=5)
    page.mouse.up()
    kept = page.locator("#differences-kept-words")
    expect(kept).to_contain_text("Gene set of 4", timeout=WAIT)
    page.wait_for_url(re.compile("genes=up"))
    assert "set_a=up" in page.locator("#differences-kept-score").get_attribute("href")
    # The genes that fall, of the table; then all again, and no set.
    page.locator("#differences-show").click()
    page.locator(".dash-dropdown-option", has_text="Lower in A").click()
    expect(genes(page)).to_have_count(2)
    page.locator("#differences-keep").click()
    expect(kept).to_contain_text("Gene set of 2: down", timeout=WAIT)
    page.locator("#differences-clear").click()
    expect(genes(page).nth(5)).to_be_visible()
    page.locator("#differences-kept-clear").click()
    expect(page.locator("#differences-kept-field")).to_be_hidden(timeout=WAIT)


def ask_deseq2(page, in_server):
    """Ask for a second opinion; cancel it, here and in the overview; ask again, and read the table."""
    in_server.setattr("core.compute.worker_process.PROGRAM", ("-c", WORKER))
    in_server.setattr("core.stats.deseq2.TASK", "tests.core.compute.test_worker_process:sleeps")
    words, asked = page.locator("#differences-second-words"), page.locator("#differences-second input")
    asked.check()
    page.wait_for_url(re.compile("second_opinion=true"))
    expect(page.locator("#differences-second-step")).to_contain_text("sleeping (10 %)", timeout=WAIT)
    page.locator("#differences-second-cancel").click()
    expect(words).to_have_text("The second opinion was cancelled.", timeout=5_000)
    page.locator("#differences-cancel").click()
    expect(page.locator("#differences-sentence")).to_contain_text("was cancelled", timeout=5_000)
    in_server.undo()
    page.locator("#differences-second-again").click()
    expect(words).to_contain_text("called by both", timeout=WAIT)
    column = page.locator("#differences-table [col-id=called_by_both]")
    page.wait_for_function(f"{TABLE}.getColumn('called_by_both').isVisible()")
    page.evaluate(f"{TABLE}.ensureColumnVisible('called_by_both')")
    expect(column.filter(has_text="yes").first).to_be_visible()
    # Fewer samples are kept for both, and the overview has the genes that both call.
    page.locator("#differences-min-cells").fill("15")
    page.locator("#differences-min-cells").press("Enter")
    page.wait_for_url(re.compile("min_cells=15"))
    expect(page.locator("#differences-replicates")).to_contain_text("at least 15 cells and 1,000", timeout=WAIT)
    expect(page.locator("#differences-overview [row-id=Hepatocyte] [col-id=up_both]")).to_have_text("4", timeout=WAIT)
    asked.uncheck()
    expect(page.locator("#differences-second-card")).to_be_hidden(timeout=WAIT)
    expect(column.first).to_be_hidden()


def test_sides_overview_cell_type_box_gene_samples_and_composition(donors, page, in_server):
    open_a_tab_at_once(page, donors)
    drawn(page)
    expect(page.locator("#differences-sentence")).to_contain_text(
        "4 donors of MASH and 4 of Healthy, 240 cells: MASH against Healthy in 2 cell types"
    )
    expect(page.locator("#differences-overview .ag-center-cols-container .ag-row")).to_have_count(2)
    assert faults(page) == set()
    named(page)
    # Another column has other sides; Back shows the first ones again.
    page.locator("#differences-by").click()
    page.locator(".dash-dropdown-option", has_text="Sex").click()
    expect(page.locator("#differences-overview-title")).to_have_text("Overview: M (A) against F (B)", timeout=WAIT)
    page.go_back()
    expect(page.locator("#differences-overview-title")).to_contain_text("MASH (A)", timeout=WAIT)
    # A row of the overview by keyboard, another by mouse.
    title = page.locator("#differences-volcano-title")
    page.locator('#differences-overview [row-id="Kupffer cell"] [col-id="cell_type"]').focus()
    page.keyboard.press("Enter")
    expect(title).to_have_text("MASH against Healthy in Kupffer cell", timeout=WAIT)
    assert "cell_type=Kupffer+cell" in page.url
    page.locator('#differences-overview [row-id="Hepatocyte"] [col-id="cell_type"]').click()
    expect(title).to_have_text("MASH against Healthy in Hepatocyte", timeout=WAIT)
    keep_gene_sets(page)
    chosen = genes(page).nth(2)
    gene = chosen.get_attribute("row-id")
    chosen.click()
    expect(page.locator("#differences-violin-title")).to_contain_text(gene, timeout=WAIT)
    page.wait_for_url(re.compile(f"gene={gene}"))
    ask_deseq2(page, in_server)
    # The tabs by keyboard.
    page.locator("#differences-tab-genes").focus()
    for _ in ("enrichment", "activity", "samples"):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(page.locator("#differences-samples-title")).to_have_text("8 of 8 samples kept", timeout=WAIT)
    expect(page.locator("#differences-pca-note")).to_contain_text("One point a sample", timeout=WAIT)
    page.locator("#differences-color").click()
    page.locator(".dash-dropdown-option", has_text="Batch").click()
    expect(page.locator("#differences-pca-note")).to_contain_text("coloured by Batch", timeout=WAIT)
    assert faults(page) == set()
    page.locator("#differences-tab-composition").click()
    expect(page.locator("#differences-shares-note")).to_contain_text("smallest p", timeout=WAIT)
    assert faults(page) == set()


def test_what_cannot_be_compared_is_one_sentence_on_a_phone_too(donors, server, browse):
    page = browse(width=390, height=844, color_scheme="dark")
    sentence = page.locator("#differences-sentence")
    opened(page, donors)
    drawn(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    # A covariate that coincides with the sides is named.
    opened(page, donors, covariates="Batch")
    expect(sentence).to_contain_text("'Batch' coincides with the sides", timeout=WAIT)
    expect(page.locator("#differences-parts")).to_be_hidden()
    assert faults(page) == set()
    # An atlas without groups.
    page.goto(f"{server.url}/differences?atlas={TINY}")
    expect(sentence).to_contain_text("has no column of groups to compare", timeout=WAIT)
    # No replicates: one sentence, and the way to Markers.
    page.goto(f"{donors.url}/differences?atlas={COHORT}&where=Donor%3Dd0&where=Donor%3Dd1")
    expect(sentence).to_contain_text("a comparison of samples needs 2 on each side", timeout=WAIT)
    expect(page.locator("#differences-parts")).to_be_hidden()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.locator("#differences-markers").click()
    page.wait_for_url(re.compile("/markers.*by=Group"))


@dataclass(frozen=True)
class Slow:
    """The overview of one cell type, after some seconds."""

    seconds: float

    def __call__(self, *arguments):
        from core.compute import watch

        for _ in range(int(self.seconds / 0.05)):
            watch.check()
            time.sleep(0.05)
        return row(*arguments)


row = differences_overview._row


# Its quicker representatives: tests/callbacks/shared/test_progress.py, and the cancelled overview of the views.
@pytest.mark.slow
def test_a_long_comparison_shows_its_progress_and_is_cancelled(donors, page, in_server):
    in_server.setattr("core.analysis.differences_overview._row", Slow(15))
    opened(page, donors, fdr="0.031")
    panel = page.locator("#differences-progress")
    expect(panel).to_contain_text("Comparing the sides in all cell types: Hepatocyte (0 %)", timeout=WAIT)
    # What is shown meanwhile is one cell type.
    drawn(page)
    assert faults(page) == set()
    page.locator("#differences-cancel").click()
    expect(page.locator("#differences-sentence")).to_contain_text("was cancelled", timeout=5_000)
    expect(panel).to_be_hidden()
    expect(page.locator("#differences-overview-card")).to_be_hidden()
    in_server.undo()
    page.get_by_role("link", name="Compare all cell types again").click()
    expect(page.locator("#differences-overview-title")).to_contain_text("MASH (A)", timeout=WAIT)
