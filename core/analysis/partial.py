"""Partial correlation of two genes, given total counts or a column."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from core.analysis.gene_pair import PairParams, mid_ranks, pair_values
from core.atlas.store import COUNTS, EXPRESSION
from core.cache.in_process import remembered
from core.errors import InvalidQuery
from core.stats import correlation

if TYPE_CHECKING:
    from core.atlas.store import Atlas
    from core.stats.correlation import F64


@dataclass(frozen=True)
class Adjusted:
    """A partial correlation: `given` in words, `n` cells, `spent` degrees of freedom that the covariates took."""

    given: str
    r: float
    ci_low: float
    ci_high: float
    p: float
    n: int
    spent: int


@remembered
def partial(atlas: Atlas, params: PairParams, *, depth: bool, by: str | None) -> Adjusted:
    """Correlate what is left of two genes after total counts, a categorical column, or both are taken out.

    Notes
    -----
    Least squares on the covariates: log1p of the cell's total for Pearson, its mid-rank for Spearman, and one mean per
    category. p and interval have as many fewer degrees of freedom as the covariates took.
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
        totals = np.log1p(_totals(atlas)[used])
        columns.append(rank(totals))
        spent += 1
        given.insert(0, "total counts")
    # Frisch, Waugh and Lovell: taking group means out first leaves the same residuals as one regression on everything.
    centred = [_within(column, codes) for column in columns]
    if depth and np.ptp(centred[2]) > 0:
        centred[:2] = [
            column - centred[2] * (column @ centred[2]) / (centred[2] @ centred[2]) for column in centred[:2]
        ]
    r = _residual_r(centred[0], centred[1], columns[0], columns[1])
    n = x.size - spent
    low, high = correlation.intervals(r, n, params.method)
    return Adjusted(" and ".join(given), r, float(low), float(high), float(correlation.p_values(r, n)), x.size, spent)


def _totals(atlas: Atlas) -> F64:
    return atlas.layer(COUNTS if atlas.manifest.layer(COUNTS) else EXPRESSION).cell_sums


def _within(values: F64, codes: np.ndarray) -> F64:
    sizes = np.bincount(codes)
    return values - (np.bincount(codes, weights=values) / sizes)[codes]


def _residual_r(x: F64, y: F64, whole_x: F64, whole_y: F64) -> float:
    """Correlate residuals; NaN when one of them is nothing but rounding."""
    norms = np.linalg.norm(x), np.linalg.norm(y)
    scale = np.linalg.norm(whole_x - whole_x.mean()), np.linalg.norm(whole_y - whole_y.mean())
    if any(norm <= 1e-9 * whole for norm, whole in zip(norms, scale, strict=True)):
        return float("nan")
    return float(np.clip((x / norms[0]) @ (y / norms[1]), -1, 1))
