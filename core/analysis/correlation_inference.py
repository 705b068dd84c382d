"""Inference for a correlation: p and interval where their formulas hold, what is used elsewhere, and why in words.

One gene against all and a single pair give the same numbers, since both rest on this module.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from core.kernels.permutations import EXACT_BELOW, exact_p, tables
from core.stats import correlation

if TYPE_CHECKING:
    from core.arrays import F64
    from core.stats.correlation import Method

# Cells in which both genes would be seen if they had nothing to do with each other.
MIN_EXPECTED = 5
MIN_P = 3
NO_R = "no r: constant in these cells"
NO_SHARED = "no r: fewer than 2 cells express both"
NO_P = f"no p: fewer than {MIN_P} cells"
FEW_EXPECTED = f"no p: fewer than {MIN_EXPECTED} co-detections expected by chance"


@dataclass(frozen=True)
class Inference:
    """Interval and p of a coefficient; NaN where there are none, and `why` says why in words, else it is empty."""

    ci_low: float
    ci_high: float
    p: float
    why: str


def expected_co_detections(n_a: int, n_b: np.ndarray, n: int) -> F64:
    """Cells in which both of two genes, seen in n_a and n_b of n cells, would be seen by chance."""
    return n_a * np.asarray(n_b, dtype=np.float64) / max(n, 1)


def withheld(n: np.ndarray, expected: F64 | None) -> np.ndarray:
    """Tell where t says nothing: both genes are expected in too few cells, and these are too many to enumerate."""
    return np.zeros(len(n), dtype=bool) if expected is None else (n >= EXACT_BELOW) & (expected < MIN_EXPECTED)


def p_and_intervals(
    r: F64, n: np.ndarray, skewness: F64, exact: F64, expected: F64 | None, method: Method
) -> tuple[F64, F64, F64]:
    """Return p and the limits of the 95 % interval of each coefficient.

    Parameters
    ----------
    r, n : coefficients, and cells of each
    skewness : product of the third standardised moments of the two genes in these cells
    exact : p over all permutations, where n is below ten
    expected : expected co-detections, None where all cells show both genes
    method : chooses the interval

    Returns
    -------
    p, low, high : float64; NaN where `expected` is below five, unless n is below ten
    """
    p = np.where(n < EXACT_BELOW, exact, correlation.permutation_p_values(r, n, skewness, method))
    low, high = correlation.intervals(r, n, method)
    hidden = withheld(n, expected)
    return tuple(np.where(hidden, np.nan, column) for column in (p, low, high))  # pyright: ignore[reportReturnType]


def reasons(r: F64, n: np.ndarray, expected: F64 | None, *, shared: bool) -> np.ndarray:
    """Say, for each coefficient, why it has no p; empty where it has one. `shared` cells express both genes."""
    none = np.where(n < 2, NO_SHARED, NO_R) if shared else NO_R  # noqa: PLR2004 - a spread needs two
    hidden = withheld(n, expected)
    return np.select([~np.isfinite(r), n < MIN_P, hidden], [none, NO_P, FEW_EXPECTED], "").astype(object)


def of_pair(x: F64, y: F64, r: float, method: Method, *, detected: bool) -> Inference:
    """Judge the coefficient of two genes.

    Parameters
    ----------
    x, y : (n,) values in the cells of the pair
    r : their coefficient
    detected : True where values above zero are detections, which both genes must have in enough cells; False for cells
        that all show both genes, and for means
    """
    n = np.array([x.size])
    expected = expected_co_detections(int((x > 0).sum()), np.array([(y > 0).sum()]), x.size) if detected else None
    ranked = (ranks(x), ranks(y)) if method == "spearman" else (x, y)
    exact = np.full(1, np.nan)
    if np.isfinite(r) and MIN_P <= x.size < EXACT_BELOW:
        exact = exact_rows(x[None], y[None], ranked=method == "spearman")
    skewness = np.array([third_moment(ranked[0]) * third_moment(ranked[1])])
    p, low, high = p_and_intervals(np.array([r]), n, skewness, exact, expected, method)
    why = reasons(np.array([r]), n, expected, shared=not detected)[0]
    return Inference(float(low[0]), float(high[0]), float(p[0]), str(why))


def ranks(values: F64) -> F64:
    """Mid-ranks from 1."""
    from scipy.stats import rankdata

    return rankdata(values)


def third_moment(values: F64) -> float:
    """Third standardised moment; NaN for a constant."""
    if not values.size or values.min() == values.max():
        return float("nan")
    away = values - values.mean()
    squares = away * away
    return float((squares * away).mean() / squares.mean() ** 1.5)


def exact_rows(x: F64, y: F64, *, ranked: bool) -> F64:
    """Exact p of each row over all permutations of its 3 to 9 cells; of the ranks of the values with `ranked`."""
    p = np.empty(len(x))
    if ranked:
        x, y = _ranks_of_rows(x), _ranks_of_rows(y)
    exact_p(x, y, *tables(x.shape[1]), p)
    return p


def _ranks_of_rows(values: F64) -> F64:
    """Mid-ranks of each of many short rows, for which scipy takes far longer."""
    one, other = values[:, :, None], values[:, None, :]
    return (other < one).sum(axis=2) + 0.5 * ((other == one).sum(axis=2) + 1)
