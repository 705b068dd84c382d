"""One gene against every gene of a block, over any subset of cells: one pass over value-sorted nonzeros.

The query gene arrives as one number a cell that also says whether the cell is in the selection, so that one load per
nonzero tells a kernel all it needs, and no branch depends on the data. Ranks are doubled and centred: mid-ranks of n
cells are then whole numbers between -n and n, sums of them are exact in 64-bit integers up to three million cells, and
a gene's result depends on nothing but its own nonzeros, whichever block or thread computed it.

Cell indices are passed as uint32, since for signed ones numba checks every index for being negative.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from core.kernels.bitmaps import ones, place_words, set_below
from core.kernels.skewness import place_cubes, rank_powers

OUTSIDE = -(2**31)
"""Rank of a cell outside the selection, in a query of ranks."""
EXACT_CELLS = 3_000_000
"""Up to so many cells the integer sums below cannot overflow: they are bounded by n**3 / 3."""
CANCELLED = 1e-3
"""A one-pass sum of squares that shrinks below this share of itself has lost digits, and is computed again."""
FEW_TIES = 0.1
"""Share of tied triples, sum(t**3 - t) / (n**3 - n), up to which the skewness of ranks is not worth a look."""
# Sums may be reordered, and so be vectorised; NaN and infinities keep their meaning.
REORDER = {"reassoc", "contract", "nsz"}


@njit(nogil=True, cache=True, error_model="numpy", fastmath=REORDER)
def pearson(
    data: np.ndarray,
    indices: np.ndarray,
    indptr: np.ndarray,
    centre: np.ndarray,
    query: np.ndarray,
    n_inside: int,
    r: np.ndarray,
    n_expressing: np.ndarray,
    variance: np.ndarray,
) -> None:
    """Pearson's r of one gene with each gene of a block, over a subset of cells.

    Parameters
    ----------
    data, indices, indptr : value-sorted CSC; indices uint32, indptr (n_block + 1,) int64
    centre : (n_block,) float64, a value near each gene's mean, subtracted before squaring so that nothing cancels
    query : (n_cells,) float64, the query gene minus its mean in the subset; 0 outside the subset and nowhere else
    n_inside : cells in the subset
    r : (n_block,) float64, out; NaN where either gene is constant in the subset
    n_expressing : (n_block,) int64, out; cells of the subset with a value above zero
    variance : (n_block,) float64, out; mean squared deviation in the subset, NaN like r
    """
    query_squares = 0.0
    query_total = 0.0
    for cell in range(query.size):
        query_squares += query[cell] * query[cell]
        query_total += query[cell]
    for gene in range(indptr.size - 1):
        values = data[indptr[gene] : indptr[gene + 1]]
        cells = indices[indptr[gene] : indptr[gene + 1]]
        middle = centre[gene]
        dot = 0.0
        total = 0.0
        squares = 0.0
        stored = 0.0
        for k in range(values.size):
            x = query[cells[k]]
            y = np.float64(values[k])
            inside = np.float64(x != 0.0)
            away = (y - middle) * inside
            dot += y * x
            total += away
            squares += away * away
            stored += inside
        n_zeros = n_inside - stored
        total -= n_zeros * middle
        squares += n_zeros * middle * middle
        n_negative = 0
        while n_negative < values.size and values[n_negative] < 0:
            stored -= np.float64(query[cells[n_negative]] != 0.0)
            n_negative += 1
        n_expressing[gene] = np.int64(stored)
        # A centred query sums to its rounding error, which a gene with a large mean would magnify.
        dot -= (middle + total / n_inside) * query_total
        spread = squares - total * total / n_inside
        if spread < CANCELLED * squares:
            spread = _spread(values, cells, query, n_inside)
        constant = _constant(values, cells, query, n_zeros)
        defined = not (constant or spread <= 0 or query_squares <= 0)
        r[gene] = dot / np.sqrt(query_squares * spread) if defined else np.nan
        variance[gene] = spread / n_inside if defined else np.nan


@njit(nogil=True, cache=True, error_model="numpy", fastmath=REORDER)
def _spread(values: np.ndarray, cells: np.ndarray, query: np.ndarray, n_inside: int) -> float:
    """Sum of squared deviations from the mean inside, in two passes: for the few genes whose one pass lost digits."""
    total = 0.0
    stored = 0.0
    for k in range(values.size):
        inside = np.float64(query[cells[k]] != 0.0)
        total += inside * values[k]
        stored += inside
    mean = total / n_inside
    squares = (n_inside - stored) * mean * mean
    for k in range(values.size):
        away = (values[k] - mean) * np.float64(query[cells[k]] != 0.0)
        squares += away * away
    return squares


@njit(nogil=True, cache=True, error_model="numpy")
def _constant(values: np.ndarray, cells: np.ndarray, query: np.ndarray, n_zeros: float) -> bool:
    """Tell whether the smallest and the largest value inside are equal: exact, where a variance would be rounded."""
    low, high = 0, values.size - 1
    while low <= high and query[cells[low]] == 0.0:
        low += 1
    while high >= low and query[cells[high]] == 0.0:
        high -= 1
    if low > high:
        return True
    return n_zeros == 0 and values[low] == values[high]


@njit(nogil=True, cache=True, error_model="numpy")
def spearman(
    data: np.ndarray,
    indices: np.ndarray,
    indptr: np.ndarray,
    query: np.ndarray,
    n_inside: int,
    r: np.ndarray,
    n_expressing: np.ndarray,
) -> None:
    """Spearman's rho of one gene with each gene of a block, over a subset of cells.

    Parameters
    ----------
    data, indices, indptr : value-sorted CSC; indices uint32, indptr (n_block + 1,) int64
    query : (n_cells,) int32, twice the query gene's mid-rank in the subset minus (n_inside + 1); `OUTSIDE` outside
    n_inside : cells in the subset, at most `EXACT_CELLS`
    r : (n_block,) float64, out; NaN where either gene is constant in the subset
    n_expressing : (n_block,) int64, out; cells of the subset with a value above zero

    Notes
    -----
    One pass in value order, O(nonzeros), ties get their mid-rank [1]_. The nonzeros inside are first packed, without a
    branch. Of each run of equal values the doubled mid-rank is first + last + 2, counted from zero; both sums over it,
    of the query's ranks and of t**3 - t, are built up cell by cell, again without a branch.

    References
    ----------
    .. [1] Kendall and Gibbons, *Rank Correlation Methods*, 1990, chapter 3.
    """
    query_squares = 0.0
    for cell in range(query.size):
        if query[cell] != OUTSIDE:
            query_squares += np.float64(query[cell]) * np.float64(query[cell])
    n = np.float64(n_inside)
    longest = 0
    for gene in range(indptr.size - 1):
        longest = max(longest, indptr[gene + 1] - indptr[gene])
    packed = np.empty(longest + 1, dtype=data.dtype)
    ranks = np.empty(longest + 1, dtype=np.int32)
    for gene in range(indptr.size - 1):
        values = data[indptr[gene] : indptr[gene + 1]]
        cells = indices[indptr[gene] : indptr[gene + 1]]
        n_packed = 0
        for k in range(values.size):
            x = query[cells[k]]
            packed[n_packed] = values[k]
            ranks[n_packed] = x
            n_packed += np.int64(x != OUTSIDE)
        n_negative = 0
        while n_negative < n_packed and packed[n_negative] < 0:
            n_negative += 1
        n_zeros = n_inside - n_packed
        dot, ties, below = _rank_sums(packed[:n_negative], ranks[:n_negative])
        above_dot, above_ties, above = _rank_sums(packed[n_negative:n_packed], ranks[n_negative:n_packed])
        # The zeros lie between, so every doubled rank above them grows by 2 (n_negative + n_zeros); the doubled rank of
        # the zeros themselves is 2 n_negative + n_zeros + 1, and the centred query ranks sum to zero over all cells.
        dot += above_dot + 2 * (n_negative + n_zeros) * above - (below + above) * (2 * n_negative + n_zeros + 1)
        zeros = np.float64(n_zeros)
        tied = 3.0 * (np.float64(ties) + np.float64(above_ties)) + zeros * zeros * zeros - zeros
        spread = (n * n * n - n - tied) / 3.0
        n_expressing[gene] = n_packed - n_negative
        r[gene] = np.float64(dot) / np.sqrt(query_squares * spread) if spread > 0 and query_squares > 0 else np.nan


@njit(nogil=True, cache=True, error_model="numpy")
def _rank_sums(values: np.ndarray, ranks: np.ndarray) -> tuple[np.int64, np.int64, np.int64]:
    """Sum over ascending values: query rank times doubled mid-rank, t (t**2 - 1) / 3 over runs, and query rank."""
    dot = np.int64(0)
    ties = np.int64(0)
    total = np.int64(0)
    first = np.int64(0)
    run = np.int64(0)
    before = values[0] if values.size else values.dtype.type(0)
    for k in range(values.size):
        x = np.int64(ranks[k])
        same = -np.int64(values[k] == before)
        before = values[k]
        here = np.int64(k)
        first = here ^ ((here ^ first) & same)
        run &= same
        length = here - first
        # A run that grows by one cell: its last position, and so each doubled mid-rank in it, grows by one.
        dot += x * (first + here + 2) + run
        ties += length * (length + 1)
        run += x
        total += x
    return dot, ties, total


@njit(nogil=True, cache=True, error_model="numpy", fastmath=REORDER)
def pearson_nonzero(
    data: np.ndarray,
    indices: np.ndarray,
    indptr: np.ndarray,
    query: np.ndarray,
    r: np.ndarray,
    n: np.ndarray,
    skewness: np.ndarray,
) -> None:
    """Pearson's r of one gene with each gene of a block, for each pair over the cells where both are nonzero.

    Parameters
    ----------
    data, indices, indptr : value-sorted CSC; indices uint32, indptr (n_block + 1,) int64
    query : (n_cells,) float64, the query gene in the subset; 0 outside it
    r : (n_block,) float64, out; NaN where either gene is constant in the pair's cells, or these are fewer than two
    n : (n_block,) int64, out; cells of the pair
    skewness : (n_block,) float64, out; product of the third standardised moments of both genes in these cells
    """
    longest = 0
    for gene in range(indptr.size - 1):
        longest = max(longest, indptr[gene + 1] - indptr[gene])
    xs = np.empty(longest + 1)
    ys = np.empty(longest + 1)
    for gene in range(indptr.size - 1):
        values = data[indptr[gene] : indptr[gene + 1]]
        cells = indices[indptr[gene] : indptr[gene + 1]]
        m = 0
        for k in range(values.size):
            x = query[cells[k]]
            xs[m] = x
            ys[m] = values[k]
            m += np.int64(x != 0.0)
        n[gene] = m
        r[gene] = np.nan
        skewness[gene] = np.nan
        if m < 2 or ys[0] == ys[m - 1]:  # noqa: PLR2004 - a spread needs two
            continue
        sum_x, sum_y, low, high = 0.0, 0.0, xs[0], xs[0]
        for k in range(m):
            sum_x += xs[k]
            sum_y += ys[k]
            low = min(low, xs[k])
            high = max(high, xs[k])
        if low == high:
            continue
        mean_x, mean_y = sum_x / m, sum_y / m
        xx, yy, xy, xxx, yyy = 0.0, 0.0, 0.0, 0.0, 0.0
        for k in range(m):
            x = xs[k] - mean_x
            y = ys[k] - mean_y
            xx += x * x
            yy += y * y
            xy += x * y
            xxx += x * x * x
            yyy += y * y * y
        r[gene] = xy / np.sqrt(xx * yy)
        skewness[gene] = m * (xxx / (xx * np.sqrt(xx))) * (yyy / (yy * np.sqrt(yy)))


@njit(nogil=True, cache=True, error_model="numpy")
def spearman_nonzero(
    data: np.ndarray,
    indices: np.ndarray,
    indptr: np.ndarray,
    place: np.ndarray,
    run_start: np.ndarray,
    run_stop: np.ndarray,
    r: np.ndarray,
    n: np.ndarray,
    skewness: np.ndarray,
) -> None:
    """Spearman's rho of one gene with each gene of a block, for each pair over the cells where both are nonzero.

    Both genes are ranked anew within the cells of the pair.

    Parameters
    ----------
    data, indices, indptr : value-sorted CSC; indices uint32, indptr (n_block + 1,) int64
    place : (n_cells,) int32, the cell's place among the query gene's nonzeros of the subset in ascending order, or -1
    run_start, run_stop : (n_places,) int32, for each place the first place with its value, and one past the last
    r : (n_block,) float64, out; NaN where either gene is constant in the pair's cells, or these are fewer than two
    n : (n_block,) int64, out; cells of the pair
    skewness : (n_block,) float64, out; product of the third standardised moments of both genes' ranks in these cells;
        0 where neither gene has more than a few ties, since ranks without ties are symmetric

    Notes
    -----
    The other gene's ranks come from its value order. The query gene's come from a bitmap over its places: with a bit
    set for each cell of the pair, the bits set before a place are its rank, and counting them takes one load and one
    instruction. So a pair costs its nonzeros and 1/64 of the query's, and nothing is sorted.
    """
    n_words = place_words(run_start.size)
    bits = np.zeros(n_words, dtype=np.uint64)
    counts = np.zeros(n_words, dtype=np.int64)
    longest = 0
    for gene in range(indptr.size - 1):
        longest = max(longest, indptr[gene + 1] - indptr[gene])
    places = np.empty(longest + 1, dtype=np.int32)
    ys = np.empty(longest + 1, dtype=data.dtype)
    for gene in range(indptr.size - 1):
        values = data[indptr[gene] : indptr[gene + 1]]
        cells = indices[indptr[gene] : indptr[gene + 1]]
        m = 0
        for k in range(values.size):
            at = place[cells[k]]
            places[m] = at
            ys[m] = values[k]
            m += np.int64(at >= 0)
        n[gene] = m
        r[gene] = np.nan
        skewness[gene] = np.nan
        if m < 2 or ys[0] == ys[m - 1]:  # noqa: PLR2004 - a spread needs two
            continue
        bits[:] = 0
        for k in range(m):
            bits[places[k] >> 6] |= np.uint64(1) << np.uint64(places[k] & 63)
        so_far = np.int64(0)
        for word in range(n_words):
            counts[word] = so_far
            so_far += np.int64(ones(bits[word]))
        ties_x = np.int64(0)
        for k in range(m):
            below = set_below(bits, counts, run_start[places[k]])
            upto = set_below(bits, counts, run_stop[places[k]])
            ties_x += (upto - below) * (upto - below) - 1
            places[k] = below + upto - m
        dot, ties, _ = _rank_sums(ys[:m], places[:m])
        ties_y = 3.0 * np.float64(ties)
        cubes = np.float64(m) * np.float64(m) * np.float64(m) - np.float64(m)
        spread = (cubes - ties_x) * (cubes - ties_y)
        if cubes > ties_x and cubes > ties_y:
            r[gene] = 3.0 * dot / np.sqrt(spread)
            skewness[gene] = 0.0
            if max(ties_x, ties_y) > FEW_TIES * cubes:
                third = rank_powers(ys[:m], 0, m)[1] * place_cubes(places[:m])
                # The squares of doubled centred ranks sum to (cubes - ties) / 3.
                skewness[gene] = m * third / (spread / 9.0) ** 1.5


@njit(nogil=True, cache=True, error_model="numpy")
def expressing(
    data: np.ndarray, indices: np.ndarray, indptr: np.ndarray, inside: np.ndarray, n_expressing: np.ndarray
) -> None:
    """Count the cells of a subset that have a value above zero, for each gene of a block.

    Parameters
    ----------
    data, indices, indptr : value-sorted CSC; indices uint32, indptr (n_block + 1,) int64
    inside : (n_cells,) bool
    n_expressing : (n_block,) int64, out
    """
    for gene in range(indptr.size - 1):
        count = 0
        k = indptr[gene + 1] - 1
        while k >= indptr[gene] and data[k] > 0:
            count += np.int64(inside[indices[k]])
            k -= 1
        n_expressing[gene] = count
