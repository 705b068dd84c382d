"""One gene against every gene of a block, each pair over the cells in which both are nonzero."""

from __future__ import annotations

import numpy as np
from numba import njit

from core.kernels.bitmaps import lowest
from core.kernels.correlation import CANCELLED, LOW_BITS, REORDER
from core.kernels.level_block import (
    PACK_BITS,
    PACKED_CELLS,
    LevelBlock,
    mid_ranks,
    most_levels,
    most_nonzeros,
    rank_moments,
)

FEW_TIES = 0.1
"""Share of tied triples, sum(t**3 - t) / (n**3 - n), up to which the skewness of ranks is not worth a look."""
COUNTING = 4
"""All levels of the query are looked at where they are at most so many times the cells of the pair."""


@njit(nogil=True, cache=True, error_model="numpy", fastmath=REORDER)
def pearson_nonzero(
    block: LevelBlock,
    values: np.ndarray,
    query: np.ndarray,
    pivot: float,
    r: np.ndarray,
    n: np.ndarray,
    skewness: np.ndarray,
) -> None:
    """Pearson's r of one gene with each gene of a block, for each pair over the cells where both are nonzero.

    Parameters
    ----------
    block, values : genes of a layer
    query : (n_cells,) dtype of `values`, the query gene in the subset; 0 outside it
    pivot : a value near the mean of its nonzeros
    r : (n_block,) float64, out; NaN where either gene is constant in the pair's cells, or these are fewer than two
    n : (n_block,) int64, out; cells of the pair
    skewness : (n_block,) float64, out; product of the third standardised moments of both genes in these cells

    Notes
    -----
    One pass sums the powers of the deviations from a value near the mean of each gene. Where this turns out to be far
    from the mean of the pair's cells, a second pass starts from that mean itself.
    """
    for gene in range(r.size):
        starts = block.starts[gene]
        stored = starts[starts.size - 1] - starts[0]
        cells = block.cells[starts[0] : starts[0] + stored]
        first = block.level_starts[gene]
        table = values[block.value_starts[gene] : block.value_starts[gene] + block.n_levels[gene]]
        if block.wide[gene]:
            levels_wide = block.levels_wide[first : first + stored]
            n[gene], r[gene], skewness[gene] = _shared_values(
                cells, levels_wide, starts, block.tile, table, query, pivot
            )
        else:
            levels = block.levels[first : first + stored]
            n[gene], r[gene], skewness[gene] = _shared_values(cells, levels, starts, block.tile, table, query, pivot)


@njit(nogil=True, cache=True, error_model="numpy")
def _shared_values(
    cells: np.ndarray,
    levels: np.ndarray,
    starts: np.ndarray,
    tile: int,
    table: np.ndarray,
    query: np.ndarray,
    pivot: float,
) -> tuple[int, float, float]:
    """Return the cells of a pair, Pearson's r and the product of third standardised moments, NaN where undefined."""
    near = np.float64(table[table.size // 2]) if table.size else 0.0
    again = False
    # One call in a loop, since each is compiled for itself.
    while True:
        sums = _powers(cells, levels, starts, tile, table, query, pivot, near)
        m = sums[0]
        if m < 2:  # noqa: PLR2004 - a spread needs two
            return m, np.nan, np.nan
        xx, yy, xy, xxx, yyy = _central(*sums)
        if again or (xx > CANCELLED * sums[3] and yy > CANCELLED * sums[4]):
            return m, xy / np.sqrt(xx * yy), m * (xxx / (xx * np.sqrt(xx))) * (yyy / (yy * np.sqrt(yy)))
        if _is_constant(cells, levels, starts, tile, table, query):
            return m, np.nan, np.nan
        pivot, near, again = pivot + sums[1] / m, near + sums[2] / m, True


@njit(nogil=True, cache=True, error_model="numpy", fastmath=REORDER)
def _powers(
    cells: np.ndarray,
    levels: np.ndarray,
    starts: np.ndarray,
    tile: int,
    table: np.ndarray,
    query: np.ndarray,
    x_near: float,
    y_near: float,
) -> tuple[int, float, float, float, float, float, float, float]:
    """Sum 1, x, y, xx, yy, xy, xxx and yyy over the cells of a pair, x and y being deviations from given values."""
    m = np.int64(0)
    sum_x, sum_y, xx, yy, xy, xxx, yyy = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    for at in range(starts.size - 1):
        first, last = starts[at] - starts[0], starts[at + 1] - starts[0]
        here, of_tile, numbers = query[at * tile : (at + 1) * tile], cells[first:last], levels[first:last]
        for k in range(of_tile.size):
            value = here[of_tile[k]]
            shared = value != 0
            x = np.float64(value) - x_near
            y = np.float64(table[numbers[k]]) - y_near
            x = x if shared else 0.0
            y = y if shared else 0.0
            m += np.int64(shared)
            sum_x += x
            sum_y += y
            xx += x * x
            yy += y * y
            xy += x * y
            xxx += x * x * x
            yyy += y * y * y
    return m, sum_x, sum_y, xx, yy, xy, xxx, yyy  # pyright: ignore[reportReturnType] - numbers, once compiled


@njit(nogil=True, cache=True, error_model="numpy", fastmath=REORDER)
def _central(
    m: int, sum_x: float, sum_y: float, xx: float, yy: float, xy: float, xxx: float, yyy: float
) -> tuple[float, float, float, float, float]:
    """Turn sums of powers of deviations from any values into those of deviations from the means."""
    x, y = sum_x / m, sum_y / m
    return (
        xx - sum_x * x,
        yy - sum_y * y,
        xy - sum_x * y,
        xxx - 3.0 * x * xx + 2.0 * sum_x * x * x,
        yyy - 3.0 * y * yy + 2.0 * sum_y * y * y,
    )


@njit(nogil=True, cache=True, error_model="numpy")
def _is_constant(
    cells: np.ndarray, levels: np.ndarray, starts: np.ndarray, tile: int, table: np.ndarray, query: np.ndarray
) -> bool:
    """Tell whether either gene has one value only in the cells of a pair, of which there is one at least."""
    varies_x, varies_y, begun = False, False, False
    x, y = query[0], table[0]
    for at in range(starts.size - 1):
        first, last = starts[at] - starts[0], starts[at + 1] - starts[0]
        here, of_tile, numbers = query[at * tile : (at + 1) * tile], cells[first:last], levels[first:last]
        for k in range(of_tile.size):
            if here[of_tile[k]] == 0:
                continue
            if not begun:
                x, y, begun = here[of_tile[k]], table[numbers[k]], True
            varies_x |= here[of_tile[k]] != x
            varies_y |= table[numbers[k]] != y
            if varies_x and varies_y:
                return False
    return True


@njit(nogil=True, cache=True, error_model="numpy")
def spearman_nonzero(
    block: LevelBlock, level: np.ndarray, n_query_levels: int, r: np.ndarray, n: np.ndarray, skewness: np.ndarray
) -> None:
    """Spearman's rho of one gene with each gene of a block, for each pair over the cells where both are nonzero.

    Both genes are ranked anew within the cells of the pair.

    Parameters
    ----------
    block : genes of a layer
    level : (n_cells,) int32, the number of the cell's value among the query gene's distinct values, ascending; -1 where
        the query is zero, and outside the subset
    n_query_levels : distinct values of the query
    r : (n_block,) float64, out; NaN where either gene is constant in the pair's cells, or these are fewer than two
    n : (n_block,) int64, out; cells of the pair
    skewness : (n_block,) float64, out; product of the third standardised moments of both genes' ranks in these cells;
        0 where neither gene has more than a few ties, since ranks without ties are symmetric

    Notes
    -----
    The query's ranks are running sums of the counts of its levels in the pair: of all levels or, in pairs with few
    cells, of those that a bitmap of the levels tells. They are added up by level of the other gene, together with the
    number of cells, whose running sum makes the ranks of that gene. So a pair costs its nonzeros and at most 1/64 of
    the query's levels, and nothing is sorted. In pairs of more than `PACKED_CELLS` these sums would not fit: the other
    gene's ranks are then made from counts alone, and multiplied cell by cell.
    """
    most, most_pair = most_levels(block), most_nonzeros(block) + 1
    sums = np.empty(most, dtype=np.int64)
    counts, ranks = np.empty(most, dtype=np.int32), np.empty(most, dtype=np.int32)
    query_counts, query_ranks = np.zeros(n_query_levels, dtype=np.int32), np.empty(n_query_levels, dtype=np.int32)
    bits = np.zeros((n_query_levels >> 6) + 1, dtype=np.uint64)
    xs, ys = np.empty(most_pair, dtype=np.int32), np.empty(most_pair, dtype=np.uint32)
    for gene in range(r.size):
        starts = block.starts[gene]
        stored = starts[starts.size - 1] - starts[0]
        cells = block.cells[starts[0] : starts[0] + stored]
        first = block.level_starts[gene]
        n_levels = block.n_levels[gene]
        if block.wide[gene]:
            m = _packed(cells, block.levels_wide[first : first + stored], starts, block.tile, level, xs, ys)
        else:
            m = _packed(cells, block.levels[first : first + stored], starts, block.tile, level, xs, ys)
        n[gene] = m
        r[gene] = np.nan
        skewness[gene] = np.nan
        if m < 2:  # noqa: PLR2004 - a spread needs two
            continue
        for k in range(m):
            query_counts[np.uint32(xs[k])] += np.int32(1)
        if m <= PACKED_CELLS:
            dot, squares_x, squares_y = _by_level(xs[:m], ys, query_counts, query_ranks, bits, sums[:n_levels])
        else:
            dot, squares_x, squares_y = _by_cell(xs[:m], ys, query_counts, query_ranks, counts[:n_levels], ranks)
        if squares_x > 0 and squares_y > 0:
            r[gene] = dot / np.sqrt(squares_x * squares_y)
            skewness[gene] = 0.0
            # The squares of doubled centred ranks sum to a third of n**3 - n - sum(t**3 - t).
            cubes = np.float64(m) * np.float64(m) * np.float64(m) - np.float64(m)
            if 3.0 * min(squares_x, squares_y) < (1.0 - FEW_TIES) * cubes:
                _count_pair(ys[:m], counts[:n_levels], ranks)
                third = _cubes(xs[:m], query_ranks) * _level_cubes(counts[:n_levels], ranks)
                skewness[gene] = m * third / (squares_x * squares_y) ** 1.5


@njit(nogil=True, cache=True, error_model="numpy")
def _packed(
    cells: np.ndarray,
    levels: np.ndarray,
    starts: np.ndarray,
    tile: int,
    level: np.ndarray,
    xs: np.ndarray,
    ys: np.ndarray,
) -> int:
    """Put the levels of both genes side by side, in the cells where both have one; returns how many."""
    m = 0
    for at in range(starts.size - 1):
        first, last = starts[at] - starts[0], starts[at + 1] - starts[0]
        here, of_tile, numbers = level[at * tile : (at + 1) * tile], cells[first:last], levels[first:last]
        for k in range(of_tile.size):
            x = here[of_tile[k]]
            xs[m] = x
            ys[m] = numbers[k]
            m += np.int64(x >= 0)
    return m  # pyright: ignore[reportReturnType] - a number, once compiled


@njit(nogil=True, cache=True, error_model="numpy")
def _by_level(
    xs: np.ndarray, ys: np.ndarray, counts: np.ndarray, ranks: np.ndarray, bits: np.ndarray, sums: np.ndarray
) -> tuple[float, float, float]:
    """Sum the products of the ranks of a pair, and the squares of either gene's; writes the ranks of the query.

    Parameters
    ----------
    xs, ys : levels of both genes in the cells of the pair, at most `PACKED_CELLS`
    counts, ranks : those of the query's levels; the counts are given, and cleared
    bits : a clear bitmap of the query's levels
    sums : (n_levels,) int64, out; packed sums of the other gene's levels
    """
    if counts.size <= COUNTING * xs.size:
        ties = _rank_all(counts, xs.size, ranks)
    else:
        ties = _rank_some(xs, counts, bits, ranks)
    sums[:] = 0
    for k in range(xs.size):
        sums[ys[k]] += (np.int64(ranks[np.uint32(xs[k])]) << PACK_BITS) + 1
    dot, squares, _, _ = rank_moments(sums, 0, xs.size)
    size = np.uint64(xs.size)
    of_query = (size * size * size - size - ties) // np.uint64(3)
    return np.float64(dot), np.float64(of_query), np.float64(squares)  # pyright: ignore[reportReturnType] - numbers, once compiled


@njit(nogil=True, cache=True, error_model="numpy")
def _by_cell(
    xs: np.ndarray,
    ys: np.ndarray,
    query_counts: np.ndarray,
    query_ranks: np.ndarray,
    counts: np.ndarray,
    ranks: np.ndarray,
) -> tuple[float, float, float]:
    """Do the same for any number of cells, with the ranks of both genes."""
    _, _, squares_x = mid_ranks(query_counts, query_counts.size, 0, xs.size, xs.size, query_ranks)
    query_counts[:] = 0
    squares_y = _count_pair(ys[: xs.size], counts, ranks)
    return _pair_dot(xs, ys, query_ranks, ranks), squares_x, squares_y


@njit(nogil=True, cache=True, error_model="numpy")
def _count_pair(ys: np.ndarray, counts: np.ndarray, ranks: np.ndarray) -> float:
    """Count the levels in the cells of a pair, and rank them; returns the sum of the squares of the ranks."""
    counts[:] = 0
    for k in range(ys.size):
        counts[ys[k]] += np.int32(1)
    _, _, squares = mid_ranks(counts, counts.size, 0, ys.size, ys.size, ranks)
    return squares


@njit(nogil=True, cache=True, error_model="numpy")
def _rank_all(counts: np.ndarray, m: int, ranks: np.ndarray) -> int:
    """Turn the counts of all levels into doubled centred mid-ranks, and clear them; returns the sum of t**3 - t."""
    ties = np.uint64(0)
    for level in range(counts.size):
        tied = np.uint64(counts[level])
        ties += tied * tied * tied - tied
    below = np.int32(0)
    for level in range(counts.size):
        upto = below + counts[level]
        ranks[level] = below + upto - m
        below = upto
    counts[:] = 0
    return ties  # pyright: ignore[reportReturnType] - a number, once compiled


@njit(nogil=True, cache=True, error_model="numpy")
def _rank_some(xs: np.ndarray, counts: np.ndarray, bits: np.ndarray, ranks: np.ndarray) -> int:
    """Do the same for the levels of some cells, by a bitmap that is clear before and after."""
    one = np.uint64(1)
    for k in range(xs.size):
        bits[xs[k] >> 6] |= one << np.uint64(xs[k] & 63)
    ties, below = np.uint64(0), np.int64(0)
    for word in range(bits.size):
        left = bits[word]
        bits[word] = 0
        while left != 0:
            level = np.int64(word << 6) + np.int64(lowest(left))
            left &= left - one
            upto = below + counts[level]
            ranks[level] = below + upto - xs.size
            below = upto
            tied = np.uint64(counts[level])
            ties += tied * tied * tied - tied
            counts[level] = 0
    return ties  # pyright: ignore[reportReturnType] - a number, once compiled


@njit(nogil=True, cache=True, error_model="numpy")
def _pair_dot(xs: np.ndarray, ys: np.ndarray, query_ranks: np.ndarray, ranks: np.ndarray) -> float:
    """Sum the products of ranks, as exactly as those of all cells."""
    high = np.int64(0)
    low = np.int64(0)
    for start in range(0, xs.size, 65536):
        part = np.int64(0)
        for k in range(start, min(start + 65536, xs.size)):
            part += np.int64(query_ranks[xs[k]]) * np.int64(ranks[ys[k]])
        high += part >> 32
        low += part & LOW_BITS
    return np.float64(high) * 4294967296.0 + np.float64(low)


@njit(nogil=True, cache=True, error_model="numpy", fastmath=REORDER)
def _cubes(xs: np.ndarray, ranks: np.ndarray) -> float:
    """Sum the cubes of the doubled centred ranks of some levels."""
    cubes = 0.0
    for k in range(xs.size):
        rank = np.float64(ranks[xs[k]])
        cubes += rank * rank * rank
    return cubes


@njit(nogil=True, cache=True, error_model="numpy", fastmath=REORDER)
def _level_cubes(counts: np.ndarray, ranks: np.ndarray) -> float:
    """Sum the cubes of doubled centred ranks, each as often as there are cells of its level."""
    cubes = 0.0
    for level in range(counts.size):
        rank = np.float64(ranks[level])
        cubes += np.float64(counts[level]) * rank * rank * rank
    return cubes
