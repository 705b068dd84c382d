"""Compiling every kernel for what stores hold: read-only arrays, since numba compiles apart for these."""

from __future__ import annotations

import numpy as np

from core.kernels import correlation


def warm_up() -> None:
    """Call each kernel once on two cells; afterwards it answers at full speed.

    scipy.stats, which corrects p-values, takes longer to import than most questions to answer: it is imported here too.
    """
    from scipy import special, stats

    stats.false_discovery_control(special.betainc(1.0, 0.5, np.array([0.5, 0.5])))
    indptr = _fixed(np.array([0, 2], dtype=np.int64))
    cells = _fixed(np.array([0, 1], dtype=np.uint32))
    centre, inside = _fixed(np.array([1.5])), _fixed(np.array([True, True]))
    centred = np.array([-0.5, 0.5])
    ranks = np.array([-1, 1], dtype=np.int32)
    places = (np.array([0, 1], dtype=np.int32), np.array([0, 1], dtype=np.int32), np.array([1, 2], dtype=np.int32))
    r, n = np.empty(1), np.empty(1, dtype=np.int64)
    for dtype in (np.float32, np.float64):
        block = (_fixed(np.array([1, 2], dtype=dtype)), cells, indptr)
        correlation.pearson(*block, centre, centred, 2, r, n)
        correlation.spearman(*block, ranks, 2, r, n)
        correlation.pearson_nonzero(*block, np.array([1.0, 2.0]), r, n)
        correlation.spearman_nonzero(*block, *places, r, n)
        correlation.expressing(*block, inside, n)


def _fixed(array: np.ndarray) -> np.ndarray:
    array.flags.writeable = False
    return array
