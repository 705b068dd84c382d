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
    """Exported file: its content, its name without an extension, and what its reader should be told."""

    content: bytes
    name: str
    notes: tuple[str, ...] = ()


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

    def file(self, request: RenderRequest, form: str, disconnected: Callable[[], bool] | None = None) -> File:
        """Render one figure in one format; identical concurrent requests are rendered once.

        Parameters
        ----------
        request : address, look and name of the figure
        form : of `core.export.formats.FORMS`
        disconnected : returns whether the client has disconnected

        Raises
        ------
        InvalidQuery
            The link does not say what to draw.
        Unavailable
            There is no browser, the browser fails, or too many requests wait for it.
        Abandoned
            The client disconnected before its turn.
        """

        def create() -> File:
            if form not in PAPER:
                return file(None)
            caller = Caller(self._find(), disconnected)
            # A request that cannot be served in time is refused before anything is computed for it.
            with caller.figures(len(bundle.print_forms()) if form == "zip" else 1):
                return file(caller)

        def file(caller: Caller | None) -> File:
            drawn = render(self._services, request.link, paper_look(request.look, form), request.figure)
            return File(bundle.export_bytes([drawn], form, caller), name_of(drawn), drawn.notes)

        return self._shared(f"{form} {request!r}", create)

    def _shared(self, key: str, create: Callable[[], File]) -> File:
        """Share one rendering among identical requests; their number is bounded."""
        counted = False

        def count() -> None:
            nonlocal counted
            with self._lock:
                if self._waiting >= MOST:
                    raise Busy(f"{MOST} requests already wait for this figure.", "Try again in a moment.")
                self._waiting += 1
                counted = True

        try:
            return self._flights.join(key, create, count)[0]
        finally:
            if counted:
                with self._lock:
                    self._waiting -= 1

    def about(self, request: RenderRequest) -> dict[str, object]:
        """Describe a figure without rendering a file: see `file` for exceptions."""
        drawn = render(self._services, request.link, paper_look(request.look, "svg"), request.figure)
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
            "fitting": dict(drawn.fitting),
        }

    def zip(self, requests: Sequence[RenderRequest], disconnected: Callable[[], bool] | None = None) -> bytes:
        """Render several figures into a zip, each in a directory; see `file` for exceptions."""
        bundle.check_number(len(requests))
        caller = Caller(self._find(), disconnected)
        with caller.figures(len(bundle.print_forms()) * len(requests)):
            drawn = [render(self._services, each.link, paper_look(each.look, "zip"), each.figure) for each in requests]
            return bundle.zip_bytes(drawn, caller)


def name_of(drawn: Figure) -> str:
    """Return the name of a file for the figure, without an extension."""
    mark = "SIMULATED_" if drawn.facts["simulated"] else ""
    atlas = str(drawn.facts["dataset"]).rpartition("/")[2]
    return f"{mark}{atlas}_{drawn.facts['title']}"[:MAX_NAME].rstrip()
