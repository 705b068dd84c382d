"""Cells inside a polygon."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from core.kernels.polygon import even_odd

if TYPE_CHECKING:
    from core.arrays import Mask


def inside(x: np.ndarray, y: np.ndarray, polygon: np.ndarray) -> Mask:
    """Find the points inside a polygon, by the even-odd rule.

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
    """List the edges that a horizontal line can cross.

    Returns
    -------
    (n_edges, 4) float64: x and y of the lower end, x and y of the upper one. So an edge is the same numbers whichever
    way its polygon runs, and two polygons that share it decide alike.
    """
    following = np.roll(polygon, -1, axis=0)
    rising = (polygon[:, 1] < following[:, 1])[:, None]
    both = np.hstack([np.where(rising, polygon, following), np.where(rising, following, polygon)])
    return np.ascontiguousarray(both[both[:, 1] < both[:, 3]])
