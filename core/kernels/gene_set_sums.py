"""Sums over the genes of each cell, from a matrix that is stored gene by gene.

Tile by tile, so that the sums stay in the near caches; those of a cell are added up in the order of the genes.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from core.kernels.level_block import LevelBlock


@njit(nogil=True, cache=True, error_model="numpy")
def cell_moments(block: LevelBlock, values: np.ndarray, moments: np.ndarray) -> None:
    """Add the values of a block of genes, and their squares, to what each cell has.

    Parameters
    ----------
    block, values : genes of a layer
    moments : (n_cells, 2) float64, in and out: sum and sum of squares; side by side, since both are fetched at once
    """
    for at in range(block.starts.shape[1] - 1):
        here = moments[at * block.tile : (at + 1) * block.tile]
        for gene in range(block.starts.shape[0]):
            begin, end = block.starts[gene, at], block.starts[gene, at + 1]
            cells = block.cells[begin:end]
            first = block.level_starts[gene] + begin - block.starts[gene, 0]
            table = values[block.value_starts[gene] : block.value_starts[gene] + block.n_levels[gene]]
            if block.wide[gene]:
                _add_moments(cells, block.levels_wide[first : first + cells.size], table, here)
            else:
                _add_moments(cells, block.levels[first : first + cells.size], table, here)


@njit(nogil=True, cache=True, error_model="numpy")
def _add_moments(cells: np.ndarray, levels: np.ndarray, table: np.ndarray, moments: np.ndarray) -> None:
    for k in range(cells.size):
        value = np.float64(table[levels[k]])
        moments[cells[k], 0] += value
        moments[cells[k], 1] += value * value


@njit(nogil=True, cache=True, error_model="numpy")
def weighted_sums(block: LevelBlock, values: np.ndarray, weights: np.ndarray, sums: np.ndarray) -> None:
    """Add up the genes of a block in each cell, each times its weight.

    Parameters
    ----------
    block, values : genes of a layer
    weights : (n_block,) float64
    sums : (n_cells,) float64, in and out
    """
    for at in range(block.starts.shape[1] - 1):
        here = sums[at * block.tile : (at + 1) * block.tile]
        for gene in range(block.starts.shape[0]):
            begin, end = block.starts[gene, at], block.starts[gene, at + 1]
            cells = block.cells[begin:end]
            first = block.level_starts[gene] + begin - block.starts[gene, 0]
            table = values[block.value_starts[gene] : block.value_starts[gene] + block.n_levels[gene]]
            if block.wide[gene]:
                _add_weighted(cells, block.levels_wide[first : first + cells.size], table, weights[gene], here)
            else:
                _add_weighted(cells, block.levels[first : first + cells.size], table, weights[gene], here)


@njit(nogil=True, cache=True, error_model="numpy")
def _add_weighted(cells: np.ndarray, levels: np.ndarray, table: np.ndarray, weight: float, sums: np.ndarray) -> None:
    for k in range(cells.size):
        sums[cells[k]] += weight * np.float64(table[levels[k]])
