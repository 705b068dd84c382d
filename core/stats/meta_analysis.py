"""Random-effects meta-analysis of correlation coefficients."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from core.stats.correlation import Z_975, Method, z_variance

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


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
