"""Sums of the counts of one gene over units of cells, such as the cells of one type in one sample."""

from __future__ import annotations

import numpy as np
from numba import njit

from core.kernels.tiles import TILE_BITS


@njit(nogil=True, cache=True)
def add_gene(
    cells: np.ndarray, counts: np.ndarray, codes: np.ndarray, sums: np.ndarray, expressing: np.ndarray
) -> None:
    """Add the counts of one gene to the sums of the units, in whole numbers.

    Parameters
    ----------
    cells, counts : (n_nonzero,) uint32 and float, cells with a count and the counts, which are integers above zero
    codes : (n_cells,) int32, unit of each cell; n_units for a cell that takes no part
    sums : (n_units + 1,) int64, in and out: sum of the counts; the last place takes the cells that take no part
    expressing : (n_units + 1,) int32, in and out: number of cells with a count
    """
    for k in range(cells.size):
        unit = codes[cells[k]]
        sums[unit] += np.int64(counts[k])
        expressing[unit] += 1


@njit(nogil=True, cache=True, error_model="numpy")
def add_implied(
    cells: np.ndarray,
    tiles: np.ndarray,
    levels: np.ndarray,
    levels_wide: np.ndarray,
    level_starts: np.ndarray,
    wide: np.ndarray,
    relative: np.ndarray,
    relative_starts: np.ndarray,
    totals: np.ndarray,
    codes: np.ndarray,
    sums: np.ndarray,
    expressing: np.ndarray,
) -> None:
    """Compute the counts of a block from its expression and add them to the sums of the units, in one pass.

    Parameters
    ----------
    cells, tiles, levels, levels_wide, level_starts, wide, relative, relative_starts, totals : as in
        `core.kernels.levels.count_block`, whose counts these are
    codes : as in `add_gene`
    sums, expressing : (n_genes, n_units + 1), as in `add_gene`, for each gene of the block
    """
    for gene in range(tiles.shape[0]):
        n = tiles[gene, -1] - tiles[gene, 0]
        first = level_starts[gene]
        own = relative[relative_starts[gene] : relative_starts[gene + 1]]
        if wide[gene]:
            of_gene = levels_wide[first : first + n]
            _add_computed(cells, tiles[gene], of_gene, own, totals, codes, sums[gene], expressing[gene])
        else:
            narrow = levels[first : first + n]
            _add_computed(cells, tiles[gene], narrow, own, totals, codes, sums[gene], expressing[gene])


@njit(nogil=True, cache=True, error_model="numpy")
def _add_computed(
    cells: np.ndarray,
    tiles: np.ndarray,
    levels: np.ndarray,
    relative: np.ndarray,
    totals: np.ndarray,
    codes: np.ndarray,
    sums: np.ndarray,
    expressing: np.ndarray,
) -> None:
    """Add the counts of one gene."""
    for tile in range(tiles.size - 1):
        first, begin = tile << TILE_BITS, tiles[tile] - tiles[0]
        of_tile = cells[tiles[tile] : tiles[tile + 1]]
        numbers = levels[begin : begin + of_tile.size]
        for k in range(of_tile.size):
            cell = first + np.int64(of_tile[k])
            unit = codes[cell]
            sums[unit] += np.int64(np.rint(relative[numbers[k]] * totals[cell]))
            expressing[unit] += 1
