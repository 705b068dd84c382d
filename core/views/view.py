"""Protocol of a view: the steps from an address to a figure that page, export, embed and command line share.

A page resolves an address once, computes a result, draws it in the theme of the visitor and writes its words beside it.
An export and an embedded frame use the same four steps; `layout`, `tables` and `subject` are what they need besides.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Generic, TypeVar

from core.views.layout import Layout

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import pyarrow as pa

    from core.atlas.store import Atlas
    from core.figures.print_style import Look
    from core.figures.theme import Json, Theme
    from core.services.container import Services
    from core.urls.page_queries import PageQuery
    from core.views.resolve import Problem
    from core.views.result import Subject, Words


@dataclass(frozen=True)
class PageView:
    """State of a page, resolved from an address: every parameter of `query` is valid for the atlas.

    Attributes
    ----------
    panel
        Which of several figures of one name is meant, counted from 1.
    """

    atlas: Atlas
    query: PageQuery
    panel: int = field(default=1, kw_only=True)

    @property
    def state(self) -> str:
        """Canonical address of the page."""
        raise NotImplementedError


State = TypeVar("State", bound=PageView)
Result = TypeVar("Result")


@dataclass(frozen=True)
class View(Generic[State, Result]):
    """Implementation of one figure of `core.urls.figure_specs`.

    Attributes
    ----------
    resolve
        Read the query of an address: the state of the page, None without any atlas, and the problems of the address.
    compute
        Compute the numbers behind the figure; raises an `AtlasError` where they do not exist.
    draw
        Draw the figure as the page shows it; raises InvalidQuery where the result cannot be drawn.
    words
        Title, legend, methods and parameters of the figure, and the note that the page shows with it.
    subject
        Atlas, query and numbers of cells of the figure.
    tables
        Source data of the figure by name, the first of them that of a single CSV.
    layout
        Draw the figure for paper or for a frame; by default as the page shows it, without WebGL.
    """

    resolve: Callable[[Services, str], tuple[State | None, list[Problem]]]
    compute: Callable[[Services, State], Result]
    draw: Callable[[Result, Theme], Json]
    words: Callable[[Result], Words]
    subject: Callable[[Result], Subject]
    tables: Callable[[Result], Mapping[str, pa.Table]]
    layout: Callable[[Result, Look], Layout] | None = None

    def laid_out(self, result: Result, look: Look) -> Layout:
        """Draw the figure for paper or for a frame."""
        if self.layout is not None:
            return self.layout(result, look)
        return Layout(vector(self.draw(result, look.colors)), look)


def vector(figure: Json) -> Json:
    """Replace traces of WebGL, which browsers export as a bitmap of the resolution of a screen, by vector traces."""
    return {
        **figure,
        "data": [{**trace, "type": "scatter"} if trace["type"] == "scattergl" else trace for trace in figure["data"]],
    }
