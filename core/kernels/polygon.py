"""Which cells lie inside a polygon."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from core.selection.masks import Mask

BANDS = 256


def inside(x: np.ndarray, y: np.ndarray, polygon: np.ndarray) -> Mask:
    """Which points lie inside a polygon, by the even-odd rule.

    Parameters
    ----------
    x, y : (n_cells,) float32 or float64; a cell with a NaN lies outside
    polygon : (n_points, 2) float64, finite; the last point is joined to the first

    Returns
    -------
    (n_cells,) bool; edges are half-open, so that a cell on an edge that two polygons share lies in one of them.

    Raises
    ------
    ValueError
        The polygon is not of that shape, or not finite.
    """
    if polygon.ndim != 2 or polygon.shape[1] != 2 or not np.isfinite(polygon).all():  # noqa: PLR2004 - a plane
        raise ValueError("a polygon is finite and of shape (n_points, 2)")
    found = np.zeros(x.size, dtype=bool)
    edge = edges(polygon.astype(np.float64))
    if len(edge):
        # Copies, so that whatever was mapped from disk or cut from a larger array meets one compiled kernel.
        even_odd(np.array(x, np.float64), np.array(y, np.float64), edge, found)
    return found


def edges(polygon: np.ndarray) -> np.ndarray:
    """The edges that a horizontal line can cross.

    Returns
    -------
    (n_edges, 4) float64: x and y of the lower end, x and y of the upper one. So an edge is the same numbers whichever
    way its polygon runs, and two polygons that share it decide alike.
    """
    following = np.roll(polygon, -1, axis=0)
    rising = (polygon[:, 1] < following[:, 1])[:, None]
    both = np.hstack([np.where(rising, polygon, following), np.where(rising, following, polygon)])
    return np.ascontiguousarray(both[both[:, 1] < both[:, 3]])


@njit(nogil=True, cache=True, error_model="numpy")
def _band(y: float, low: float, scale: float) -> int:
    """The band of a height: never smaller for a greater height, whatever is rounded on the way."""
    return min(max(int(y * scale - low * scale), 0), BANDS - 1)


@njit(nogil=True, cache=True, error_model="numpy")
def even_odd(x: np.ndarray, y: np.ndarray, edge: np.ndarray, found: np.ndarray) -> None:
    """Whether a ray to the right of each point crosses an odd number of edges.

    Parameters
    ----------
    x, y : (n_cells,) float64
    edge : as `edges` returns it, at least one
    found : (n_cells,) bool, out; False on entry

    Notes
    -----
    The polygon's height is cut into bands that know their edges, so that a cell meets a few of them and not all.
    """
    low, high = edge[:, 1].min(), edge[:, 3].max()
    scale = BANDS / (high - low)
    if not np.isfinite(scale):
        scale = 0.0
    starts = np.zeros(BANDS + 1, dtype=np.int64)
    for e in range(edge.shape[0]):
        for band in range(_band(edge[e, 1], low, scale), _band(edge[e, 3], low, scale) + 1):
            starts[band + 1] += 1
    for band in range(BANDS):
        starts[band + 1] += starts[band]
    members = np.empty(starts[BANDS], dtype=np.int64)
    at = starts[:BANDS].copy()
    for e in range(edge.shape[0]):
        for band in range(_band(edge[e, 1], low, scale), _band(edge[e, 3], low, scale) + 1):
            members[at[band]] = e
            at[band] += 1
    for cell in range(x.size):
        px, py = x[cell], y[cell]
        # Written so that a NaN is outside. Nothing is said of x here: rounded, a crossing may lie beyond the corners.
        if not (low <= py < high):
            continue
        band = _band(py, low, scale)
        odd = False
        for m in range(starts[band], starts[band + 1]):
            x0, y0, x1, y1 = edge[members[m]]
            if y0 <= py < y1:
                # A fraction of the way first: on an upright edge the crossing is then the edge's own x.
                odd ^= px < x0 + (py - y0) / (y1 - y0) * (x1 - x0)
        found[cell] = odd
