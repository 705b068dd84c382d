"""Compilation of every kernel for the arrays of a store, which are read-only: numba compiles those separately."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from core.kernels import (
    correlation,
    gene_set_sums,
    hypergeometric,
    linear_sums,
    permutations,
    pseudobulk,
    rank_sums,
    skewness,
)
from core.kernels.cell_lookup import positions
from core.kernels.polygon import even_odd
from core.kernels.raster import majority

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def warm_up(is_stopped: Callable[[], bool] = lambda: False) -> None:
    """Call each kernel once on two cells, after which it runs at full speed, until told to stop.

    scipy.stats, which corrects p-values, takes longer to import than most questions to answer: it is imported here too.
    """
    for call in _calls():
        if is_stopped():
            return
        call()


def _false_discovery_control() -> None:
    from scipy import special, stats

    stats.false_discovery_control(special.betainc(1.0, 0.5, np.array([0.5, 0.5])))


def _calls() -> Iterator[Callable[[], object]]:
    """Yield a call of every kernel; each compiles one, for some seconds when the cache of numba is empty."""
    yield _false_discovery_control
    indptr = _fixed(np.array([0, 2], dtype=np.int64))
    cells = _fixed(np.array([0, 1], dtype=np.uint32))
    centre, inside = _fixed(np.array([1.5])), _fixed(np.array([True, True]))
    centred = np.array([-0.5, 0.5])
    ranks = np.array([-1, 1], dtype=np.int32)
    places = (np.array([0, 1], dtype=np.int32), np.array([0, 1], dtype=np.int32), np.array([1, 2], dtype=np.int32))
    r, n = np.empty(1), np.empty(1, dtype=np.int64)
    third, wanted = np.empty(1), np.array([True])
    slot, few = np.array([0, 1], dtype=np.int32), np.zeros((1, permutations.EXACT_BELOW - 1))
    codes, sizes = np.array([0, 1], dtype=np.uint8), np.array([1, 1], dtype=np.int64)
    sums = (np.empty((1, 2), dtype=np.int64), np.empty((1, 2)), np.empty((1, 2), dtype=np.int64))
    for dtype in (np.float32, np.float64):
        block = (_fixed(np.array([1, 2], dtype=dtype)), cells, indptr)
        yield partial(correlation.pearson, *block, centre, centred, 2, r, n, third)
        yield partial(correlation.spearman, *block, ranks, 2, r, n)
        yield partial(correlation.pearson_nonzero, *block, np.array([1.0, 2.0]), r, n, third)
        yield partial(correlation.spearman_nonzero, *block, *places, r, n, third)
        yield partial(skewness.rank_skewness, *block, inside, 2, wanted, third)
        yield partial(skewness.value_skewness, *block, inside, 2, wanted, third)
        yield partial(permutations.few_cells, *block, slot, np.ones(2), wanted, bool(wanted[0]), few, few.copy(), n)
        yield partial(correlation.expressing, *block, inside, n)
        yield partial(gene_set_sums.cell_moments, *block, np.zeros((2, 2)))
        yield partial(gene_set_sums.weighted_sums, *block, np.array([0]), np.ones(1), np.zeros(2))
        yield partial(rank_sums.rank_sums, *block, codes, sizes, *sums, np.empty(1))
        yield partial(pseudobulk.add_gene, cells, block[0], ranks.copy(), np.zeros(2, np.int64), np.zeros(2, np.int32))
        yield partial(linear_sums.linear_sums, *block, codes, 1.0, linear_sums.table_of_powers(2.0), np.zeros((1, 3)))
    yield partial(
        hypergeometric.two_sided, sizes[None], sizes[:1], sizes, 2, np.array([[True, True]]), np.empty((1, 2))
    )
    yield partial(permutations.exact_p, few, few.copy(), *permutations.tables(few.shape[1]), third)
    yield partial(positions, cells, indptr, np.uint32(1), n)
    x, pixels = np.zeros(2, dtype=np.float32), np.empty((1, 1), dtype=np.int32)
    yield partial(majority, x, x, ranks, 2, np.array([0.0, 1.0, 0.0, 1.0]), pixels, pixels.copy())
    edges = np.array([(0.0, 0.0, 2.0, 2.0), (2.0, 0.0, 2.0, 2.0)])
    yield partial(even_odd, np.ones(1), np.ones(1), edges, np.zeros(1, dtype=bool))


def _fixed(array: np.ndarray) -> np.ndarray:
    array.flags.writeable = False
    return array
