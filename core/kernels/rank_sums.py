"""Every category against the rest, for each gene of a block.

The categories of the cells arrive as small integers. Rank sums are doubled: mid-ranks are then whole numbers, and sums
of them are exact in 64-bit floats up to 90 million cells. A gene's result depends on nothing but its own nonzeros.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from core.kernels.level_block import LevelBlock, most_levels
from core.kernels.linear_sums import to_linear

MANY = 1 << 17
"""Groups of more tied cells than this are summed as floats, the others exactly."""
RANK, VALUE, LINEAR, POSITIVE = range(4)
"""Places in the sums of a category."""


@njit(nogil=True, cache=True, error_model="numpy")
def rank_sums(
    block: LevelBlock,
    values: np.ndarray,
    codes: np.ndarray,
    sizes: np.ndarray,
    factor: float,
    sums: np.ndarray,
    ties: np.ndarray,
) -> None:
    """Sum ranks, values and linear values, and count values above zero, for each category and each gene of a block.

    Parameters
    ----------
    block, values : genes of a layer
    codes : (n_cells,) uint8, the category of each cell; n_categories for a cell that takes no part
    sizes : (n_categories,) int64, cells of each category
    factor : as in `core.kernels.linear_sums.to_linear`; with a factor of 0 there are no linear values
    sums : (n_block, n_categories, 4) float64, out; twice the sum of mid-ranks among the cells that take part, sum of
        the values, sum of the linear values, cells with a value above zero
    ties : (n_block,) float64, out; sum of t**3 - t over the groups of t tied values, the zeros being one group; NaN for
        a gene that is constant

    Notes
    -----
    Ties get their mid-rank, and zeros are one tied block between the negatives and the positives [1]_. A first pass
    counts the cells of each level, whose running sum makes ranks, and lists the levels of each category; a second adds
    up the numbers of these levels, category by category, so that nothing that is added to has to be looked for.

    References
    ----------
    .. [1] Kendall and Gibbons, *Rank Correlation Methods*, 1990, chapter 3.
    """
    n_categories = sizes.size
    # Where the list of each category begins, and last that of the cells that take no part.
    begins = np.zeros(n_categories + 1, dtype=np.int64)
    for category in range(n_categories):
        begins[category + 1] = begins[category] + sizes[category]
    n_inside = begins[n_categories]
    listed = np.empty(codes.size, dtype=np.uint32)
    ends = np.empty(n_categories + 1, dtype=np.int64)
    most = most_levels(block)
    counts, ranks, linear = np.empty(most, dtype=np.int32), np.empty(most, dtype=np.int32), np.zeros(most)
    for gene in range(ties.size):
        starts = block.starts[gene]
        n = starts[starts.size - 1] - starts[0]
        cells = block.cells[starts[0] : starts[0] + n]
        first = block.level_starts[gene]
        n_levels, n_below = block.n_levels[gene], block.n_below[gene]
        table = values[block.value_starts[gene] : block.value_starts[gene] + n_levels]
        counts[:n_levels] = 0
        ends[:] = begins
        if block.wide[gene]:
            _list_levels(cells, block.levels_wide[first : first + n], starts, block.tile, codes, counts, listed, ends)
        else:
            _list_levels(cells, block.levels[first : first + n], starts, block.tile, codes, counts, listed, ends)
        stored = np.int64(0)
        for category in range(n_categories):
            stored += ends[category] - begins[category]
        # Cells that take no part have been counted as well.
        for k in range(begins[n_categories], ends[n_categories]):
            counts[listed[k]] -= np.int32(1)
        zero, ties[gene] = _level_ranks(counts[:n_levels], n_below, n_inside - stored, ranks)  # pyright: ignore[reportArgumentType] - numbers, once compiled
        if factor != 0.0:
            to_linear(table, factor, linear)
        for category in range(n_categories):
            own = listed[begins[category] : ends[category]]
            total, of_values, of_linear, negative = _sums_of(own, ranks, table, linear, n_below)
            sums[gene, category, RANK] = np.float64(total) + (sizes[category] - own.size) * zero
            sums[gene, category, VALUE] = of_values
            sums[gene, category, LINEAR] = of_linear
            sums[gene, category, POSITIVE] = own.size - negative


@njit(nogil=True, cache=True, error_model="numpy")
def _list_levels(
    cells: np.ndarray,
    levels: np.ndarray,
    starts: np.ndarray,
    tile: int,
    codes: np.ndarray,
    counts: np.ndarray,
    listed: np.ndarray,
    ends: np.ndarray,
) -> None:
    """Count the cells of each level, and add each to the end of the list of its category."""
    for at in range(starts.size - 1):
        first, last = starts[at] - starts[0], starts[at + 1] - starts[0]
        here, of_tile, numbers = codes[at * tile : (at + 1) * tile], cells[first:last], levels[first:last]
        for k in range(of_tile.size):
            level, code = numbers[k], here[of_tile[k]]
            listed[np.uint64(ends[code])] = level
            ends[code] += 1
            counts[level] += np.int32(1)


@njit(nogil=True, cache=True, error_model="numpy")
def _level_ranks(counts: np.ndarray, n_below: int, n_zeros: int, ranks: np.ndarray) -> tuple[float, float]:
    """Write twice the mid-rank of each level; returns that of the zeros, and the tie term, NaN for a constant."""
    below = np.int64(0)
    for level in range(n_below):
        ranks[level] = 2 * below + counts[level] + 1
        below += counts[level]
    zero = 2 * below + n_zeros + 1
    below += n_zeros
    for level in range(n_below, counts.size):
        ranks[level] = 2 * below + counts[level] + 1
        below += counts[level]
    cubes = np.int64(0)
    groups = np.int64(n_zeros > 0)
    most = np.int64(0)
    for level in range(counts.size):
        here = np.int64(counts[level])
        groups += np.int64(here > 0)
        most = max(most, here)
        here = here if here <= MANY else 0
        cubes += here * here * here - here
    ties = np.float64(n_zeros) * np.float64(n_zeros) * np.float64(n_zeros) - np.float64(n_zeros) + np.float64(cubes)
    if most > MANY:
        for level in range(counts.size):
            if counts[level] > MANY:
                large = np.float64(counts[level])
                ties += large * large * large - large
    return np.float64(zero), ties if groups > 1 else np.nan


@njit(nogil=True, cache=True, error_model="numpy")
def _sums_of(
    own: np.ndarray, ranks: np.ndarray, table: np.ndarray, linear: np.ndarray, n_below: int
) -> tuple[int, float, float, int]:
    """Add up ranks, values and linear values of the levels of one category, and count those below zero."""
    total, negative = np.int64(0), np.int64(0)
    even, odd, linear_even, linear_odd = 0.0, 0.0, 0.0, 0.0
    half = own.size // 2 * 2
    for k in range(0, half, 2):
        one, two = own[k], own[k + 1]
        total += np.int64(ranks[one]) + np.int64(ranks[two])
        even += table[one]
        odd += table[two]
        linear_even += linear[one]
        linear_odd += linear[two]
    if half < own.size:
        total += ranks[own[half]]
        even += table[own[half]]
        linear_even += linear[own[half]]
    if n_below:
        for k in range(own.size):
            negative += np.int64(own[k] < n_below)
    return total, even + odd, linear_even + linear_odd, negative  # pyright: ignore[reportReturnType] - numbers, once compiled
