"""Inference for correlation coefficients: intervals, p-values, corrections, summaries over strata.

The NaN rule is one: where a coefficient or a sample size does not allow an answer, the answer is NaN, never 0 and never
an exception.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    F64 = NDArray[np.float64]

Method: TypeAlias = Literal["spearman", "pearson"]
LEVEL = 0.95
# From here on a coefficient is complete but for rounding: Fisher's z is infinite, and there is no interval.
COMPLETE = 1 - 1e-9
# Skewness of the permutation distribution from which the t distribution is no longer trusted on its own.
SKEWED = 0.1
# Cells below which the tails of Spearman's rho are heavier than those of t to a degree that matters.
FEW_CELLS = 30
# p below which the shape of the tails matters, since corrections for many genes ask for such a p.
FAR_TAIL = 1e-3
# Normal quantile of 0.975.
Z_975 = 1.959963984540054


def p_values(r: ArrayLike, n: ArrayLike) -> F64:
    """Two-sided p of a correlation, by the t distribution with n - 2 degrees of freedom, as scipy.stats computes it.

    Parameters
    ----------
    r : coefficients in [-1, 1]
    n : cells behind each

    Returns
    -------
    float64; NaN for r = NaN or n < 3. Exactly 0 for r = 1 or -1 and where the true value is below 1e-308.
    """
    from scipy.special import betainc

    r, n = np.broadcast_arrays(np.asarray(r, dtype=np.float64), np.asarray(n, dtype=np.float64))
    usable = np.isfinite(r) & (n > 2)  # noqa: PLR2004 - degrees of freedom
    half = np.where(usable, n / 2 - 1, 1.0)
    # r**2 follows a beta distribution; its upper tail, written so that small tails keep their digits.
    tail = betainc(half, 0.5, np.clip((1 - np.abs(r)) * (1 + np.abs(r)), 0, 1))
    return np.where(usable, tail, np.nan)


def far_coefficient(n: int) -> float:
    """Smallest absolute coefficient of n cells whose p by the t distribution is below 0.001."""
    from scipy.special import stdtrit

    t = float(stdtrit(n - 2, 1 - FAR_TAIL / 2))
    return t / float(np.sqrt(n - 2 + t * t))


def permutation_p_values(r: ArrayLike, n: ArrayLike, skewness: ArrayLike, method: Method) -> F64:
    """Two-sided p of a correlation, by the t distribution unless permuted cells have another one.

    Where genes are seen in few cells, or have a few high values, the coefficients of permuted cells are skewed, and far
    out t gives a p that is far too small. Their mean is 0, their variance 1 / (n - 1), and their skewness
    g_x g_y sqrt(n - 1) / (n - 2), with g the third standardised moments of the two genes [1]_. Where that is above 0.1,
    a p below 0.001 is twice the smaller tail of the Pearson type III distribution with these moments [2]_, unless that
    of t is larger. In fewer than 30 cells Spearman's rho has heavier tails than t: a p below 0.001 is that of the
    symmetric beta distribution (Pearson type II) with the variance and the fourth moment of rho [3]_, unless that of t
    is larger. p is never below 2 / n!, that of the most extreme order of n cells.

    Parameters
    ----------
    r, n : as in `p_values`
    skewness : g_x g_y; NaN like r

    Returns
    -------
    float64; NaN for r = NaN or n < 3

    References
    ----------
    .. [1] Pitman, Significance tests which may be applied to samples from any populations. II. The correlation
       coefficient test, Suppl. J. R. Stat. Soc. 4:225-232, 1937.
    .. [2] Josse, Pages and Husson, Testing the significance of the RV coefficient, Comput. Stat. Data Anal. 53:82-91,
       2008.
    .. [3] Kendall and Gibbons, Rank Correlation Methods, 1990, section 5.8.
    """
    from scipy.special import gammaln

    r, n, skewness = np.broadcast_arrays(*(np.asarray(given, dtype=np.float64) for given in (r, n, skewness)))
    p = p_values(r, n)
    usable = np.isfinite(p)
    with np.errstate(divide="ignore", invalid="ignore"):
        g = skewness * np.sqrt(n - 1) / (n - 2)
    far = usable & (p < FAR_TAIL)
    skewed = far & (np.abs(g) > SKEWED)
    p[skewed] = np.maximum(p[skewed], _skewed_tails(r[skewed], n[skewed], g[skewed]))
    if method == "spearman":
        heavy = far & (n > 3) & (n < FEW_CELLS)  # noqa: PLR2004 - the fourth moment needs four
        p[heavy] = np.maximum(p[heavy], _heavy_tails(r[heavy], n[heavy]))
    least = np.exp(np.log(2) - gammaln(np.where(usable, n, 2) + 1))
    return np.where(usable, np.maximum(p, np.minimum(least, 1)), np.nan)


def _skewed_tails(r: F64, n: F64, g: F64) -> F64:
    """Twice the smaller tail of Pearson's type III, with mean 0, variance 1 / (n - 1) and skewness g."""
    from scipy.special import gammainc, gammaincc

    shape = 4 / g**2
    # A gamma distribution with mean and variance `shape`, mirrored for negative skewness.
    place = np.maximum(shape + np.sign(g) * r * np.sqrt((n - 1) * shape), 0)
    return np.minimum(2 * np.minimum(gammainc(shape, place), gammaincc(shape, place)), 1)


def _heavy_tails(r: F64, n: F64) -> F64:
    """Both tails of the symmetric beta distribution with the variance and the fourth moment of Spearman's rho."""
    from scipy.special import betainc

    fourth = 3 * (25 * n**3 - 38 * n**2 - 35 * n + 72) / (25 * n * (n + 1) * (n - 1) ** 3)
    excess = fourth * (n - 1) ** 2 - 3
    freedom = -6 / excess - 3
    reach = (freedom + 1) / (n - 1)
    return betainc(freedom / 2, 0.5, np.clip(1 - r**2 / reach, 0, 1))


def intervals(r: ArrayLike, n: ArrayLike, method: Method) -> tuple[F64, F64]:
    """95 % confidence intervals by Fisher's z.

    Parameters
    ----------
    r, n : as in `p_values`
    method : for Spearman the variance is (1 + r**2 / 2) / (n - 3) [1]_, for Pearson 1 / (n - 3) [2]_

    Returns
    -------
    low, high : float64; NaN for r = NaN or n < 4, and where r is 1 or -1, for which the formula gives no width

    References
    ----------
    .. [1] Bonett and Wright, Sample size requirements for estimating Pearson, Kendall and Spearman correlations,
       Psychometrika 65:23-28, 2000.
    .. [2] Fisher, On the probable error of a coefficient of correlation deduced from a small sample, Metron 1:3-32,
       1921.
    """
    r, n = np.broadcast_arrays(np.asarray(r, dtype=np.float64), np.asarray(n, dtype=np.float64))
    half = Z_975 * np.sqrt(z_variance(r, n, method))
    with np.errstate(divide="ignore", invalid="ignore"):
        z = np.where(np.abs(r) > COMPLETE, np.nan, np.arctanh(r))
        return np.tanh(z - half), np.tanh(z + half)


def z_variance(r: ArrayLike, n: ArrayLike, method: Method) -> F64:
    """Variance of Fisher's z; NaN for n < 4."""
    r, n = np.asarray(r, dtype=np.float64), np.asarray(n, dtype=np.float64)
    spare = np.where(n > 3, n - 3, np.nan)  # noqa: PLR2004 - Fisher's z needs four
    return (1 + r**2 / 2) / spare if method == "spearman" else np.ones_like(r) / spare


def z_difference(r: tuple[float, float], n: tuple[float, float], method: Method) -> tuple[float, float]:
    """Difference of two independent coefficients on Fisher's z, first minus second, and its two-sided p."""
    from scipy.special import ndtr

    with np.errstate(divide="ignore", invalid="ignore"):
        difference = float(np.arctanh(r[0]) - np.arctanh(r[1]))
        error = float(np.sqrt(sum(z_variance(value, size, method) for value, size in zip(r, n, strict=True))))
        return difference, float(2 * ndtr(-abs(difference) / error))
