"""Linear models of many rows at once, with variances moderated by an empirical Bayes prior, and t-tests on them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    F64 = NDArray[np.float64]

# Rows from which the trend of the variance has one more degree of freedom each.
_SPLINE_ROWS: Final = (3, 6, 30)
_SMALLEST: Final = 1e-5
_CONVERGED: Final = 1e-8
_MAX_STEPS: Final = 50
CONFIDENCE: Final = 0.95


@dataclass(frozen=True, eq=False)
class LinearFit:
    """Least-squares fit of one linear model to each row.

    Attributes
    ----------
    effect : (n_rows,) estimate of the contrast
    unscaled : (n_rows,) standard error of the contrast over the residual standard deviation
    variance : (n_rows,) residual variance
    df : residual degrees of freedom
    fitted : (n_rows, n_samples) fitted values
    """

    effect: F64
    unscaled: F64
    variance: F64
    df: int
    fitted: F64


@dataclass(frozen=True, eq=False)
class Tested:
    """Moderated t-tests of a contrast, one a row; all arrays are (n_rows,).

    Attributes
    ----------
    effect, ci_low, ci_high : estimate and its 95 % interval
    error : moderated standard error
    stat, p : moderated t and its two-sided p
    df : total degrees of freedom, prior included; infinite where all rows share one variance
    df_prior : degrees of freedom of the prior
    """

    effect: F64
    ci_low: F64
    ci_high: F64
    error: F64
    stat: F64
    p: F64
    df: float
    df_prior: float


def fit(values: F64, design: F64, contrast: F64) -> LinearFit:
    """Fit ``values = coefficients @ design.T`` to each row by ordinary least squares.

    Parameters
    ----------
    values : (n_rows, n_samples)
    design : (n_samples, n_coefficients), of full rank, with fewer coefficients than samples
    contrast : (n_coefficients,)
    """
    q, r = np.linalg.qr(design)
    solver = np.linalg.solve(r, q.T)
    coefficients = values @ solver.T
    fitted = coefficients @ design.T
    df = design.shape[0] - design.shape[1]
    variance = np.sum((values - fitted) ** 2, axis=1) / df
    unscaled = float(np.linalg.norm(contrast @ solver))
    return LinearFit(coefficients @ contrast, np.full(len(values), unscaled), variance, df, fitted)


def fit_weighted(values: F64, design: F64, contrast: F64, weights: F64) -> LinearFit:
    """Fit each row by least squares with weights of its own, (n_rows, n_samples)."""
    products = np.einsum("gs,si,sj->gij", weights, design, design, optimize=True)
    inverse = np.linalg.inv(products)
    coefficients = np.einsum("gij,gj->gi", inverse, (weights * values) @ design)
    fitted = coefficients @ design.T
    df = design.shape[0] - design.shape[1]
    variance = np.sum(weights * (values - fitted) ** 2, axis=1) / df
    unscaled = np.sqrt(np.einsum("i,gij,j->g", contrast, inverse, contrast))
    return LinearFit(coefficients @ contrast, unscaled, variance, df, fitted)


def moderated_t(found: LinearFit, trend: F64 | None = None) -> Tested:
    """Test the contrast of each row with a variance that is shrunken towards what is usual.

    Parameters
    ----------
    found : of `fit` or `fit_weighted`
    trend : (n_rows,) mean of each row, on which the usual variance may depend; None for one usual variance

    Notes
    -----
    The variances follow a scaled F distribution whose parameters are estimated from the moments of their logarithms
    [1]_; with a trend, their mean is a natural cubic spline of the row's mean with at most 4 degrees of freedom, as
    limma-trend has it [2]_. The total degrees of freedom are at most those of all rows together.

    References
    ----------
    .. [1] Smyth, Linear models and empirical Bayes methods for assessing differential expression in microarray
       experiments, Stat. Appl. Genet. Mol. Biol. 3:3, 2004.
    .. [2] Law, Chen, Shi and Smyth, voom: precision weights unlock linear model analysis tools for RNA-seq read counts,
       Genome Biology 15:R29, 2014.
    """
    from scipy.special import ndtri, stdtr, stdtrit

    prior, df_prior = scaled_f(found.variance, found.df, trend)
    share = 1.0 if np.isinf(df_prior) else df_prior / (df_prior + found.df)
    posterior = share * prior + (1 - share) * found.variance
    df = float(min(found.df + df_prior, found.df * len(found.variance)))
    error = found.unscaled * np.sqrt(posterior)
    with np.errstate(divide="ignore", invalid="ignore"):
        stat = found.effect / error
    tail = (1 + CONFIDENCE) / 2
    reach = error * float(ndtri(tail) if np.isinf(df) else stdtrit(df, tail))
    p = 2 * stdtr(df, -np.abs(stat))
    return Tested(found.effect, found.effect - reach, found.effect + reach, error, stat, p, df, df_prior)


def scaled_f(variance: F64, df: int, trend: F64 | None = None) -> tuple[F64, float]:
    """Estimate the prior of variances: its value for each row, (n_rows,), and its degrees of freedom.

    Notes
    -----
    With z = log s², z - digamma(df/2) + log(df/2) has mean log s0² - digamma(d0/2) + log(d0/2) and variance
    trigamma(df/2) + trigamma(d0/2); d0 is infinite where the variances differ less than chance lets them.
    """
    from scipy.special import digamma, polygamma

    # A row without any residual would have no logarithm.
    usual = float(np.median(variance)) or 1.0
    z = np.log(np.maximum(variance, _SMALLEST * usual)) - digamma(df / 2) + np.log(df / 2)
    basis = np.ones((len(z), 1)) if trend is None else _natural_spline(trend)
    mean = basis @ np.linalg.lstsq(basis, z, rcond=None)[0]
    spare = len(z) - basis.shape[1]
    spread = float(np.sum((z - mean) ** 2) / spare - polygamma(1, df / 2)) if spare > 0 else 0.0
    if spread > 0:
        df_prior = 2 * trigamma_inverse(spread)
        return np.exp(mean + digamma(df_prior / 2) - np.log(df_prior / 2)), df_prior
    return (np.full(len(z), variance.mean()) if basis.shape[1] == 1 else np.exp(mean)), np.inf


def trigamma_inverse(value: float) -> float:
    """Solve trigamma(y) = value by Newton's method on its reciprocal, which is nearly linear."""
    from scipy.special import polygamma

    y = 0.5 + 1 / value
    for _ in range(_MAX_STEPS):
        there = float(polygamma(1, y))
        step = there * (1 - there / value) / float(polygamma(2, y))
        y += step
        if -step / y < _CONVERGED:
            break
    return y


def _natural_spline(x: F64) -> F64:
    """Basis of the natural cubic splines with knots at quantiles, (n_rows, at most 4), the constant included.

    Truncated powers span the same space as B-splines do (Hastie, Tibshirani and Friedman, The Elements of Statistical
    Learning, equation 5.4).
    """
    n_knots = min(1 + sum(len(x) >= rows for rows in _SPLINE_ROWS), len(np.unique(x)))
    if n_knots == 1:
        return np.ones((len(x), 1))
    low, high = float(x.min()), float(x.max())
    z = (x - low) / (high - low)
    knots = (np.quantile(x, np.linspace(0, 1, n_knots)) - low) / (high - low)

    def bend(at: int) -> F64:
        cubes = np.maximum(z - knots[at], 0) ** 3 - np.maximum(z - knots[-1], 0) ** 3
        return cubes / (knots[-1] - knots[at])

    last = bend(n_knots - 2)
    return np.column_stack([np.ones_like(z), z, *(bend(at) - last for at in range(n_knots - 2))])
