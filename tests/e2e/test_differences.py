"""The page Differences, driven as a biologist would."""

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import LIVER, TINY
from tests.e2e.test_accessibility import faults, named

# A page takes a browser without a graphics card seconds to draw.
pytestmark = [pytest.mark.e2e, pytest.mark.slow(representative=True)]

WAIT = 60_000


def drawn(page):
    expect(page.locator("#differences-table .ag-row").first).to_be_visible(timeout=WAIT)
    expect(page.locator("#differences-violin-note")).to_contain_text("cells have a count", timeout=WAIT)


def test_from_the_overview_to_a_gene_samples_and_composition(server, page):
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
