"""Difference of two independent estimates, each with its own error and degrees of freedom (Welch)."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy import special

if TYPE_CHECKING:
    from numpy.typing import NDArray

    F64 = NDArray[np.float64]

# Beyond, t is the normal distribution; the inverse of its quantile would fail.
MOST_DF = 1e6


class Effects(NamedTuple):
    """Estimates with their 95 % intervals, each (n,) float64."""

    effect: F64
    low: F64
    high: F64
    stat: F64


class Difference(NamedTuple):
    """First minus second estimate, with its 95 % interval and two-sided p, each (n,) float64."""

    effect: F64
    low: F64
    high: F64
    p: F64


def difference(first: Effects, second: Effects) -> Difference:
    """Test whether two independent estimates differ, by Welch's t.

    Parameters
    ----------
    first, second : estimates with symmetric intervals by t; `stat` is the estimate over its standard error

    Returns
    -------
    NaN wherever an input is.

    Notes
    -----
    Errors and degrees of freedom follow from interval and statistic. The variance of the difference is the sum of both,
    with the degrees of freedom of Welch and Satterthwaite.
    """
    (variance, df), (variance_2, df_2) = _spread(first), _spread(second)
    total = variance + variance_2
    with np.errstate(divide="ignore", invalid="ignore"):
        joint = total**2 / (variance**2 / df + variance_2**2 / df_2)
        effect = first.effect - second.effect
        error = np.sqrt(total)
        t = effect / error
    p = 2 * special.stdtr(joint, -np.abs(t))
    half = special.stdtrit(joint, 0.975) * error
    return Difference(effect, effect - half, effect + half, p)


def _spread(estimates: Effects) -> tuple[F64, F64]:
    """Variance and degrees of freedom of each estimate."""
    half = (estimates.high - estimates.low) / 2
    with np.errstate(divide="ignore", invalid="ignore"):
        error = np.abs(estimates.effect / estimates.stat)
        quantile = half / error
    # An estimate of exactly zero has no statistic to divide by; all genes of a fit have about the same quantile.
    usual = np.nanmedian(quantile) if np.isfinite(quantile).any() else np.nan
    quantile = np.where(np.isfinite(quantile), quantile, np.where(np.isfinite(half), usual, np.nan))
    least = special.stdtrit(MOST_DF, 0.975)
    df = np.where(quantile > least, special.stdtridf(0.975, np.maximum(quantile, least)), MOST_DF)
    return (half / quantile) ** 2, np.where(np.isfinite(quantile), df, np.nan)
