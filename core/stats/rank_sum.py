"""Wilcoxon rank-sum test by the normal approximation, and where that approximation holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    F64 = NDArray[np.float64]
    I64 = NDArray[np.int64]
    Mask = NDArray[np.bool_]

# Expected number of values apart from the largest tied block, in the smaller group (Cochran's rule).
EXPECTED = 5.0
# Skewness of the rank sum above which tails of the normal distribution are too thin for thousands of genes.
SKEWNESS = 0.2


def scores(doubled: I64, ties: F64, n_in: int, n_out: int) -> F64:
    """Standardise rank sums.

    Parameters
    ----------
    doubled : (n_genes,) twice the rank sum of the group
    ties : (n_genes,) sum of t**3 - t over the groups of t tied values; NaN for a constant gene
    n_in, n_out : cells of the group and outside

    Returns
    -------
    (n_genes,) z, NaN where `ties` is.

    References
    ----------
    Lehmann, *Nonparametrics: Statistical Methods Based on Ranks*, 1975, section 1.4.
    """
    n = n_in + n_out
    spread = (1.0 - ties / (float(n) ** 3 - n)) * n_in * n_out * (n + 1) / 12.0
    return (doubled - n_in * (n + 1)) / 2.0 / np.sqrt(spread)


def two_sided(score: F64) -> F64:
    """Return p of the standard normal distribution, both tails; exactly 0 below 1e-308."""
    from scipy.special import ndtr

    return 2.0 * ndtr(-np.abs(score))


def is_normal(ties: F64, n_in: int, n_out: int) -> Mask:
    """Tell for which genes the normal approximation can be trusted far into its tails.

    Two things must hold: the smaller group is expected to hold at least `EXPECTED` of the values apart from the largest
    tied block (the expressing cells, where that block is the zeros), and the skewness of the rank sum over all
    assignments of cells to groups is at most `SKEWNESS`.

    Parameters
    ----------
    ties : (n_genes,) as for `scores`; False where NaN
    n_in, n_out : cells of the group and outside

    Notes
    -----
    Of z blocks of ties only the largest counts; its size is told from the cube root of `ties`. It is taken to lie below
    the k other values, where the skewness is largest. The centred ranks then have the moments
    (n**3 - n - z**3 + z) / 12 n and k z (z**2 - 1) / 8 n, and those of a sum of n_in of them, drawn without
    replacement, follow [1]_. The bound was chosen by random groups of real cells: see
    ``tests/core/analysis/test_null_markers.py``.

    References
    ----------
    .. [1] Wishart, Moment coefficients of the k-statistics in samples from a finite population, Biometrika 39:1-13,
       1952.
    """
    n = float(n_in + n_out)
    with np.errstate(invalid="ignore", divide="ignore"):
        block = np.cbrt(ties)
        others = n - block
        second = (n**3 - n - ties) / (12.0 * n)
        third = others * block * (block**2 - 1.0) / (8.0 * n)
        variance = n_in * n_out * second / (n - 1.0)
        skewness = n_in * n_out * abs(n_out - n_in) * third / ((n - 1.0) * max(n - 2.0, 1.0)) / variance**1.5
        # A block of n - k tied values is told to within rounding of its cube root.
        return (min(n_in, n_out) * others / n >= EXPECTED - 1e-6) & (skewness <= SKEWNESS)
