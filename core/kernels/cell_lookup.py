"""One cell in a matrix that is sorted by genes and values."""

from __future__ import annotations

import numpy as np
from numba import njit

STRIDE = 256


@njit(nogil=True, cache=True, error_model="numpy")
def positions(indices: np.ndarray, indptr: np.ndarray, cell: np.uint32, position: np.ndarray) -> None:
    """Find where each gene of a block holds its value of one cell.

    Parameters
    ----------
    indices, indptr : value-sorted CSC; indices uint32, indptr (n_block + 1,) int64
    cell : of the type of `indices`, so that many are compared at once
    position : (n_block,) int64, out; place in `indices`, -1 for a gene that is zero in this cell

    Notes
    -----
    Nothing in the order of a gene tells where a cell is, so every nonzero is looked at; but a whole stride is compared
    without a branch, many cells at once, and only the stride that holds the cell is searched.
    """
    for gene in range(indptr.size - 1):
        cells = indices[indptr[gene] : indptr[gene + 1]]
        position[gene] = -1
        for start in range(0, cells.size, STRIDE):
            part = cells[start : start + STRIDE]
            hits = np.uint32(0)
            for k in range(part.size):
                hits |= np.uint32(part[k] == cell)
            if hits:
                k = 0
                while part[k] != cell:
                    k += 1
                position[gene] = indptr[gene] + start + k
                break
