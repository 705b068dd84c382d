"""Compilation of every kernel for the arrays of a store, which are read-only: numba compiles those separately."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from core.kernels import (
    correlation,
    gene_set_sums,
    hypergeometric,
    levels,
    permutations,
    rank_sums,
    shared_cells,
    skewness,
    unit_sums,
)
from core.kernels.cell_lookup import levels_of_cell
from core.kernels.level_block import LevelBlock
from core.kernels.polygon import even_odd
from core.kernels.raster import majority
from core.kernels.tiles import TILE_CELLS

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
    one, two, zero = (np.array([number], dtype=np.int64) for number in (1, 2, 0))
    block = LevelBlock(
        cells=np.array([0, 1], dtype=np.uint16),
        levels=np.array([0, 1], dtype=np.uint16),
        levels_wide=np.empty(0, dtype=np.uint32),
        starts=np.array([[0, 2]], dtype=np.int64),
        level_starts=zero,
        wide=np.array([False]),
        value_starts=zero.copy(),
        n_levels=two,
        n_below=zero.copy(),
        tile=TILE_CELLS,
    )
    for array in block[:-1]:
        _fixed(array)
    inside, codes = _fixed(np.array([1, 1], dtype=np.uint8)), np.array([0, 1], dtype=np.uint8)
    slot = np.array([0, 1], dtype=np.int32)
    r, n, third, wanted = np.empty(1), one.copy(), np.empty(1), np.array([True])
    few, sizes = np.zeros((1, permutations.EXACT_BELOW - 1)), np.array([1, 1], dtype=np.int64)
    yield partial(correlation.spearman, block, slot, 1.0, 2, r, n)
    yield partial(correlation.expressing, block, inside, n)
    yield partial(shared_cells.spearman_nonzero, block, slot, 2, r, n, third)
    yield partial(skewness.rank_skewness, block, inside, 2, wanted, third)
    parts = block.cells, block.starts, block.levels, block.levels_wide, block.level_starts, block.wide
    filled = np.empty(2, dtype=np.uint16), np.empty(2, dtype=np.float32), np.empty(2, dtype=np.uint32)
    first = np.array([0, 2], dtype=np.int64)
    yield partial(levels.count_block, *parts, np.ones(2), first, np.ones(2), 3, *filled)
    for dtype in (np.float32, np.float64):
        genes = block, _fixed(np.array([1, 2], dtype=dtype))
        decoded = np.empty(2, dtype=np.int32), np.empty(2, dtype=dtype)
        yield partial(levels.decode, block.cells, block.starts[0], block.levels, genes[1], *decoded)
        query = np.array([1, 2], dtype=dtype)
        known = np.array([1.5]), np.array([0.5]), query, 1.5, 0.0, 0.5
        yield partial(correlation.pearson, *genes, *known, inside, 2, r, n, third)
        yield partial(shared_cells.pearson_nonzero, *genes, query, 1.5, r, n, third)
        yield partial(skewness.value_skewness, *genes, inside, 2, wanted, third)
        yield partial(permutations.few_cells, *genes, slot, np.ones(2), wanted, bool(wanted[0]), few, few.copy(), n)
        yield partial(gene_set_sums.cell_moments, *genes, np.zeros((2, 2)))
        yield partial(gene_set_sums.weighted_sums, *genes, np.ones(1), np.zeros(2))
        yield partial(rank_sums.rank_sums, *genes, codes, sizes, 1.0, np.empty((1, 2, 4)), np.empty(1))
        units = np.empty((1, 2)), np.empty((1, 2), dtype=np.int32)
        weights = np.ones(2, dtype=np.float32)
        yield partial(unit_sums.unit_sums, *genes, 1.0, weights, bool(wanted[0]), slot, *units)
    yield partial(
        hypergeometric.two_sided, sizes[None], sizes[:1], sizes, 2, np.array([[True, True]]), np.empty((1, 2))
    )
    yield partial(permutations.exact_p, few, few.copy(), *permutations.tables(few.shape[1]), third)
    yield partial(levels_of_cell, block, 1, n)
    x, pixels = np.zeros(2, dtype=np.float32), np.empty((1, 1), dtype=np.int32)
    yield partial(majority, x, x, slot, 2, np.array([0.0, 1.0, 0.0, 1.0]), pixels, pixels.copy())
    edges = np.array([(0.0, 0.0, 2.0, 2.0), (2.0, 0.0, 2.0, 2.0)])
    yield partial(even_odd, np.ones(1), np.ones(1), edges, np.zeros(1, dtype=bool))


def _fixed(array: np.ndarray) -> np.ndarray:
    array.flags.writeable = False
    return array
