"""Correlation within samples, cell types or groups, pooled over them, and compared with that over all cells.

The guard against Simpson's paradox.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from core.analysis.correlation_inference import of_pair
from core.analysis.gene_pair import PairParams, PairValues, coefficient, pair_values
from core.atlas.nouns import categories_of
from core.cache.in_process import remembered
from core.stats import meta_analysis

if TYPE_CHECKING:
    from core.analysis.correlation_inference import Inference
    from core.atlas.store import Atlas, Categorical
    from core.stats.meta_analysis import Pooled

NOT_POOLED = f"not pooled: fewer than {meta_analysis.MIN_CELLS} cells"
COMPLETE_R = "not pooled: r is 1 or −1"


@dataclass(frozen=True)
class Stratum:
    """One level of a column; NaN where nothing can be said, and `why` says why, and whether it is pooled."""

    category: str
    n: int
    r: float
    ci_low: float
    ci_high: float
    p: float
    why: str = ""


@dataclass(frozen=True)
class Strata:
    """r within each level of a column.

    Attributes
    ----------
    pooled : r over all the cells at once
    fixed, random : meta-analyses of the strata
    warning : a sentence where r within strata differs from that over all cells; else empty
    case : the same as ``reversed``, ``vanishes``, ``weaker`` or ``stronger``; see `simpson`
    """

    by: str
    strata: tuple[Stratum, ...]
    pooled: float
    fixed: Pooled
    random: Pooled
    warning: str
    case: str = ""


@remembered
def strata(atlas: Atlas, params: PairParams, by: str) -> Strata:
    """Correlate two genes within each level of a categorical column, pooled over the levels."""
    column = atlas.categorical(by)
    values = pair_values(atlas, params)
    found = tuple(_stratum(values, column, code, params) for code in range(len(column.categories)))
    found = tuple(stratum for stratum in found if stratum.n)
    r, n = [stratum.r for stratum in found], [stratum.n for stratum in found]
    fixed, random = (meta_analysis.meta_analysis(r, n, params.method, model) for model in ("fixed", "random"))
    pooled, judged = _of_cells(values, values.used, params)
    case = simpson(pooled, judged, random)
    return Strata(
        by, found, pooled, fixed, random, _warning(case, pooled, random, categories_of(atlas, by), found), case
    )


def simpson(pooled: float, judged: Inference, within: Pooled) -> str:
    """Tell how the coefficient within strata differs from that over all cells; empty without evidence that it does.

    The interval over all cells must exclude 0, and that within strata, of two or more, the coefficient over all cells.
    """
    excludes_zero = judged.ci_low * judged.ci_high > 0
    # A comparison with NaN is False.
    differs = within.ci_low > pooled or within.ci_high < pooled
    if not excludes_zero or not differs or within.n_strata < 2:  # noqa: PLR2004 - one stratum is a selection
        return ""
    if not within.ci_low * within.ci_high > 0:
        return "vanishes"
    if pooled * within.r < 0:
        return "reversed"
    return "weaker" if abs(within.r) < abs(pooled) else "stronger"


def _warning(case: str, pooled: float, within: Pooled, names: str, found: tuple[Stratum, ...]) -> str:
    if not case:
        return ""
    against = sum(each.r * pooled < 0 for each in found if meta_analysis.poolable(each.r, each.n))
    between = f"The overall correlation comes from differences between {names}, not from cells within one"
    meaning = {
        "reversed": f"{against} of {within.n_strata} point the other way. {between} (Simpson's paradox).",
        "vanishes": f"It cannot be told from zero. {between}.",
        "weaker": f"Part of the overall correlation comes from differences between {names}.",
        "stronger": f"Differences between {names} hide part of it.",
    }[case]
    return (
        f"Over all cells r is {pooled:+.3f}, but within {names} it is {within.r:+.3f} "
        f"(95% interval {within.ci_low:+.3f} to {within.ci_high:+.3f}). {meaning}"
    )


def _of_cells(values: PairValues, cells: np.ndarray, params: PairParams) -> tuple[float, Inference]:
    x, y = values.x[cells], values.y[cells]
    r = coefficient(x, y, params.method)
    return r, of_pair(x, y, r, params.method, detected=not params.drop_zeros)


def _stratum(values: PairValues, column: Categorical, code: int, params: PairParams) -> Stratum:
    cells = values.used & (column.codes == code)
    n = int(cells.sum())
    r, judged = _of_cells(values, cells, params)
    left_out = ""
    if np.isfinite(r) and not meta_analysis.poolable(r, n):
        left_out = NOT_POOLED if n < meta_analysis.MIN_CELLS else COMPLETE_R
    why = "; ".join(filter(None, (judged.why, left_out)))
    return Stratum(column.categories[code], n, r, judged.ci_low, judged.ci_high, judged.p, why)
