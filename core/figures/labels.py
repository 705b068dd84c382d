"""Placement of category names on a map of cells."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

# A panel of the page on a small laptop in pixels, and its letters: what decides whether two labels would overlap.
PANEL = (380.0, 380.0)
LETTER = 6.4
LINE = 17.0
# Where a label may move to when its own place is taken, in lines.
NUDGES = (0.0, -1.0, 1.0, -2.0, 2.0, -3.0, 3.0)


@dataclass(frozen=True)
class Label:
    """Text at a point of the map, moved right and up by some pixels."""

    text: str
    x: float
    y: float
    right: float = 0.0
    up: float = 0.0


def centres(
    xy: NDArray[np.float32], codes: NDArray[np.int32], mask: NDArray[np.bool_], n_categories: int
) -> NDArray[np.float64]:
    """Return median coordinates of the selected cells of each category, (n_categories, 2); NaN without cells.

    Parameters
    ----------
    xy : (2, n_cells), NaN where a cell has no place
    codes : (n_cells,), -1 where nothing is given
    mask : (n_cells,)
    """
    found = np.full((n_categories, 2), np.nan)
    kept = mask & (codes >= 0) & np.isfinite(xy).all(axis=0)
    small = codes[kept].astype(np.uint16 if n_categories < np.iinfo(np.uint16).max else np.uint32)
    order = np.argsort(small, kind="stable")
    placed = xy[:, kept][:, order]
    ends = np.cumsum(np.bincount(small, minlength=n_categories))
    start = 0
    for category, end in enumerate(ends):
        if end > start:
            found[category] = np.median(placed[:, start:end], axis=1)
        start = end
    return found


def arranged(
    names: Sequence[str],
    at: NDArray[np.float64],
    sizes: Sequence[int],
    bounds: tuple[tuple[float, float], tuple[float, float]],
    panel: tuple[float, float] = PANEL,
    lines: int = 3,
) -> list[Label]:
    """Place labels without overlaps, the largest categories first; a label without room is left out.

    Parameters
    ----------
    names, sizes
        Text and number of cells of each category.
    at : (n_categories, 2)
        Their centres, NaN for those without cells.
    bounds
        Lower and upper end of the map along both axes.
    panel
        Width and height of the panel in pixels.
    lines
        How far a label may move from its own place, which then lies nearer to the cells of others.
    """
    width, height = (high - low or 1.0 for low, high in bounds)
    middle, level = (sum(ends) / 2 for ends in bounds)
    scale = min(panel[0] / width, panel[1] / height)
    taken: list[tuple[float, float, float]] = []
    labels: list[Label] = []
    for index in sorted(range(len(names)), key=lambda at: (-sizes[at], at)):
        x, y = (float(part) for part in at[index])
        if not np.isfinite(x):
            continue
        half = len(names[index]) * LETTER / 2
        room = max(panel[0] / 2 - half, 0.0)
        place = (x - middle) * scale
        inside = min(max(place, -room), room)  # a label at the edge must not be cut
        for nudge in NUDGES[: 2 * lines + 1]:
            if nudge and abs((y - level) * scale + nudge * LINE) > panel[1] / 2:
                continue  # the label would overlap the text beside the map
            centre = (inside, y * scale + nudge * LINE, half)
            if not any(_overlap(centre, other) for other in taken):
                taken.append(centre)
                labels.append(Label(names[index], x, y, inside - place, nudge * LINE))
                break
    return labels


def _overlap(one: tuple[float, float, float], other: tuple[float, float, float]) -> bool:
    return abs(one[0] - other[0]) < one[2] + other[2] and abs(one[1] - other[1]) < LINE
