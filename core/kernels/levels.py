"""The form of a stored matrix: for each gene its distinct values in order, and for each nonzero a cell and a level."""

from __future__ import annotations

import numpy as np
from numba import njit

from core.kernels.tiles import TILE_BITS


@njit(nogil=True, cache=True)
def build(
    ascending: np.ndarray,
    places: np.ndarray,
    starts: np.ndarray,
    levels: np.ndarray,
    values: np.ndarray,
    counts: np.ndarray,
) -> np.ndarray:
    """Give the distinct values of each gene of a block numbers, from the lowest up.

    Parameters
    ----------
    ascending : (n,) float32 or float64, nonzeros of each gene in ascending order of value
    places : (n,) uint32, where each lies among the nonzeros of its gene in the order of `levels`, from 0
    starts : (n_genes + 1,) int64, nonzeros before each gene
    levels : (n,) uint32, filled with the number of the level of each nonzero
    values : (n,) dtype of `ascending`, filled at its beginning with the distinct values of each gene
    counts : (n,) uint32, filled at its beginning with the number of nonzeros of each of these

    Returns
    -------
    (n_genes + 1,) int64, distinct values before each gene.
    """
    first = np.zeros(starts.size, dtype=np.int64)
    at = -1
    for gene in range(starts.size - 1):
        begin = starts[gene]
        for k in range(begin, starts[gene + 1]):
            if k == begin or ascending[k] != ascending[k - 1]:
                at += 1
                values[at] = ascending[k]
                counts[at] = 0
            counts[at] += np.uint32(1)
            levels[begin + np.int64(places[k])] = np.uint32(at - first[gene])
        first[gene + 1] = at + 1
    return first


@njit(nogil=True, cache=True)
def tile_borders(cells: np.ndarray, starts: np.ndarray, borders: np.ndarray) -> None:
    """Find where the nonzeros of each tile of cells begin.

    Parameters
    ----------
    cells : (n,) int32, of each nonzero; ascending within each gene
    starts : (n_genes + 1,) int64, nonzeros before each gene
    borders : (n_genes, n_tiles + 1) int64, filled: tile t of gene g is ``cells[borders[g, t] : borders[g, t + 1]]``
    """
    for gene in range(starts.size - 1):
        stop = starts[gene + 1]
        k = starts[gene]
        for tile in range(borders.shape[1] - 1):
            borders[gene, tile] = k
            while k < stop and (cells[k] >> TILE_BITS) == tile:
                k += 1
        borders[gene, borders.shape[1] - 1] = stop


@njit(nogil=True, cache=True)
def decode(
    cells: np.ndarray,
    tiles: np.ndarray,
    levels: np.ndarray,
    values: np.ndarray,
    out_cells: np.ndarray,
    out_values: np.ndarray,
) -> None:
    """Write out the nonzeros of one gene in cell order.

    Parameters
    ----------
    cells : (n_nonzero of the layer,) uint16, cell within its tile
    tiles : (n_tiles + 1,) int64, where the gene's tiles begin in `cells`
    levels : (n,) uint16 or uint32, of the gene alone
    values : (n_levels,) float32 or float64, of the gene alone
    out_cells : (n,) int32, filled
    out_values : (n,) dtype of `values`, filled
    """
    k = 0
    for tile in range(tiles.size - 1):
        first = tile << TILE_BITS
        for at in range(tiles[tile], tiles[tile + 1]):
            out_cells[k] = first + np.int64(cells[at])
            out_values[k] = values[levels[k]]
            k += 1


@njit(nogil=True, cache=True)
def count_block(
    cells: np.ndarray,
    tiles: np.ndarray,
    levels: np.ndarray,
    levels_wide: np.ndarray,
    level_starts: np.ndarray,
    wide: np.ndarray,
    relative: np.ndarray,
    relative_starts: np.ndarray,
    totals: np.ndarray,
    largest: int,
    out_levels: np.ndarray,
    out_values: np.ndarray,
    out_counts: np.ndarray,
) -> tuple[np.ndarray, float]:
    """Compute the counts of a block from its expression, and give the distinct ones of each gene numbers.

    Parameters
    ----------
    cells, levels, levels_wide, level_starts, wide : see `core.atlas.level_layer.LevelLayer`
    tiles : (n_genes, n_tiles + 1) int64, where tiles begin in `cells`
    relative : float64, share of a cell's total that each level of expression stands for
    relative_starts : (n_genes + 1,) int64, where genes begin in `relative`
    totals : (n_cells,) float64, sum of the counts of each cell
    largest : the largest count that may be
    out_levels : (n,) uint16, filled with the number of the level of each nonzero
    out_values : (n,) float32 or float64, filled at its beginning with the distinct counts of each gene
    out_counts : (n,) uint32, filled at its beginning with the number of nonzeros of each of these

    Returns
    -------
    (n_genes + 1,) int64, distinct counts before each gene; and the largest distance of a product from its whole number,
    infinite where that is below 1 or above `largest`.
    """
    first = np.zeros(tiles.shape[0] + 1, dtype=np.int64)
    table = np.empty(largest + 1, dtype=np.int64)
    n_tiles = tiles.shape[1] - 1
    longest = 0
    for gene in range(tiles.shape[0]):
        longest = max(longest, tiles[gene, n_tiles] - tiles[gene, 0])
    found = np.empty(longest, dtype=np.int64)
    farthest = 0.0
    begin = 0
    for gene in range(tiles.shape[0]):
        n = tiles[gene, n_tiles] - tiles[gene, 0]
        own = relative[relative_starts[gene] : relative_starts[gene + 1]]
        start = level_starts[gene]
        if wide[gene]:
            far = _counts(cells, tiles[gene], levels_wide[start : start + n], own, totals, largest, found)
        else:
            far = _counts(cells, tiles[gene], levels[start : start + n], own, totals, largest, found)
        farthest = max(farthest, far)
        most = 0
        for k in range(n):
            most = max(most, found[k])
        table[: most + 1] = 0
        for k in range(n):
            table[found[k]] += 1
        at = first[gene]
        for value in range(most + 1):
            if table[value] > 0:
                out_values[at] = value
                out_counts[at] = table[value]
                table[value] = at - first[gene]
                at += 1
        for k in range(n):
            out_levels[begin + k] = table[found[k]]
        first[gene + 1] = at
        begin += n
    return first, farthest


@njit(nogil=True, cache=True)
def _counts(
    cells: np.ndarray,
    tiles: np.ndarray,
    levels: np.ndarray,
    relative: np.ndarray,
    totals: np.ndarray,
    largest: int,
    found: np.ndarray,
) -> float:
    """Compute the counts of one gene, 1 where they cannot be; return the largest distance from a whole number."""
    k = 0
    far = 0.0
    for tile in range(tiles.size - 1):
        first = tile << TILE_BITS
        for at in range(tiles[tile], tiles[tile + 1]):
            exact = relative[levels[k]] * totals[first + np.int64(cells[at])]
            whole = np.rint(exact)
            fits = 1.0 <= whole <= largest
            far = max(far, abs(exact - whole) if fits else np.inf)
            found[k] = np.int64(whole) if fits else 1
            k += 1
    return far
