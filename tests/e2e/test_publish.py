"""Figures leave the pages: the dialog of files, copied links, and where they lead."""

import base64
import io
import zipfile
from urllib.parse import parse_qs, urlencode, urlsplit

import numpy as np
import pypdf
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from core.figures.print_style import Look
from core.services.container import Services
from core.settings.settings import load
from core.views.registry import render
from tests.e2e.conftest import LIVER, from_menu

# Each opens pages that take a browser without a graphics card seconds to draw.
pytestmark = [pytest.mark.e2e, pytest.mark.slow(representative=True)]

# The first figure of a server starts its browser.
WAIT = 60_000
PICTURE = "#publish-preview img"


def explore(page, server, **parameters):
    page.goto(f"{server.url}/explore?{urlencode({'atlas': LIVER, 'gene': 'ALB', **parameters})}")
    expect(page.locator("#explore-left .main-svg").first).to_be_visible(timeout=WAIT)
    expect(page.locator("#explore-right-title")).to_have_text("ALB")


def tools(page, figure, panel=1):
    return page.locator(f'.figure-tools[data-figure="{figure}"][data-panel="{panel}"]')


def violations(page, within):
    found = Axe().run(page, context=within).response["violations"]
    return [
        (it["id"], node["html"][:200], node["failureSummary"])
        for it in found
        if it["impact"] in {"serious", "critical"}
        for node in it["nodes"]
    ]


def test_a_pdf_of_85_mm_by_keyboard_and_a_collection(server, page):
    explore(page, server)
    button = tools(page, "embedding", 2).locator("summary")
    button.focus()
    # The menu opens, and its first entry is Export.
    for key in ("Enter", "ArrowDown", "Enter"):
        page.keyboard.press(key)
    expect(page.locator("#publish-head")).to_have_text("Export: ALB")
    for name, value in (("form", "pdf"), ("dpi", "600"), ("width", "85"), ("theme", "journal")):
        page.locator(f"#publish-{name}").select_option(value)
    expect(page.locator(PICTURE)).to_be_visible(timeout=WAIT)
    expect(page.locator("#publish-size")).to_contain_text("85 × ", timeout=WAIT)
    # At size: a millimetre of CSS is one of the figure.
    assert page.locator(PICTURE).bounding_box()["width"] == pytest.approx(85 / 25.4 * 96, abs=0.5)
    assert (
        page.locator("#publish-legend-text")
        .input_value()
        .startswith("UMAP of cells, coloured by expression of ALB. Each point is a cell")
    )
    assert "Test et al." in page.locator("#publish-methods-text").input_value()
    assert violations(page, ".modal") == []
    page.locator("#publish-download").focus()
    with page.expect_download() as started:
        page.keyboard.press("Enter")
    assert started.value.suggested_filename == "liver_ALB_on_UMAP.pdf"
    [sheet] = pypdf.PdfReader(started.value.path()).pages
    assert float(sheet.mediabox.width) / 72 * 25.4 == pytest.approx(85, abs=0.05)
    assert "log1p(CP10k)" in sheet.extract_text()
    expect(page.locator("#publish-status")).to_have_text("Saved liver_ALB_on_UMAP.pdf")

    page.locator("#publish-add").click()
    expect(page.locator("#publish-collected li")).to_have_count(1)
    page.locator("#publish-width").select_option("custom")
    page.locator("#publish-width-mm").fill("60")
    page.locator("#publish-add").click()
    expect(page.locator("#publish-collected li")).to_have_count(2)
    page.locator("#publish-collected button").first.click()
    expect(page.locator("#publish-collected li")).to_have_count(1)
    page.locator("#publish-width-mm").fill("6000")
    page.locator("#publish-download").click()
    expect(page.locator("#publish-status")).to_have_text("Width in mm: 20 to 500.")
    with page.expect_download(timeout=WAIT) as started:
        page.locator("#publish-bundle").click()
    with zipfile.ZipFile(started.value.path()) as found:
        [sheet] = pypdf.PdfReader(io.BytesIO(found.read("figure.pdf"))).pages
    assert float(sheet.mediabox.width) / 72 * 25.4 == pytest.approx(60, abs=0.05)
    page.keyboard.press("Escape")
    expect(page.locator("#publish-head")).to_be_hidden()
    expect(button).to_be_focused()


def unpacked(packed):
    return np.frombuffer(base64.b64decode(packed["bdata"]), packed["dtype"]).astype(float)


@pytest.mark.slow
def test_a_copied_link_opens_the_same_figure_and_is_drawn_the_same_without_a_server(server, browse):
    services = Services.of(load(data_dir=server.data))
    page = browse(permissions=["clipboard-read", "clipboard-write"])
    explore(page, server, tab="dots", genes="ALB CYP2E1 CD68", by="cell_type", where="group=MASH")
    expect(page.locator("#explore-dots .main-svg").first).to_be_visible()
    copy = tools(page, "dotplot")
    from_menu(page, copy.locator("[data-publish=link]")).click()
    expect(copy.locator("summary")).to_have_attribute("data-copied", "true")
    expect(page.locator("#publish-said")).to_contain_text("is copied")
    link = page.evaluate("navigator.clipboard.readText()")
    parts = urlsplit(link)
    said = parse_qs(parts.query)
    content = services.catalog.get(LIVER).manifest.content_hash
    assert (said["v"], said["figure"], said["hash"]) == (["1"], ["dotplot"], [content[:12]])

    other = browse()
    other.goto(link)
    card = other.locator(".plot-card", has=other.locator("#explore-dots"))
    expect(card).to_be_focused(timeout=WAIT)
    expect(card).to_be_in_viewport()
    expect(other.locator("#explore-dots-title")).to_have_text("3 genes by cell type")
    shown = other.evaluate(
        """() => { const { _fullData, _fullLayout } = document.querySelector("#explore-dots .js-plotly-plot");
          const [dots] = _fullData;
          return { x: [...dots.x], y: [...dots.y], size: [...dots.marker.size], color: [...dots.marker.color],
            text: dots.text, xs: _fullLayout.xaxis.range, ys: _fullLayout.yaxis.range }; }"""
    )
    drawn = render(services, link, Look()).figure
    dots, layout = drawn["data"][0], drawn["layout"]
    assert shown["text"] == dots["text"]
    for name, packed in (("x", dots["x"]), ("y", dots["y"]), ("size", dots["marker"]["size"]),
                         ("color", dots["marker"]["color"])):  # fmt: skip
        assert shown[name] == pytest.approx(unpacked(packed).tolist())
    assert (shown["xs"], shown["ys"]) == (layout["xaxis"]["range"], layout["yaxis"]["range"])


@pytest.mark.slow
def test_where_the_clipboard_is_refused_the_link_is_shown_to_be_copied(server, page):
    page.add_init_script("navigator.clipboard.writeText = () => Promise.reject(new Error('not allowed'))")
    explore(page, server)
    from_menu(page, tools(page, "embedding").locator("[data-publish=link]")).click()
    field = page.locator("#publish-by-hand-link")
    expect(field).to_be_focused()
    assert field.input_value().startswith(f"{server.url}/explore?v=1&figure=embedding&atlas=human%2Fliver")
    page.wait_for_function("document.activeElement.selectionEnd - document.activeElement.selectionStart > 40")
    assert violations(page, "#publish-by-hand") == []
    page.keyboard.press("Escape")
    expect(field).to_be_hidden()
    page.locator("[data-publish=page]").click()
    assert "figure=" not in field.input_value()


@pytest.mark.slow
def test_without_a_browser_on_the_server_the_page_saves_what_it_shows(server, browse, in_server):
    in_server.setenv("BROWSER_PATH", "/nowhere/chromium")
    page = browse(width=390, height=844)
    explore(page, server)
    from_menu(page, tools(page, "violin").locator("[data-publish=export]")).click()
    expect(page.locator("#publish-no-browser")).to_contain_text("has no browser to draw with")
    expect(page.locator("#publish-form")).to_have_value("csv")
    assert page.evaluate("document.scrollingElement.scrollWidth <= innerWidth")
    with page.expect_download() as started:
        page.locator("[data-as-shown=svg]").click()
    assert b"<svg" in started.value.path().read_bytes()
    with page.expect_download() as started:
        page.locator("#publish-download").click()
    assert started.value.suggested_filename == "liver_ALB_by_cell_type.csv"
