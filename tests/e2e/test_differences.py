"""The page Differences, driven as a biologist would."""

import re
import shutil

import pytest
from playwright.sync_api import expect

from core.genes.reference_store import directory
from tests.e2e.conftest import LIVER, TINY
from tests.e2e.test_accessibility import faults, named
from tests.references import install

# A page takes a browser without a graphics card seconds to draw.
pytestmark = [pytest.mark.e2e, pytest.mark.slow(representative=True)]

WAIT = 60_000
SETS = {"FIRST": ["ALB", "CYP2E1", "CD68", "GENE1"], "SECOND": [f"GENE{at}" for at in range(20, 30)]}
EDGES = [
    *(("FACTOR", f"GENE{at}", 1 - at % 2 * 2.0) for at in range(9)),
    *(("B", f"GENE{at}", 1.0) for at in range(9, 20)),
]
# A worker that takes tasks of the tests.
WORKER = "import sys, core.compute.worker as w; w.OURS = 'tests.'; w.main(int(sys.argv[1]), sys.argv[2])"


def drawn(page):
    expect(page.locator("#differences-table .ag-row").first).to_be_visible(timeout=WAIT)
    expect(page.locator("#differences-violin-note")).to_contain_text("cells have a count", timeout=WAIT)


def meaning(server, page, in_server):
    """Go from nothing to gene sets, one of them, a cancelled GSEA, and the targets of a factor."""
    note = page.locator("#differences-enrichment-note")
    page.locator("#differences-tab-enrichment").click()
    expect(page.locator("#differences-enrichment-fault")).to_contain_text("masldatlas references fetch", timeout=WAIT)
    expect(page.locator("#differences-set")).to_be_hidden()
    try:
        install(server.data, sets={"hallmark": SETS}, edges={"collectri": EDGES})
        # The address holds the sizes of sets, so that these few genes can be tested.
        page.goto(f"{page.url}&min_size=3&test=gsea&seed=5")
        expect(note).to_contain_text("tested genes ranked by t", timeout=WAIT)
        rows = page.locator("#differences-sets .ag-pinned-left-cols-container .ag-row")
        expect(rows).to_have_count(len(SETS), timeout=WAIT)
        expect(page.locator("#differences-score-note")).to_contain_text("ES ", timeout=WAIT)
        assert faults(page) == set()
        page.locator('#differences-sets .ag-row[row-id$="hallmark/SECOND"]').first.click()
        expect(page.locator("#differences-score-title")).to_contain_text("SECOND: MASH against Healthy", timeout=WAIT)
        assert "gene_set=hallmark%2FSECOND" in page.url
        expect(page.locator("#differences-members-explore")).to_have_attribute("href", re.compile("set_a=.*GENE20"))
        in_server.setattr("core.compute.worker_process.PROGRAM", ("-c", WORKER))
        in_server.setattr("core.stats.gsea.TASK", "tests.core.compute.test_worker_process:sleeps")
        page.locator("#differences-seed").fill("6")
        page.locator("#differences-seed").press("Enter")
        expect(page.locator("#differences-enrichment-step")).to_contain_text("sleeping (10 %)", timeout=WAIT)
        page.locator("#differences-enrichment-cancel").click()
        expect(page.locator("#differences-enrichment-fault")).to_contain_text("cancelled", timeout=WAIT)
        expect(page.locator("#differences-enrichment-progress")).to_be_hidden()
        in_server.undo()
        page.locator("#differences-enrich-again").click()
        expect(note).to_contain_text("seed 6", timeout=WAIT)
        page.locator("#differences-tab-activity").click()
        expect(page.locator("#differences-target-network-note")).to_contain_text("targets tested", timeout=WAIT)
        assert faults(page) == set()
        named(page)
    finally:
        shutil.rmtree(directory(server.data))


def test_from_the_overview_to_a_gene_samples_and_composition(server, page, in_server):
    page.goto(f"{server.url}/differences?atlas={LIVER}")
    drawn(page)
    expect(page.locator("#differences-sentence")).to_contain_text("MASH against Healthy in 3 cell types")
    rows = page.locator("#differences-overview .ag-center-cols-container .ag-row")
    expect(rows).to_have_count(3)
    assert faults(page) == set()
    named(page)
    page.locator('#differences-overview .ag-row[row-id="Kupffer cell"]').first.click()
    expect(page.locator("#differences-volcano-title")).to_have_text(
        "MASH against Healthy in Kupffer cell", timeout=WAIT
    )
    assert "cell_type=Kupffer+cell" in page.url
    chosen = page.locator("#differences-table .ag-pinned-left-cols-container .ag-row").nth(2)
    gene = chosen.get_attribute("row-id")
    chosen.click()
    expect(page.locator("#differences-violin-title")).to_contain_text(gene, timeout=WAIT)
    assert f"gene={gene}" in page.url
    meaning(server, page, in_server)
    page.locator("#differences-tab-samples").click()
    expect(page.locator("#differences-samples-title")).to_have_text("4 of 4 samples kept", timeout=WAIT)
    expect(page.locator("#differences-samples-note")).to_contain_text("two samples only")
    expect(page.locator("#differences-pca-note")).to_contain_text("One point a sample", timeout=WAIT)
    assert faults(page) == set()
    page.locator("#differences-tab-composition").click()
    expect(page.locator("#differences-shares-note")).to_contain_text("smallest p", timeout=WAIT)
    assert faults(page) == set()
    page.go_back()
    expect(page.locator("#differences-samples-title")).to_be_visible(timeout=WAIT)
    # An atlas without groups and samples says so in one sentence, and shows no empty parts.
    page.goto(f"{server.url}/differences?atlas={TINY}")
    expect(page.locator("#differences-sentence")).to_contain_text("has no column of", timeout=WAIT)
    expect(page.locator("#differences-parts")).to_be_hidden()
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
