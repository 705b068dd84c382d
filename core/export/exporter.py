"""Figures as files for whoever asks over the web, the same one at the same time only once."""

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
    """One figure as somebody wants it: any address of a page, how it is set, and which figure of the page."""

    link: str
    look: Look
    figure: str = ""


@dataclass(frozen=True)
class File:
    """A figure as a file: its bytes, and a name for it without an extension."""

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
        """One figure in one format; identical questions at one time are drawn once.

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
        """One file for all who ask for it; as many as may stand before the browser may wait for it."""
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
        """What is to be said of a figure, without its file: see `file` for what it raises."""
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
        """Several figures, each in a directory of its own; see `file` for what it raises."""
        bundle.check_number(len(asked))
        caller = Caller(self._find(), gone)
        drawn = [render(self._services, it.link, paper_look(it.look, "zip"), it.figure) for it in asked]
        return bundle.bundled(drawn, caller)


def name_of(drawn: Figure) -> str:
    """What a file with the figure is called, without its extension."""
    mark = "SIMULATED_" if drawn.facts["simulated"] else ""
    atlas = str(drawn.facts["dataset"]).rpartition("/")[2]
    return f"{mark}{atlas}_{drawn.facts['title']}"[:MAX_NAME].rstrip()
