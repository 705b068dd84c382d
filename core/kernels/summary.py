"""Statistics of value-sorted genes."""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(nogil=True, cache=True)
def gene_summary(data: np.ndarray, indptr: np.ndarray, n_cells: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Mean, variance and tie term of each gene over all cells, zeros included.

    Parameters
    ----------
    data : (n_nonzero,) float32 or float64, ascending within each gene, no zeros
    indptr : (n_genes + 1,) int64
    n_cells : number of cells

    Returns
    -------
    mean : (n_genes,) float64
    variance : (n_genes,) float64, n - 1 in the denominator; NaN for a single cell
    tie_term : (n_genes,) float64, sum of t**3 - t over groups of t equal values, the zeros being one group
    """
    n_genes = indptr.size - 1
    mean = np.zeros(n_genes)
    variance = np.full(n_genes, np.nan)
    tie_term = np.zeros(n_genes)
    for gene in range(n_genes):
        low, high = indptr[gene], indptr[gene + 1]
        zeros = float(n_cells - (high - low))
        total = 0.0
        for k in range(low, high):
            total += np.float64(data[k])
        centre = total / n_cells
        squares = zeros * centre * centre
        ties = zeros * zeros * zeros - zeros
        run = 1.0
        for k in range(low, high):
            away = np.float64(data[k]) - centre
            squares += away * away
            if k + 1 < high and data[k + 1] == data[k]:
                run += 1.0
            else:
                ties += run * run * run - run
                run = 1.0
        mean[gene] = centre
        tie_term[gene] = ties
        if n_cells > 1:
            variance[gene] = squares / (n_cells - 1)
    return mean, variance, tie_term
