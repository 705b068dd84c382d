"""Each analysis page under axe, in both themes, with what opens on it; and a figure exported by keyboard alone.

Home, the documentation, dialogs of the shell and frames have such checks in their own tests.
"""

import json

import pypdf
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.e2e.conftest import LIVER

# Each opens pages that take a browser without a graphics card seconds to draw.
pytestmark = [pytest.mark.e2e, pytest.mark.slow(representative=True)]

WAIT = 60_000
THEMES = ("light", "dark")
# A name of its own for each plot that is seen, and whether its text alternative is there.
PLOTS = """() => [...document.querySelectorAll(".plot-figure")].filter((it) => it.checkVisibility()).map((it) => ({
  role: it.getAttribute("role"),
  name: (it.getAttribute("aria-labelledby") || "").split(" ").map((id) => id === it.id ? it.getAttribute("aria-label")
    : (document.getElementById(id) || {}).textContent).join(" "),
  described: (it.getAttribute("aria-describedby") || "").split(" ").some((id) =>
    (document.getElementById(id) || {textContent: ""}).textContent),
}))"""


# Plots that stick out of their card.
OUTSIDE = """() => [...document.querySelectorAll(".plot-card .plot-figure")].filter((it) => it.checkVisibility()
  && it.getBoundingClientRect().bottom > it.closest(".plot-card").getBoundingClientRect().bottom + 1)
  .map((it) => it.getAttribute("aria-label"))"""


def faults(page):
    """Run axe in both themes, without loading the page anew."""
    found = set()
    for theme in THEMES:
        page.evaluate(f"document.documentElement.setAttribute('data-bs-theme', '{theme}')")
        for it in Axe().run(page).response["violations"]:
            found |= {(theme, it["id"], it["impact"], node["html"][:160]) for node in it["nodes"]}
    return found


def named(page):
    plots = page.evaluate(PLOTS)
    assert plots, "no plot is shown"
    for plot in plots:
        assert plot["role"] in {"img", "figure"}
        assert len(plot["name"].split()) > 1, plot
        assert plot["described"], plot


def opened(page, tab, drawn):
    page.locator(f"#{tab}").click()
    expect(page.locator(f"#{tab}")).to_have_attribute("aria-selected", "true")
    expect(page.locator(drawn)).not_to_be_empty(timeout=WAIT)


@pytest.mark.slow
def test_explore(server, page):
    page.goto(f"{server.url}/explore?atlas={LIVER}&gene=ALB&set_a=ALB,CYP2E1")
    expect(page.locator("#explore-types-title")).to_contain_text("ALB", timeout=WAIT)
    expect(page.locator("#explore-table .ag-row").first).to_be_visible(timeout=WAIT)
    assert faults(page) == set()
    named(page)
    # What opens: a menu of one value, one of several, the look, the menu of a card.
    page.locator("#explore-facet").click()
    expect(page.get_by_role("dialog", name="Split maps by")).to_be_visible()
    assert faults(page) == set()
    page.keyboard.press("Escape")
    page.locator("#explore-filters .dash-dropdown").first.click()
    expect(page.get_by_role("dialog", name="Cell type")).to_be_visible()
    assert faults(page) == set()
    page.keyboard.press("Escape")
    page.get_by_text("Colours and points").click()
    page.get_by_text("More filters").click()
    page.locator("#explore-left-card .share-button").click()
    expect(page.locator("#explore-left-card .share-menu")).to_be_visible()
    assert faults(page) == set()
    page.keyboard.press("Escape")
    for tab, drawn in (
        ("dots", "#explore-dots-note"),
        ("composition", "#explore-bars-note"),
        ("sets", "#explore-sets-shown"),
    ):
        opened(page, f"explore-tab-{tab}", drawn)
        assert faults(page) == set(), tab
    assert page.locator("#explore-sets-shown .plot-figure").count() > 1
    assert page.evaluate(OUTSIDE) == []


@pytest.mark.slow
def test_correlation(server, page):
    page.goto(f"{server.url}/correlation?atlas={LIVER}&gene=ALB")
    expect(page.locator("#correlation-table .ag-row").first).to_be_visible(timeout=WAIT)
    assert faults(page) == set()
    named(page)
    for tab, drawn in (
        ("pair", "#correlation-scatter-note"),
        ("donors", "#correlation-holds"),
        ("groups", "#correlation-difference"),
        ("matrix", "#correlation-matrix-note"),
    ):
        opened(page, f"correlation-tab-{tab}", drawn)
        assert faults(page) == set(), tab
    named(page)


def test_markers(server, page):
    page.goto(f"{server.url}/markers?atlas={LIVER}")
    expect(page.locator("#markers-table .ag-row").first).to_be_visible(timeout=WAIT)
    expect(page.locator("#markers-dots-note")).to_contain_text("Dot size", timeout=WAIT)
    assert faults(page) == set()
    named(page)
    opened(page, "markers-tab-heatmap", "#markers-heatmap-note")
    assert faults(page) == set()


def focused(page):
    """Return the name of the control that has the focus; empty for a part of the page."""
    return page.evaluate("""() => {
      const it = document.activeElement;
      return it.matches("a, button, summary") ? it.getAttribute("aria-label") || it.textContent : "";
    }""")


def tab_until(page, words, most=60):
    """Press the tabulator until an element with these words has the focus."""
    for _ in range(most):
        if words in focused(page):
            return
        page.keyboard.press("Tab")
    pytest.fail(f"{words!r} is not reached; the focus is on {json.dumps(focused(page)[:80])}")


def test_from_home_to_an_exported_figure_by_keyboard_alone(server, page):
    page.goto(server.url)
    expect(page.get_by_role("link", name="Liver of six donors")).to_be_visible(timeout=WAIT)
    tab_until(page, "Liver of six donors")
    page.keyboard.press("Enter")
    expect(page.locator("#explore-sentence")).to_contain_text("600 cells", timeout=WAIT)
    page.keyboard.press("/")
    page.keyboard.type("cyp2")
    expect(page.locator(".gene-option").first).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.locator("#explore-types-title")).to_contain_text("CYP2E1", timeout=WAIT)
    # Back to the top of the page, past the bar and the rail.
    page.evaluate("document.activeElement.blur(); document.querySelector('.skip-link').focus()")
    page.keyboard.press("Tab")
    assert focused(page) == "Skip to results"
    page.keyboard.press("Enter")
    tab_until(page, "Violins")
    # Tabs: arrows move, Enter opens.
    page.keyboard.press("ArrowRight")
    assert focused(page) == "Dot plot"
    page.keyboard.press("End")
    assert focused(page) == "Gene sets"
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(page.locator("#explore-dots-note")).not_to_be_empty(timeout=WAIT)
    tab_until(page, "Share: dot plot")
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowDown")
    assert focused(page) == "Export: dot plot"
    page.keyboard.press("Escape")
    assert focused(page) == "Share: dot plot"
    for key in ("Enter", "ArrowDown", "Enter"):
        page.keyboard.press(key)
    expect(page.locator("#publish-preview img")).to_be_visible(timeout=WAIT)
    tab_until(page, "Download")
    with page.expect_download(timeout=WAIT) as started:
        page.keyboard.press("Enter")
    assert len(pypdf.PdfReader(started.value.path()).pages) == 1
    page.keyboard.press("Escape")
    expect(page.locator("#publish-head")).to_be_hidden()
    assert focused(page) == "Share: dot plot"
