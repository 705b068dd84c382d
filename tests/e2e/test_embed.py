"""Embedded views in real pages of another origin, and the dialog that hands out the lines for them."""

import json
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.e2e.conftest import ARGUMENTS, CHROMIUM, LIVER, REFUSED, SECRET, TINY, VIOLATIONS, from_menu, violations

# Each opens pages that take a browser without a graphics card seconds to draw.
pytestmark = [pytest.mark.e2e, pytest.mark.slow(representative=True)]

# The first question of a process compiles its kernels.
WAIT = 60_000
ASKED = f"atlas={LIVER}&gene=ALB"
VIEWS = ("embedding", "violin", "dotplot", "composition", "scatter", "ranking", "matrix", "markers")
# Whether a page may keep something.
KEEPER = """<script>
  try { localStorage.setItem("kept", "yes"); kept = localStorage.getItem("kept"); } catch (error) { kept = error.name; }
</script>"""
LISTENER = """<script>
  window.heard = [];
  addEventListener("message", ({data, origin}) => heard.push({...data, origin}));
</script>"""


class Site:
    """A site of other people: what is in `pages`, by path."""

    def __init__(self):
        site = self
        self.pages = {}

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                body = site.pages.get(self.path)
                self.send_response(204 if body is None else 200)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.end_headers()
                self.wfile.write((body or "").encode())

            def log_message(self, *_args):
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self.port = self._server.server_port
        self.origin = f"http://127.0.0.1:{self.port}"

    def write(self, body):
        """Put a page there and return its address."""
        self.pages[f"/{len(self.pages)}"] = f"<!DOCTYPE html><html lang='en'><title>A lab</title><body>{body}</body>"
        return f"{self.origin}/{len(self.pages) - 1}"

    def close(self):
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture(scope="module")
def lab():
    """Return a site that may frame our views."""
    site = Site()
    yield site
    site.close()


@pytest.fixture(scope="module")
def stranger():
    """Return a site that may not."""
    site = Site()
    yield site
    site.close()


@pytest.fixture(scope="module")
def strict(serve_forever, atlases, bundle, lab):
    """Serve as in production; the lab may frame views, as 127.0.0.1 and as localhost."""
    origins = (lab.origin, f"http://localhost:{lab.port}")
    return serve_forever(atlases, bundle, env="production", secret_key=SECRET, embed_allowed_origins=origins)


@pytest.fixture
def page(browse):
    """Open a page that notes what its policy refuses."""
    page = browse(color_scheme="light")
    page.add_init_script(VIOLATIONS)
    return page


def until_drawn(frame):
    expect(frame.locator("#plot .main-svg").first).to_be_visible(timeout=WAIT)
    expect(frame.locator("#plot[aria-busy]")).to_have_count(0)


def inner(page, selector="iframe"):
    return page.query_selector(selector).content_frame()


def test_a_host_page_gives_each_frame_its_height(strict, lab, page):
    below = f'<iframe id="far" data-masldatlas src="{strict.url}/embed/v1/ranking?{ASKED}" loading="lazy"></iframe>'
    page.goto(
        lab.write(f"""{LISTENER}
          <iframe id="one" name="violins" data-masldatlas height="80" loading="lazy" title="ALB"
            src="{strict.url}/embed/v1/violin?{ASKED}"></iframe>
          <div data-masldatlas="{strict.url}/embed/v1/scatter?{ASKED}&gene_b=CYP2E1" title="Two genes"></div>
          <div data-masldatlas="https://elsewhere.example/embed/v1/violin"></div>
          <script src="{strict.url}/embed/v1/embed.js" async></script>
          <div style="height: 9000px"></div>{below}""")
    )
    for selector in ("#one", "iframe[title='Two genes']"):
        until_drawn(page.frame_locator(selector))
        page.wait_for_function(
            "(selector) => document.querySelector(selector).getBoundingClientRect().height > 250", arg=selector
        )
        inside = inner(page, selector)
        inside.wait_for_function("() => document.documentElement.scrollHeight <= innerHeight")
        # As high as what it shows, and no higher.
        assert inside.evaluate("innerHeight - document.querySelector('main').offsetHeight") in (0, 1)
        assert inside.evaluate("window.violations") == []
    assert page.locator("div[data-masldatlas]").count() == 1, "an address of elsewhere stays what it is"
    heard = page.evaluate("heard")
    assert {it["type"] for it in heard} >= {"ready", "size"}
    assert {(it["source"], it["version"], it["origin"]) for it in heard} == {("masldatlas", 1, strict.url)}
    assert "violins" in {it["id"] for it in heard}
    # What is not seen is not fetched.
    far = page.query_selector("#far")
    assert far.content_frame() is None or not far.content_frame().url.startswith(strict.url)
    # Only a frame speaks for its height.
    page.evaluate("postMessage({source: 'masldatlas', version: 1, type: 'size', height: 7777}, '*')")
    far.scroll_into_view_if_needed()
    until_drawn(page.frame_locator("#far"))
    assert page.evaluate("document.querySelector('#one').getBoundingClientRect().height") < 2_000
    assert page.context.cookies() == []


def test_a_frame_follows_the_theme_of_the_system_and_of_its_host(strict, lab, page):
    page.goto(lab.write(f'<iframe width="700" height="500" src="{strict.url}/embed/v1/violin?{ASKED}"></iframe>'))
    frame = page.frame_locator("iframe")
    until_drawn(frame)

    def ground():
        return inner(page).evaluate("""() => {
          const { layout } = document.querySelector("#plot");
          return [getComputedStyle(document.body).backgroundColor, layout.paper_bgcolor];
        }""")

    assert ground() == ["rgb(255, 255, 255)", "#ffffff"]
    page.emulate_media(color_scheme="dark")
    inner(page).wait_for_function("() => document.querySelector('#plot').layout.paper_bgcolor === '#171e1f'")
    assert ground()[0] == "rgb(23, 30, 31)"
    say = "document.querySelector('iframe').contentWindow.postMessage({source: 'masldatlas', version: 1, ...%s}, '*')"
    page.evaluate(say % "{type: 'theme', theme: 'light'}")
    inner(page).wait_for_function("() => document.querySelector('#plot').layout.paper_bgcolor === '#ffffff'")
    page.evaluate(say % "{type: 'theme', theme: 'no such theme'}")
    page.evaluate(say % "{type: 'gene', gene: 'CYP2E1'}")
    expect(frame.locator("h1")).to_have_text("CYP2E1 by cell type")
    assert ground()[0] == "rgb(255, 255, 255)"


def test_others_frame_nothing(strict, stranger, page, tolerated):
    tolerated += ["frame-ancestors", "Refused to"]
    page.goto(stranger.write(f'<iframe src="{strict.url}/embed/v1/violin?{ASKED}"></iframe>'))
    page.wait_for_load_state("networkidle")
    assert page.frames[1].url == REFUSED
    # The script and the picture are for anybody who may show them.
    assert page.evaluate(f"fetch('{strict.url}/embed/v1/embed.js').then((it) => it.status)") == 200


@pytest.mark.slow
def test_it_works_where_third_parties_may_keep_nothing(strict, lab, driver, tmp_path):
    profile = tmp_path / "Default"
    profile.mkdir()
    careful = {"profile": {"cookie_controls_mode": 1, "block_third_party_cookies": True}}
    (profile / "Preferences").write_text(json.dumps(careful))
    context = driver.launch_persistent_context(str(tmp_path), executable_path=CHROMIUM, args=ARGUMENTS)
    try:
        page = context.new_page()
        said = []
        page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
        url = f"{strict.url}/embed/v1/violin?{ASKED}"
        where = lab.write(f'<iframe src="{lab.write(KEEPER)}"></iframe><iframe id="view" src="{url}"></iframe>')
        page.goto(where)
        page.frames[1].wait_for_function("() => window.kept === 'yes'")
        # Another site than that of the frames: 127.0.0.1 and localhost share nothing.
        page.goto(where.replace("127.0.0.1", "localhost"))
        page.frames[1].wait_for_function("() => window.kept === 'SecurityError'")
        until_drawn(page.frame_locator("#view"))
        assert context.cookies() == []
        assert said == []
    finally:
        context.close()


def test_a_visitor_changes_the_gene_with_the_keyboard(strict, lab, page, tolerated):
    tolerated.append("status of 404")
    url = f"{strict.url}/embed/v1/embedding?atlas={LIVER}&color=cell_type&controls=gene"
    page.goto(lab.write(f'<iframe width="420" height="560" src="{url}"></iframe>'))
    frame = page.frame_locator("iframe")
    until_drawn(frame)
    expect(frame.locator("#legend li").first).to_be_visible()
    assert frame.locator("select").count() == 0
    field = frame.get_by_role("combobox", name="Gene")
    field.press_sequentially("cyp")
    expect(frame.get_by_role("option")).to_have_text(["CYP2E1"])
    field.press("Enter")
    expect(frame.locator("h1")).to_contain_text("CYP2E1")
    expect(field).to_have_value("CYP2E1")
    expect(frame.locator("#legend li")).to_have_count(0)
    assert "gene=CYP2E1" in frame.locator("#open").get_attribute("href")
    field.press("ArrowDown")
    expect(frame.get_by_role("option").first).to_be_visible()
    field.press("ArrowDown")
    field.press("Escape")
    expect(frame.get_by_role("listbox")).to_have_count(0)
    # What is no gene is said, and what was shown stays.
    field.fill("no such gene")
    field.press("Enter")
    expect(frame.get_by_role("alert")).to_contain_text('"no such gene" was not found')
    expect(frame.locator("h1")).to_contain_text("CYP2E1")
    page.emulate_media(color_scheme="dark")
    inner(page).wait_for_function("() => document.querySelector('#plot').layout.paper_bgcolor === '#171e1f'")
    assert inner(page).evaluate("window.violations") == []


def test_every_view_fits_a_small_frame_and_is_accessible(strict, page):
    for at, view in enumerate(VIEWS):
        page.set_viewport_size({"width": 280, "height": 500})
        page.emulate_media(color_scheme=("light", "dark")[at % 2])
        page.goto(f"{strict.url}/embed/v1/{view}?{ASKED}&gene_b=CYP2E1&controls=full")
        until_drawn(page)
        room = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        assert room[0] <= room[1], view
        assert page.evaluate("document.querySelector('#plot').layout.width") >= 240, view
        found = [(it["id"], it["nodes"][0]["html"]) for it in Axe().run(page).response["violations"]]
        assert found == [], view
        assert violations(page) == [], view
        page.set_viewport_size({"width": 800, "height": 500})
        page.wait_for_function("() => document.querySelector('#plot').layout.width > 700")


def test_the_cells_of_a_map_say_what_they_are(strict, page):
    page.set_viewport_size({"width": 600, "height": 600})
    page.goto(f"{strict.url}/embed/v1/embedding?atlas={LIVER}&color=cell_type")
    until_drawn(page)
    at = page.evaluate("""() => {
      const plot = document.querySelector("#plot");
      const { xaxis, yaxis } = plot._fullLayout;
      const trace = plot._fullData.find((it) => it.name === "cells");
      const box = plot.getBoundingClientRect();
      const x = box.left + xaxis._offset + xaxis.l2p(trace.x[0]);
      return [x, box.top + yaxis._offset + yaxis.l2p(trace.y[0])];
    }""")
    page.mouse.move(at[0], at[1])
    expect(page.locator(".hoverlayer text").first).to_have_text(re.compile("Hepatocyte|Kupffer cell|<img"))


@pytest.mark.slow
def test_without_scripts_there_is_a_picture(strict, lab, browse):
    page = browse(java_script_enabled=False)
    page.goto(
        lab.write(
            f'<iframe width="700" height="700" src="{strict.url}/embed/v1/violin?atlas={TINY}&gene=Alb"></iframe>'
        )
    )
    frame = page.frame_locator("iframe")
    picture = frame.locator("img")
    expect(picture).to_be_visible(timeout=WAIT)
    box = picture.bounding_box()
    assert box["width"] > 600
    assert box["height"] > 100
    assert "SIMULATED" in picture.get_attribute("alt")
    expect(frame.locator(".badge")).to_have_text("SIMULATED")
    expect(frame.locator("#plot")).to_be_hidden()


def test_what_is_wrong_is_said_in_the_frame(strict, lab, page, tolerated):
    tolerated.append("status of 404")
    page.goto(
        lab.write(f"""{LISTENER}<iframe data-masldatlas height="600"
          src="{strict.url}/embed/v1/violin?atlas={LIVER}&gene=NOPE"></iframe>
          <script src="{strict.url}/embed/v1/embed.js" async></script>""")
    )
    expect(page.frame_locator("iframe").get_by_role("alert")).to_contain_text('"NOPE" was not found')
    page.wait_for_function("() => heard.some((it) => it.type === 'error')")
    page.wait_for_function("() => document.querySelector('iframe').getBoundingClientRect().height < 200")


@pytest.mark.slow
def test_the_dialog_hands_out_lines_that_work(strict, lab, browse):
    page = browse(color_scheme="light", permissions=["clipboard-read", "clipboard-write"])
    page.add_init_script(VIOLATIONS)
    page.goto(f"{strict.url}/explore?{ASKED}")
    button = page.locator(".figure-tools[data-figure=violin][data-panel='1'] [data-publish=embed]")
    expect(page.locator("#explore-types-title")).to_contain_text("ALB", timeout=WAIT)
    from_menu(page, button).focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Embed: ALB")
    frame = page.frame_locator("#embed-preview iframe")
    until_drawn(frame)
    expect(dialog.locator("#embed-note")).to_contain_text(lab.origin)
    dialog.get_by_label("Theme").select_option("dark")
    expect(frame.locator("html[data-theme=dark]")).to_be_attached()
    dialog.get_by_label("Visitor controls").select_option("gene")
    expect(frame.get_by_role("combobox", name="Gene")).to_be_visible(timeout=WAIT)
    dialog.get_by_label("Width", exact=True).select_option("fixed")
    dialog.get_by_label("Width in pixels").fill("420")
    dialog.get_by_label("Width in pixels").press("Tab")
    expect(page.locator("#embed-preview iframe")).to_have_css("width", "420px")
    found = [it["id"] for it in Axe().run(page, context="#embed-dialog, .publish").response["violations"]]
    assert found == []
    assert violations(page) == []
    dialog.get_by_role("button", name="Copy the lines with the script").click()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == page.locator("#embed-scripted").input_value()
    assert 'width="420"' in page.locator("#embed-plain").input_value()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    # The menu has closed, so its button has the focus.
    expect(page.locator("summary[aria-label='Share: violins']")).to_be_focused()
    page.goto(lab.write(copied))
    until_drawn(page.frame_locator("iframe"))
    page.wait_for_function("() => document.querySelector('iframe').getBoundingClientRect().height > 250")
    shown = page.frame_locator("iframe")
    expect(shown.locator("html[data-theme=dark]")).to_be_attached()
    expect(shown.get_by_role("combobox", name="Gene")).to_be_visible()
