"""Stratified correlation: r within samples, cell types or groups, and r between them.

The guards against Simpson's paradox: r within each level of a column with a meta-analysis over them, partial
correlation on depth or on a column, correlation of donor means, and the change of r between two groups tested by
permuting samples.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from core.analysis.gene_pair import PairParams, PairValues, coefficient, pair_values
from core.cache.in_process import remembered
from core.stats import correlation, meta_analysis

if TYPE_CHECKING:
    from core.atlas.store import Atlas, Categorical
    from core.stats.meta_analysis import Pooled

MIN_SAMPLES = 4


@dataclass(frozen=True)
class Stratum:
    """One level of a column; everything but `n` is NaN where the cells are too few or a gene is constant in them."""

    category: str
    n: int
    r: float
    ci_low: float
    ci_high: float
    p: float


@dataclass(frozen=True)
class Strata:
    """r within each level of a column.

    Attributes
    ----------
    pooled : r over all the cells at once
    fixed, random : meta-analyses of the strata
    warning : in words, when pooled and within-stratum signs differ; else empty
    """

    by: str
    strata: tuple[Stratum, ...]
    pooled: float
    fixed: Pooled
    random: Pooled
    warning: str


@remembered
def strata(atlas: Atlas, params: PairParams, by: str) -> Strata:
    """Correlate two genes within each level of a categorical column, pooled over the levels."""
    column = atlas.categorical(by)
    values = pair_values(atlas, params)
    found = tuple(_stratum(values, column, code, params) for code in range(len(column.categories)))
    found = tuple(stratum for stratum in found if stratum.n)
    r, n = [stratum.r for stratum in found], [stratum.n for stratum in found]
    fixed, random = (meta_analysis.meta_analysis(r, n, params.method, model) for model in ("fixed", "random"))
    pooled = coefficient(values.x[values.used], values.y[values.used], params.method)
    return Strata(by, found, pooled, fixed, random, simpson(pooled, random, by, found))


def simpson(pooled: float, within: Pooled, by: str, found: tuple[Stratum, ...]) -> str:
    """Warn when the coefficient over all cells and the one within strata point in opposite directions."""
    if not np.isfinite(pooled) or not np.isfinite(within.r) or pooled * within.r >= 0:
        return ""
    against = sum(stratum.r * pooled < 0 for stratum in found)
    caveat = "" if within.ci_low * within.ci_high > 0 else " The value within strata is not distinguishable from zero."
    return (
        f"Over all cells r is {pooled:+.3f}, but within the levels of {by} it is {within.r:+.3f} "
        f"({against} of {within.n_strata} point the other way). The overall correlation comes from differences between "
        f"the levels, not from cells of one level moving together (Simpson's paradox).{caveat}"
    )


def _stratum(values: PairValues, column: Categorical, code: int, params: PairParams) -> Stratum:
    cells = values.used & (column.codes == code)
    n = int(cells.sum())
    r = coefficient(values.x[cells], values.y[cells], params.method)
    low, high = correlation.intervals(r, n, params.method)
    return Stratum(column.categories[code], n, r, float(low), float(high), float(correlation.p_values(r, n)))
