"""Sums over the genes of each cell, from a matrix that is stored gene by gene."""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(nogil=True, cache=True, error_model="numpy")
def cell_moments(data: np.ndarray, indices: np.ndarray, indptr: np.ndarray, moments: np.ndarray) -> None:
    """Add the values of a block of genes, and their squares, to what each cell has.

    Parameters
    ----------
    data, indices, indptr : value-sorted CSC; indices uint32, indptr (n_block + 1,) int64
    moments : (n_cells, 2) float64, in and out: sum and sum of squares; side by side, since both are fetched at once
    """
    for k in range(indptr[0], indptr[indptr.size - 1]):
        value = np.float64(data[k])
        moments[indices[k], 0] += value
        moments[indices[k], 1] += value * value


@njit(nogil=True, cache=True, error_model="numpy")
def weighted_sums(
    data: np.ndarray,
    indices: np.ndarray,
    indptr: np.ndarray,
    genes: np.ndarray,
    weights: np.ndarray,
    sums: np.ndarray,
) -> None:
    """Add up some genes of each cell, each times its weight.

    Parameters
    ----------
    data, indices, indptr : value-sorted CSC of all genes; indices uint32, indptr (n_genes + 1,) int64
    genes : (n_set,) int64
    weights : (n_set,) float64
    sums : (n_cells,) float64, in and out
    """
    for at in range(genes.size):
        weight = weights[at]
        for k in range(indptr[genes[at]], indptr[genes[at] + 1]):
            sums[indices[k]] += weight * np.float64(data[k])
