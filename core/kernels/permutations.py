"""Exact permutation tests of a correlation in fewer than ten cells, by enumeration."""

from __future__ import annotations

from functools import cache
from itertools import combinations, permutations

import numpy as np
from numba import njit

from core.kernels.level_block import LevelBlock

EXACT_BELOW = 10
"""Cells from which the enumeration is no longer made."""
TIED = 1e-9
"""Share of its largest possible value within which a sum of products counts as equal to the observed one."""


@cache
def tables(n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """List the permutations of n places, cut in two.

    Returns
    -------
    halves : (choose(n, n // 2), n) int64, the places of the first half, then the others
    first, second : the orders of either half, int64
    """
    k = n // 2
    chosen = [[*some, *(set(range(n)) - set(some))] for some in combinations(range(n), k)]
    first, second = (np.array(list(permutations(range(size))), dtype=np.int64) for size in (k, n - k))
    return np.array(chosen, dtype=np.int64), first, second


@njit(nogil=True, cache=True, error_model="numpy")
def exact_p(
    x: np.ndarray, y: np.ndarray, halves: np.ndarray, first: np.ndarray, second: np.ndarray, p: np.ndarray
) -> None:
    """Two-sided p of the correlation of each row, over all permutations of its cells.

    Parameters
    ----------
    x, y : (n_rows, n) float64, values, or ranks for Spearman's rho
    halves, first, second : `tables` of n
    p : (n_rows,) float64, out; twice the smaller of the shares of permutations with a coefficient at least as high,
        and at most as high, as the observed one; at most 1

    Notes
    -----
    A permutation fills either half of the places on its own, so its sum of products is one of each half: for nine
    cells, 126 ways of cutting with 24 and 120 sums instead of 362,880 sums.
    """
    n = halves.shape[1]
    k = first.shape[1]
    low, high = np.empty(first.shape[0]), np.empty(second.shape[0])
    total = halves.shape[0] * first.shape[0] * second.shape[0]
    for row in range(x.shape[0]):
        a, b = x[row] - x[row].mean(), y[row] - y[row].mean()
        observed = (a * b).sum()
        tied = TIED * np.sqrt((a * a).sum() * (b * b).sum())
        above, below = 0, 0
        for half in halves:
            for order in range(first.shape[0]):
                low[order] = 0.0
                for place in range(k):
                    low[order] += a[place] * b[half[first[order, place]]]
            for order in range(second.shape[0]):
                high[order] = 0.0
                for place in range(n - k):
                    high[order] += a[k + place] * b[half[k + second[order, place]]]
            for one in low:
                for other in high:
                    above += np.int64(one + other >= observed - tied)
                    below += np.int64(one + other <= observed + tied)
        p[row] = min(1.0, 2.0 * min(above, below) / total)


@njit(nogil=True, cache=True, error_model="numpy")
def few_cells(
    block: LevelBlock,
    values: np.ndarray,
    slot: np.ndarray,
    query: np.ndarray,
    wanted: np.ndarray,
    both: bool,  # noqa: FBT001 - numba takes no keywords
    x: np.ndarray,
    y: np.ndarray,
    n: np.ndarray,
) -> None:
    """Collect the values of the query and of each wanted gene of a block in the few cells of their pair.

    Parameters
    ----------
    block, values : genes of a layer
    slot : (n_cells,) int32, the cell's place in `query`, or -1 outside
    query : (n_slots,) float64
    wanted : (n_block,) bool
    both : True to collect only cells in which the other gene is nonzero; those of the query must be in `slot` already
    x, y : (n_wanted, EXACT_BELOW - 1) float64, out; of each wanted gene in turn, filled from the left
    n : (n_wanted,) int64, out with `both`: cells of the pair
    """
    row = 0
    for gene in range(wanted.size):
        if not wanted[gene]:
            continue
        if both:
            n[row] = 0
        else:
            x[row, : query.size] = query
            y[row, : query.size] = 0.0
        starts = block.starts[gene]
        shift = block.level_starts[gene] - starts[0]
        for at in range(starts.size - 1):
            for k in range(starts[at], starts[at + 1]):
                place = slot[at * block.tile + np.int64(block.cells[k])]
                if place < 0:
                    continue
                level = np.int64(block.levels_wide[k + shift] if block.wide[gene] else block.levels[k + shift])
                value = np.float64(values[block.value_starts[gene] + level])
                if both:
                    x[row, n[row]] = query[place]
                    y[row, n[row]] = value
                    n[row] += 1
                else:
                    y[row, place] = value
        row += 1
