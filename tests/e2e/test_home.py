"""The first page as a visitor sees it: what is there, what is coming, what went wrong."""

import re
import shutil

import anndata
import numpy as np
import pandas as pd
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from core.atlas.import_state import ImportState, clear_state, write_state
from core.atlas.paths import AtlasId
from core.ingest.importer import ImportRequest, import_file
from core.ingest.subset import Subset
from tests.e2e.conftest import HTML_NAME, LIVER, SCREENS
from tests.factories import tiny

pytestmark = pytest.mark.e2e


def test_the_first_visit_shows_the_atlases(server, page):
    page.goto(server.url)
    card = page.locator(".atlas-card").filter(has_text="Liver of six donors")
    expect(card).to_contain_text("600")
    expect(card).to_contain_text("human/liver")
    assert card.locator(".atlas-numbers li").all_inner_texts() == [
        "600\ncells",
        "60\ngenes",
        "3\ncell types",
        "6\nsamples",
    ]
    assert card.locator(".atlas-groups li").all_inner_texts() == ["Healthy", "MASL", "MASH"]
    expect(card).to_contain_text("10,000 counts per cell and transformed as ln(1 + x)")
    expect(card).to_contain_text("Ready")
    expect(card).to_contain_text("on disk")
    expect(page.locator("#home-summary")).to_have_text("2 atlases with 640 cells.")
    expect(page).to_have_title("Atlases · MASLDatlas")
    # Simulated cells are said to be so.
    card = page.locator(".atlas-card").filter(has_text="mouse/tiny")
    expect(card).to_contain_text("SIMULATED")
    expect(card).to_contain_text("not from any patient or animal")
    expect(page.locator(".atlas-card").filter(has_text=LIVER)).not_to_contain_text("SIMULATED")
    # Names that look like HTML are shown and not run.
    expect(page.get_by_text(f"Test et al. {HTML_NAME}")).to_be_visible()
    expect(page.get_by_role("heading", name="<b>Simulated</b> mouse")).to_be_visible()
    assert page.locator(".home img:not(.atlas-map), .home b").count() == 0
    # A card opens its atlas.
    page.get_by_role("link", name="Liver of six donors").click()
    expect(page).to_have_url(re.compile(r"/explore\?atlas=human%2Fliver"))
    expect(page.locator("#shell-atlas .atlas-label")).to_contain_text("Liver of six donors")


def test_an_import_is_followed_until_it_is_done(serve, page):
    server = serve()
    state = ImportState(
        id="human/new", phase="importing", title="New liver", step="sorting", fraction=0.4, file="/x/n.h5ad"
    )
    write_state(server.data, state)
    page.goto(server.url)
    card = page.locator(".atlas-card").filter(has_text="New liver")
    expect(card).to_contain_text("Importing 40%")
    expect(card).to_contain_text("Sorting")
    expect(card.get_by_role("progressbar")).to_have_attribute("value", "40")
    write_state(server.data, state.model_copy(update={"fraction": 0.73, "step": "writing"}))
    expect(card).to_contain_text("Importing 73%")
    expect(page.locator("#home-summary")).to_contain_text("1 atlas being imported.")
    write_state(server.data, state.model_copy(update={"phase": "failed", "error": "n.h5ad has no cells."}))
    expect(card).to_contain_text("Failed")
    expect(card).to_contain_text("n.h5ad has no cells.")
    expect(page.locator(".home")).not_to_contain_text("/x/n.h5ad")
    clear_state(server.data, AtlasId.parse("human/new"))


@pytest.mark.slow
def test_what_does_not_change_is_not_drawn_again(serve, page):
    server = serve()
    state = ImportState(id="human/new", phase="importing", title="New liver", fraction=0.1)
    write_state(server.data, state)
    page.goto(server.url)
    expect(page.get_by_text("Importing 10%")).to_be_visible()
    link = page.get_by_role("link", name="Liver of six donors")
    link.focus()
    mark = "document.querySelector('#home-atlases .atlas-card').marked = true"
    page.evaluate(mark)
    write_state(server.data, state.model_copy(update={"fraction": 0.2}))
    expect(page.get_by_text("Importing 20%")).to_be_visible()
    expect(link).to_be_focused()
    assert page.evaluate("document.querySelector('#home-atlases .atlas-card').marked")


@pytest.mark.slow
def test_a_broken_atlas_says_why(serve, page):
    server = serve()
    (server.data / "atlases" / "mouse" / "tiny" / "manifest.json").write_text("{")
    page.goto(server.url)
    card = page.locator(".atlas-card-fault")
    expect(card).to_contain_text("mouse/tiny cannot be read")
    expect(card).to_contain_text("masldatlas datasets check")
    expect(page.locator("#home-summary")).to_contain_text("1 could not be read")


def test_with_no_data_the_page_says_what_to_do(serve, page):
    server = serve(empty=True)
    page.goto(server.url)
    expect(page.get_by_role("heading", name="No atlas yet")).to_be_visible()
    expect(page.locator("#home-empty")).to_contain_text(f"{server.data}/datasets/<Species>/")
    expect(page.locator("#home-empty")).to_contain_text("masldatlas import FILE.h5ad")
    expect(page.locator("#home-tools")).to_be_hidden()


def test_in_secure_mode_neither_version_nor_disk_is_told(serve, page):
    server = serve(empty=True, secure_mode=True)
    page.goto(server.url)
    expect(page.locator("#home-empty")).to_contain_text("datasets/<Species>/")
    expect(page.locator("#home-empty")).not_to_contain_text(str(server.data))
    expect(page.locator("#shell-footer")).to_contain_text("MASLDatlas")
    expect(page.locator("#shell-footer")).not_to_contain_text(re.compile(r"\d\.\d"))


@pytest.mark.slow
def test_many_atlases_can_be_searched(serve, page):
    server = serve()
    source = server.data / "atlases" / "mouse" / "tiny"
    manifest = (source / "manifest.json").read_text("utf-8")
    for number in range(4):
        copy = source.with_name(f"copy{number}")
        copy.mkdir()
        (copy / "manifest.json").write_text(manifest.replace('"tiny"', f'"copy{number}"'), "utf-8")
    page.goto(server.url)
    cards = page.locator("#home-atlases .atlas-card")
    expect(cards).to_have_count(6)
    page.locator("#home-search").click()
    page.keyboard.type("six MASH")
    expect(cards).to_have_count(1)
    expect(page.locator("#home-summary")).to_contain_text("1 shown")
    page.locator("#home-search").fill("nothing like it")
    expect(page.get_by_role("heading", name="No atlas matches “nothing like it”")).to_be_visible()
    page.locator("#home-search").fill("")
    expect(cards).to_have_count(6)
    page.get_by_text("Mouse 5").click()
    expect(cards).to_have_count(5)


# ---- where a gene is expressed ----


def cards(page):
    return page.locator(".where-card")


def test_where_is_this_gene_expressed_by_keyboard_alone(server, page):
    page.goto(server.url)
    expect(page.locator(".atlas-card")).to_have_count(2)
    expect(cards(page)).to_have_count(0)
    page.keyboard.press("/")
    field = page.get_by_label("Where is this gene expressed?")
    expect(field).to_be_focused()
    page.keyboard.type("cyp")
    expect(page.get_by_role("option")).to_have_text(["CYP2E1human", "Cyp2e1mouse"])
    page.keyboard.press("Enter")
    expect(cards(page)).to_have_count(2)
    expect(page.locator(".where-sentence")).to_contain_text("CYP2E1 in 2 of 2 atlases. Highest detection: Hepatocyte")
    human = cards(page).first
    expect(human.get_by_role("row")).to_have_count(4)
    expect(human.get_by_role("rowheader").first).to_have_text("Hepatocyte")
    expect(human).to_contain_text("log1p(CP10k)")
    assert human.locator("b, img").count() == 0
    expect(cards(page).nth(1)).to_contain_text("ortholog")
    expect(cards(page).nth(1)).to_contain_text("SIMULATED")
    expect(page).to_have_url(f"{server.url}/?gene=CYP2E1")
    expect(field).to_be_focused()
    cards(page).nth(1).get_by_role("link", name="Explore Cyp2e1").click()
    expect(page).to_have_url(re.compile(r"/explore\?atlas=mouse%2Ftiny&gene=Cyp2e1"))


def test_the_gene_is_in_the_address(server, page):
    page.goto(f"{server.url}/?gene=Alb")
    field = page.get_by_label("Where is this gene expressed?")
    expect(cards(page)).to_have_count(2)
    expect(field).to_have_value("Alb")
    for text in ("CD68", "CYP2E1"):
        field.fill(text)
        expect(page.get_by_role("option").first).to_have_text(re.compile(text))
        field.press("Enter")
        expect(page.locator(".where-sentence")).to_contain_text(text)
    page.go_back()
    expect(page).to_have_url(f"{server.url}/?gene=CD68")
    expect(page.locator(".where-sentence")).to_contain_text("CD68 in 1 of 2 atlases")
    expect(field).to_have_value("CD68")
    expect(page.locator(".where-missing")).to_contain_text("Not in 1 atlas")
    page.go_back()
    expect(page.locator(".where-sentence")).to_contain_text("Alb in 2 of 2")
    page.go_forward()
    expect(page.locator(".where-sentence")).to_contain_text("CD68")
    page.get_by_role("link", name="Atlases", exact=True).click()
    expect(cards(page)).to_have_count(0)
    expect(field).to_have_value("")


def test_a_gene_that_is_nowhere_offers_others(server, page):
    page.goto(f"{server.url}/?gene=CYP2E9")
    expect(page.locator(".where-nowhere")).to_contain_text('"CYP2E9" was not found in any atlas')
    page.locator(".where-nowhere a").filter(has_text=re.compile("^CYP2E1$")).click()
    expect(cards(page)).to_have_count(2)
    expect(page).to_have_url(f"{server.url}/?gene=CYP2E1")


@pytest.fixture(scope="module")
def three_species(serve_forever, atlases, tmp_path_factory):
    """Serve the two atlases, a fish, and a sample of the liver."""
    data = tmp_path_factory.mktemp("three") / "data"
    shutil.copytree(atlases, data)
    fish = tiny(data.parent / "fish.h5ad", genes=("fabp10a", "apoa1a", "apoa1b", "tfa"))
    import_file(ImportRequest(fish, species="zebrafish", name="fish", title="Fish"), data, lambda *_: None)
    human = tiny(data.parent / "human.h5ad", genes=("APOA1", "TF", "CYP2E1", "CA9"))
    zoned = anndata.read_h5ad(human)
    zoned.obs["zone"] = pd.Categorical(np.resize(["PP", "mid", "PV"], zoned.n_obs))
    zoned.write_h5ad(human)
    request = ImportRequest(human, species="human", name="sample", title="A sample", subset=Subset(24))
    import_file(request, data, lambda *_: None)
    return serve_forever(data)


def test_a_sample_says_of_how_many_cells(three_species, page):
    page.goto(three_species.url)
    card = page.locator("#home-atlases .atlas-card").filter(has_text="human/sample")
    expect(card.locator(".atlas-numbers li").first).to_have_text(re.compile(r"24\s*of 60 cells"))
    # The journey goes on without loading a page anew: map, page of the atlas, zonation.
    picture = card.get_by_role("img", name="Map of the cells of A sample, coloured by cell type")
    page.wait_for_function("(it) => it.naturalWidth === 640", arg=picture.element_handle())
    card.get_by_role("link", name="About this atlas").click()
    expect(page).to_have_url(f"{three_species.url}/atlas?atlas=human%2Fsample")
    expect(page.get_by_role("heading", level=1)).to_have_text("A sample")
    expect(page.get_by_role("region", name="Numbers")).to_contain_text("24 of 60 cells, 4 genes")
    expect(page.get_by_role("region", name="Contents")).to_contain_text("zone: PP, mid, PV")
    expect(page.get_by_role("region", name="Citation")).to_contain_text("--replace --citation TEXT")
    expect(page.locator("#shell-atlas .atlas-label")).to_contain_text("A sample")
    assert Axe().run(page).response["violations"] == []
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.scrollingElement.scrollWidth <= innerWidth")
    page.set_viewport_size({"width": 1440, "height": 900})
    page.get_by_role("navigation", name="Pages of this atlas").get_by_role("link", name="Explore").click()
    # A tab that is opened before the server has filled the controls stays open.
    page.get_by_role("tab", name="Zonation").click()
    expect(page.locator("#explore-lobule-note")).to_contain_text("hepatocytes of 3 samples in zone", timeout=30_000)
    expect(page.locator("#explore-lobule .xtick").first).to_contain_text("PP")
    page.get_by_text("% expressing", exact=True).click()
    expect(page.locator("#explore-lobule .ytitle")).to_contain_text("% of cells expressing")
    expect(page).to_have_url(re.compile("measure=percent&tab=zonation"))
    assert Axe().run(page).response["violations"] == []


@pytest.mark.parametrize(
    "path",
    [
        pytest.param("explore", marks=pytest.mark.slow),
        pytest.param("correlation", marks=pytest.mark.slow(representative=True)),
    ],
)
def test_a_gene_goes_along_to_another_species(three_species, page, path):
    page.goto(f"{three_species.url}/{path}?atlas=human/sample&gene=TF")
    page.locator("#shell-atlas summary").click()
    page.locator("#shell-atlas a").filter(has_text="Fish").click()
    problems = page.locator(f"#{path}-problems")
    expect(problems).to_contain_text("TF is tfa in zebrafish: its ortholog is shown.")
    expect(page.locator(f"#{path}-sentence")).to_contain_text("tfa")
    page.goto(f"{three_species.url}/{path}?atlas=zebrafish/fish&gene=APOA1")
    expect(problems).to_contain_text("APOA1 has 2 orthologs known here in zebrafish: apoa1a is shown.")
    expect(page.locator(f"#{path}-sentence")).to_contain_text("apoa1a")
    problems.get_by_role("link", name="apoa1b").click()
    expect(page.locator(f"#{path}-sentence")).to_contain_text("apoa1b")
    expect(problems).to_be_empty()
    page.goto(f"{three_species.url}/{path}?atlas=zebrafish/fish&gene=CYP2E1")
    expect(problems).to_contain_text("CYP2E1 has no ortholog known here in zebrafish.")


def test_paralogs_have_a_card_each(three_species, page):
    page.goto(f"{three_species.url}/?gene=APOA1")
    expect(cards(page)).to_have_count(3)
    expect(page.locator(".where-relation")).to_have_text(["one of 2 paralogs", "one of 2 paralogs"])


@pytest.mark.parametrize(("width", "scheme"), SCREENS)
def test_accessibility_of_the_answer(three_species, browse, width, scheme):
    page = browse(width=width, color_scheme=scheme)
    page.goto(f"{three_species.url}/?gene=APOA1")
    expect(cards(page)).to_have_count(3)
    page.locator(".shelf summary").click()
    page.locator(".where-missing summary").click()
    assert page.evaluate("document.scrollingElement.scrollWidth <= innerWidth")
    found = [it for it in Axe().run(page).response["violations"] if it["impact"] in {"serious", "critical"}]
    assert [(it["id"], [node["html"][:200] for node in it["nodes"]]) for it in found] == []


# ---- published atlases ----


def test_the_published_atlases_and_the_command_that_fetches_them(server, browse):
    page = browse(permissions=["clipboard-read", "clipboard-write"])
    page.goto(server.url)
    shelf = page.locator(".shelf")
    expect(shelf.locator("summary")).to_have_text("4 published atlases to fetch")
    expect(shelf.locator("article").first).to_be_hidden()
    shelf.locator("summary").click()
    expect(shelf.locator("article")).to_have_count(4)
    expect(shelf.locator("article").nth(3)).to_contain_text("9.7 GB to download")
    button = shelf.locator("article").nth(1).get_by_role("button")
    button.focus()
    page.keyboard.press("Enter")
    expect(button).to_have_text("Copied")
    page.wait_for_function(
        "navigator.clipboard.readText().then(it => it === 'masldatlas datasets pull mouse/GSE145086')"
    )


def test_with_no_data_they_are_offered_at_once(serve, page):
    server = serve(empty=True)
    page.goto(server.url)
    expect(page.locator(".shelf article").first).to_be_visible()
