"""Power of t-tests, from the standard errors that a comparison had."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    F64 = NDArray[np.float64]

# Quantiles of the standard errors that stand for all of them.
_QUANTILES: Final = 51
# Beyond so many standard errors nothing is missed.
MAX_SHIFT: Final = 37.0


def mean_power(errors: F64, df: float, effect: float, alpha: float) -> float:
    """Average, over rows, the chance that a two-sided t-test at `alpha` finds an effect of a given size.

    Parameters
    ----------
    errors : (n_rows,) standard errors above zero
    df : degrees of freedom; infinite for a normal distribution

    Notes
    -----
    t of a true effect has a noncentral t distribution with noncentrality effect / error; its other tail is left out.
    """
    from scipy.special import nctdtr, ndtr, ndtri, stdtrit

    shift = effect / np.quantile(errors, np.linspace(0, 1, _QUANTILES))
    if np.isinf(df):
        return float(np.mean(ndtr(shift - ndtri(1 - alpha / 2))))
    # scipy gives NaN where the chance to miss it is too small for a double.
    missed = nctdtr(df, np.minimum(shift, MAX_SHIFT), stdtrit(df, 1 - alpha / 2))
    return float(np.mean(1 - np.nan_to_num(missed, nan=0.0)))
