"""Third moments of values and of mid-ranks, which tell whether the t distribution holds for a correlation."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit


@njit(nogil=True, cache=True, error_model="numpy")
def rank_powers(values: np.ndarray, n_below: Any, n: Any) -> tuple[float, float]:  # noqa: ANN401 - numba's integers
    """Sum squares and cubes of doubled centred mid-ranks of ascending values, `n_below` of n cells below these."""
    squares = 0.0
    cubes = 0.0
    first = 0
    for k in range(1, values.size + 1):
        if k == values.size or values[k] != values[first]:
            rank = np.float64(2 * n_below + first + k - n)
            squares += (k - first) * rank * rank
            cubes += (k - first) * rank * rank * rank
            first = k
    return squares, cubes


@njit(nogil=True, cache=True, error_model="numpy")
def place_cubes(ranks: np.ndarray) -> float:
    """Sum the cubes of doubled centred ranks."""
    cubes = 0.0
    for k in range(ranks.size):
        rank = np.float64(ranks[k])
        cubes += rank * rank * rank
    return cubes


@njit(nogil=True, cache=True, error_model="numpy")
def rank_skewness(
    data: np.ndarray,
    indices: np.ndarray,
    indptr: np.ndarray,
    inside: np.ndarray,
    n_inside: int,
    wanted: np.ndarray,
    skewness: np.ndarray,
) -> None:
    """Third standardised moment of the mid-ranks of each wanted gene of a block, over a subset of cells.

    Parameters
    ----------
    data, indices, indptr : value-sorted CSC; indices uint32, indptr (n_block + 1,) int64
    inside : (n_cells,) bool
    n_inside : cells in the subset
    wanted : (n_block,) bool; the others are not read
    skewness : (n_block,) float64, out; 0 for genes that are not wanted, NaN for constant ones
    """
    longest = 0
    for gene in range(indptr.size - 1):
        longest = max(longest, indptr[gene + 1] - indptr[gene])
    packed = np.empty(longest + 1, dtype=data.dtype)
    n = np.float64(n_inside)
    for gene in range(indptr.size - 1):
        skewness[gene] = 0.0
        if not wanted[gene]:
            continue
        n_packed = 0
        n_negative = 0
        for k in range(indptr[gene], indptr[gene + 1]):
            packed[n_packed] = data[k]
            here = np.int64(inside[indices[k]])
            n_packed += here
            n_negative += here * np.int64(data[k] < 0)
        n_zeros = n_inside - n_packed
        zero_rank = np.float64(2 * n_negative + n_zeros - n_inside)
        below, below_cubes = rank_powers(packed[:n_negative], 0, n_inside)
        above, above_cubes = rank_powers(packed[n_negative:n_packed], n_negative + n_zeros, n_inside)
        squares = below + n_zeros * zero_rank * zero_rank + above
        cubes = below_cubes + n_zeros * zero_rank * zero_rank * zero_rank + above_cubes
        skewness[gene] = cubes * np.sqrt(n / squares) / squares if squares > 0 else np.nan


@njit(nogil=True, cache=True, error_model="numpy")
def value_skewness(
    data: np.ndarray,
    indices: np.ndarray,
    indptr: np.ndarray,
    inside: np.ndarray,
    n_inside: int,
    wanted: np.ndarray,
    skewness: np.ndarray,
) -> None:
    """Third standardised moment of the values of each wanted gene of a block; parameters as in `rank_skewness`."""
    n = np.float64(n_inside)
    for gene in range(indptr.size - 1):
        skewness[gene] = 0.0
        if not wanted[gene]:
            continue
        total = 0.0
        stored = 0.0
        for k in range(indptr[gene], indptr[gene + 1]):
            here = np.float64(inside[indices[k]])
            total += here * data[k]
            stored += here
        mean = total / n
        squares = (n - stored) * mean * mean
        cubes = -squares * mean
        for k in range(indptr[gene], indptr[gene + 1]):
            away = (data[k] - mean) * np.float64(inside[indices[k]])
            squares += away * away
            cubes += away * away * away
        skewness[gene] = cubes * np.sqrt(n / squares) / squares if squares > 0 else np.nan
