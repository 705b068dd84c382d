"""Placement of category names on a map of cells."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from core.figures.draw_order import drawn

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

# A panel of the page on a small laptop in pixels, and its letters: what decides whether two labels would overlap.
PANEL = (380.0, 380.0)
LETTER = 6.4
LINE = 17.0
# Where a label may stand when there is no room on its own cells, with a line to them: lines away, and directions.
DISTANCES = (1.3, 2.0, 3.0, 4.0, 5.5, 7.0, 9.0, 12.0)
DIRECTIONS = 16
# Cells whose neighbourhoods tell whether a column has places of its own on a map, their neighbours, and the least
# agreement: names at the places of mixed categories, such as stages of a disease, would stand anywhere.
SAMPLE, NEIGHBOURS, COHERENT = 5_000, 15, 0.4
# Squares along each side of a map in which cells are counted, fewer where there are very many categories.
SQUARES = 96
MAX_COUNTS = 20_000_000


@dataclass(frozen=True)
class Label:
    """Text at a point of the map that lies among the cells it names.

    Where `right` or `up` is not zero there was no room: the text stands so many pixels away, and a line leads to the
    point.
    """

    text: str
    x: float
    y: float
    right: float = 0.0
    up: float = 0.0

    @property
    def is_led(self) -> bool:
        """True where a line leads from the text to the cells."""
        return bool(self.right or self.up)


def anchors(
    xy: NDArray[np.float32], codes: NDArray[np.int32], mask: NDArray[np.bool_], n_categories: int
) -> NDArray[np.float64]:
    """Choose for each category one of its selected cells, where it is dense and has its surroundings for itself.

    A median may lie among the cells of others: between two clusters, or in the hollow of a crescent. Here the map is
    cut into squares; the square is taken in which the cells of the category are many and are the most of all cells,
    both counted together with the eight squares around, and of equal ones the nearest to the mean; then its middle
    cell.

    Parameters
    ----------
    xy : (2, n_cells), NaN where a cell has no place
    codes : (n_cells,), -1 where nothing is given
    mask : (n_cells,)

    Returns
    -------
    (n_categories, 2); NaN without cells
    """
    found = np.full((n_categories, 2), np.nan)
    kept = _placed(xy, codes, mask)
    if not kept.size:
        return found
    placed, mine = xy[:, kept].astype(np.float64), codes[kept].astype(np.int64)
    n = max(min(SQUARES, int((MAX_COUNTS / n_categories) ** 0.5)), 1)
    low = placed.min(axis=1, keepdims=True)
    side = float((placed.max(axis=1, keepdims=True) - low).max()) or 1.0
    squares = np.minimum(((placed - low) / side * n).astype(np.int64), n - 1)
    flat = squares[1] * n + squares[0]
    counts = np.bincount(mine * n * n + flat, minlength=n_categories * n * n).reshape(n_categories, n, n)
    around = _with_neighbours(counts)
    everyone = around.sum(axis=0)
    order = np.argsort(mine, kind="stable")
    ends = np.cumsum(np.bincount(mine, minlength=n_categories))
    for category, start, end in zip(range(n_categories), [0, *ends[:-1]], ends, strict=True):
        if end == start:
            continue
        own = order[start:end]
        share = np.divide(around[category], everyone, out=np.zeros((n, n)), where=everyone > 0)
        score = np.where(counts[category] > 0, around[category] * share**2, -1.0)
        best = np.flatnonzero(score.ravel() == score.max())
        middle = squares[:, own].mean(axis=1)
        square = best[np.argmin((best % n - middle[0]) ** 2 + (best // n - middle[1]) ** 2)]
        cells = placed[:, own[flat[own] == square]]
        nearest = np.argmin(((cells - cells.mean(axis=1, keepdims=True)) ** 2).sum(axis=0))
        found[category] = cells[:, nearest]
    return found


def _placed(xy: NDArray[np.float32], codes: NDArray[np.int32], mask: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return the selected cells that have a category and a place."""
    return np.flatnonzero(mask & (codes >= 0) & np.isfinite(xy).all(axis=0))


def _with_neighbours(counts: NDArray[np.int64]) -> NDArray[np.float64]:
    """Add to each square, (n_categories, n, n), the eight around it."""
    padded = np.pad(counts, ((0, 0), (1, 1), (1, 1))).astype(np.float64)
    rows = padded[:, :-2] + padded[:, 1:-1] + padded[:, 2:]
    return rows[:, :, :-2] + rows[:, :, 1:-1] + rows[:, :, 2:]


def coherence(xy: NDArray[np.float32], codes: NDArray[np.int32], mask: NDArray[np.bool_]) -> float:
    """Measure how far the categories of a column lie in places of their own.

    Parameters
    ----------
    xy : (2, n_cells), NaN where a cell has no place
    codes : (n_cells,), -1 where nothing is given
    mask : (n_cells,)

    Returns
    -------
    Agreement of the category of a cell with those of its 15 nearest cells, beyond that by chance (the kappa of
    Cohen, 1960): 1 where clusters are apart, 0 where categories are mixed; over 5,000 cells at most, taken evenly from
    the file. NaN where there are fewer than two categories or 16 cells.
    """
    from scipy.spatial import KDTree

    cells = _placed(xy, codes, mask)
    cells = cells[drawn(cells, codes, "category")[:SAMPLE]]
    shares = np.unique(codes[cells], return_counts=True)[1] / max(cells.size, 1)
    if cells.size <= NEIGHBOURS or shares.size < 2:  # noqa: PLR2004 - one category lies nowhere apart
        return float("nan")
    places = xy[:, cells].T.astype(np.float64)
    nearest = KDTree(places).query(places, NEIGHBOURS + 1)[1][:, 1:]
    agreement = float((codes[cells][nearest] == codes[cells][:, None]).mean())
    chance = float((shares**2).sum())
    return (agreement - chance) / (1 - chance)


def arranged(
    names: Sequence[str],
    at: NDArray[np.float64],
    sizes: Sequence[int],
    bounds: tuple[tuple[float, float], tuple[float, float]],
    panel: tuple[float, float] = PANEL,
) -> list[Label]:
    """Place labels without overlaps, the largest categories first.

    A label stands on its own cells, or away from them with a line to them; one without any room is left out. The page
    places labels by the same rules: see ``assets/js/3-maps/labels.js``.

    Parameters
    ----------
    names, sizes
        Text and number of cells of each category.
    at : (n_categories, 2)
        A point among the cells of each, NaN for those without cells. What lies outside of `bounds` has no label.
    bounds
        Lower and upper end of what is seen along both axes.
    panel
        Width and height of the panel in pixels.
    """
    width, height = (high - low or 1.0 for low, high in bounds)
    middle, level = (sum(ends) / 2 for ends in bounds)
    scale = min(panel[0] / width, panel[1] / height)
    taken: list[tuple[float, float, float]] = []
    labels: list[Label] = []
    shown = [
        index
        for index in range(len(names))
        if abs(at[index][0] - middle) * scale <= panel[0] / 2 and abs(at[index][1] - level) * scale <= panel[1] / 2
    ]
    # Away from its own cells a label must not cover those that others stand for.
    points = [((float(at[index][0]) - middle) * scale, (float(at[index][1]) - level) * scale, 6.0) for index in shown]
    for index in sorted(shown, key=lambda at: (-sizes[at], at)):
        x, y = (float(part) for part in at[index])
        half = len(names[index]) * LETTER / 2
        point = (x - middle) * scale, (y - level) * scale
        free: list[tuple[float, float]] = []
        for right, up in _moves(half):
            centre = (point[0] + right, point[1] + up, half)
            is_inside = abs(centre[0]) + half <= panel[0] / 2 and abs(centre[1]) + LINE / 2 <= panel[1] / 2
            others = [*taken, *points] if right or up else taken
            if is_inside and not any(_overlap(centre, other) for other in others):
                free.append((right, up))
        # Rather a little farther away than with a line through the name of others.
        clear = (move for move in free if not any(_crosses(point, move, other) for other in taken))
        if free:
            right, up = next(clear, free[0])
            taken.append((point[0] + right, point[1] + up, half))
            labels.append(Label(names[index], x, y, right, up))
    return labels


def _moves(half: float) -> Iterator[tuple[float, float]]:
    """List where a label may stand, from its own place outwards, in pixels; `half` its width."""
    yield 0.0, 0.0
    for distance in DISTANCES:
        for step in range(DIRECTIONS):
            # Above and below first: there a line is shortest.
            turn = math.pi / 2 + math.pi * 2 * ((step + 1) // 2 * (-1) ** step) / DIRECTIONS
            across, upward = math.cos(turn), math.sin(turn)
            yield _tenth(across * (distance * LINE + half)), _tenth(upward * distance * LINE)


def _tenth(value: float) -> float:
    """Round half up, as the browser does."""
    return math.floor(value * 10 + 0.5) / 10


def _overlap(one: tuple[float, float, float], other: tuple[float, float, float]) -> bool:
    return abs(one[0] - other[0]) < one[2] + other[2] and abs(one[1] - other[1]) < LINE


def _crosses(point: tuple[float, float], move: tuple[float, float], other: tuple[float, float, float]) -> bool:
    """Tell whether the line from a point to a label moved away from it runs through another label."""
    steps = max(int(math.hypot(*move) / (LINE / 2)), 1)
    places = ((point[0] + move[0] * at / steps, point[1] + move[1] * at / steps, 0.0) for at in range(1, steps))
    return any(_overlap(place, other) for place in places)
