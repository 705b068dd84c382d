"""Sums over units of cells, such as the cells of a type or of one type in one sample, for each gene of a block."""

from __future__ import annotations

import numpy as np
from numba import njit

from core.kernels.level_block import LevelBlock, most_levels
from core.kernels.linear_sums import to_linear


@njit(nogil=True, cache=True, error_model="numpy")
def unit_sums(
    block: LevelBlock,
    values: np.ndarray,
    factor: float,
    weights: np.ndarray,
    whole: bool,  # noqa: FBT001 - kernels take arguments by place
    codes: np.ndarray,
    sums: np.ndarray,
    above: np.ndarray,
) -> None:
    """Sum the weighted values of each gene over the cells of each unit, and count its values above zero.

    Parameters
    ----------
    block, values : genes of a layer
    factor : as in `core.kernels.linear_sums.to_linear`, which the values are put through; with a factor of 0 they are
        taken as they are
    weights : (n_cells,) float32, by which the values of each cell are multiplied
    whole : whether each product is rounded to a whole number, so that the sums are exact
    codes : (n_cells,) int32, unit of each cell; n_units for a cell that takes no part
    sums : (n_block, n_units) float64, out
    above : (n_block, n_units) int32, out; cells with a value above zero

    Notes
    -----
    Values are looked up by level, of which a gene has fewer than nonzeros, so that an exponential is computed once a
    level. A gene's result depends on nothing but its own nonzeros.
    """
    n_units = sums.shape[1]
    table = np.empty(most_levels(block))
    found = np.empty(4 * (n_units + 1))
    for gene in range(sums.shape[0]):
        of_levels = values[block.value_starts[gene] : block.value_starts[gene] + block.n_levels[gene]]
        if factor != 0.0:
            to_linear(of_levels, factor, table)
        else:
            table[: of_levels.size] = of_levels
        found[:] = 0.0
        starts, below, first = block.starts[gene], block.n_below[gene], block.level_starts[gene]
        n = starts[starts.size - 1] - starts[0]
        cells = block.cells[starts[0] : starts[0] + n]
        if block.wide[gene]:
            levels_wide = block.levels_wide[first : first + n]
            _add(cells, levels_wide, starts, block.tile, table, below, weights, whole, codes, found)
        else:
            levels = block.levels[first : first + n]
            _add(cells, levels, starts, block.tile, table, below, weights, whole, codes, found)
        for unit in range(n_units):
            sums[gene, unit] = found[4 * unit] + found[4 * unit + 2]
            above[gene, unit] = np.int32(found[4 * unit + 1] + found[4 * unit + 3])


@njit(nogil=True, cache=True, error_model="numpy")
def _add(
    cells: np.ndarray,
    levels: np.ndarray,
    starts: np.ndarray,
    tile: int,
    table: np.ndarray,
    below: int,
    weights: np.ndarray,
    whole: bool,  # noqa: FBT001 - kernels take arguments by place
    codes: np.ndarray,
    found: np.ndarray,
) -> None:
    """Add the nonzeros of one gene to sum and number of their units; two rows a unit, taken in turn."""
    for at in range(starts.size - 1):
        first, last = starts[at] - starts[0], starts[at + 1] - starts[0]
        of_tile, numbers = cells[first:last], levels[first:last]
        here, weighted = codes[at * tile : (at + 1) * tile], weights[at * tile : (at + 1) * tile]
        for k in range(of_tile.size):
            cell = of_tile[k]
            row = 4 * np.uint64(here[cell]) + 2 * np.uint64(k & 1)
            value = table[numbers[k]] * np.float64(weighted[cell])
            # Both are read before either is written, which makes them one vector.
            total = found[row] + (np.rint(value) if whole else value)
            number = found[row + np.uint64(1)] + np.float64(numbers[k] >= below)
            found[row] = total
            found[row + np.uint64(1)] = number
