"""The first page as a visitor sees it: what is there, what is coming, what went wrong."""

import re

import pytest
from playwright.sync_api import expect

from core.imports import ImportState, clear_state, write_state
from core.places import AtlasId
from tests.e2e.conftest import HTML_NAME, LIVER

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
    expect(card).to_contain_text("log1p(CP10k)")
    expect(card).to_contain_text("Ready")
    expect(card).to_contain_text("on disk")
    expect(page.locator("#home-summary")).to_have_text("2 atlases with 640 cells.")
    expect(page).to_have_title("Atlases · MASLDatlas")


def test_simulated_cells_are_said_to_be_so(server, page):
    page.goto(server.url)
    card = page.locator(".atlas-card").filter(has_text="mouse/tiny")
    expect(card).to_contain_text("SIMULATED")
    expect(card).to_contain_text("No patient, animal or experiment")
    expect(page.locator(".atlas-card").filter(has_text=LIVER)).not_to_contain_text("SIMULATED")


def test_names_that_look_like_html_are_shown_and_not_run(server, page):
    page.goto(server.url)
    expect(page.get_by_text(f"Test et al. {HTML_NAME}")).to_be_visible()
    expect(page.get_by_role("heading", name="<b>Simulated</b> mouse")).to_be_visible()
    assert page.locator(".home img, .home b").count() == 0


def test_a_card_opens_its_atlas(server, page):
    page.goto(server.url)
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
    expect(card).to_contain_text("Importing 40 %")
    expect(card).to_contain_text("Sorting")
    expect(card.get_by_role("progressbar")).to_have_attribute("value", "40")
    write_state(server.data, state.model_copy(update={"fraction": 0.73, "step": "writing"}))
    expect(card).to_contain_text("Importing 73 %")
    expect(page.locator("#home-summary")).to_contain_text("1 atlas being imported.")
    write_state(server.data, state.model_copy(update={"phase": "failed", "error": "n.h5ad has no cells."}))
    expect(card).to_contain_text("Failed")
    expect(card).to_contain_text("n.h5ad has no cells.")
    expect(page.locator(".home")).not_to_contain_text("/x/n.h5ad")
    clear_state(server.data, AtlasId.parse("human/new"))


def test_what_does_not_change_is_not_drawn_again(serve, page):
    server = serve()
    state = ImportState(id="human/new", phase="importing", title="New liver", fraction=0.1)
    write_state(server.data, state)
    page.goto(server.url)
    expect(page.get_by_text("Importing 10 %")).to_be_visible()
    link = page.get_by_role("link", name="Liver of six donors")
    link.focus()
    mark = "document.querySelector('#home-atlases .atlas-card').marked = true"
    page.evaluate(mark)
    write_state(server.data, state.model_copy(update={"fraction": 0.2}))
    expect(page.get_by_text("Importing 20 %")).to_be_visible()
    expect(link).to_be_focused()
    assert page.evaluate("document.querySelector('#home-atlases .atlas-card').marked")


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
    page.keyboard.press("/")
    expect(page.locator("#home-search")).to_be_focused()
    page.keyboard.type("six MASH")
    expect(cards).to_have_count(1)
    expect(page.locator("#home-summary")).to_contain_text("1 shown")
    page.locator("#home-search").fill("nothing like it")
    expect(page.get_by_role("heading", name="No atlas matches “nothing like it”")).to_be_visible()
    page.locator("#home-search").fill("")
    expect(cards).to_have_count(6)
    page.get_by_text("Mouse 5").click()
    expect(cards).to_have_count(5)
