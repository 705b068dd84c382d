"""Random-effects meta-analysis of correlation coefficients."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from core.stats.correlation import COMPLETE, Z_975, Method, z_variance

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


# Below it Fisher's z is far from normal, and a stratum says little.
MIN_CELLS = 10


@dataclass(frozen=True)
class Pooled:
    """A coefficient over strata.

    Attributes
    ----------
    r, ci_low, ci_high, p
        The pooled coefficient with its 95 % interval and two-sided p.
    n_strata
        Strata behind it; see `poolable`.
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


def poolable(r: ArrayLike, n: ArrayLike) -> NDArray[np.bool_]:
    """Find the strata that can be pooled: ten cells or more, and a coefficient that is not 1 or -1 but for rounding."""
    r, n = np.asarray(r, dtype=np.float64), np.asarray(n, dtype=np.float64)
    return np.isfinite(r) & (np.abs(r) <= COMPLETE) & (n >= MIN_CELLS)


def meta_analysis(r: ArrayLike, n: ArrayLike, method: Method, model: Literal["fixed", "random"]) -> Pooled:
    """Pool the coefficients of strata by inverse variance on Fisher's z.

    Parameters
    ----------
    r, n : coefficient and cells of each stratum; those that are not `poolable` are left out
    method : chooses the variance of z, see `intervals`
    model : ``fixed``, with a normal interval; or ``random``, with the between-strata variance of DerSimonian and Laird
        [1]_, and interval and p by Knapp and Hartung [2]_: the spread of the strata around the pooled value, with the t
        distribution of k - 1 degrees of freedom, which holds for few strata too

    Returns
    -------
    NaN throughout when no stratum is left.

    References
    ----------
    .. [1] DerSimonian and Laird, Meta-analysis in clinical trials, Controlled Clinical Trials 7:177-188, 1986.
    .. [2] Knapp and Hartung, Improved tests for a random effects meta-regression with a single covariate, Statistics in
       Medicine 22:2693-2710, 2003.
       I2: Higgins and Thompson, Statistics in Medicine 21:1539-1558, 2002.
    """
    from scipy.special import chdtrc, ndtr, stdtr, stdtrit

    r, n = np.asarray(r, dtype=np.float64), np.asarray(n, dtype=np.float64)
    usable = poolable(r, n)
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
    if model == "random" and spare:
        error *= float(np.sqrt((weight * (z - centre) ** 2).sum() / spare))
        half, p = float(stdtrit(spare, 0.975)) * error, 2 * stdtr(spare, -abs(centre) / error) if error else nan
    else:
        half, p = Z_975 * error, 2 * ndtr(-abs(centre) / error)
    return Pooled(
        r=float(np.tanh(centre)),
        ci_low=float(np.tanh(centre - half)),
        ci_high=float(np.tanh(centre + half)),
        p=float(p),
        n_strata=k,
        q=q,
        q_p=float(chdtrc(spare, q)) if spare else nan,
        i2=100 * max(0.0, (q - spare) / q) if spare and q > 0 else 0.0,
        tau2=tau2,
    )
