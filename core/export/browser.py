"""Headless browser that renders figures: started on demand, kept running, one figure at a time.

Only so many may wait for it; see `core.export.browser_queue`. Files that were rendered lately are remembered.
"""

from __future__ import annotations

import asyncio
import logging
from concurrent.futures import TimeoutError as Late
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import orjson
from cachetools import LRUCache

from core.errors import Unavailable
from core.export.browser_queue import Client, Queue
from core.settings.settings import browser
from core.system.logs import logger
from core.system.threads import Threads
from core.system.threads import shared as shared_threads

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Generator

    from core.figures.theme import Json

Form: TypeAlias = Literal["svg", "png", "pdf"]
# Seconds; a cold start takes five on a small machine, a large matrix another five.
TIME = 60.0
COLOR_BARS = Path(__file__).with_name("color_bars.js")
PATIENCE = 5.0
# Memory for files that were rendered: some hundred images.
REMEMBERED_BYTES = 64 << 20

log = logger(__name__)


class Browser:
    """Renderer of figures with Kaleido, one at a time; other callers queue.

    Parameters
    ----------
    path : of Chromium or Chrome
    seconds : that a figure may take; then the browser is given up, and the next figure starts another
    queue : where the others wait
    """

    def __init__(self, path: Path, seconds: float = TIME, queue: Queue | None = None) -> None:
        self._path = path
        self._seconds = seconds
        # An empty queue is false.
        self.queue = Queue() if queue is None else queue
        self._lock = Lock()
        self._remembered: LRUCache[str, bytes] = LRUCache(REMEMBERED_BYTES, getsizeof=len)
        self._remembering = Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._threads = Threads()
        self._kaleido: Any = None

    def draw(self, figure: Json, form: Form, scale: float = 1.0, caller: Caller | None = None) -> bytes:
        """Render a figure at the size of its layout, times `scale`.

        Raises
        ------
        Unavailable
            The browser does not start, takes too long, or too many wait for it.
        Abandoned
            The caller has hung up.
        """
        key = _key(figure, form, scale)
        with self._remembering:
            known = self._remembered.get(key)
        if known is None:
            known = self._render(figure, form, scale, caller or Caller(self))
            if len(known) <= REMEMBERED_BYTES // 8:
                with self._remembering:
                    self._remembered[key] = known
        return known

    def _render(self, figure: Json, form: Form, scale: float, caller: Caller) -> bytes:
        with self.queue.turn(caller.client, caller.gone), self._lock:
            try:
                drawing = self._kaleido or self._start()
                return self._wait(drawing.calc_fig(figure, {"format": form, "scale": scale}))
            except Late as error:
                self._stop()
                raise Unavailable(
                    f"The browser {self._path} did not draw the figure within {self._seconds:g} seconds.",
                    "Try again, or draw fewer cells or genes.",
                ) from error
            except _faults() as error:
                self._stop()
                raise Unavailable(
                    f"The browser {self._path} cannot draw: {(str(error).splitlines() or [type(error).__name__])[0]}.",
                    "Name another Chromium or Chrome in BROWSER_PATH.",
                ) from error

    def close(self) -> None:
        """End the browser."""
        with self._lock:
            self._stop()

    def _start(self) -> Any:  # noqa: ANN401 - Kaleido has no types
        import kaleido
        import plotly

        # These libraries log every step.
        for name in ("kaleido", "choreographer", "logistro"):
            logging.getLogger(name).setLevel(logging.ERROR)
        # No network access: the bundle is that of the wheel, and figures contain no formulas.
        page = kaleido.PageGenerator(plotly=next(iter(plotly.__path__)) + "/package_data/plotly.min.js", mathjax=False)
        # Kaleido prints a PDF with margins, which cut off the bottom of a wide figure.
        page.header += "        <style>@page { margin: 0 }</style>\n"
        page.footer = f"        <script>{COLOR_BARS.read_text('utf-8')}</script>\n{page.footer}"
        loop = self._loop = asyncio.new_event_loop()
        self._threads.start("figures", lambda: _serve(loop), lambda: loop.call_soon_threadsafe(loop.stop), PATIENCE)
        renderer = kaleido.Kaleido(n=1, timeout=self._seconds, page_generator=page, path=str(self._path))
        self._wait(renderer.__aenter__())
        self._kaleido = renderer
        shared_threads.on_close(self.close)
        return renderer

    def _wait(self, work: Coroutine[Any, Any, Any], seconds: float = 0) -> Any:  # noqa: ANN401
        if self._loop is None:
            work.close()
            raise RuntimeError("the browser is not running")
        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return future.result(seconds or self._seconds)
        except Late:
            future.cancel()
            raise

    def _stop(self) -> None:
        renderer, self._kaleido = self._kaleido, None
        try:
            if renderer is not None:
                self._wait(renderer.__aexit__(None, None, None), PATIENCE)
        except (Late, OSError, RuntimeError) as error:
            log.warning("browser does not end", browser=str(self._path), error=str(error))
        finally:
            self._loop = None
            self._threads.close()


class Caller:
    """Client of the browser that has one or several figures rendered.

    Parameters
    ----------
    browser : which one
    gone : tells whether they have hung up
    """

    def __init__(self, browser: Browser, gone: Callable[[], bool] | None = None) -> None:
        self._browser = browser
        self.gone = gone
        self.client = Client()

    @contextmanager
    def figures(self, n: int) -> Generator[None]:
        """Reserve the turns of so many figures.

        Raises
        ------
        Busy
            They would not be rendered in time.
        """
        self.client.left = n
        with self._browser.queue.admitted(self.client):
            yield

    def draw(self, figure: Json, form: Form, scale: float = 1.0) -> bytes:
        """See `Browser.draw`."""
        return self._browser.draw(figure, form, scale, self)


def _key(figure: Json, form: Form, scale: float) -> str:
    """Return the key of a file: the whole figure, with its size, and the options of the rendering."""
    content = orjson.dumps(figure, option=orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_NON_STR_KEYS)
    return f"{sha256(content).hexdigest()} {form} {scale!r}"


def _faults() -> tuple[type[Exception], ...]:
    """List the exceptions of Kaleido and of the browser."""
    from choreographer.protocol import DevtoolsProtocolError
    from kaleido.errors import KaleidoError

    return OSError, RuntimeError, KaleidoError, DevtoolsProtocolError


def _serve(loop: asyncio.AbstractEventLoop) -> None:
    try:
        loop.run_forever()
        loop.run_until_complete(_end_tasks())
    finally:
        loop.close()


async def _end_tasks() -> None:
    """Cancel pending tasks: choreographer's watchdog, left to the garbage collector, would undo warning filters."""
    pending = asyncio.all_tasks() - {asyncio.current_task()}
    for task in pending:
        task.cancel()
    if pending:
        await asyncio.wait(pending, timeout=PATIENCE)


_shared: dict[Path, Browser] = {}
_lock = Lock()


def shared() -> Browser:
    """Return the browser of this process.

    Raises
    ------
    Unavailable
        There is none on this machine.
    """
    path = browser()
    if path is None:
        raise Unavailable(
            "No browser was found: SVG, PNG and PDF need Chromium or Chrome.",
            "Install one, or set BROWSER_PATH; CSV and JSON need no browser.",
        )
    with _lock:
        return _shared.setdefault(path, Browser(path))


def waiting() -> int:
    """Count the figures that wait for the browser of this process."""
    return sum(len(each.queue) for each in list(_shared.values()))
