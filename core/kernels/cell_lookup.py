"""One cell in a matrix that is stored gene by gene."""

from __future__ import annotations

import numpy as np
from numba import njit

from core.kernels.level_block import LevelBlock


@njit(nogil=True, cache=True, error_model="numpy")
def levels_of_cell(block: LevelBlock, cell: int, level: np.ndarray) -> None:
    """Find the level of each gene of a block in one cell.

    Parameters
    ----------
    block : genes of a layer
    level : (n_block,) int64, out; -1 for a gene that is zero in this cell

    Notes
    -----
    The cells of a gene ascend within a tile, so that each step of the search halves what is left.
    """
    at, within = cell // block.tile, cell % block.tile
    for gene in range(level.size):
        low, end = block.starts[gene, at], block.starts[gene, at + 1]
        high = end
        while low < high:
            middle = (low + high) // 2
            if np.int64(block.cells[middle]) < within:
                low = middle + 1
            else:
                high = middle
        level[gene] = -1
        if low < end and np.int64(block.cells[low]) == within:
            place = block.level_starts[gene] + low - block.starts[gene, 0]
            level[gene] = np.int64(block.levels_wide[place]) if block.wide[gene] else np.int64(block.levels[place])
