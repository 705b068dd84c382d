"""Marks and texts of legends that are drawn as shapes, on paper."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.figures.text_width import BREAK
from core.figures.theme import Json, escaped

if TYPE_CHECKING:
    from core.figures.theme import Theme

# Size of letters; pixels from one entry to the next, from a mark to its name, between columns, and from an edge.
SIZE, LINE, GAP, BETWEEN, EDGE = 11.0, 17.0, 5.0, 12.0, 8.0
# Side of the square of a colour.
SQUARE = 9.0


def square(place: tuple[float, float, float, float], color: str, side: float = SQUARE, kind: str = "rect") -> Json:
    """Return a shape of a size in pixels, its left edge and its middle at a place: (x, pixels, y, pixels)."""
    x, right, y, up = place
    return {
        **{"type": kind, "xref": "paper", "xsizemode": "pixel", "xanchor": x, "x0": right, "x1": right + side},
        **{"yref": "paper", "ysizemode": "pixel", "yanchor": y, "y0": up - side / 2, "y1": up + side / 2},
        **{"fillcolor": color, "line": {"width": 0}},
    }


def text(words: str, place: tuple[float, float, float, float], theme: Theme, anchor: str = "middle") -> Json:
    """Return a text of a legend, its left edge at a place: (x, pixels, y, pixels)."""
    x, right, y, up = place
    lines = BREAK.join(escaped(line) for line in words.split(BREAK))
    return {
        **{"text": lines, "showarrow": False, "align": "left", "font": {"size": SIZE, "color": theme.ink}},
        **{"x": x, "xref": "paper", "xanchor": "left", "xshift": right},
        **{"y": y, "yref": "paper", "yanchor": anchor, "yshift": up, "borderpad": 0},
    }
