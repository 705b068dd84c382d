"""Widths of the columns of journals, and the height of their pages."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

# Millimetres of one column, of one and a half, and of two, as the journals ask for them.
JOURNALS: Final[Mapping[str, float]] = MappingProxyType(
    {
        "nature-1": 89.0,
        "nature-2": 183.0,
        "cell-1": 85.0,
        "cell-1.5": 114.0,
        "cell-2": 174.0,
        "science-1": 57.0,
        "science-2": 121.0,
        "science-3": 184.0,
    }
)
# Above this a figure and its legend do not fit on the page of a journal.
MAX_HEIGHT: Final = 170.0


def height_warning(height: float, remedy: str = "") -> str:
    """Return a warning about a figure that is too high for a page; empty where it fits.

    Parameters
    ----------
    height : in millimetres
    remedy : what makes the figure lower, as an imperative
    """
    if height <= MAX_HEIGHT:
        return ""
    what = remedy or "Give a height, choose a larger width, or show fewer rows"
    return f"The figure is {height:.0f} mm high; journals print {MAX_HEIGHT:.0f} mm at most. {what}."
