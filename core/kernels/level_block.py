"""Some genes of a layer in its stored form: what every kernel reads.

Per gene the distinct nonzero values in ascending order are its *levels*. Its nonzeros are pairs (cell, number of the
level) in the order of the cells, cut into tiles of equally many cells: a cell is 16 bits within its tile. Ties are
explicit, so nothing is sorted; and what a kernel looks up by cell is small enough for the near caches, tile by tile.

Values are an array of their own, beside the block: kernels of ranks do without, and so are compiled once for layers
of 32 and 64 bits.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit


class LevelBlock(NamedTuple):
    """Some genes of a layer; whichever they are, nothing of the layer is copied.

    Attributes
    ----------
    cells : (n,) uint16, cell within its tile, of each nonzero of the layer
    levels : (n,) uint16, its level
    levels_wide : (n_wide,) uint32, those of the genes that have more than 65,536
    starts : (n_block, n_tiles + 1) int64, where each tile of each gene begins and ends in `cells`
    level_starts : (n_block,) int64, where the gene begins in `levels`, or in `levels_wide`
    wide : (n_block,) bool, the gene's levels are in `levels_wide`
    value_starts : (n_block,) int64, where the gene begins in the values
    n_levels : (n_block,) int64
    n_below : (n_block,) int64, levels below zero
    tile : cells of a tile
    """

    cells: np.ndarray
    levels: np.ndarray
    levels_wide: np.ndarray
    starts: np.ndarray
    level_starts: np.ndarray
    wide: np.ndarray
    value_starts: np.ndarray
    n_levels: np.ndarray
    n_below: np.ndarray
    tile: int


@njit(nogil=True, cache=True, error_model="numpy")
def count_inside(
    cells: np.ndarray, levels: np.ndarray, starts: np.ndarray, tile: int, inside: np.ndarray, counts: np.ndarray
) -> int:
    """Add up the cells inside of each level of one gene; returns how many these are.

    Parameters
    ----------
    cells, levels : (n,) those of the gene
    starts : (n_tiles + 1,), from any origin
    inside : (n_cells,) uint8, 1 inside, 0 outside
    counts : (n_levels,) int32, in and out
    """
    stored = 0
    for at in range(starts.size - 1):
        first, last = starts[at] - starts[0], starts[at + 1] - starts[0]
        here, of_tile, numbers = inside[at * tile : (at + 1) * tile], cells[first:last], levels[first:last]
        for k in range(of_tile.size):
            one = here[of_tile[k]]
            counts[numbers[k]] += np.int32(one)
            stored += np.int64(one)
    return stored  # pyright: ignore[reportReturnType] - a number, once compiled


@njit(nogil=True, cache=True, error_model="numpy")
def count_all(levels: np.ndarray, counts: np.ndarray) -> None:
    """Add up all cells of each level of one gene; parameters as in `count_inside`."""
    for k in range(levels.size):
        counts[levels[k]] += np.int32(1)


@njit(nogil=True, cache=True, error_model="numpy")
def inside_counts(block: LevelBlock, gene: int, inside: np.ndarray, n_inside: int, counts: np.ndarray) -> int:
    """Count the cells inside of each level of a gene of a block, from zero; returns how many these are.

    Parameters
    ----------
    inside : (n_cells,) uint8
    n_inside : cells inside; where it is all of them, `inside` is not read
    counts : (at least as many as levels,) int32, out
    """
    starts = block.starts[gene]
    n = starts[starts.size - 1] - starts[0]
    cells = block.cells[starts[0] : starts[0] + n]
    first = block.level_starts[gene]
    counts[: block.n_levels[gene]] = 0
    if n_inside == inside.size:
        if block.wide[gene]:
            count_all(block.levels_wide[first : first + n], counts)
        else:
            count_all(block.levels[first : first + n], counts)
        return n
    if block.wide[gene]:
        return count_inside(cells, block.levels_wide[first : first + n], starts, block.tile, inside, counts)
    return count_inside(cells, block.levels[first : first + n], starts, block.tile, inside, counts)


@njit(nogil=True, cache=True, error_model="numpy", fastmath={"reassoc", "contract", "nsz"})
def mid_ranks(
    counts: np.ndarray, n_levels: int, n_below: int, n_stored: int, n: int, ranks: np.ndarray
) -> tuple[int, int, float]:
    """Turn the counts of the levels of a gene into doubled centred mid-ranks.

    Parameters
    ----------
    counts : (n_levels or more,) int32, cells inside of each level
    n_below : levels below zero
    n_stored, n : cells inside that are not zero, and all of them
    ranks : (n_levels or more,) int32, out; twice the mid-rank minus n + 1

    Returns
    -------
    Doubled centred mid-rank of the zeros, cells below zero, sum of the squares of all doubled centred mid-ranks.
    """
    n_zeros = n - n_stored
    below = np.int64(0)
    for level in range(n_below):
        here = np.int64(counts[level])
        ranks[level] = 2 * below + here - n
        below += here
    negative = below
    zero = 2 * below + n_zeros - n
    below += n_zeros
    for level in range(n_below, n_levels):
        here = np.int64(counts[level])
        ranks[level] = 2 * below + here - n
        below += here
    squares = np.float64(n_zeros) * np.float64(zero) * np.float64(zero)
    for level in range(n_levels):
        rank = np.float64(ranks[level])
        squares += np.float64(counts[level]) * rank * rank
    return zero, negative, squares  # pyright: ignore[reportReturnType] - a number, once compiled


@njit(nogil=True, cache=True, error_model="numpy")
def most_levels(block: LevelBlock) -> int:
    """Return the levels of the gene that has most, and at least one."""
    most = 1
    for gene in range(block.n_levels.size):
        most = max(most, block.n_levels[gene])
    return most


@njit(nogil=True, cache=True, error_model="numpy")
def most_nonzeros(block: LevelBlock) -> int:
    """Return the nonzeros of the gene that has most, and at least one."""
    most = 1
    for gene in range(block.n_levels.size):
        most = max(most, block.starts[gene, -1] - block.starts[gene, 0])
    return most


PACK_BITS = 22
"""Low bits of a packed sum, which count cells; the others are the sum of their ranks."""
PACKED_CELLS = 2_600_000
"""Up to so many cells inside, packed sums fit, as sums of ranks are at most n**2 / 4; and n**3 is below 2**64."""


@njit(nogil=True, cache=True, error_model="numpy")
def add_packed(
    cells: np.ndarray, levels: np.ndarray, starts: np.ndarray, tile: int, query: np.ndarray, sums: np.ndarray
) -> None:
    """Count the cells inside of each level of one gene, and add up their ranks in the query, at once.

    Parameters
    ----------
    cells, levels : (n,) those of the gene
    starts : (n_tiles + 1,), from any origin
    query : (n_cells,) int32, of `core.kernels.correlation.spearman`
    sums : (n_levels,) int64, in and out; packed
    """
    for at in range(starts.size - 1):
        first, last = starts[at] - starts[0], starts[at + 1] - starts[0]
        here, of_tile, numbers = query[at * tile : (at + 1) * tile], cells[first:last], levels[first:last]
        for k in range(of_tile.size):
            cell = np.int64(here[of_tile[k]])
            sums[numbers[k]] += ((cell >> 1) << PACK_BITS) + (cell & 1)


@njit(nogil=True, cache=True, error_model="numpy")
def rank_moments(sums: np.ndarray, n_below: int, n: int) -> tuple[int, int, int, int]:
    """Take the moments of a gene's doubled centred mid-ranks from the packed sums of its levels.

    Parameters
    ----------
    sums : (n_levels,) int64, packed
    n_below : levels below zero
    n : cells inside, at most `PACKED_CELLS`

    Returns
    -------
    Sum of the products of the ranks of both genes, sum of the squares of the gene's own, cells above and below zero.

    Notes
    -----
    Whole numbers, all exact: each result is at most n**3 / 3, and what is added up on the way may wrap around. The
    squares of the ranks sum to a third of n**3 - n - sum(t**3 - t) over groups of t tied cells [1]_, which unlike
    the ranks themselves is the same in any order of the levels, so that this part is vectorised.

    References
    ----------
    .. [1] Kendall and Gibbons, *Rank Correlation Methods*, 1990, chapter 3.
    """
    low = np.uint64((1 << PACK_BITS) - 1)
    packed = sums.view(np.uint64)
    ties, stored, total = np.uint64(0), np.uint64(0), np.int64(0)
    for level in range(sums.size):
        tied = packed[level] & low
        ties += tied * tied * tied - tied
        stored += tied
        total += sums[level] >> PACK_BITS
    n_zeros = n - np.int64(stored)
    cells, zeros = np.uint64(n), np.uint64(n_zeros)
    squares = np.int64((cells * cells * cells - cells - ties - (zeros * zeros * zeros - zeros)) // np.uint64(3))
    dot, below = np.int64(0), np.int64(0)
    for level in range(n_below):
        upto = below + np.int64(packed[level] & low)
        dot += (below + upto) * (sums[level] >> PACK_BITS)
        below = upto
    negative = below
    below += n_zeros
    for level in range(n_below, sums.size):
        upto = below + np.int64(packed[level] & low)
        dot += (below + upto) * (sums[level] >> PACK_BITS)
        below = upto
    # The centred ranks of the query sum to zero, so the zeros' are what is missing: all are taken relative to these.
    dot -= (2 * negative + n_zeros) * total
    return dot, squares, n - n_zeros - negative, negative  # pyright: ignore[reportReturnType] - numbers, once compiled
