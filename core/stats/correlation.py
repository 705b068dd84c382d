"""What a correlation coefficient says: intervals, p-values, corrections, summaries over strata.

The NaN rule is one: where a coefficient or a sample size does not allow an answer, the answer is NaN, never 0 and never
an exception.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    F64 = NDArray[np.float64]

Method: TypeAlias = Literal["spearman", "pearson"]
LEVEL = 0.95
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


def intervals(r: ArrayLike, n: ArrayLike, method: Method) -> tuple[F64, F64]:
    """95 % confidence intervals by Fisher's z.

    Parameters
    ----------
    r, n : as in `p_values`
    method : for Spearman the variance is (1 + r**2 / 2) / (n - 3) [1]_, for Pearson 1 / (n - 3) [2]_

    Returns
    -------
    low, high : float64; NaN for r = NaN or n < 4; both equal to r where that is 1 or -1

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
        z = np.arctanh(r)
        return np.tanh(z - half), np.tanh(z + half)


def z_variance(r: ArrayLike, n: ArrayLike, method: Method) -> F64:
    """Variance of Fisher's z; NaN for n < 4."""
    r, n = np.asarray(r, dtype=np.float64), np.asarray(n, dtype=np.float64)
    spare = np.where(n > 3, n - 3, np.nan)  # noqa: PLR2004 - Fisher's z needs four
    return (1 + r**2 / 2) / spare if method == "spearman" else np.ones_like(r) / spare


def benjamini_hochberg(p: ArrayLike) -> F64:
    """False discovery rates over the p-values that are given; NaN stays NaN and counts as no test.

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


@dataclass(frozen=True)
class Pooled:
    """A coefficient over strata.

    Attributes
    ----------
    r, ci_low, ci_high, p
        The pooled coefficient with its 95 % interval and two-sided p.
    n_strata
        Strata behind it: those with at least four cells and a coefficient.
    q, q_p, i2, tau2
        Cochran's Q, its p, I2 in percent, and the between-strata variance of z.
    """

    r: float
    ci_low: float
    ci_high: float
    p: float
    n_strata: int
    q: float
    q_p: float
    i2: float
    tau2: float


def meta_analysis(r: ArrayLike, n: ArrayLike, method: Method, model: Literal["fixed", "random"]) -> Pooled:
    """Pool the coefficients of strata by inverse variance on Fisher's z.

    Parameters
    ----------
    r, n : coefficient and cells of each stratum; those with r = NaN, |r| = 1 or n < 4 are left out
    method : chooses the variance of z, see `intervals`
    model : ``fixed``, or ``random`` with the between-strata variance of DerSimonian and Laird [1]_

    Returns
    -------
    NaN throughout when no stratum is left.

    References
    ----------
    .. [1] DerSimonian and Laird, Meta-analysis in clinical trials, Controlled Clinical Trials 7:177-188, 1986.
       I2: Higgins and Thompson, Statistics in Medicine 21:1539-1558, 2002.
    """
    from scipy.special import chdtrc, ndtr

    r, n = np.asarray(r, dtype=np.float64), np.asarray(n, dtype=np.float64)
    usable = np.isfinite(r) & (np.abs(r) < 1) & (n > 3)  # noqa: PLR2004 - Fisher's z needs four
    k = int(usable.sum())
    nan = float("nan")
    if k == 0:
        return Pooled(nan, nan, nan, nan, 0, nan, nan, nan, nan)
    z, variance = np.arctanh(r[usable]), z_variance(r[usable], n[usable], method)
    weight = 1 / variance
    centre = float((weight * z).sum() / weight.sum())
    q = float((weight * (z - centre) ** 2).sum())
    spare = k - 1
    tau2 = max(0.0, (q - spare) / float(weight.sum() - (weight**2).sum() / weight.sum())) if spare else 0.0
    if model == "random":
        weight = 1 / (variance + tau2)
        centre = float((weight * z).sum() / weight.sum())
    error = float(weight.sum() ** -0.5)
    return Pooled(
        r=float(np.tanh(centre)),
        ci_low=float(np.tanh(centre - Z_975 * error)),
        ci_high=float(np.tanh(centre + Z_975 * error)),
        p=float(2 * ndtr(-abs(centre) / error)),
        n_strata=k,
        q=q,
        q_p=float(chdtrc(spare, q)) if spare else nan,
        i2=100 * max(0.0, (q - spare) / q) if spare and q > 0 else 0.0,
        tau2=tau2,
    )


def z_difference(r: tuple[float, float], n: tuple[float, float], method: Method) -> tuple[float, float]:
    """Difference of two independent coefficients on Fisher's z, first minus second, and its two-sided p."""
    from scipy.special import ndtr

    with np.errstate(divide="ignore", invalid="ignore"):
        difference = float(np.arctanh(r[0]) - np.arctanh(r[1]))
        error = float(np.sqrt(sum(z_variance(value, size, method) for value, size in zip(r, n, strict=True))))
        return difference, float(2 * ndtr(-abs(difference) / error))
