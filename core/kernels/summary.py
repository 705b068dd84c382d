"""Statistics of genes."""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(nogil=True, cache=True)
def gene_summary(
    values: np.ndarray, counts: np.ndarray, first: np.ndarray, n_cells: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Mean, variance and tie term of each gene over all cells, zeros included.

    Parameters
    ----------
    values : float32 or float64, distinct nonzero values of each gene
    counts : uint32, cells that have each of them
    first : (n_genes + 1,) int64, distinct values before each gene
    n_cells : number of cells

    Returns
    -------
    mean : (n_genes,) float64
    variance : (n_genes,) float64, n - 1 in the denominator; NaN for a single cell
    tie_term : (n_genes,) float64, sum of t**3 - t over groups of t equal values, the zeros being one group
    """
    n_genes = first.size - 1
    mean = np.zeros(n_genes)
    variance = np.full(n_genes, np.nan)
    tie_term = np.zeros(n_genes)
    for gene in range(n_genes):
        zeros = float(n_cells)
        total = 0.0
        for level in range(first[gene], first[gene + 1]):
            zeros -= float(counts[level])
            total += float(counts[level]) * np.float64(values[level])
        centre = total / n_cells
        squares = zeros * centre * centre
        ties = zeros * zeros * zeros - zeros
        for level in range(first[gene], first[gene + 1]):
            tied = float(counts[level])
            away = np.float64(values[level]) - centre
            squares += tied * away * away
            ties += tied * tied * tied - tied
        mean[gene] = centre
        tie_term[gene] = ties
        if n_cells > 1:
            variance[gene] = squares / (n_cells - 1)
    return mean, variance, tie_term
