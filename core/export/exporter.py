"""Export of figures over the web; identical concurrent requests are rendered once."""

from __future__ import annotations

from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING

from core.cache.single_flight import SingleFlight
from core.errors import Busy
from core.export import bundle
from core.export.browser import Caller, shared
from core.export.browser_queue import MOST
from core.export.formats import PAPER, paper_look
from core.export.metadata import paper
from core.views.registry import render

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from core.export.browser import Browser
    from core.figures.print_style import Look
    from core.services.container import Services
    from core.views.result import Figure

MAX_NAME = 90


@dataclass(frozen=True)
class RenderRequest:
    """Request for one figure: any address of a page, the look, and the name of the figure."""

    link: str
    look: Look
    figure: str = ""


@dataclass(frozen=True)
class File:
    """Exported file: its content, and its name without an extension."""

    content: bytes
    name: str


class Exporter:
    """Renders figures for concurrent requests; identical requests share one rendering.

    Parameters
    ----------
    services : of the app
    find : finds the browser; only called for what needs one
    """

    def __init__(self, services: Services, find: Callable[[], Browser] = shared) -> None:
        self._services = services
        self._find = find
        self._flights: SingleFlight[File] = SingleFlight()
        self._lock = Lock()
        self._waiting = 0

    def file(self, asked: RenderRequest, form: str, gone: Callable[[], bool] | None = None) -> File:
        """Render one figure in one format; identical concurrent requests are rendered once.

        Parameters
        ----------
        form : of `core.export.formats.FORMS`
        gone : tells whether whoever asked has hung up

        Raises
        ------
        InvalidQuery
            The link does not say what to draw.
        Unavailable
            There is no browser, it does not draw, or too many wait for it.
        Gone
            Whoever asked has hung up before it was their turn.
        """

        def made() -> File:
            drawn = render(self._services, asked.link, paper_look(asked.look, form), asked.figure)
            caller = Caller(self._find(), gone) if form in PAPER else None
            return File(bundle.made([drawn], form, caller), name_of(drawn))

        return self._shared(f"{form} {asked!r}", made)

    def _shared(self, key: str, made: Callable[[], File]) -> File:
        """Share one rendering among identical requests; their number is bounded."""
        counted = False

        def waits() -> None:
            nonlocal counted
            with self._lock:
                if self._waiting >= MOST:
                    raise Busy(f"{MOST} already wait for this figure.", "Try again in a moment.")
                self._waiting += 1
                counted = True

        try:
            return self._flights.join(key, made, waits)[0]
        finally:
            if counted:
                with self._lock:
                    self._waiting -= 1

    def about(self, asked: RenderRequest) -> dict[str, object]:
        """Describe a figure without rendering a file: see `file` for exceptions."""
        drawn = render(self._services, asked.link, paper_look(asked.look, "svg"), asked.figure)
        width, height = paper(drawn)
        return {
            "title": drawn.title,
            "legend": drawn.legend,
            "methods": drawn.methods,
            "notes": drawn.notes,
            "facts": drawn.facts,
            "name": name_of(drawn),
            "width_mm": width,
            "height_mm": height,
        }

    def zip(self, asked: Sequence[RenderRequest], gone: Callable[[], bool] | None = None) -> bytes:
        """Render several figures into a zip, each in a directory; see `file` for exceptions."""
        bundle.check_number(len(asked))
        caller = Caller(self._find(), gone)
        drawn = [render(self._services, it.link, paper_look(it.look, "zip"), it.figure) for it in asked]
        return bundle.bundled(drawn, caller)


def name_of(drawn: Figure) -> str:
    """Return the name of a file for the figure, without an extension."""
    mark = "SIMULATED_" if drawn.facts["simulated"] else ""
    atlas = str(drawn.facts["dataset"]).rpartition("/")[2]
    return f"{mark}{atlas}_{drawn.facts['title']}"[:MAX_NAME].rstrip()
