"""The policy of every page, in a browser that enforces it: nothing is refused, all is drawn, and nobody else frames it.

`strict` serves as in production, with the plotly.js that needs no eval; npm brings that, where it is not there yet.
"""

import io
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

from core.web.headers import PLOTLY
from tests.e2e.conftest import LIVER, REFUSED, SECRET, VIOLATIONS, from_menu, violations

# Each opens pages that take a browser without a graphics card seconds to draw.
pytestmark = [pytest.mark.e2e, pytest.mark.slow(representative=True)]

# The first question of a process compiles its kernels.
WAIT = 60_000
# What Plotly writes in the place of a map that it cannot draw.
NO_MAP = "text=WebGL is not supported"
# Fewer coloured pixels than this are an edge or an icon; six hundred points of a map are many more.
COLOURED = 500
HOST_PAGE = """<!DOCTYPE html><title>A lab</title><iframe width="900" height="600"></iframe>
<script>document.querySelector("iframe").src = new URLSearchParams(location.search).get("view");</script>"""


@pytest.fixture(scope="session")
def hosts():
    """Return the origins of two sites of other people, which frame the address in their `view`."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            asked = parse_qs(urlsplit(self.path).query)
            self.send_response(200 if "view" in asked else 204)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(HOST_PAGE.encode() if "view" in asked else b"")

        def log_message(self, *_args):
            """Say nothing."""

    servers = [ThreadingHTTPServer(("127.0.0.1", 0), Handler) for _ in range(2)]
    for each in servers:
        threading.Thread(target=each.serve_forever, daemon=True).start()
    yield [f"http://127.0.0.1:{each.server_port}" for each in servers]
    for each in servers:
        each.shutdown()
        each.server_close()


@pytest.fixture(scope="session")
def strict(serve_forever, atlases, bundle, hosts):
    """Serve as in production, to be framed by the first of the hosts."""
    return serve_forever(atlases, bundle, env="production", secret_key=SECRET, embed_allowed_origins=(hosts[0],))


@pytest.fixture
def page(browse):
    """Open a page that notes what its policy refuses."""
    page = browse(color_scheme="light")
    page.add_init_script(VIOLATIONS)
    return page


def colored(page, side="left"):
    """Count the pixels of a map that are neither grey nor white."""
    plot = page.locator(f"#explore-{side} .js-plotly-plot .nsewdrag").first
    plot.scroll_into_view_if_needed()
    shot = np.asarray(Image.open(io.BytesIO(page.screenshot(clip=plot.bounding_box()))).convert("RGB")).astype(int)
    return int((shot.max(axis=2) - shot.min(axis=2) > 60).sum())


def explored(page, server):
    page.goto(f"{server.url}/explore?atlas={LIVER}&gene=ALB")
    expect(page.locator("#explore-sentence")).to_contain_text("ALB in all 600 cells", timeout=WAIT)
    page.wait_for_function(
        """() => ["left", "right"].every((side) => {
          const plot = document.querySelector(`#explore-${side} .js-plotly-plot`);
          const shown = window.masldatlas.maps.groups.explore?.shown[side];
          return plot?.layout?.images.length === 1 && shown.data.length === 2 && shown.data[1].x.length === 600;
        })""",
        timeout=WAIT,
    )


def until_coloured(page):
    """Wait for the maps, which Chromium draws after it has been told to."""
    expect(page.locator(NO_MAP)).to_have_count(0)
    for _ in range(40):
        if colored(page) > COLOURED and colored(page, "right") > COLOURED:
            return
        page.wait_for_timeout(250)
    pytest.fail(f"the maps hold {colored(page)} and {colored(page, 'right')} coloured pixels")


def downloaded(page, button):
    button.scroll_into_view_if_needed()
    with page.expect_download(timeout=WAIT) as started:
        button.click()
    return started.value.path().read_bytes()


def test_the_maps_are_drawn_without_eval(strict, page):
    policy = page.request.get(strict.url).headers["content-security-policy"]
    assert "unsafe-eval" not in policy
    explored(page, strict)
    until_coloured(page)
    assert "(strict" in page.request.get(strict.url + PLOTLY).text()[:200]
    expect(page.locator("#explore-table .ag-row").first).to_be_visible()
    # d3 formats the values of a table; AG Grid reads its functions with a parser of its own.
    expect(page.locator("#explore-table .ag-row [col-id=mean]").first).to_have_text(re.compile(r"\d+\.\d{3}"))
    assert downloaded(page, from_menu(page, "explore-export")).startswith(b"\xef\xbb\xbf")
    page.locator("#explore-left .js-plotly-plot").hover()
    picture = downloaded(page, page.locator("#explore-left .modebar-btn[data-title*='ownload']"))
    assert picture.startswith(b"\x89PNG")
    from_menu(page, page.locator(".plot-card [data-fullscreen]").first).click()
    page.wait_for_function("() => document.fullscreenElement !== null")
    page.keyboard.press("Escape")
    assert violations(page) == []


@pytest.mark.slow
def test_the_usual_plotly_draws_nothing_where_eval_is_forbidden(serve_forever, atlases, tmp_path, page, tolerated):
    # What the warning at the start is about, and that the test above can fail.
    tolerated.append("eval")
    bare = serve_forever(atlases, tmp_path / "none.js", env="production", secret_key=SECRET)
    # Maps are images, which need no WebGL; the ranking of genes is drawn with it.
    page.goto(f"{bare.url}/correlation?atlas={LIVER}&gene=ALB")
    expect(page.locator("#correlation-ranking").locator(NO_MAP).first).to_be_visible(timeout=WAIT)
    assert any(found.startswith("script-src eval") for found in violations(page))


@pytest.mark.slow
def test_in_development_the_usual_plotly_may_draw(serve_forever, atlases, tmp_path, page):
    bare = serve_forever(atlases, tmp_path / "none.js")
    explored(page, bare)
    until_coloured(page)
    assert violations(page) == []


def test_home_and_an_unknown_address(strict, page, tolerated):
    page.goto(strict.url)
    expect(page.locator("article").first).to_be_visible()
    assert violations(page) == []
    tolerated.append("status of 404")
    page.goto(f"{strict.url}/no/such/page")
    expect(page.get_by_role("heading", name="There is no page at this address")).to_be_visible()
    assert violations(page) == []


@pytest.mark.slow
def test_correlation(strict, page):
    page.goto(f"{strict.url}/correlation?atlas={LIVER}&gene=ALB")
    row = page.locator("#correlation-table .ag-row").first
    expect(row).to_be_visible(timeout=WAIT)
    expect(page.locator(".js-plotly-plot .main-svg").first).to_be_visible(timeout=WAIT)
    page.wait_for_load_state("networkidle")
    assert downloaded(page, from_menu(page, "correlation-export")).count(b"\n") > 50
    assert violations(page) == []


@pytest.mark.slow
def test_markers(strict, page):
    page.goto(f"{strict.url}/markers?atlas={LIVER}")
    expect(page.locator("#markers-table .ag-row").first).to_be_visible(timeout=WAIT)
    expect(page.locator("#markers-dots-note")).to_contain_text("Dot size", timeout=WAIT)
    expect(page.locator("#markers-violin-note")).to_contain_text("In ", timeout=WAIT)
    assert downloaded(page, from_menu(page, "markers-xlsx")).startswith(b"PK")
    assert violations(page) == []


@pytest.mark.parametrize("path", ["/", "/explore", "/markers", "/correlation", "/no/such/page", "/embedded/v1/x"])
def test_nobody_frames_a_page(strict, hosts, page, tolerated, path):
    tolerated += ["frame-ancestors", "X-Frame-Options", "status of 404", "Refused to display"]
    page.goto(f"{hosts[0]}/?view={strict.url}{path}")
    expect(page.locator("iframe")).to_be_visible()
    assert framed(page) == REFUSED


def framed(page):
    """Return the address that the frame of a host shows in the end."""
    page.wait_for_function("() => document.querySelector('iframe').src")
    page.wait_for_load_state("networkidle")
    return page.frames[1].url


def test_an_embedded_view_is_framed_by_those_who_may(strict, hosts, page, tolerated):
    tolerated += ["frame-ancestors", "status of 404"]
    view = f"{strict.url}/embed/v1/nothing-yet"
    page.goto(f"{hosts[0]}/?view={view}")
    inside = page.frame_locator("iframe")
    # There is no such view; what matters is that the answer shows.
    expect(inside.locator("body")).to_contain_text("no", timeout=WAIT)
    assert framed(page) == view
    page.goto(f"{hosts[1]}/?view={view}")
    assert framed(page) == REFUSED


def test_in_development_any_page_of_this_machine_may_frame_a_view(
    serve_forever, atlases, tmp_path, hosts, page, tolerated
):
    tolerated.append("status of 404")
    local = serve_forever(atlases, tmp_path / "none.js")
    view = f"{local.url}/embed/v1/nothing-yet"
    page.goto(f"{hosts[1]}/?view={view}")
    expect(page.frame_locator("iframe").locator("body")).to_contain_text("no", timeout=WAIT)
    assert framed(page) == view


@pytest.mark.slow
def test_no_cookie_is_kept(strict, page):
    explored(page, strict)
    assert page.context.cookies() == []
    assert page.evaluate("document.cookie") == ""
