"""Values that are stored as logarithms, on the linear scale."""

from __future__ import annotations

import numpy as np
from numba import njit

# Entries of a table of exponentials for each unit of the natural logarithm.
STEPS = 256


def table_of_powers(largest: float) -> np.ndarray:
    """Tabulate ``expm1(i / STEPS)`` up to a natural logarithm."""
    return np.expm1(np.arange(int(largest * STEPS) + 2) / STEPS)


@njit(nogil=True, cache=True, error_model="numpy")
def linear_of(value: float, factor: float, powers: np.ndarray) -> float:
    """Return ``exp(factor * value) - 1``.

    Parameters
    ----------
    value : not negative
    factor : natural logarithm of the base, 1 for log1p
    powers : of `table_of_powers`, for the largest value times `factor`

    Notes
    -----
    The exponential of the nearest entry is multiplied by three terms of the series of the rest, which is 1/512 at most,
    so that the relative error stays below 1e-9 for single values above 0.001 and below 1e-12 for large ones.
    """
    x = factor * STEPS * np.float64(value)
    nearest = np.int64(x + 0.5)
    rest = (x - np.float64(nearest)) * (1.0 / STEPS)
    power = powers[np.uint64(nearest)]
    return power + (power + 1.0) * (rest * (1.0 + rest * (0.5 + rest * (1.0 / 6.0))))
