"""One gene against every gene of a block, over any subset of cells.

The query gene arrives as one number a cell. Ranks are doubled and centred: mid-ranks of n cells are then whole numbers
between -n and n, and sums of their products are exact integers. A gene's result depends on nothing but its own
nonzeros, whichever block or thread computed it.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from core.kernels.level_block import (
    PACKED_CELLS,
    LevelBlock,
    add_packed,
    inside_counts,
    mid_ranks,
    most_levels,
    rank_moments,
)

EXACT_CELLS = 8_000_000
"""Up to so many cells sums of products of ranks are exact: those of a tile are bounded by 2**17 n**2, below 2**63."""
CANCELLED = 1e-3
"""A one-pass sum of squares that shrinks below this share of itself has lost digits, and is computed again."""
LOW_BITS = 0xFFFFFFFF
# Sums may be reordered, and so be vectorised; NaN and infinities keep their meaning.
REORDER = {"reassoc", "contract", "nsz"}


@njit(nogil=True, cache=True, error_model="numpy", fastmath=REORDER)
def pearson(
    block: LevelBlock,
    values: np.ndarray,
    centre: np.ndarray,
    spread: np.ndarray,
    query: np.ndarray,
    pivot: float,
    query_total: float,
    query_squares: float,
    inside: np.ndarray,
    n_inside: int,
    r: np.ndarray,
    n_expressing: np.ndarray,
    variance: np.ndarray,
) -> None:
    """Pearson's r of one gene with each gene of a block, over a subset of cells.

    Parameters
    ----------
    block, values : genes of a layer
    centre : (n_block,) float64, a value near each gene's mean, subtracted before squaring so that nothing cancels; its
        very mean where the subset is all cells
    spread : (n_block,) float64, sum of squared deviations over all cells, read where the subset is all cells
    query : (n_cells,) dtype of `values`, the query gene in the subset; infinite outside it
    pivot : its mean in the subset
    query_total, query_squares : sums of the query minus `pivot`, which is its rounding error, and of the squares
    inside : (n_cells,) uint8, 1 in the subset, else 0
    n_inside : cells in the subset
    r : (n_block,) float64, out; NaN where either gene is constant in the subset
    n_expressing : (n_block,) int64, out; cells of the subset with a value above zero
    variance : (n_block,) float64, out; mean squared deviation in the subset, NaN like r
    """
    counts = np.empty(most_levels(block), dtype=np.int32)
    for gene in range(r.size):
        starts = block.starts[gene]
        n = starts[starts.size - 1] - starts[0]
        cells = block.cells[starts[0] : starts[0] + n]
        first = block.level_starts[gene]
        table = values[block.value_starts[gene] : block.value_starts[gene] + block.n_levels[gene]]
        middle = centre[gene]
        if n_inside == query.size:
            if block.wide[gene]:
                dot = _dot(cells, block.levels_wide[first : first + n], starts, block.tile, table, query, pivot)
            else:
                dot = _dot(cells, block.levels[first : first + n], starts, block.tile, table, query, pivot)
            mean, squares, stored = middle, spread[gene], n
            constant = n == 0 or (n == n_inside and table.size == 1)
        else:
            if block.wide[gene]:
                levels_wide = block.levels_wide[first : first + n]
                dot, total, squares, stored = _sums(cells, levels_wide, starts, block.tile, table, middle, query, pivot)
            else:
                levels = block.levels[first : first + n]
                dot, total, squares, stored = _sums(cells, levels, starts, block.tile, table, middle, query, pivot)
            n_zeros = np.float64(n_inside - stored)
            total -= n_zeros * middle
            whole = squares + n_zeros * middle * middle
            squares = whole - total * total / n_inside
            mean = middle + total / n_inside
            constant = False
            if squares <= CANCELLED * whole:
                inside_counts(block, gene, inside, n_inside, counts)
                squares, constant = _spread(table, counts, stored, n_inside)  # pyright: ignore[reportArgumentType] - as above
        n_expressing[gene] = stored
        if block.n_below[gene]:
            inside_counts(block, gene, inside, n_inside, counts)
            for level in range(block.n_below[gene]):
                n_expressing[gene] -= counts[level]
        # A centred query sums to its rounding error, which a gene with a large mean would magnify.
        dot -= mean * query_total
        defined = not (constant or squares <= 0 or query_squares <= 0)
        r[gene] = dot / np.sqrt(query_squares * squares) if defined else np.nan
        variance[gene] = squares / n_inside if defined else np.nan


@njit(nogil=True, cache=True, error_model="numpy", fastmath=REORDER)
def _dot(
    cells: np.ndarray,
    levels: np.ndarray,
    starts: np.ndarray,
    tile: int,
    table: np.ndarray,
    query: np.ndarray,
    pivot: float,
) -> float:
    """Sum the products of the values of a gene and the centred query."""
    dot = 0.0
    for at in range(starts.size - 1):
        first, last = starts[at] - starts[0], starts[at + 1] - starts[0]
        here, of_tile, numbers = query[at * tile : (at + 1) * tile], cells[first:last], levels[first:last]
        for k in range(of_tile.size):
            dot += np.float64(table[numbers[k]]) * (np.float64(here[of_tile[k]]) - pivot)
    return dot  # pyright: ignore[reportReturnType] - a number, once compiled


@njit(nogil=True, cache=True, error_model="numpy", fastmath=REORDER)
def _sums(
    cells: np.ndarray,
    levels: np.ndarray,
    starts: np.ndarray,
    tile: int,
    table: np.ndarray,
    middle: float,
    query: np.ndarray,
    pivot: float,
) -> tuple[float, float, float, int]:
    """Sum, over the nonzeros inside, products with the query, deviations from `middle`, their squares, and 1."""
    dot, total, squares = 0.0, 0.0, 0.0
    stored = np.int64(0)
    for at in range(starts.size - 1):
        first, last = starts[at] - starts[0], starts[at + 1] - starts[0]
        here, of_tile, numbers = query[at * tile : (at + 1) * tile], cells[first:last], levels[first:last]
        for k in range(of_tile.size):
            x = here[of_tile[k]]
            y = np.float64(table[numbers[k]])
            inside = x < np.inf
            centred = np.float64(x) - pivot if inside else 0.0
            away = y - middle if inside else 0.0
            dot += y * centred
            total += away
            squares += away * away
            stored += np.int64(inside)
    return dot, total, squares, stored  # pyright: ignore[reportReturnType] - numbers, once compiled


@njit(nogil=True, cache=True, error_model="numpy", fastmath=REORDER)
def _spread(table: np.ndarray, counts: np.ndarray, stored: int, n_inside: int) -> tuple[float, bool]:
    """Sum of squared deviations from the mean inside, in two passes, and whether no two values inside differ.

    For the few genes whose one pass lost digits.
    """
    total = 0.0
    present = 0
    for level in range(table.size):
        total += counts[level] * np.float64(table[level])
        present += np.int64(counts[level] > 0)
    mean = total / n_inside
    squares = (n_inside - stored) * mean * mean
    for level in range(table.size):
        away = np.float64(table[level]) - mean
        squares += counts[level] * away * away
    return squares, present == 0 or (present == 1 and stored == n_inside)


@njit(nogil=True, cache=True, error_model="numpy")
def spearman(
    block: LevelBlock, query: np.ndarray, query_squares: float, n_inside: int, r: np.ndarray, n_expressing: np.ndarray
) -> None:
    """Spearman's rho of one gene with each gene of a block, over a subset of cells.

    Parameters
    ----------
    block : genes of a layer
    query : (n_cells,) int32, the query gene's doubled centred mid-rank in the subset, which is twice the mid-rank minus
        (n_inside + 1), times 2, plus 1; 0 outside
    query_squares : sum of the squares of these ranks
    n_inside : cells in the subset, at most `EXACT_CELLS`
    r : (n_block,) float64, out; NaN where either gene is constant in the subset
    n_expressing : (n_block,) int64, out; cells of the subset with a value above zero

    Notes
    -----
    Ties get their mid-rank [1]_. One pass counts the cells of each level and adds up their ranks in the query, both in
    one 64-bit number; a running sum of the counts makes ranks. With more than `PACKED_CELLS` inside, these numbers
    would not fit: a first pass counts, a second multiplies. Either way sums are exact integers.

    References
    ----------
    .. [1] Kendall and Gibbons, *Rank Correlation Methods*, 1990, chapter 3.
    """
    most = most_levels(block)
    sums = np.empty(most, dtype=np.int64)
    counts, ranks = np.empty(most, dtype=np.int32), np.empty(most, dtype=np.int32)
    for gene in range(r.size):
        starts = block.starts[gene]
        n = starts[starts.size - 1] - starts[0]
        cells = block.cells[starts[0] : starts[0] + n]
        first = block.level_starts[gene]
        n_levels, n_below = block.n_levels[gene], block.n_below[gene]
        if n_inside <= PACKED_CELLS:
            sums[:n_levels] = 0
            if block.wide[gene]:
                add_packed(cells, block.levels_wide[first : first + n], starts, block.tile, query, sums)
            else:
                add_packed(cells, block.levels[first : first + n], starts, block.tile, query, sums)
            of_both, of_own, n_expressing[gene], _ = rank_moments(sums[:n_levels], n_below, n_inside)
            dot, squares = np.float64(of_both), np.float64(of_own)
        else:
            counts[:n_levels] = 0
            if block.wide[gene]:
                levels_wide = block.levels_wide[first : first + n]
                stored = _count(cells, levels_wide, starts, block.tile, query, counts)
            else:
                stored = _count(cells, block.levels[first : first + n], starts, block.tile, query, counts)
            zero, negative, squares = mid_ranks(counts, n_levels, n_below, stored, n_inside, ranks)
            for level in range(n_levels):
                ranks[level] -= zero
            if block.wide[gene]:
                dot = _rank_dot(cells, block.levels_wide[first : first + n], starts, block.tile, ranks, query)
            else:
                dot = _rank_dot(cells, block.levels[first : first + n], starts, block.tile, ranks, query)
            n_expressing[gene] = stored - negative
        r[gene] = dot / np.sqrt(query_squares * squares) if squares > 0 and query_squares > 0 else np.nan


@njit(nogil=True, cache=True, error_model="numpy")
def _count(
    cells: np.ndarray, levels: np.ndarray, starts: np.ndarray, tile: int, query: np.ndarray, counts: np.ndarray
) -> int:
    """Add up the cells inside of each level of one gene; returns how many these are."""
    stored = 0
    for at in range(starts.size - 1):
        first, last = starts[at] - starts[0], starts[at + 1] - starts[0]
        here, of_tile, numbers = query[at * tile : (at + 1) * tile], cells[first:last], levels[first:last]
        for k in range(of_tile.size):
            one = np.int64(here[of_tile[k]] & 1)
            counts[numbers[k]] += np.int32(one)
            stored += one
    return stored  # pyright: ignore[reportReturnType] - a number, once compiled


@njit(nogil=True, cache=True, error_model="numpy")
def _rank_dot(
    cells: np.ndarray, levels: np.ndarray, starts: np.ndarray, tile: int, ranks: np.ndarray, query: np.ndarray
) -> float:
    """Sum the products of ranks; exact up to `EXACT_CELLS`, but for the rounding of the result.

    Whatever the sums of single tiles come to, those of their upper and of their lower halves stay in 64 bits. Ranks are
    relative to that of the zeros, which then add nothing: the centred query ranks sum to zero over all cells inside.
    """
    high = np.int64(0)
    low = np.int64(0)
    for at in range(starts.size - 1):
        first, last = starts[at] - starts[0], starts[at + 1] - starts[0]
        here, of_tile, numbers = query[at * tile : (at + 1) * tile], cells[first:last], levels[first:last]
        part = np.int64(0)
        for k in range(of_tile.size):
            part += np.int64(here[of_tile[k]] >> 1) * np.int64(ranks[numbers[k]])
        high += part >> 32
        low += part & LOW_BITS
    return np.float64(high) * 4294967296.0 + np.float64(low)


@njit(nogil=True, cache=True, error_model="numpy")
def expressing(block: LevelBlock, inside: np.ndarray, n_expressing: np.ndarray) -> None:
    """Count the cells of a subset that have a value above zero, for each gene of a block.

    Parameters
    ----------
    block : genes of a layer
    inside : (n_cells,) uint8, 1 in the subset, else 0
    n_expressing : (n_block,) int64, out
    """
    counts = np.empty(most_levels(block), dtype=np.int32)
    for gene in range(n_expressing.size):
        starts = block.starts[gene]
        count = np.int64(0)
        if block.n_below[gene]:
            inside_counts(block, gene, inside, -1, counts)
            for level in range(block.n_below[gene], block.n_levels[gene]):
                count += counts[level]
        else:
            for at in range(starts.size - 1):
                here = inside[at * block.tile : (at + 1) * block.tile]
                cells = block.cells[starts[at] : starts[at + 1]]
                for k in range(cells.size):
                    count += np.int64(here[cells[k]])
        n_expressing[gene] = count
