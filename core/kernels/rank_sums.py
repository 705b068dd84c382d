"""Every category against the rest, for each gene of a block: one pass over value-sorted nonzeros.

The categories of the cells arrive as small integers, so that those of 100,000 cells fit the cache of a core. Rank sums
are doubled: mid-ranks are then whole numbers, sums of them are exact in 64-bit integers up to three million cells
(`core.kernels.correlation.EXACT_CELLS`), and a gene's result depends on nothing but its own nonzeros.

Cell indices are passed as uint32, since numba checks every signed index for being negative.
"""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(nogil=True, cache=True, error_model="numpy")
def rank_sums(
    data: np.ndarray,
    indices: np.ndarray,
    indptr: np.ndarray,
    codes: np.ndarray,
    sizes: np.ndarray,
    doubled: np.ndarray,
    totals: np.ndarray,
    n_positive: np.ndarray,
    ties: np.ndarray,
) -> None:
    """Sum ranks and values, and count values above zero, for each category and each gene of a block.

    Parameters
    ----------
    data, indices, indptr : value-sorted CSC; indices uint32, indptr (n_block + 1,) int64
    codes : (n_cells,) uint8, the category of each cell; n_categories for a cell that takes no part
    sizes : (n_categories,) int64, cells of each category, `EXACT_CELLS` at most in all
    doubled : (n_block, n_categories) int64, out; twice the sum of mid-ranks among the cells that take part
    totals : (n_block, n_categories) float64, out; sum of the values
    n_positive : (n_block, n_categories) int64, out; cells with a value above zero
    ties : (n_block,) float64, out; sum of t**3 - t over the groups of t tied values, the zeros being one group; NaN for
        a gene that is constant

    Notes
    -----
    Ties get their mid-rank, and zeros are one tied block between the negatives and the positives [1]_. The nonzeros
    that take part are first packed, without a branch. Twice the mid-rank of a run of equal values is first + last + 2,
    counted from zero: one walk upwards adds where each run begins and one walk downwards where it ends, side by side
    and again without a branch.

    References
    ----------
    .. [1] Kendall and Gibbons, *Rank Correlation Methods*, 1990, chapter 3.
    """
    n_categories = sizes.size
    n_inside = np.int64(0)
    for category in range(n_categories):
        n_inside += sizes[category]
    longest = 0
    for gene in range(indptr.size - 1):
        longest = max(longest, indptr[gene + 1] - indptr[gene])
    packed = np.empty(longest + 1, dtype=data.dtype)
    groups = np.empty(longest + 1, dtype=codes.dtype)
    stored = np.empty(n_categories, dtype=np.int64)
    negative = np.empty(n_categories, dtype=np.int64)
    edges = np.empty(n_categories, dtype=np.int64)
    for gene in range(indptr.size - 1):
        values = data[indptr[gene] : indptr[gene + 1]]
        cells = indices[indptr[gene] : indptr[gene + 1]]
        n_packed = 0
        for k in range(values.size):
            category = codes[cells[k]]
            packed[n_packed] = values[k]
            groups[n_packed] = category
            n_packed += np.int64(category != n_categories)
        negative[:] = 0
        n_negative = 0
        while n_negative < n_packed and packed[n_negative] < 0:
            negative[groups[n_negative]] += 1
            n_negative += 1
        cubes = _both_ways(packed[:n_packed], groups[:n_packed], edges, doubled[gene], stored, totals[gene])
        n_zeros = n_inside - n_packed
        for category in range(n_categories):
            above = stored[category] - negative[category]
            zeros = sizes[category] - stored[category]
            # The zeros lie between, so twice the rank of every positive grows by 2 n_zeros.
            doubled[gene, category] += (
                edges[category] + 2 * stored[category] + 2 * n_zeros * above + zeros * (2 * n_negative + n_zeros + 1)
            )
            n_positive[gene, category] = above
        block = np.float64(n_zeros)
        ties[gene] = 3.0 * np.float64(cubes) + block * block * block - block
        # Told from the values, since N**3 - N may be rounded.
        if n_packed == 0 or (n_zeros == 0 and packed[0] == packed[n_packed - 1]):
            ties[gene] = np.nan


@njit(nogil=True, cache=True, error_model="numpy")
def _both_ways(
    values: np.ndarray,
    groups: np.ndarray,
    begins: np.ndarray,
    ends: np.ndarray,
    stored: np.ndarray,
    sums: np.ndarray,
) -> np.int64:
    """Add up, over ascending values and by group, where runs of equal values begin and end, cells, and values.

    Returns the sum of t (t**2 - 1) / 3 over the runs.
    """
    begins[:] = 0
    ends[:] = 0
    stored[:] = 0
    sums[:] = 0.0
    cubes = np.int64(0)
    if values.size == 0:
        return cubes
    first, last = np.int64(0), np.int64(values.size - 1)
    before, after = values[0], values[last]
    for k in range(values.size):
        # In place of a branch: where the run goes on, it begins where it began.
        here = np.int64(k)
        value = values[k]
        first = here ^ ((here ^ first) & -np.int64(value == before))
        before = value
        group = groups[k]
        begins[group] += first
        stored[group] += 1
        sums[group] += value
        length = here - first
        cubes += length * (length + 1)
        there = np.int64(values.size - 1 - k)
        value = values[np.uint64(there)]
        last = there ^ ((there ^ last) & -np.int64(value == after))
        after = value
        ends[groups[np.uint64(there)]] += last
    return cubes
