"""One visit, recorded in a real browser: every request that its views cost, to be made again by simulated users."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from playwright.sync_api import sync_playwright

from tests.e2e.conftest import ARGUMENTS, BROWSERS
from tests.soak.stack import found

if TYPE_CHECKING:
    from playwright.sync_api import Page, Request

GENES = ("ALB", "APOA1")


@dataclass(frozen=True)
class Step:
    """One request of a view.

    Attributes
    ----------
    kind
        ``page``, ``callback``, ``data`` (arrays and the API) or ``file`` (scripts, styles).
    """

    kind: str
    method: str
    path: str
    body: str | None
    headers: tuple[tuple[str, str], ...]


def record(address: str, dataset: str, by: str) -> list[tuple[str, list[Step]]]:
    """Visit every page as a biologist would, and write down what each view asks for.

    Parameters
    ----------
    address : of the running app
    dataset : id of the atlas
    by : the column whose categories are compared
    """
    gene, other = GENES
    views = {
        "home": "/",
        "explore": f"/explore?{urlencode({'dataset': dataset})}",
        "explore, by a gene": f"/explore?{urlencode({'dataset': dataset, 'color': '@gene', 'gene': gene})}",
        "explore, dot plot": f"/explore?{urlencode({'dataset': dataset, 'by': by, 'genes': f'{gene},{other}'})}",
        "correlation": f"/correlation?{urlencode({'dataset': dataset, 'gene': gene})}",
        "correlation, a pair": f"/correlation?{urlencode({'dataset': dataset, 'gene': gene, 'gene_b': other})}",
        "markers": f"/markers?{urlencode({'dataset': dataset, 'by': by})}",
    }
    recorded: list[tuple[str, list[Step]]] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found(*BROWSERS), args=ARGUMENTS)
        for name, path in views.items():
            # A browser that has never been here, so that nothing is missing because it was kept.
            page = browser.new_context().new_page()
            steps: list[Step] = []
            page.on("request", lambda request, steps=steps: _keep(request, address, steps))
            _visit(page, address + path)
            recorded.append((name, steps))
            page.context.close()
        browser.close()
    return recorded


def _visit(page: Page, url: str) -> None:
    page.goto(url, wait_until="networkidle", timeout=90_000)
    # Drawing goes on after the last answer, and may ask for more.
    page.wait_for_timeout(1500)
    page.wait_for_load_state("networkidle", timeout=90_000)


def _keep(request: Request, address: str, steps: list[Step]) -> None:
    if not request.url.startswith(address):
        return
    path = request.url.removeprefix(address)
    given = request.headers
    kept = tuple((name, given[name]) for name in ("accept", "content-type") if name in given)
    steps.append(Step(_kind(path, request.resource_type), request.method, path, request.post_data, kept))


def _kind(path: str, resource: str) -> str:
    if resource == "document":
        return "page"
    if path.startswith("/_dash-update-component"):
        return "callback"
    if path.startswith(("/api/", "/arrays/")):
        return "data"
    return "file"
