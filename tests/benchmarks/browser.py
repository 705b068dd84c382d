"""Speed of Explore in a browser without a graphics card, at 5,000, 100,000 and 1,000,000 cells; prints one table.

    .venv/bin/python -m tests.benchmarks.browser [cells ...]

Atlases are made for it in seconds. Times run from the end of an action: until the maps show its answer, and until
nothing on the page changes any more.
"""

from __future__ import annotations

import math
import os
import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from playwright.sync_api import sync_playwright

from tests.e2e._large import GENES, import_large
from tests.e2e._server import ServingProcess
from tests.e2e.conftest import ARGUMENTS, CHROMIUM

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Browser, CDPSession, Page

CELLS = (5_000, 100_000, 1_000_000)
ROUNDS = 3
# Without a change for so long, a page is still.
QUIET = 700
BUDGETS = {"first map": 4.0, "recolour by a gene": 1.0, "lasso": 1.5, "undo of a lasso": 1.5}
WATCH = """() => {
  window.changed = performance.now();
  new MutationObserver(() => (window.changed = performance.now()))
    .observe(document.body, { subtree: true, childList: true, attributes: true, characterData: true });
}"""
# The map of a side is drawn with its last image, colored by a gene and with so many lassos.
SHOWN = """([side, gene, lassos]) => {
  const shown = window.masldatlas?.maps?.groups.explore?.shown[side];
  const plot = document.querySelector(`#explore-${side} .js-plotly-plot`);
  const drawn = plot?.layout?.images?.[0]?.source;
  return Boolean(drawn) && drawn === shown?.bitmap?.images[0].source && (!gene || shown.panel.title === gene)
    && (plot.layout.shapes || []).length === lassos;
}"""


def _until_shown(page: Page, side: str, gene: str = "", lassos: int = 0) -> float:
    page.wait_for_function(SHOWN, arg=[side, gene, lassos], timeout=120_000)
    return float(page.evaluate("performance.now()"))


def _until_still(page: Page) -> float:
    while page.evaluate("performance.now() - window.changed") < QUIET:
        page.wait_for_timeout(50)
    return float(page.evaluate("window.changed"))


def _busy(session: CDPSession) -> float:
    metrics = session.send("Performance.getMetrics")["metrics"]
    return next(metric["value"] for metric in metrics if metric["name"] == "TaskDuration")


def _recolour(page: Page, gene: str) -> None:
    page.evaluate("(gene) => window.dash_clientside.set_props('explore-chosen', { data: gene })", gene)


def _circle(page: Page) -> None:
    """Draw a lasso of 80 pixels of radius around the middle of the left map, up to the release of the button."""
    page.keyboard.press("l")
    box = page.locator("#explore-left .nsewdrag").first.bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x + 80, y)
    page.mouse.down()
    for step in range(1, 16):
        page.mouse.move(x + 80 * math.cos(0.42 * step), y + 80 * math.sin(0.42 * step))


def _measured(page: Page, session: CDPSession, act: Callable[[], object], shown: Callable[[], float]) -> list[float]:
    """Seconds until the maps show the answer, until the page is still, and of work of the main thread."""
    busy, began = _busy(session), page.evaluate("performance.now()")
    act()
    seen, still = shown(), _until_still(page)
    return [(seen - began) / 1e3, (max(still, seen) - began) / 1e3, _busy(session) - busy]


def _visit(browser: Browser, address: str) -> dict[str, list[list[float]]]:
    """Open the page in an empty browser, and do everything `ROUNDS` times."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("Performance.enable")
    found: dict[str, list[list[float]]] = {name: [] for name in BUDGETS}
    page.goto(address, wait_until="commit")
    page.wait_for_selector("body")
    page.evaluate(WATCH)
    first = _until_shown(page, "left")
    _until_still(page)
    found["first map"].append([first / 1e3, page.evaluate("window.changed") / 1e3, _busy(session)])
    for gene in GENES[1 : ROUNDS + 1]:
        recolour, shown = partial(_recolour, page, gene), partial(_until_shown, page, "right", gene)
        found["recolour by a gene"].append(_measured(page, session, recolour, shown))
        _circle(page)
        found["lasso"].append(_measured(page, session, page.mouse.up, lambda: _until_shown(page, "right", "", 1)))
        undo = page.locator("[data-step=undo]")
        found["undo of a lasso"].append(_measured(page, session, undo.click, lambda: _until_shown(page, "right")))
    context.close()
    return found


def main(sizes: list[int]) -> None:
    """Print the table."""
    load = os.getloadavg()[0]
    print(f"{os.cpu_count()} cores, load {load:.1f} before, Chromium without a graphics card, 1440 x 900\n")
    print("| what | cells | maps shown | page still | main thread | budget |\n|---|---|---|---|---|---|")
    serving = ServingProcess()
    try:
        with tempfile.TemporaryDirectory() as scratch, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
            for n_cells in sizes:
                data = Path(scratch) / str(n_cells)
                atlas = import_large(Path(scratch), data, n_cells)
                url = serving.start(data)
                address = f"{url}/explore?atlas={atlas.replace('/', '%2F')}"
                _visit(browser, address)  # the server compiles and maps its files
                for name, rows in _visit(browser, address).items():
                    shown, still, busy = (median(column) for column in zip(*rows, strict=True))
                    times = " | ".join(f"{seconds:.2f} s" for seconds in (shown, still, busy))
                    print(f"| {name} | {n_cells:,} | {times} | ≤ {BUDGETS[name]:g} s |", flush=True)
                serving.stop(url)
            browser.close()
    finally:
        serving.close()
    print(f"\nload {os.getloadavg()[0]:.1f} after, {time.strftime('%Y-%m-%d')}")


if __name__ == "__main__":
    main([int(text) for text in sys.argv[1:]] or list(CELLS))
