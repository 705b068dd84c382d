"""Arrangement of the small maps of one figure, and their titles."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.figures.theme import Json, escaped

if TYPE_CHECKING:
    from core.figures.labels import Label
    from core.figures.theme import Theme

MAX_ACROSS = 4
# Between two small maps of one figure, as a share of its width and height.
GAP = (0.012, 0.06)


@dataclass(frozen=True)
class Facet:
    """One of several small maps: title and labels."""

    title: str
    labels: tuple[Label, ...] = ()


@dataclass(frozen=True)
class Spread:
    """Arrangement of small maps: how many stand side by side, and the share of the height above each for its title."""

    columns: int = MAX_ACROSS
    gap: float = GAP[1]


def grid(n: int, most: int = MAX_ACROSS) -> tuple[int, int]:
    """Return rows and columns of `n` small maps, at most `most` of them side by side."""
    across = min(max(n, 1), most)
    return -(-max(n, 1) // across), across


def domain(place: int, n: int, spread: Spread) -> tuple[list[float], list[float]]:
    """Return the domain of a small map, counted from the top left."""
    rows, columns = grid(n, spread.columns)
    row, column = divmod(place, columns)
    width, height = 1 / columns, 1 / rows
    top = 1 - row * height
    return (
        [column * width + GAP[0] / 2, (column + 1) * width - GAP[0] / 2],
        [top - height, top - spread.gap],
    )


def facet_title(facet: Facet, across: list[float], up: list[float], theme: Theme) -> Json:
    """Return the title above a small map."""
    return {
        "text": escaped(facet.title),
        "xref": "paper",
        "yref": "paper",
        "x": sum(across) / 2,
        "y": up[1],
        "xanchor": "center",
        "yanchor": "bottom",
        "showarrow": False,
        "font": {"size": 12, "color": theme.ink},
    }
