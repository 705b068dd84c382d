"""The page Species on three small simulated livers: from a gene to its orthologs, the dot plot, and an edited match."""

import re
from urllib.parse import parse_qs, urlsplit

import anndata
import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from core.demo.simulate import simulate
from core.ingest.importer import ImportRequest, import_file

# It opens pages that take a browser without a graphics card seconds to draw.
pytestmark = [pytest.mark.e2e, pytest.mark.slow(representative=True)]

WAIT = 60_000
KINDS = ("human", "mouse", "zebrafish")


@pytest.fixture(scope="module")
def livers(tmp_path_factory, serve_forever):
    """Serve simulated livers of three species, 200 cells each."""
    data, files = tmp_path_factory.mktemp("livers"), tmp_path_factory.mktemp("files")
    for kind in KINDS:
        path = files / f"{kind}.h5ad"
        made = simulate(kind, 200, 1)
        place = np.random.default_rng(1).normal(size=(len(made.obs), 2)).astype(np.float32)
        cells = anndata.AnnData(made.counts.astype("float32"), made.obs, made.var, obsm={"X_umap": place})
        cells.write_h5ad(path)
        request = ImportRequest(
            path,
            species=kind,
            name="liver",
            title=f"Simulated {kind} liver",
            simulated=True,
            roles={"cell_type": "CellType", "group": "Group", "sample": "Sample"},
        )
        import_file(request, data, lambda *_: None)
    return serve_forever(data)


def accessible(page):
    assert [(it["id"], it["nodes"][0]["html"][:160]) for it in Axe().run(page).response["violations"]] == []


def no_sideways_scroll(page):
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def parameters(page):
    return {name: values[0] for name, values in parse_qs(urlsplit(page.url).query).items()}


def choose(page, menu, name):
    page.locator(f"#{menu}").click()
    page.locator(".dash-dropdown-option", has_text=name).first.click()


def test_from_a_gene_to_its_orthologs_and_an_edited_match(livers, browse):
    page = browse()
    page.goto(f"{livers.url}/species?atlas=human/liver&gene=COL1A1")
    card = page.locator("#species-card")
    expect(card).to_contain_text("col1a1b", timeout=WAIT)
    expect(card).to_contain_text("1:n ortholog")
    expect(page.locator("#species-sentence")).to_contain_text(
        "COL1A1 of human; Simulated human liver (SIMULATED) compared with"
    )
    page.wait_for_url(re.compile("others=mouse%2Fliver%2Czebrafish%2Fliver"))
    accessible(page)
    # A gene without an ortholog: in words.
    search = page.locator("#species-gene")
    search.fill("CYP2E1")
    expect(page.locator("#species-gene-list [role=option]").first).to_contain_text("CYP2E1", timeout=WAIT)
    search.press("Enter")
    expect(card).to_contain_text("No ortholog known in zebrafish", timeout=WAIT)
    page.go_back()
    expect(card).to_contain_text("col1a1b", timeout=WAIT)

    page.get_by_role("tab", name="Dot plot").click()
    expect(page.locator("#species-dots-note")).to_contain_text("cell types match in mouse/liver (", timeout=WAIT)
    expect(page.locator("#species-dots .main-svg").first).to_be_visible()
    expect(page.locator("#species-dots-table")).to_contain_text("col1a1a")
    assert page.locator("#species-dots .scatterlayer .point").count() > 10
    accessible(page)

    page.get_by_role("tab", name="Cell types").click()
    expect(page.locator("#species-types")).to_contain_text("same name", timeout=WAIT)
    choose(page, "species-types-row", "Kupffer cell")
    expect(page.locator("#species-types-matches")).to_contain_text("Kupffer cell", timeout=WAIT)
    choose(page, "species-types-matches", "Monocyte")
    page.keyboard.press("Escape")
    page.locator("#species-types-apply").click()
    expect(page.locator("#species-types")).to_contain_text("edited", timeout=WAIT)
    edited = parameters(page)["match"]
    assert edited.startswith("Kupffer cell=mouse/liver:")
    assert set(edited.partition(":")[2].split("|")) == {"Kupffer cell", "Monocyte"}
    accessible(page)
    page.locator("#species-types-reset").click()
    page.wait_for_function("!location.search.includes('match=')")

    # One click leads to the gene in the atlas of another species.
    page.get_by_role("tab", name="Orthologs").click()
    page.locator("#species-card .species-atlases a", has_text="zebrafish").first.click()
    page.wait_for_url(re.compile("/explore.*zebrafish.*gene=col1a1a"))


def test_on_a_phone_nothing_scrolls_sideways(livers, browse):
    page = browse(width=390, height=844)
    for tab, drawn in (
        ("dots", "#species-dots-table td"),
        ("card", "#species-card td"),
        ("types", "#species-types td"),
    ):
        page.goto(f"{livers.url}/species?atlas=human/liver&gene=COL1A1&tab={tab}")
        expect(page.locator(drawn).first).to_be_visible(timeout=WAIT)
        no_sideways_scroll(page)
    accessible(page)
