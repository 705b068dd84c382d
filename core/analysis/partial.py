"""Partial correlation of two genes, given total counts or a column."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from core.analysis.correlation_inference import (
    NO_R,
    expected_co_detections,
    p_and_intervals,
    reasons,
    third_moment,
)
from core.analysis.gene_pair import PairParams, mid_ranks, pair_values
from core.atlas.store import COUNTS
from core.cache.in_process import remembered
from core.errors import InvalidQuery
from core.kernels.permutations import EXACT_BELOW

if TYPE_CHECKING:
    from core.arrays import F64, Mask
    from core.atlas.store import Atlas

# Share of a vector that rounding leaves of it when all is taken out.
ROUNDING = 1e-9


@dataclass(frozen=True)
class Adjusted:
    """A partial correlation: `given` in words, `n` cells, `spent` degrees of freedom that the covariates took.

    `why` says why p and interval are missing.
    """

    given: str
    r: float
    ci_low: float
    ci_high: float
    p: float
    n: int
    spent: int
    why: str = ""


@remembered
def partial(atlas: Atlas, params: PairParams, *, depth: bool, by: str | None) -> Adjusted:
    """Correlate what is left of two genes after total counts, a categorical column, or both are taken out.

    Notes
    -----
    Least squares on the covariates: log1p of the cell's total for Pearson, its mid-rank for Spearman, and one mean per
    category. p and interval have as many fewer degrees of freedom as the covariates took, and p is corrected for the
    skewness of the residuals.

    Raises
    ------
    InvalidQuery
        There is nothing to adjust for; or total counts are asked for, and the atlas has no counts, or they are the same
        in all cells.
    """
    if not depth and by is None:
        raise InvalidQuery(
            "A partial correlation needs something to adjust for.", "Choose total counts, a column, or both."
        )
    values = pair_values(atlas, params)
    used = values.used
    x, y = values.x[used], values.y[used]
    rank = mid_ranks if params.method == "spearman" else np.array
    spent, given = 0, []
    codes = np.zeros(x.size, dtype=np.int64)
    if by is not None:
        codes = np.unique(atlas.categorical(by).codes[used], return_inverse=True)[1]
        spent += int(codes.max()) if codes.size else 0
        given.append(by)
    columns = [rank(x), rank(y)]
    if depth:
        columns.append(rank(_depth(atlas, used)))
        given.insert(0, "total counts")
    # Frisch, Waugh and Lovell: taking group means out first leaves the same residuals as one regression on everything.
    centred = [_within(column, codes) for column in columns]
    if depth and np.linalg.norm(centred[2]) > ROUNDING * np.linalg.norm(columns[2] - columns[2].mean()):
        spent += 1
        centred[:2] = [
            column - centred[2] * (column @ centred[2]) / (centred[2] @ centred[2]) for column in centred[:2]
        ]
    r = _residual_r(centred[0], centred[1], columns[0], columns[1])
    n = x.size - spent
    expected = None if params.drop_zeros else expected_co_detections((x > 0).sum(), np.array([(y > 0).sum()]), x.size)
    if n < EXACT_BELOW:
        why = f"no p: fewer than {EXACT_BELOW} cells are left for the correlation" if np.isfinite(r) else NO_R
        return Adjusted(" and ".join(given), r, np.nan, np.nan, np.nan, x.size, spent, why)
    skewness = np.array([third_moment(centred[0]) * third_moment(centred[1])])
    judged = p_and_intervals(np.array([r]), np.array([n]), skewness, np.full(1, np.nan), expected, params.method)
    p, low, high = (float(column[0]) for column in judged)
    why = str(reasons(np.array([r]), np.array([n]), expected, shared=params.drop_zeros)[0])
    return Adjusted(" and ".join(given), r, low, high, p, x.size, spent, why)


def _depth(atlas: Atlas, used: Mask) -> F64:
    """log1p of the total counts of the cells; InvalidQuery where there are none, or one value only."""
    if not atlas.manifest.layer(COUNTS):
        raise InvalidQuery(
            f"{atlas.id} has no counts, so the total counts of its cells are not known: a sum of transformed values is "
            "no sequencing depth.",
            "Do not adjust for total counts, or import a file with raw counts.",
        )
    totals = np.log1p(atlas.layer(COUNTS).cell_sums[used])
    if totals.size and totals.min() == totals.max():
        raise InvalidQuery(
            "All of these cells have the same total counts, so there is nothing to adjust for.",
            "Do not adjust for total counts.",
        )
    return totals


def _within(values: F64, codes: np.ndarray) -> F64:
    sizes = np.bincount(codes)
    return values - (np.bincount(codes, weights=values) / sizes)[codes]


def _residual_r(x: F64, y: F64, whole_x: F64, whole_y: F64) -> float:
    """Correlate residuals; NaN when one of them is nothing but rounding."""
    norms = np.linalg.norm(x), np.linalg.norm(y)
    scale = np.linalg.norm(whole_x - whole_x.mean()), np.linalg.norm(whole_y - whole_y.mean())
    if any(norm <= ROUNDING * whole for norm, whole in zip(norms, scale, strict=True)):
        return float("nan")
    return float(np.clip((x / norms[0]) @ (y / norms[1]), -1, 1))
