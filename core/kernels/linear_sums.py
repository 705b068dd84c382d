"""Sums of values that are stored as logarithms, on the linear scale, for each category and each gene of a block."""

from __future__ import annotations

import numpy as np
from numba import njit

# Entries of a table of exponentials for each unit of the natural logarithm.
STEPS = 256


def table_of_powers(largest: float) -> np.ndarray:
    """Tabulate ``expm1(i / STEPS)`` up to a natural logarithm."""
    return np.expm1(np.arange(int(largest * STEPS) + 2) / STEPS)


@njit(nogil=True, cache=True, error_model="numpy")
def linear_sums(
    data: np.ndarray,
    indices: np.ndarray,
    indptr: np.ndarray,
    codes: np.ndarray,
    factor: float,
    powers: np.ndarray,
    sums: np.ndarray,
) -> None:
    """Add up ``exp(factor * value) - 1`` by category.

    Parameters
    ----------
    data, indices, indptr : CSC without negative values; indices uint32, indptr (n_block + 1,) int64
    codes : (n_cells,) uint8, the category of each cell; n_categories for a cell that takes no part
    factor : natural logarithm of the base, 1 for log1p
    powers : of `table_of_powers`, for the largest value times `factor`
    sums : (n_block, n_categories + 1) float64, in and out; the last column takes the cells that take no part

    Notes
    -----
    The exponential of the nearest entry is multiplied by three terms of the series of the rest, which is 1/512 at most,
    so that the relative error stays below 1e-9 for single values above 0.001 and below 1e-12 for large ones.
    """
    scaled = factor * STEPS
    for gene in range(indptr.size - 1):
        values = data[indptr[gene] : indptr[gene + 1]]
        cells = indices[indptr[gene] : indptr[gene + 1]]
        row = sums[gene]
        for k in range(values.size):
            x = scaled * np.float64(values[k])
            nearest = np.int64(x + 0.5)
            rest = (x - np.float64(nearest)) * (1.0 / STEPS)
            power = powers[np.uint64(nearest)]
            row[codes[cells[k]]] += power + (power + 1.0) * (rest * (1.0 + rest * (0.5 + rest * (1.0 / 6.0))))
