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


def scores(doubled: I64, ties: F64, n_in: I64, n_out: I64) -> F64:
    """Standardise rank sums.

    Parameters
    ----------
    doubled : (n_genes, n_groups) twice the rank sum of each group
    ties : (n_genes, 1) sum of t**3 - t over the blocks of t tied values; NaN for a constant gene
    n_in, n_out : (n_groups,) cells of each group and outside

    Returns
    -------
    (n_genes, n_groups) z, NaN where `ties` is.

    References
    ----------
    Lehmann, *Nonparametrics: Statistical Methods Based on Ranks*, 1975, section 1.4.
    """
    n = (n_in + n_out).astype(np.float64)
    spread = (1.0 - ties / (n**3 - n)) * n_in * n_out * (n + 1) / 12.0
    return (doubled - n_in * (n + 1)) / 2.0 / np.sqrt(spread)


def two_sided(score: F64) -> F64:
    """Return p of the standard normal distribution, both tails; exactly 0 below 1e-308."""
    from scipy.special import ndtr

    return 2.0 * ndtr(-np.abs(score))


def is_normal(ties: F64, n_in: I64, n_out: I64) -> Mask:
    """Tell for which genes and groups the normal approximation can be trusted far into its tails.

    Two things must hold: the smaller group is expected to hold at least `EXPECTED` of the values apart from the largest
    tied block (the expressing cells, where that block is the zeros), and the skewness of the rank sum over all
    assignments of cells to groups is at most `SKEWNESS`.

    Parameters
    ----------
    ties, n_in, n_out : as for `scores`

    Returns
    -------
    (n_genes, n_groups) bool, False where `ties` is NaN.

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
    inside, outside = n_in.astype(np.float64), n_out.astype(np.float64)
    n = inside + outside
    with np.errstate(invalid="ignore", divide="ignore"):
        block = np.cbrt(ties)
        others = n - block
        second = (n**3 - n - ties) / (12.0 * n)
        third = others * block * (block**2 - 1.0) / (8.0 * n)
        variance = inside * outside * second / (n - 1.0)
        third *= inside * outside * np.abs(outside - inside) / ((n - 1.0) * (n - 2.0))
        # A block of n - k tied values is told to within rounding of its cube root.
        return (np.minimum(inside, outside) * others / n >= EXPECTED - 1e-6) & (third / variance**1.5 <= SKEWNESS)
