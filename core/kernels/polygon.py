"""Kernel that finds the cells inside a polygon."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit

if TYPE_CHECKING:
    pass

BANDS = 256


@njit(nogil=True, cache=True, error_model="numpy")
def _band(y: float, low: float, scale: float) -> int:
    """Return the band of a height: never smaller for a greater height, whatever is rounded on the way."""
    return min(max(int(y * scale - low * scale), 0), BANDS - 1)


@njit(nogil=True, cache=True, error_model="numpy")
def even_odd(x: np.ndarray, y: np.ndarray, edge: np.ndarray, found: np.ndarray) -> None:
    """Tell whether a ray to the right of each point crosses an odd number of edges.

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
