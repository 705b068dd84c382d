"""Every category against the rest, for each gene of a block.

The categories of the cells arrive as small integers. Rank sums are doubled: mid-ranks are then whole numbers, and sums
of them are exact in 64-bit floats up to 90 million cells. A gene's result depends on nothing but its own nonzeros.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from core.kernels.level_block import LevelBlock, most_levels
from core.kernels.linear_sums import linear_of

MANY = 1 << 17
"""Groups of more tied cells than this are summed as floats, the others exactly."""
RANK, VALUE, LINEAR, POSITIVE = map(np.uint64, range(4))
"""What is summed by category: one vector of four numbers for each level, and one for each category."""


@njit(nogil=True, cache=True, error_model="numpy")
def rank_sums(
    block: LevelBlock,
    values: np.ndarray,
    codes: np.ndarray,
    sizes: np.ndarray,
    factor: float,
    powers: np.ndarray,
    sums: np.ndarray,
    ties: np.ndarray,
) -> None:
    """Sum ranks, values and linear values, and count values above zero, for each category and each gene of a block.

    Parameters
    ----------
    block, values : genes of a layer
    codes : (n_cells,) uint8, the category of each cell; n_categories for a cell that takes no part
    sizes : (n_categories,) int64, cells of each category
    factor, powers : as in `core.kernels.linear_sums.linear_of`; with a factor of 0 there are no linear values
    sums : (n_block, n_categories, 4) float64, out; twice the sum of mid-ranks among the cells that take part, sum of
        the values, sum of the linear values, cells with a value above zero
    ties : (n_block,) float64, out; sum of t**3 - t over the groups of t tied values, the zeros being one group; NaN for
        a gene that is constant

    Notes
    -----
    Ties get their mid-rank, and zeros are one tied block between the negatives and the positives [1]_. A first pass
    counts the cells of each level, whose running sum makes ranks; a second adds the four numbers of a cell's level to
    those of its category, all at once.

    References
    ----------
    .. [1] Kendall and Gibbons, *Rank Correlation Methods*, 1990, chapter 3.
    """
    n_categories = sizes.size
    n_inside = np.int64(0)
    for category in range(n_categories):
        n_inside += sizes[category]
    most = most_levels(block)
    counts = np.empty(most, dtype=np.int32)
    table = np.empty(4 * most)
    for gene in range(ties.size):
        n_levels, n_below = block.n_levels[gene], block.n_below[gene]
        of_levels = values[block.value_starts[gene] : block.value_starts[gene] + n_levels]
        counts[:n_levels] = 0
        stored = _count(block, gene, codes, n_categories, counts)
        zero, ties[gene] = _level_ranks(counts, n_levels, n_below, n_inside - stored, table)  # pyright: ignore[reportArgumentType] - numbers, once compiled
        for level in range(n_levels):
            table[4 * level + VALUE] = of_levels[level]
            table[4 * level + LINEAR] = linear_of(of_levels[level], factor, powers) if factor != 0.0 else 0.0
            table[4 * level + POSITIVE] = 1.0
        _add(block, gene, codes, table, sums[gene])
        for category in range(n_categories):
            sums[gene, category, RANK] += (sizes[category] - sums[gene, category, POSITIVE]) * zero
        if n_below:
            positive = np.empty((n_categories, 4))
            for level in range(n_levels):
                table[4 * level + POSITIVE] = np.float64(level >= n_below)
            _add(block, gene, codes, table, positive)
            sums[gene, :, POSITIVE] = positive[:, POSITIVE]


@njit(nogil=True, cache=True, error_model="numpy")
def _count(block: LevelBlock, gene: int, codes: np.ndarray, outside: int, counts: np.ndarray) -> int:
    """Count the cells of each level of a gene that take part; returns how many these are."""
    starts = block.starts[gene]
    n = starts[starts.size - 1] - starts[0]
    cells = block.cells[starts[0] : starts[0] + n]
    first = block.level_starts[gene]
    if block.wide[gene]:
        return _count_levels(cells, block.levels_wide[first : first + n], starts, block.tile, codes, outside, counts)
    return _count_levels(cells, block.levels[first : first + n], starts, block.tile, codes, outside, counts)


@njit(nogil=True, cache=True, error_model="numpy")
def _count_levels(
    cells: np.ndarray,
    levels: np.ndarray,
    starts: np.ndarray,
    tile: int,
    codes: np.ndarray,
    outside: int,
    counts: np.ndarray,
) -> int:
    """Count the cells of each level that take part; returns how many these are."""
    stored = 0
    for at in range(starts.size - 1):
        first, last = starts[at] - starts[0], starts[at + 1] - starts[0]
        here, of_tile, numbers = codes[at * tile : (at + 1) * tile], cells[first:last], levels[first:last]
        for k in range(of_tile.size):
            one = here[of_tile[k]] != outside
            counts[numbers[k]] += np.int32(one)
            stored += np.int64(one)
    return stored  # pyright: ignore[reportReturnType] - a number, once compiled


@njit(nogil=True, cache=True, error_model="numpy")
def _level_ranks(
    counts: np.ndarray, n_levels: int, n_below: int, n_zeros: int, table: np.ndarray
) -> tuple[float, float]:
    """Write twice the mid-rank of each level; returns that of the zeros, and the tie term, NaN for a constant."""
    below = np.int64(0)
    cubes = np.int64(0)
    large = np.float64(n_zeros) * np.float64(n_zeros) * np.float64(n_zeros) - np.float64(n_zeros)
    groups = np.int64(n_zeros > 0)
    zero = np.int64(n_zeros + 1)
    for level in range(n_levels):
        if level == n_below:
            zero = 2 * below + n_zeros + 1
            below += n_zeros
        here = np.int64(counts[level])
        table[4 * level + RANK] = np.float64(2 * below + here + 1)
        below += here
        groups += np.int64(here > 0)
        if here > MANY:
            large += np.float64(here) * np.float64(here) * np.float64(here) - np.float64(here)
        else:
            cubes += here * (here * here - 1)
    if n_below == n_levels:
        zero = 2 * below + n_zeros + 1
    return np.float64(zero), np.float64(cubes) + large if groups > 1 else np.nan


@njit(nogil=True, cache=True, error_model="numpy")
def _add(block: LevelBlock, gene: int, codes: np.ndarray, table: np.ndarray, sums: np.ndarray) -> None:
    """Write, for each category, the sums of the numbers of its cells' levels."""
    starts = block.starts[gene]
    n = starts[starts.size - 1] - starts[0]
    cells = block.cells[starts[0] : starts[0] + n]
    first = block.level_starts[gene]
    found = np.zeros(8 * (sums.shape[0] + 1))
    if block.wide[gene]:
        _add_levels(cells, block.levels_wide[first : first + n], starts, block.tile, codes, table, found)
    else:
        _add_levels(cells, block.levels[first : first + n], starts, block.tile, codes, table, found)
    for category in range(sums.shape[0]):
        for what in range(4):
            sums[category, what] = found[8 * category + what] + found[8 * category + 4 + what]


@njit(nogil=True, cache=True, error_model="numpy")
def _add_levels(
    cells: np.ndarray,
    levels: np.ndarray,
    starts: np.ndarray,
    tile: int,
    codes: np.ndarray,
    table: np.ndarray,
    found: np.ndarray,
) -> None:
    """Add the numbers of each cell's level to those of its category; two rows a category, taken in turn."""
    for at in range(starts.size - 1):
        first, last = starts[at] - starts[0], starts[at + 1] - starts[0]
        here, of_tile, numbers = codes[at * tile : (at + 1) * tile], cells[first:last], levels[first:last]
        for k in range(of_tile.size):
            row = 8 * np.uint64(here[of_tile[k]]) + 4 * np.uint64(k & 1)
            level = 4 * np.uint64(numbers[k])
            # All are read before any is written, which makes them one vector.
            rank = found[row + RANK] + table[level + RANK]
            value = found[row + VALUE] + table[level + VALUE]
            linear = found[row + LINEAR] + table[level + LINEAR]
            positive = found[row + POSITIVE] + table[level + POSITIVE]
            found[row + RANK] = rank
            found[row + VALUE] = value
            found[row + LINEAR] = linear
            found[row + POSITIVE] = positive
