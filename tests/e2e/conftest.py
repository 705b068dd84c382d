"""Real apps under Waitress in a process of their own, and pages that fail their test when the browser complains.

`server` serves two small atlases for the whole session and must be left as it is; `serve` starts further ones.
`page` is a browser page of 1440 x 900; `browse` opens others. A page that logs an error, throws, or asks another host
than its server fails the test at its end; what a test provokes it appends to `tolerated`.

Pages share one context of a browser with a profile on disk, where Chromium keeps what it has compiled of the scripts:
half of what a page costs; and one process, which saves an eighth of the rest. What pages store is cleared at the end
of each test.
"""

import shutil
import subprocess
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import anndata
import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
from playwright.sync_api import (
    Browser,
    BrowserContext,
    BrowserType,
    ConsoleMessage,
    Locator,
    Page,
    Request,
    expect,
    sync_playwright,
)

from core.ingest.importer import ImportRequest, import_file
from core.web import static_files
from core.web.headers import strict_fault
from tests.e2e._server import ServingProcess

HTML_NAME = "<img src=x onerror=alert(1)>"
LIVER = "human/liver"
TINY = "mouse/tiny"
ROOT = Path(__file__).parents[2]
SECRET = "a-secret-of-these-tests-and-of-nothing-else"
VIOLATIONS = """
  window.violations = [];
  document.addEventListener("securitypolicyviolation", (event) =>
    window.violations.push(`${event.effectiveDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`));
"""
# Where Chromium shows that it refused to frame a page.
REFUSED = "chrome-error://chromewebdata/"
# Without a graphics card two cores draw WebGL in seconds; a page that waits for nothing is not slowed down by this.
PATIENCE = 30_000
# Milliseconds between two looks at a page that a test waits for.
POLL = 50
# What a page can store, but for the cache of HTTP, which tests share.
STORED = "cookies,local_storage,indexeddb,websql,service_workers,cache_storage,file_systems"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# Widths and color schemes in which pages are checked; two of the four stand for all.
SCREENS = (
    (1440, "light"),
    (390, "dark"),
    pytest.param(1440, "dark", marks=pytest.mark.slow),
    pytest.param(390, "light", marks=pytest.mark.slow),
)
CHROMIUM = next(filter(None, map(shutil.which, BROWSERS)), None)
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# Pages share what V8 has compiled, for as long as one of them is open. It would falsify a measurement of their speed.
THRIFTY = [*ARGUMENTS, "--process-per-site"]


@dataclass(frozen=True)
class Server:
    """Where it answers, and where its data lie."""

    url: str
    data: Path


def write_liver(path: Path, n_cells: int = 600) -> None:
    """Write integer counts of 60 genes in three cell types, three stages and six donors, and a map."""
    rng = np.random.default_rng(7)
    types = np.array(["Hepatocyte", "Kupffer cell", HTML_NAME])[rng.integers(0, 3, n_cells)]
    sample = rng.integers(0, 6, n_cells)
    group = np.array(["Healthy", "MASL", "MASH"])[sample // 2]
    genes = ["ALB", "CYP2E1", "CD68", "COL1A1", *(f"GENE{number}" for number in range(56))]
    rate = np.full((n_cells, len(genes)), 0.6)
    rate[types == "Hepatocyte", 0] = 60
    rate[types == "Hepatocyte", 1] = 12
    rate[types == "Kupffer cell", 2] = 15
    rate[types == HTML_NAME, 3] = 20
    counts = rng.poisson(rate * rng.gamma(4, 0.25, (n_cells, 1)))
    obs = pd.DataFrame(
        {
            "cell_type": pd.Categorical(types),
            "group": pd.Categorical(group, categories=["Healthy", "MASL", "MASH"]),
            "sample": pd.Categorical([f"donor{number}" for number in sample]),
            "n_counts": counts.sum(axis=1).astype(float),
        },
        index=[f"cell{number}" for number in range(n_cells)],
    )
    centres = {"Hepatocyte": (0, 0), "Kupffer cell": (6, 1), HTML_NAME: (2, 6)}
    place = np.array([centres[kind] for kind in types]) + rng.normal(0, 0.8, (n_cells, 2))
    var = pd.DataFrame({"gene_ids": [f"ENSG{number:011d}" for number in range(1, len(genes) + 1)]}, index=genes)
    matrix = sp.csr_matrix(counts.astype(np.float32))
    anndata.AnnData(X=matrix, obs=obs, var=var, obsm={"X_umap": place.astype(np.float32)}).write_h5ad(path)


def write_tiny(path: Path) -> None:
    """Write forty cells with neither groups nor samples."""
    rng = np.random.default_rng(8)
    obs = pd.DataFrame(
        {"cell_type": pd.Categorical(["Hepatocyte", "Stellate"] * 20)}, index=[f"c{n}" for n in range(40)]
    )
    var = pd.DataFrame(index=["Alb", "Cyp2e1", *(f"Gene{number}" for number in range(10))])
    place = rng.normal(size=(40, 2)).astype(np.float32)
    matrix = sp.csr_matrix(rng.poisson(2.0, (40, 12)).astype(np.float32))
    anndata.AnnData(X=matrix, obs=obs, var=var, obsm={"X_umap": place}).write_h5ad(path)


@pytest.fixture(scope="session")
def atlases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a data directory with `LIVER` and the simulated `TINY`; not to be changed."""
    data = tmp_path_factory.mktemp("data")
    files = tmp_path_factory.mktemp("files")
    write_liver(files / "liver.h5ad")
    write_tiny(files / "tiny.h5ad")

    def silent(_step: str, _fraction: float) -> None:
        pass

    liver = ImportRequest(
        files / "liver.h5ad",
        species="human",
        name="liver",
        title="Liver of six donors",
        citation=f"Test et al. {HTML_NAME}",
    )
    tiny = ImportRequest(
        files / "tiny.h5ad", species="mouse", name="tiny", title="<b>Simulated</b> mouse", simulated=True
    )
    for request in (liver, tiny):
        import_file(request, data, silent)
    return data


@pytest.fixture(scope="session")
def serving() -> Iterator[ServingProcess]:
    """Start the process that serves."""
    process = ServingProcess()
    yield process
    process.close()


@pytest.fixture
def in_server(serving: ServingProcess) -> Iterator[ServingProcess]:
    """Return the process that serves, in which a test may set and replace what it likes."""
    yield serving
    serving.undo()


@pytest.fixture(scope="session")
def serve_forever(serving: ServingProcess) -> Callable[..., Server]:
    """Start apps that last for the session."""

    def start(data: Path, plotly: Path | None = None, **settings: object) -> Server:
        return Server(serving.start(data, plotly, **settings), data)

    return start


@pytest.fixture(scope="session")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the strict plotly.js of our version."""
    if not strict_fault(static_files.STRICT_PLOTLY):
        return static_files.STRICT_PLOTLY
    if not shutil.which("npm"):
        pytest.skip("the strict plotly.js is not there, and neither is npm to fetch it")
    from plotly.offline import get_plotlyjs_version

    target = tmp_path_factory.mktemp("vendor") / "plotly-strict.min.js"
    command = ["sh", str(ROOT / "deploy/scripts/strict-plotly.sh"), get_plotlyjs_version(), str(target)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=180, check=False)
    if done.returncode:
        pytest.skip(f"npm does not give the strict plotly.js: {done.stderr.strip()[-300:]}")
    assert strict_fault(target) == ""
    return target


def from_menu(page: Page, entry: str | Locator) -> Locator:
    """Open the menu of a card, and return one of its entries: by its id, or as it was found."""
    found = page.locator(f"#{entry}") if isinstance(entry, str) else entry
    found.locator("xpath=ancestor::details[1]/summary").click()
    return found


def violations(page: Page) -> list[str]:
    """Return what the policy of a page has refused; the page must have run `VIOLATIONS` first."""
    return page.evaluate("window.violations")


@pytest.fixture
def serve(serving: ServingProcess, tmp_path: Path, atlases: Path) -> Iterator[Callable[..., Server]]:
    """Start an app on a data directory of the test's own: empty, or with a copy of the atlases."""
    running = []

    def start(*, empty: bool = False, **settings: object) -> Server:
        data = tmp_path / "data"
        if empty:
            data.mkdir()
        else:
            shutil.copytree(atlases, data)
        running.append(serving.start(data, **settings))
        return Server(running[-1], data)

    yield start
    for url in running:
        serving.stop(url)


@pytest.fixture(scope="session")
def server(serve_forever: Callable[..., Server], atlases: Path) -> Server:
    """Return the app on the two atlases."""
    return serve_forever(atlases)


@pytest.fixture(scope="session")
def driver() -> Iterator[BrowserType]:
    """Return what starts Chromium."""
    assert CHROMIUM, "no Chromium on PATH: run `sh tests/system_packages.sh`"
    expect.set_options(timeout=PATIENCE / 2)
    with sync_playwright() as playwright:
        yield playwright.chromium


@pytest.fixture(scope="session")
def shared_context(
    driver: BrowserType, server: Server, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[BrowserContext]:
    """Start the browser that most tests share; one page stays, since a browser ends with its last.

    It is of the site of all servers, whose process therefore stays as well.
    """
    profile = tmp_path_factory.mktemp("profile")
    context = driver.launch_persistent_context(
        profile, executable_path=CHROMIUM, args=THRIFTY, viewport={"width": 1440, "height": 900}
    )
    context.pages[0].goto(f"{server.url}/healthz")
    yield context
    context.close()


@pytest.fixture(scope="session")
def browser(driver: BrowserType) -> Iterator[Browser]:
    """Start a browser for contexts of their own."""
    browser = driver.launch(executable_path=CHROMIUM, args=THRIFTY)
    yield browser
    browser.close()


def forget(context: BrowserContext, origins: set[str]) -> None:
    """Clear all that the pages of some origins have stored, and what they were permitted."""
    context.clear_cookies()
    context.clear_permissions()
    tool = context.new_cdp_session(context.pages[0])
    for origin in origins:
        tool.send("Storage.clearDataForOrigin", {"origin": origin, "storageTypes": STORED})
    tool.detach()


@pytest.fixture
def tolerated() -> list[str]:
    """Collect pieces of the complaints that a test provokes."""
    return []


@pytest.fixture
def browse(
    request: pytest.FixtureRequest, shared_context: BrowserContext, tolerated: list[str]
) -> Iterator[Callable[..., Page]]:
    """Open pages: ``browse(width=390, height=844, color_scheme="dark", permissions=["clipboard-read"])``.

    Other options need a context of their own.
    """
    complaints: list[str] = []
    origins: set[str] = set()
    pages: list[Page] = []
    contexts: list[BrowserContext] = []

    def console(message: ConsoleMessage) -> None:
        if message.type == "error":
            complaints.append(f"console: {message.text} ({message.location.get('url', '')})")

    def note(asked: Request) -> None:
        host = urlsplit(asked.url)
        if host.scheme not in {"data", "blob"} and host.hostname != "127.0.0.1":
            complaints.append(f"asked another host: {asked.url}")
        if host.scheme == "http":
            origins.add(f"http://{host.netloc}")

    def start(
        *, width: int = 1440, height: int = 900, color_scheme: str = "light", permissions: Sequence[str] = (), **options
    ) -> Page:
        context = shared_context
        if options:
            context = request.getfixturevalue("browser").new_context(**options)
            contexts.append(context)
        if permissions:
            context.grant_permissions(permissions)
        page = context.new_page()
        pages.append(page)
        page.set_viewport_size({"width": width, "height": height})
        # Without a graphics card each frame of an animation is drawn by the processor.
        page.emulate_media(color_scheme=color_scheme, reduced_motion="reduce")
        page.set_default_timeout(PATIENCE)
        # By itself it asks at every frame, and makes the browser draw sixty of them a second.
        page.wait_for_function = partial(page.wait_for_function, polling=POLL)
        page.on("console", console)
        page.on("pageerror", lambda error: complaints.append(f"page error: {error}"))
        page.on("dialog", lambda dialog: (complaints.append(f"dialog: {dialog.message}"), dialog.dismiss()))
        page.on("request", note)
        return page

    yield start
    for page in pages:
        page.close()
    for context in contexts:
        context.close()
    forget(shared_context, origins)
    left = [it for it in complaints if not any(piece in it for piece in tolerated)]
    assert not left, "\n".join(left)


@pytest.fixture
def page(browse: Callable[..., Page]) -> Page:
    """Open a page of 1440 x 900 in the light theme."""
    return browse(color_scheme="light")
