"""The page Documentation: from the help of another page, by its headings, by its links, on a phone, in both themes."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.e2e.conftest import LIVER, VIOLATIONS
from tests.e2e.conftest import violations as refused

pytestmark = pytest.mark.e2e

ARTICLE, LIST = "#documentation-article", "#documentation-list"


def shown(page, anchor):
    """Wait until a heading stands below the bar and its texts are drawn."""
    heading = page.locator(f"[id='{anchor}']")
    expect(heading).to_be_in_viewport()
    page.wait_for_load_state("networkidle")
    expect(page.locator(f"{ARTICLE} .documentation-text").first).not_to_be_empty()
    return heading


def serious(page):
    found = Axe().run(page).response["violations"]
    return [
        (it["id"], node["html"][:200])
        for it in found
        if it["impact"] in {"serious", "critical"}
        for node in it["nodes"]
    ]


def test_the_help_of_a_page_leads_to_what_is_said_of_it(server, page):
    page.goto(f"{server.url}/markers?atlas={LIVER}")
    expect(page.locator("#shell-footer")).to_contain_text("MASLDatlas")
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="Help")
    dialog.get_by_role("link", name="This page").click()
    expect(dialog).to_be_hidden()
    shown(page, "pages-markers")
    assert page.url == f"{server.url}/documentation#pages-markers"
    expect(page.locator(f"{LIST} [aria-current]")).to_have_text("The pages")


def test_every_page_has_a_link_in_its_footer(server, page):
    page.goto(server.url)
    page.locator("#shell-footer").get_by_role("link", name="Documentation").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("First steps")
    expect(page).to_have_title("Documentation · MASLDatlas")


def test_headings_are_searched_and_followed(server, page):
    page.goto(f"{server.url}/documentation")
    expect(page.get_by_role("heading", level=1)).to_have_text("First steps")
    page.keyboard.press("/")
    field = page.get_by_role("searchbox", name="Search the headings")
    expect(field).to_be_focused()
    field.fill("partial corr")
    expect(page.locator("#documentation-found")).to_have_text("1 heading")
    page.locator(LIST).get_by_role("link", name="Partial correlation").click()
    heading = shown(page, "methods-partial-correlation")
    expect(heading).to_be_focused()
    field.fill("no such heading")
    expect(page.locator("#documentation-found")).to_contain_text("No heading contains")
    field.fill("")
    expect(page.locator(LIST).get_by_role("link", name="Privacy")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text("First steps")


@pytest.mark.slow
def test_links_between_chapters_and_to_a_heading(server, page):
    page.goto(f"{server.url}/documentation#troubleshooting")
    shown(page, "troubleshooting")
    page.locator(ARTICLE).get_by_role("link", name="MASLDATLAS_RATE_LIMIT").click()
    shown(page, "settings-masldatlas-rate-limit")
    expect(page.get_by_role("heading", level=1)).to_have_text("Settings")
    # Within a chapter, and the address of a heading opened anew.
    page.locator(LIST).get_by_role("link", name="MASLDATLAS_PORT", exact=True).click()
    shown(page, "settings-masldatlas-port")
    page.reload()
    shown(page, "settings-masldatlas-port")


def test_formulas_are_set_and_pictures_are_there(serve, browse):
    server = serve(env="production", secret_key="x" * 40, rate_limit="off")
    page = browse()
    page.add_init_script(VIOLATIONS)
    page.goto(f"{server.url}/documentation#methods")
    shown(page, "methods")
    expect(page.locator("mjx-container svg").first).to_be_visible()
    assert "$" not in page.locator(ARTICLE).inner_text()
    page.goto(f"{server.url}/documentation#first-steps")
    shown(page, "first-steps")
    pictures = page.locator(f"{ARTICLE} img")
    expect(pictures).to_have_count(3)
    for picture in pictures.all():
        picture.scroll_into_view_if_needed()
        page.wait_for_function("picture => picture.complete && picture.naturalWidth > 0", arg=picture.element_handle())
        assert picture.get_attribute("alt")
    assert refused(page) == []


@pytest.mark.parametrize("chapter", ["first-steps", "methods", "settings", "performance"])
def test_no_chapter_scrolls_sideways(server, browse, chapter):
    page = browse(width=390, height=844)
    page.goto(f"{server.url}/documentation#{chapter}")
    shown(page, chapter)
    assert page.evaluate("document.scrollingElement.scrollWidth <= innerWidth")
    # What is wider than the text would be cut off.
    assert (
        page.evaluate(
            """[...document.querySelectorAll("#documentation-article :is(mjx-container svg, img, pre, table)")]
        .filter((part) => part.getBoundingClientRect().right > innerWidth).length"""
        )
        == 0
    )


# Texts with pictures, formulas, and tables; each theme and each width is there.
@pytest.mark.parametrize(
    ("chapter", "width", "scheme"),
    [("first-steps", 1440, "light"), ("methods", 390, "dark"), ("figures", 1440, "dark")],
)
def test_accessibility(server, browse, chapter, width, scheme):
    page = browse(width=width, height=844, color_scheme=scheme)
    page.goto(f"{server.url}/documentation#{chapter}")
    shown(page, chapter)
    assert serious(page) == []


def test_the_list_is_a_drawer_on_a_phone(server, browse):
    page = browse(width=390, height=844)
    page.goto(f"{server.url}/documentation")
    expect(page.get_by_role("heading", level=1)).to_have_text("First steps")
    opener = page.get_by_role("button", name="Chapters", exact=True)
    link = page.locator(LIST).get_by_role("link", name="How to cite")
    expect(link).to_be_hidden()
    opener.click()
    expect(link).to_be_visible()
    assert serious(page) == []
    link.click()
    expect(link).to_be_hidden()
    shown(page, "citing")
