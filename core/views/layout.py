"""A figure laid out for paper or for a frame."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.figures.print_style import Look
    from core.figures.theme import Json


@dataclass(frozen=True)
class Layout:
    """A figure laid out for paper or for a frame.

    Attributes
    ----------
    look
        As requested, or with the legend moved to where it has room.
    least
        Pixels of the figure, across and up, below which names would overlap; 0 for no limit.
    lower
        What makes the figure lower where it is too high for a page, as an imperative.
    notes
        What an author should be told, such as that the legend stands below.
    fitting
        Parameters of the page, with values, that make the figure fit on a page of a journal.
    """

    figure: Json
    look: Look
    least: tuple[float, float] = (0.0, 0.0)
    lower: str = ""
    notes: tuple[str, ...] = ()
    fitting: tuple[tuple[str, str], ...] = ()
