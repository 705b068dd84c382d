"""The most frequent category of the cells in each pixel."""

from __future__ import annotations

import numpy as np
from numba import njit

OUTSIDE = -2
"""The code of a cell that is not counted; -1 is one for which no category is given."""


@njit(nogil=True, cache=True, error_model="numpy")
def majority(
    x: np.ndarray,
    y: np.ndarray,
    codes: np.ndarray,
    n_categories: int,
    window: np.ndarray,
    best: np.ndarray,
    most: np.ndarray,
) -> None:
    """Find the most frequent category in each pixel of a window, and how many cells are of it.

    Parameters
    ----------
    x, y : (n_cells,) float32, finite
    codes : (n_cells,) int32 below `n_categories`, -1 where nothing is given, `OUTSIDE` for cells that do not count
    window : (4,) float64, lowest and highest x, lowest and highest y, both ends included
    best : (height, width) int32, out; of equally frequent ones the lowest code, and nothing given (-1) only where it is
        more frequent than every category; -1 too where there is no cell
    most : (height, width) int32, out; 0 where there is no cell

    Notes
    -----
    Cells fall into pixels exactly as datashader's `Canvas.points` lets them fall. Its own reduction by category holds
    one number for every pixel and category, which for hundreds of categories is more than a gigabyte; here a counting
    sort puts the cells of a pixel side by side.
    """
    height, width = best.shape
    x_scale, y_scale = width / (window[1] - window[0]), height / (window[3] - window[2])
    x_shift, y_shift = -window[0] * x_scale, -window[2] * y_scale
    pixel = np.full(x.size, -1, dtype=np.int32)
    starts = np.zeros(height * width + 1, dtype=np.int32)
    for cell in range(x.size):
        px, py = np.float64(x[cell]), np.float64(y[cell])
        if codes[cell] == OUTSIDE or not (window[0] <= px <= window[1] and window[2] <= py <= window[3]):
            continue
        column, row = min(int(px * x_scale + x_shift), width - 1), min(int(py * y_scale + y_shift), height - 1)
        pixel[cell] = row * width + column
        starts[pixel[cell] + 1] += 1
    for at in range(height * width):
        starts[at + 1] += starts[at]
    sorted_codes = np.empty(starts[-1], dtype=np.int32)
    free = starts[:-1].copy()
    for cell in range(x.size):
        if pixel[cell] >= 0:
            sorted_codes[free[pixel[cell]]] = codes[cell]
            free[pixel[cell]] += 1
    # Its last place is for -1.
    tally = np.zeros(n_categories + 1, dtype=np.int32)
    for at in range(height * width):
        inside = sorted_codes[starts[at] : starts[at + 1]]
        for code in inside:
            tally[code] += 1
        winner, count = -1, 0
        for code in inside:
            n = tally[code]
            first = code >= 0 and (winner < 0 or code < winner)
            if n > count or (n == count and first):
                winner, count = code, n
        for code in inside:
            tally[code] = 0
        best[at // width, at % width] = winner
        most[at // width, at % width] = count
