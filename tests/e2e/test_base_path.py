"""The dashboard below /atlas/, behind a proxy that strips the path: one walk over what a visitor does."""

import http.client
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import LIVER, from_menu
from tests.e2e.test_explore import WAIT, painted

# Opens pages that take a browser without a graphics card seconds to draw.
pytestmark = [pytest.mark.e2e, pytest.mark.slow(representative=True)]
BASE = "/atlas"
HOP = {"connection", "content-length", "transfer-encoding"}
LINKS = """() => [...document.querySelectorAll("[href], [src], [srcset]")]
  .flatMap((it) => ["href", "src", "srcset"].map((name) => it.getAttribute(name)))
  .filter((address) => address && address.startsWith("/"))"""


class Proxy:
    """What serves `upstream` below `BASE`, and nothing beside it; `outside` holds what was asked for there."""

    def __init__(self, upstream):
        proxy = self
        self.outside = []
        self.paths = []

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                inside = self.path.startswith(f"{BASE}/")
                (proxy.paths if inside else proxy.outside).append(self.path)
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                headers = {name: value for name, value in self.headers.items() if name.lower() not in HOP}
                headers |= {"X-Forwarded-Prefix": BASE, "X-Forwarded-Host": self.headers["Host"]}
                status, answered, data = 404, [], b""
                if inside:
                    connection = http.client.HTTPConnection(urlsplit(upstream).netloc, timeout=60)
                    connection.request(self.command, self.path.removeprefix(BASE), body or None, headers)
                    answer = connection.getresponse()
                    status, answered, data = answer.status, answer.getheaders(), answer.read()
                    connection.close()
                self.send_response_only(status)
                for name, value in answered:
                    if name.lower() not in HOP:
                        self.send_header(name, value)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            do_POST = do_HEAD = do_GET

            def log_message(self, *_args):
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self._server.server_port}{BASE}"

    def close(self):
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def proxy(serve):
    proxy = Proxy(serve(url_prefix=f"{BASE}/", trusted_proxies=1).url)
    yield proxy
    proxy.close()


def at(page, path):
    """Check where the page is, and that no link of it leads out of the path."""
    assert urlsplit(page.url).path == f"{BASE}{path}"
    addresses = page.evaluate(LINKS)
    assert [address for address in addresses if not address.startswith(f"{BASE}/")] == []
    assert len(addresses) > 10


def test_everything_below_a_path(proxy, browse):  # noqa: PLR0915 - one walk, since each page load costs seconds
    page = browse(permissions=["clipboard-read", "clipboard-write"])
    page.goto(f"{proxy.url}/?gene=ALB")
    expect(page.locator(".where-link").first).to_be_visible(timeout=WAIT)
    at(page, "/")
    # To Explore by a link of the page, and to another gene by the search.
    page.locator(".where-link").first.click()
    painted(page, "ALB")
    at(page, "/explore")
    page.keyboard.press("/")
    page.keyboard.type("CYP2")
    expect(page.locator(".gene-option").first).to_be_visible()
    page.keyboard.press("Enter")
    painted(page, "CYP2E1")
    assert "gene=CYP2E1" in page.url
    page.go_back()
    painted(page, "ALB")
    page.go_forward()
    painted(page, "CYP2E1")
    at(page, "/explore")
    # The selected cells as a file.
    with page.expect_download() as started:
        page.locator("#explore-h5ad").click()
    assert started.value.suggested_filename.endswith(".h5ad")
    # Markers and Correlation by the bar, with the same gene; a table as CSV.
    page.locator(".bar-links").get_by_role("link", name="Markers").click()
    expect(page.locator("#markers-table .ag-row").first).to_be_visible(timeout=WAIT)
    at(page, "/markers")
    with page.expect_download() as started:
        from_menu(page, "markers-csv").click()
    assert started.value.suggested_filename.endswith(".csv")
    page.locator(".bar-links").get_by_role("link", name="Correlation").click()
    expect(page.locator("#correlation-table .ag-row").first).to_be_visible(timeout=WAIT)
    at(page, "/correlation")
    assert "gene=CYP2E1" in page.url
    # The export dialog draws a figure, and saves it.
    tools = page.locator(".figure-tools[data-figure=ranking]")
    from_menu(page, tools.locator("[data-publish=export]")).click()
    expect(page.locator("#publish-frame img, .publish-preview img").first).to_be_visible(timeout=WAIT)
    with page.expect_download() as started:
        page.locator("#publish-download").click()
    assert started.value.suggested_filename.startswith("liver_")
    page.keyboard.press("Escape")
    # The embed dialog shows the frame, and gives lines with the whole address.
    from_menu(page, tools.locator("[data-publish=embed]")).click()
    frame = page.frame_locator("#embed-preview iframe")
    expect(frame.locator("#plot .main-svg").first).to_be_visible(timeout=WAIT)
    opened = frame.locator("#open").get_attribute("href")
    assert opened.startswith(f"{BASE}/correlation?")
    lines = page.locator("#embed-scripted").input_value()
    assert lines.count(f"{proxy.url}/embed/v1/") == 2
    page.keyboard.press("Escape")
    # A permalink opens the page again, also where it is typed in anew.
    link = from_menu(page, tools.locator("[data-publish=link]"))
    link.click()
    expect(tools.locator("summary")).to_have_attribute("data-copied", "true")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith(f"{proxy.url}/correlation?v=1&figure=ranking")
    page.go_back()
    expect(page.locator("#markers-table .ag-row").first).to_be_visible(timeout=WAIT)
    at(page, "/markers")
    page.goto(copied)
    expect(page.locator("#correlation-table .ag-row").first).to_be_visible(timeout=WAIT)
    at(page, "/correlation")
    # The documentation with its pictures.
    page.locator(".footer a", has_text="Documentation").click()
    expect(page.locator(".documentation-text img").first).to_be_visible()
    at(page, "/documentation")
    assert proxy.outside == []
    for part in ("/arrays/", f"/api/v1/datasets/{LIVER}/genes", "/api/v1/figures/ranking", "/embed/v1/ranking.json"):
        assert any(path.startswith(f"{BASE}{part}") for path in proxy.paths), part
    assert page.context.cookies() == []
