"""Power of t-tests, from the standard errors that a comparison had."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from core.arrays import F64

# Quantiles of the standard errors that stand for all of them.
_QUANTILES: Final = 51


def mean_power(errors: F64, df: float, effect: float, alpha: float) -> float:
    """Average, over rows, the chance that a two-sided t-test at `alpha` finds an effect of a given size.

    Parameters
    ----------
    errors : (n_rows,) standard errors above zero
    df : degrees of freedom; infinite for a normal distribution

    Notes
    -----
    t of a true effect has a noncentral t distribution with noncentrality effect / error.
    """
    from scipy.special import nctdtr, ndtri, stdtrit

    finite = min(df, 1e6)
    reach = float(ndtri(1 - alpha / 2) if np.isinf(df) else stdtrit(df, 1 - alpha / 2))
    shown = np.quantile(errors, np.linspace(0, 1, _QUANTILES))
    # Beyond 37 standard errors nothing is missed, and scipy's function gives NaN.
    shift = np.minimum(effect / shown, 37.0)
    return float(np.mean(1 - nctdtr(finite, shift, reach) + nctdtr(finite, shift, -reach)))
