"""Third moments of values and of mid-ranks, which tell whether the t distribution holds for a correlation."""

from __future__ import annotations

import numpy as np
from numba import njit

from core.kernels.level_block import LevelBlock, inside_counts, mid_ranks, most_levels


@njit(nogil=True, cache=True, error_model="numpy")
def rank_skewness(
    block: LevelBlock, inside: np.ndarray, n_inside: int, wanted: np.ndarray, skewness: np.ndarray
) -> None:
    """Third standardised moment of the mid-ranks of each wanted gene of a block, over a subset of cells.

    Parameters
    ----------
    block : genes of a layer
    inside : (n_cells,) uint8, 1 in the subset, else 0
    n_inside : cells in the subset
    wanted : (n_block,) bool; the others are not read
    skewness : (n_block,) float64, out; 0 for genes that are not wanted, NaN for constant ones
    """
    most = most_levels(block)
    counts, ranks = np.empty(most, dtype=np.int32), np.empty(most, dtype=np.int32)
    n = np.float64(n_inside)
    for gene in range(skewness.size):
        skewness[gene] = 0.0
        if not wanted[gene]:
            continue
        n_levels = block.n_levels[gene]
        stored = inside_counts(block, gene, inside, n_inside, counts)
        zero, _, squares = mid_ranks(counts, n_levels, block.n_below[gene], stored, n_inside, ranks)
        rank = np.float64(zero)
        cubes = (n_inside - stored) * rank * rank * rank
        for level in range(n_levels):
            rank = np.float64(ranks[level])
            cubes += counts[level] * rank * rank * rank
        skewness[gene] = cubes * np.sqrt(n / squares) / squares if squares > 0 else np.nan


@njit(nogil=True, cache=True, error_model="numpy")
def value_skewness(
    block: LevelBlock,
    values: np.ndarray,
    inside: np.ndarray,
    n_inside: int,
    wanted: np.ndarray,
    skewness: np.ndarray,
) -> None:
    """Third standardised moment of the values of each wanted gene of a block; parameters as in `rank_skewness`."""
    counts = np.empty(most_levels(block), dtype=np.int32)
    n = np.float64(n_inside)
    for gene in range(skewness.size):
        skewness[gene] = 0.0
        if not wanted[gene]:
            continue
        stored = inside_counts(block, gene, inside, n_inside, counts)
        table = values[block.value_starts[gene] : block.value_starts[gene] + block.n_levels[gene]]
        total = 0.0
        for level in range(table.size):
            total += counts[level] * np.float64(table[level])
        mean = total / n
        squares = (n - stored) * mean * mean
        cubes = -squares * mean
        for level in range(table.size):
            away = np.float64(table[level]) - mean
            squares += counts[level] * away * away
            cubes += counts[level] * away * away * away
        skewness[gene] = cubes * np.sqrt(n / squares) / squares if squares > 0 else np.nan
