"""Sums of the counts of one gene over units of cells, such as the cells of one type in one sample."""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(nogil=True, cache=True)
def add_gene(
    cells: np.ndarray, counts: np.ndarray, codes: np.ndarray, sums: np.ndarray, expressing: np.ndarray
) -> None:
    """Add the counts of one gene to the sums of the units, in whole numbers.

    Parameters
    ----------
    cells, counts : (n_nonzero,) uint32 and float, cells with a count and the counts, which are integers above zero
    codes : (n_cells,) int32, unit of each cell; n_units for a cell that takes no part
    sums : (n_units + 1,) int64, in and out: sum of the counts; the last place takes the cells that take no part
    expressing : (n_units + 1,) int32, in and out: number of cells with a count
    """
    for k in range(cells.size):
        unit = codes[cells[k]]
        sums[unit] += np.int64(counts[k])
        expressing[unit] += 1
