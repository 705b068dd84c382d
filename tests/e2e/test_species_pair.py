"""Two atlases on the page Species: types that match, changes that agree and do not, correlates; one journey."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.factories import imported
from tests.references import install
from tests.two_species import QUERY, TURNED, TYPES, UP, liver

pytestmark = [pytest.mark.e2e, pytest.mark.slow(representative=True)]
WAIT = 60_000


@pytest.fixture
def address(tmp_path, serving):
    """Return the address of an app on the livers of man and mouse."""
    data = tmp_path / "data"
    for species in ("human", "mouse"):
        path = tmp_path / species / "liver.h5ad"
        path.parent.mkdir()
        liver(species, n_cells=30).write_h5ad(path)
        imported(data, path, species=species, title=f"Liver of {species}")
    install(data, sets={"hallmark": {"RISES": UP, "TURNS": [*TURNED, *UP[:4]]}}, edges={})
    url = serving.start(data)
    yield url
    serving.stop(url)


def parameters(page):
    return {name: values[0] for name, values in parse_qs(urlsplit(page.url).query).items()}


def choose(page, menu, option):
    page.locator(f"#{menu}").click()
    page.locator(".dash-dropdown-option", has_text=option).first.click()


def accessible(page):
    found = Axe().run(page).response["violations"]
    assert [(each["id"], [node["html"][:120] for node in each["nodes"]]) for each in found] == []


def edited_match_is_marked(page):
    """A match below the bound is marked in the other views, a moment after what is measured."""
    page.get_by_role("tab", name="Cell types").click()
    expect(page.locator("#species-types")).to_contain_text("AUROC 1.00", timeout=WAIT)
    choose(page, "species-types-matches", TYPES[2])
    page.keyboard.press("Escape")
    page.locator("#species-types-apply").click()
    expect(page.locator("#species-types")).to_contain_text("hardly alike", timeout=WAIT)
    accessible(page)
    page.get_by_role("tab", name="Dot plot").click()
    expect(page.locator("#species-dots-note")).to_contain_text("Dotted frames", timeout=WAIT)
    expect(page.locator("#species-dots-table")).to_contain_text("hardly alike")
    accessible(page)
    page.locator("#species-types-reset").evaluate("button => button.click()")
    expect(page.locator("#species-dots-note")).not_to_contain_text("Dotted frames", timeout=WAIT)


def test_two_livers_gene_by_gene(page, address):
    page.goto(f"{address}/species?atlas=human/liver&gene={QUERY}&tab=auroc")
    expect(page.locator("#species-auroc-note")).to_contain_text("3 of 3 matched pairs", timeout=WAIT)
    expect(page.locator("#species-auroc .main-svg").first).to_be_visible(timeout=WAIT)
    expect(page.locator("#species-auroc-table tbody tr")).to_have_count(9)
    accessible(page)

    page.get_by_role("tab", name="Changes").click()
    note = page.locator("#species-concordance-note")
    expect(note).to_contain_text(f"{len(TURNED)} in opposite directions", timeout=WAIT)
    assert parameters(page)["tab"] == "concordance"
    expect(page.locator("#species-concordance-table")).to_contain_text("opposite")
    expect(page.locator("#species-concordance-sets")).to_contain_text("RISES", timeout=WAIT)
    choose(page, "species-concordance-quadrant", "up, then down")
    expect(page.locator("#species-concordance-sets tbody tr").first).to_contain_text("TURNS", timeout=WAIT)
    choose(page, "species-one", "Healthy")
    expect(page.locator("#species-concordance-title")).to_contain_text("Healthy against MASH", timeout=WAIT)
    assert parameters(page)["one"] == "Healthy"

    # Columns are offered once they are wanted, and the choice stands in the address.
    page.get_by_text("Covariates and pairing").click()
    choose(page, "species-covariates", "Sex")
    page.keyboard.press("Escape")
    expect(note).to_contain_text("human/liver is adjusted for Sex", timeout=WAIT)
    assert parameters(page)["covariates"] == "Sex"

    choose(page, "species-pair-type", TYPES[2])
    expect(note).to_contain_text("0 in opposite directions", timeout=WAIT)
    page.go_back()
    expect(note).to_contain_text(f"{len(TURNED)} in opposite directions", timeout=WAIT)

    page.get_by_role("tab", name="Correlates").click()
    expect(page.locator("#species-conserved-note")).to_contain_text("rank-biased overlap", timeout=WAIT)
    page.locator("#species-best").fill("18")
    page.locator("#species-best").press("Enter")
    expect(page.locator("#species-conserved-note")).to_contain_text("Best 18 positive", timeout=WAIT)
    href = page.locator("#species-conserved-csv").get_attribute("href")
    assert re.search(r"conserved_correlates\?other=mouse%2Fliver.*best=18", href)
    assert page.request.get(f"{address}{href}").status == 200
    accessible(page)

    edited_match_is_marked(page)
    page.set_viewport_size({"width": 390, "height": 844})
    # A plot takes the new width a moment later.
    page.wait_for_function("document.documentElement.scrollWidth <= window.innerWidth")
