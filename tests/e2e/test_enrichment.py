"""Enrichment and activity on the page Differences: from nothing to gene sets, a cancelled run, a kept set, targets."""

import re
from urllib.parse import urlencode

import pytest
from playwright.sync_api import expect

from tests.e2e.test_accessibility import faults, named
from tests.factories import DOWN, UP, cohort, imported
from tests.references import install

# A page takes a browser without a graphics card seconds to draw.
pytestmark = [pytest.mark.e2e, pytest.mark.slow(representative=True)]

WAIT = 60_000
OTHER = [f"gene{at:02}" for at in range(30)]
SETS = {"RISES": [*UP, *OTHER[:2]], "FALLS": [*DOWN, *OTHER[2:5]], "NEITHER": OTHER[8:20]}
EDGES = [
    *(("FACTOR", gene, 1.0) for gene in (*UP, *OTHER[:3])), *(("FACTOR", gene, -1.0) for gene in DOWN),
    *(("SECOND", gene, 1.0) for gene in OTHER[10:20]),
]  # fmt: skip
# A worker that takes tasks of the tests.
WORKER = "import sys, core.compute.worker as w; w.OURS = 'tests.'; w.main(int(sys.argv[1]), sys.argv[2])"


def pinned(page, table):
    return page.locator(f"#differences-{table} .ag-pinned-left-cols-container .ag-row")


@pytest.fixture(scope="module")
def donors(serve_forever, tmp_path_factory):
    """Return the app on eight donors in two groups, without reference data."""
    directory = tmp_path_factory.mktemp("enrichment")
    cohort(n_genes=100, n_cells=15).write_h5ad(directory / "cohort.h5ad")
    imported(directory / "data", directory / "cohort.h5ad", species="human")
    return serve_forever(directory / "data")


def test_sets_score_cancel_kept_set_and_targets(donors, page, in_server):
    # These few genes need small sets.
    asked = {"atlas": "human/cohort", "cell_type": "Hepatocyte", "tab": "enrichment", "min_size": 3}
    page.goto(f"{donors.url}/differences?{urlencode(asked)}")
    fault, note = page.locator("#differences-enrichment-fault"), page.locator("#differences-enrichment-note")
    expect(fault).to_contain_text("masldatlas references fetch", timeout=WAIT)
    expect(page.locator("#differences-set")).to_be_hidden()
    install(donors.data, sets={"hallmark": SETS}, edges={"collectri": EDGES})
    page.locator("#differences-test input[value=gsea]").check()
    expect(note).to_contain_text("tested genes ranked by t", timeout=WAIT)
    expect(fault).to_be_empty()
    expect(page.locator("#differences-enrichment-about")).to_have_text("Hallmark (1), native human genes.")
    expect(pinned(page, "sets")).to_have_count(len(SETS), timeout=WAIT)
    expect(page.locator("#differences-score-note")).to_contain_text("NES ", timeout=WAIT)
    assert faults(page) == set()
    page.locator('#differences-sets .ag-row[row-id$="hallmark/FALLS"]').first.click()
    expect(page.locator("#differences-score-title")).to_have_text(
        "FALLS: MASH against Healthy in Hepatocyte", timeout=WAIT
    )
    page.wait_for_url(re.compile("gene_set=hallmark%2FFALLS"))
    expect(page.locator("#differences-members-explore")).to_have_attribute("href", re.compile("set_a=.*down0"))
    # A run that takes long is cancelled, and run again.
    in_server.setattr("core.compute.worker_process.PROGRAM", ("-c", WORKER))
    in_server.setattr("core.stats.gsea.TASK", "tests.core.compute.test_worker_process:sleeps")
    page.locator("#differences-seed").fill("6")
    page.locator("#differences-seed").press("Enter")
    expect(page.locator("#differences-enrichment-step")).to_contain_text("sleeping (10 %)", timeout=WAIT)
    page.locator("#differences-enrichment-cancel").click()
    expect(fault).to_contain_text("cancelled", timeout=WAIT)
    expect(page.locator("#differences-enrichment-progress")).to_be_hidden()
    in_server.undo()
    page.locator("#differences-enrich-again").click()
    expect(note).to_contain_text("seed 6", timeout=WAIT)
    # A gene of the set is plotted in the first tab, whose table keeps a set, which is tested; so does a box.
    pinned(page, "members").first.click()
    expect(page.locator("#differences-violin-note")).to_contain_text("cells have a count", timeout=WAIT)
    page.locator("#differences-show").click()
    page.locator(".dash-dropdown-option", has_text="Higher in A").click()
    expect(pinned(page, "table")).to_have_count(len(UP), timeout=WAIT)
    page.locator("#differences-keep").click()
    expect(page.locator("#differences-kept-words")).to_contain_text("Gene set of 4", timeout=WAIT)
    page.locator("#differences-enrich-kept").click()
    expect(note).to_contain_text("4 genes of the list higher in MASH and 0 lower", timeout=WAIT)
    page.locator("#differences-listed-clear").click()
    expect(note).to_contain_text("adjusted p ≤ 0.05", timeout=WAIT)
    # Activities, and the targets of another source.
    page.locator("#differences-tab-activity").click()
    expect(page.locator("#differences-target-network-note")).to_contain_text("FACTOR: activity", timeout=WAIT)
    assert faults(page) == set()
    named(page)
    page.locator('#differences-sources .ag-row[row-id="SECOND"]').first.click()
    expect(page.locator("#differences-target-volcano-title")).to_contain_text("Targets of SECOND", timeout=WAIT)
    page.set_viewport_size({"width": 390, "height": 844})
    # A plot takes the new width a moment later.
    page.wait_for_function("document.documentElement.scrollWidth <= 390")
