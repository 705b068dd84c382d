"""Values that are stored as logarithms, on the linear scale."""

from __future__ import annotations

import numpy as np
from numba import njit

LOG2_E = 1.4426950408889634
# The natural logarithm of 2 in two parts, so that multiples of the first are exact.
LN2, LN2_REST = 0.693147180369123816490, 1.90821492927058770002e-10
# The numbers of float64 whose exponent is 0 begin here.
BIAS, MANTISSA = 1023, 52


@njit(nogil=True, cache=True, error_model="numpy", fastmath={"contract"})
def to_linear(values: np.ndarray, factor: float, linear: np.ndarray) -> None:
    """Write ``exp(factor * value) - 1`` for each value.

    Parameters
    ----------
    values : (n,) float32 or float64
    factor : natural logarithm of the base, 1 for log1p; its product with each value is below 709
    linear : (n or more,) float64, out

    Notes
    -----
    exp(x) is 2**n exp(x - n ln 2) with the nearest whole n, and the second factor a Taylor series to the eleventh
    power: the relative error stays below 1e-13 also next to zero, and nothing is looked up, so that the loop is
    vectorised.
    """
    for at in range(values.size):
        x = factor * np.float64(values[at])
        n = np.floor(x * LOG2_E + 0.5)
        rest = (x - n * LN2) - n * LN2_REST
        series = 1.0 / 39916800.0
        series = series * rest + 1.0 / 3628800.0
        series = series * rest + 1.0 / 362880.0
        series = series * rest + 1.0 / 40320.0
        series = series * rest + 1.0 / 5040.0
        series = series * rest + 1.0 / 720.0
        series = series * rest + 1.0 / 120.0
        series = series * rest + 1.0 / 24.0
        series = series * rest + 1.0 / 6.0
        series = series * rest + 0.5
        series = series * rest + 1.0
        power = np.int64((np.int64(n) + BIAS) << MANTISSA).view(np.float64)
        linear[at] = power * (series * rest) + (power - 1.0)
