"""Corrections for multiple testing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    F64 = NDArray[np.float64]


def benjamini_hochberg(p: ArrayLike) -> F64:
    """Control the false discovery rate over the p-values that are given; NaN stays NaN and counts as no test.

    References
    ----------
    Benjamini and Hochberg, Controlling the false discovery rate, J. R. Stat. Soc. B 57:289-300, 1995.
    """
    from scipy.stats import false_discovery_control

    p = np.asarray(p, dtype=np.float64)
    adjusted = np.full(p.shape, np.nan)
    tested = np.isfinite(p)
    if tested.any():
        adjusted[tested] = false_discovery_control(p[tested])
    return adjusted


def bonferroni(p: ArrayLike) -> F64:
    """Each p times the number of tests, at most 1; NaN stays NaN and counts as no test."""
    p = np.asarray(p, dtype=np.float64)
    return np.minimum(p * np.isfinite(p).sum(), 1.0)
