"""The frame around the pages: theme, keyboard, errors, sizes, accessibility."""

import json
import re
import urllib.error
import urllib.request
from dataclasses import dataclass

import pytest
from axe_playwright_python.sync_playwright import Axe
from dash import html
from playwright.sync_api import expect
from plotly.io.json import to_json_plotly

from core.atlas.import_state import ImportState, write_state
from core.errors import BrokenStore
from pages._controls import card, rail, workspace
from tests.e2e.conftest import LIVER, SCREENS

pytestmark = pytest.mark.e2e

EXPLORE = f"/explore?atlas={LIVER}"
OTHER_PAGES = ("/", "/no/such/page")
NOT_FOUND = "status of 404"
TOAST = "({title: 'Not found', detail: 'There is no gene ALBB.', remedy: 'Did you mean ALB?'})"


def theme_of(page):
    return page.evaluate("document.documentElement.getAttribute('data-bs-theme')")


def settled(page):
    expect(page.locator("#shell-footer")).to_contain_text("MASLDatlas")
    expect(page.locator("#_pages_content > *")).to_have_count(1)
    page.wait_for_load_state("networkidle")


def test_the_theme_is_kept_and_stands_before_the_page_is_drawn(server, page):
    page.goto(server.url)
    settled(page)
    assert theme_of(page) == "light"
    page.locator("label", has_text="Dark theme").click()
    page.wait_for_function("document.documentElement.getAttribute('data-bs-theme') === 'dark'")
    page.route("**/_dash-layout", lambda route: None)  # the page is never drawn
    page.reload(wait_until="domcontentloaded")
    assert theme_of(page) == "dark"
    page.unroute("**/_dash-layout")
    page.reload()
    expect(page.get_by_role("radio", name="Dark theme")).to_be_checked()
    assert theme_of(page) == "dark"


def test_the_theme_follows_the_system_until_somebody_chooses(server, page):
    page.goto(server.url)
    expect(page.get_by_role("radio", name="System theme")).to_be_checked()
    page.emulate_media(color_scheme="dark")
    page.wait_for_function("document.documentElement.getAttribute('data-bs-theme') === 'dark'")
    page.locator("label", has_text="Light theme").click()
    page.wait_for_function("document.documentElement.getAttribute('data-bs-theme') === 'light'")


def test_an_unknown_address_explains_and_answers_404(server, page, tolerated):
    tolerated.append(NOT_FOUND)
    answer = page.goto(f"{server.url}/no/such/page")
    assert answer.status == 404
    expect(page.get_by_role("heading", name="There is no page at this address")).to_be_visible()
    expect(page.locator("#shell-missing")).to_have_text("Requested address: /no/such/page")
    page.locator("main").get_by_role("link", name="All atlases").click()
    expect(page.get_by_role("heading", name="Atlases", exact=True)).to_be_visible()


@pytest.mark.parametrize(
    ("path", "status"),
    [("/", 200), ("/explore", 200), ("/explore/", 200), ("/nope", 404), ("/healthz", 200), ("/assets/favicon.svg", 200),
     ("/_dash-layout", 200), ("/vendor/bootstrap.min.css", 200), ("/not-found-404", 404)],
)  # fmt: skip
def test_the_status_of_addresses(server, path, status):
    try:
        answer = urllib.request.urlopen(server.url + path)
    except urllib.error.HTTPError as error:
        answer = error
    with answer:
        assert answer.status == status


def test_what_an_address_says_is_not_run(server, page, tolerated):
    tolerated.append(NOT_FOUND)
    page.goto(f'{server.url}/"><script>alert(1)</script>')
    expect(page.get_by_role("heading", name="There is no page at this address")).to_be_visible()


def test_an_error_becomes_a_toast_that_can_be_dismissed(server, page):
    page.goto(server.url)
    settled(page)
    page.evaluate(f"dash_clientside.set_props('shell-error', {{data: {TOAST}}})")
    toast = page.locator(".toast.show")
    expect(toast).to_contain_text("Not found")
    expect(toast).to_contain_text("There is no gene ALBB.")
    expect(toast).to_contain_text("Did you mean ALB?")
    page.evaluate(f"dash_clientside.set_props('shell-error', {{data: {TOAST}}})")
    page.evaluate("dash_clientside.set_props('shell-error', {data: {title: 'Another', detail: 'x', remedy: ''}})")
    expect(toast).to_have_count(2)
    toast.first.get_by_role("button", name="Close").click()
    expect(toast).to_have_count(1)
    expect(toast).to_contain_text("Another")
    toast.get_by_role("button", name="Close").click()
    expect(toast).to_have_count(0)
    page.evaluate(f"dash_clientside.set_props('shell-error', {{data: {TOAST}}})")
    expect(toast).to_have_count(1)
    page.keyboard.press("Escape")
    expect(toast).to_have_count(0)


@dataclass(frozen=True)
class Failing:
    """A function that fails, wherever it is sent to."""

    error: Exception

    def __call__(self, _catalog):
        raise self.error


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (
            BrokenStore("The atlas human/x is damaged.", "Import it again."),
            ["Atlas not readable", "human/x is damaged", "again"],
        ),
        (RuntimeError("the password is swordfish"), ["Something went wrong", "number "]),
    ],
)
def test_a_callback_that_fails_becomes_a_toast(serve, page, in_server, error, words):
    server = serve(empty=True)

    in_server.setattr("callbacks.home.Snapshot.of", Failing(error))
    page.goto(server.url)
    toast = page.locator(".toast.show")
    for word in words:
        expect(toast).to_contain_text(word)
    expect(toast).not_to_contain_text("swordfish")


def test_the_keyboard_reaches_everything(server, page):
    page.goto(server.url)
    settled(page)
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to the content")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport(ratio=1)
    page.keyboard.press("Enter")
    expect(page.locator("#shell-main")).to_be_focused()
    assert "#" not in page.url
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="Help")
    expect(dialog).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    page.get_by_role("button", name="Help and keyboard shortcuts").click()
    expect(dialog).to_be_visible()
    dialog.get_by_role("button", name="Close").click()
    expect(dialog).to_be_hidden()


def test_the_switcher_goes_to_the_same_gene_in_another_atlas(server, page, tolerated):
    page.goto(f"{server.url}/explore?atlas={LIVER}&gene=ALB")
    switcher = page.locator("#shell-atlas summary")
    expect(switcher).to_contain_text("Human")
    expect(switcher).to_contain_text("Liver of six donors")
    expect(switcher).to_contain_text("600 cells")
    switcher.click()
    entry = page.locator("#shell-atlas a").filter(has_text="SIMULATED")
    expect(entry).to_have_attribute("href", "/explore?atlas=mouse%2Ftiny&gene=ALB")
    expect(page.locator("#shell-atlas [aria-current]")).to_contain_text("Liver of six donors")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(entry).to_be_focused()
    page.keyboard.press("Escape")
    expect(entry).to_be_hidden()
    expect(switcher).to_be_focused()
    page.get_by_role("link", name="Atlases", exact=True).click()
    expect(page.get_by_role("heading", name="Atlases", exact=True)).to_be_visible()
    # Explore leads back to where one was.
    expect(page.locator("#shell-link-explore")).to_have_attribute("href", re.compile("gene=ALB"))


# Explore of the other widths is loaded in test_explore.py, which looks at the same.
@pytest.mark.parametrize(
    ("width", "height", "path"),
    [
        *((1440, 900, path) for path in OTHER_PAGES),
        *((390, 844, path) for path in OTHER_PAGES),
        *(pytest.param(768, 1024, path, marks=pytest.mark.slow) for path in (EXPLORE, *OTHER_PAGES)),
    ],
)
def test_no_page_scrolls_sideways(server, browse, tolerated, width, height, path):
    tolerated.append(NOT_FOUND)
    page = browse(width=width, height=height)
    page.goto(server.url + path)
    settled(page)
    assert page.evaluate("document.scrollingElement.scrollWidth <= innerWidth")
    assert page.evaluate("document.body.scrollWidth <= innerWidth")


def test_the_menu_of_a_small_screen(server, browse):
    page = browse(width=390, height=844)
    page.goto(server.url)
    button = page.get_by_role("button", name="Menu")
    link = page.get_by_role("link", name="Explore", exact=True)
    expect(link).to_be_hidden()
    button.click()
    expect(button).to_have_attribute("aria-expanded", "true")
    expect(link).to_be_visible()
    page.keyboard.press("Escape")
    expect(link).to_be_hidden()
    expect(button).to_be_focused()


@pytest.mark.parametrize("path", OTHER_PAGES)
@pytest.mark.parametrize(("width", "scheme"), SCREENS)
def test_accessibility(server, browse, tolerated, path, width, scheme):
    tolerated.append(NOT_FOUND)
    page = browse(width=width, color_scheme=scheme)
    page.goto(server.url + path)
    settled(page)
    assert theme_of(page) == scheme
    page.evaluate(f"dash_clientside.set_props('shell-error', {{data: {TOAST}}})")
    expect(page.locator(".toast.show")).to_have_count(1)
    page.wait_for_timeout(400)  # the toast fades in, and half a colour has half the contrast
    assert violations(page) == []
    page.keyboard.press("?")
    assert violations(page) == []


def test_accessibility_of_what_opens_and_of_imports(serve, browse):
    server = serve()
    write_state(server.data, ImportState(id="human/a", phase="importing", title="A", fraction=0.4, step="sorting"))
    write_state(server.data, ImportState(id="human/b", phase="waiting", title="B"))
    write_state(server.data, ImportState(id="human/c", phase="failed", title="C", error="C has no cells."))
    for scheme in ("light", "dark"):
        page = browse(color_scheme=scheme)
        page.goto(server.url)
        expect(page.locator(".atlas-card")).to_have_count(5)
        page.locator("#shell-atlas summary").click()
        expect(page.get_by_role("navigation", name="Atlases")).to_be_visible()
        assert violations(page) == []
        page.locator("#shell-atlas summary").click()
        # A menu that is replaced before its own event arrives is open all the same.
        page.evaluate(
            """() => {
                const menu = document.querySelector("#shell-atlas > details");
                menu.querySelector("summary").click();
                const drawn = menu.cloneNode(true);
                drawn.open = false;
                menu.replaceWith(drawn);
            }"""
        )
        expect(page.locator("#shell-atlas > details")).to_have_attribute("open", "")


def show_rail(page):
    """Put a workspace where the page was, as a callback would."""
    made = workspace(rail(html.Button("Inside", id="inside"), id="rail", label="Cells"), card(None, title="Answer"))
    script = "made => dash_clientside.set_props('_pages_content', {children: made})"
    page.evaluate(script, json.loads(to_json_plotly(made)))
    expect(page.get_by_role("heading", name="Answer")).to_be_visible()


def test_the_rail_folds_on_a_wide_screen(server, page):
    page.goto(server.url)
    settled(page)
    show_rail(page)
    inside, fold = page.locator("#inside"), page.get_by_role("button", name="Cells", exact=True)
    assert page.locator(".rail-place").bounding_box()["width"] == 300
    fold.click()
    expect(inside).to_be_hidden()
    expect(fold).to_have_attribute("aria-expanded", "false")
    assert page.locator(".rail-place").bounding_box()["width"] < 60
    fold.click()
    expect(inside).to_be_visible()
    assert violations(page) == []


def test_the_rail_is_a_drawer_on_a_small_screen(server, browse):
    page = browse(width=390, height=844)
    page.goto(server.url)
    settled(page)
    show_rail(page)
    inside, opener = page.locator("#inside"), page.get_by_role("button", name="Cells", exact=True)
    expect(inside).to_be_hidden()
    opener.click()
    expect(inside).to_be_visible()
    expect(page.get_by_role("button", name="Close: Cells")).to_be_focused()
    assert page.evaluate("document.scrollingElement.scrollWidth <= innerWidth")
    assert violations(page) == []
    page.keyboard.press("Escape")
    expect(inside).to_be_hidden()
    expect(opener).to_be_focused()
    opener.click()
    page.locator(".rail-backdrop").click(position={"x": 380, "y": 400})
    expect(inside).to_be_hidden()


def violations(page):
    found = Axe().run(page).response["violations"]
    return [
        (it["id"], node["html"][:200], node["failureSummary"])
        for it in found
        if it["impact"] in {"serious", "critical"}
        for node in it["nodes"]
    ]
