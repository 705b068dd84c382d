"""Whether a correlation holds within samples, cell types or groups, or is made by the differences between them.

The guards against Simpson's paradox: r within each level of a column with a meta-analysis over them, partial
correlation on depth or on a column, correlation of donor means, and the change of r between two groups tested by
permuting samples.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from math import comb
from typing import TYPE_CHECKING

import numpy as np

from core.analysis.gene_pair import PairAsk, PairValues, coefficient, mid_ranks, pair_values
from core.atlas.store import COUNTS, EXPRESSION
from core.cache.in_process import remembered
from core.errors import InvalidQuery
from core.stats import correlation

if TYPE_CHECKING:
    from core.atlas.store import Atlas, Categorical
    from core.stats.correlation import F64, Pooled

MIN_SAMPLES = 4
MIN_SAMPLE_CELLS = 10
MAX_EXACT = 10_000
N_RANDOM = 5_000
SEED = 0


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


@dataclass(frozen=True)
class DonorMeans:
    """The correlation of sample means, with n = samples; `left_out` samples had fewer than ten cells."""

    r: float
    ci_low: float
    ci_high: float
    p: float
    n: int
    left_out: int
    samples: tuple[str, ...]
    x: F64
    y: F64


@dataclass(frozen=True)
class Difference:
    """The change of r between two groups.

    Attributes
    ----------
    z, p_cells
        First minus second group on Fisher's z, and its p as if every cell were independent.
    z_permuted, p_samples, n_permutations, exact
        The statistic that was permuted, its two-sided p over assignments of samples to groups, how many of these, and
        whether they were all there are.
    """

    groups: tuple[str, str]
    r: tuple[float, float]
    n: tuple[int, int]
    n_samples: tuple[int, int]
    z: float
    p_cells: float
    z_permuted: float
    p_samples: float
    n_permutations: int
    exact: bool


@remembered
def strata(atlas: Atlas, ask: PairAsk, by: str) -> Strata:
    """Correlate two genes within each level of a categorical column, pooled over the levels."""
    column = atlas.categorical(by)
    values = pair_values(atlas, ask)
    found = tuple(_stratum(values, column, code, ask) for code in range(len(column.categories)))
    found = tuple(stratum for stratum in found if stratum.n)
    r, n = [stratum.r for stratum in found], [stratum.n for stratum in found]
    fixed, random = (correlation.meta_analysis(r, n, ask.method, model) for model in ("fixed", "random"))
    pooled = coefficient(values.x[values.used], values.y[values.used], ask.method)
    return Strata(by, found, pooled, fixed, random, simpson(pooled, random, by, found))


def simpson(pooled: float, within: Pooled, by: str, found: tuple[Stratum, ...]) -> str:
    """The warning, when the coefficient over all cells and the one within strata point in opposite directions."""
    if not np.isfinite(pooled) or not np.isfinite(within.r) or pooled * within.r >= 0:
        return ""
    against = sum(stratum.r * pooled < 0 for stratum in found)
    sure = "" if within.ci_low * within.ci_high > 0 else " The value within strata is not distinguishable from zero."
    return (
        f"Over all cells r is {pooled:+.3f}, but within the levels of {by} it is {within.r:+.3f} "
        f"({against} of {within.n_strata} point the other way). The overall correlation comes from differences between "
        f"the levels, not from cells of one level moving together (Simpson's paradox).{sure}"
    )


@remembered
def partial(atlas: Atlas, ask: PairAsk, *, depth: bool, by: str | None) -> Adjusted:
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
    values = pair_values(atlas, ask)
    used = values.used
    x, y = values.x[used], values.y[used]
    rank = mid_ranks if ask.method == "spearman" else np.array
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
    low, high = correlation.intervals(r, n, ask.method)
    return Adjusted(" and ".join(given), r, float(low), float(high), float(correlation.p_values(r, n)), x.size, spent)


@remembered
def donor_means(atlas: Atlas, ask: PairAsk) -> DonorMeans:
    """Correlate the means of two genes over samples: the unit of replication is the donor.

    Raises
    ------
    InvalidQuery
        The atlas names no samples, or fewer than four have ten selected cells.
    """
    column = _samples(atlas)
    values = pair_values(atlas, ask)
    counts = np.bincount(column.codes[values.used & (column.codes >= 0)], minlength=len(column.categories))
    kept = np.flatnonzero(counts >= MIN_SAMPLE_CELLS)
    if len(kept) < MIN_SAMPLES:
        raise InvalidQuery(
            f"Only {len(kept)} samples have {MIN_SAMPLE_CELLS} or more of these cells; donor means need {MIN_SAMPLES}.",
            "Select more cells.",
        )
    x, y = (_means(each, column, values.used)[kept] for each in (values.x, values.y))
    r = coefficient(x, y, ask.method)
    low, high = correlation.intervals(r, len(kept), ask.method)
    names = tuple(column.categories[at] for at in kept)
    n_some = int((counts > 0).sum())
    p = float(correlation.p_values(r, len(kept)))
    return DonorMeans(r, float(low), float(high), p, len(kept), n_some - len(kept), names, x, y)


@remembered
def difference(atlas: Atlas, ask: PairAsk, by: str, groups: tuple[str, str]) -> Difference:
    """Compare r between two categories, with samples as the unit of the test.

    Notes
    -----
    The permutation test moves whole samples between the groups, since cells of one donor are not independent. Its
    statistic is the difference of Fisher's z of Pearson's r, for Spearman of the mid-ranks over both groups together;
    so sums per sample suffice and every assignment can be tried when there are at most 10,000. Otherwise 5,000 random
    ones are, and the observed one counts among them [1]_.

    Raises
    ------
    InvalidQuery
        A group has fewer than two samples, or a sample lies in both groups.

    References
    ----------
    .. [1] Phipson and Smyth, Permutation p-values should never be zero, Stat. Appl. Genet. Mol. Biol. 9:39, 2010.
    """
    column, samples = atlas.categorical(by), _samples(atlas)
    codes = [_code(column, group) for group in groups]
    values = pair_values(atlas, ask)
    members = [values.used & (column.codes == code) & (samples.codes >= 0) for code in codes]
    found = [np.unique(samples.codes[member]) for member in members]
    for group, present in zip(groups, found, strict=True):
        if len(present) < 2:  # noqa: PLR2004 - nothing to permute
            raise InvalidQuery(
                f"The group {group!r} has {len(present)} sample(s) here; the test needs two a side.", "Choose others."
            )
    if shared := np.intersect1d(found[0], found[1]).size:
        raise InvalidQuery(
            f"{shared} sample(s) have cells in both groups, so samples cannot be permuted.",
            f"{by} varies within samples.",
        )
    r = tuple(coefficient(values.x[member], values.y[member], ask.method) for member in members)
    n = tuple(int(member.sum()) for member in members)
    z, p_cells = correlation.z_difference((r[0], r[1]), (n[0], n[1]), ask.method)
    both = members[0] | members[1]
    x, y = values.x[both], values.y[both]
    if ask.method == "spearman":
        x, y = mid_ranks(x), mid_ranks(y)
    moments = _moments(x - x.mean(), y - y.mean(), samples.codes[both], np.concatenate(found))
    observed, p, n_tried, exact = _permute(moments, len(found[0]))
    return Difference(
        groups, (r[0], r[1]), (n[0], n[1]), (len(found[0]), len(found[1])), z, p_cells, observed, p, n_tried, exact
    )


def _stratum(values: PairValues, column: Categorical, code: int, ask: PairAsk) -> Stratum:
    cells = values.used & (column.codes == code)
    n = int(cells.sum())
    r = coefficient(values.x[cells], values.y[cells], ask.method)
    low, high = correlation.intervals(r, n, ask.method)
    return Stratum(column.categories[code], n, r, float(low), float(high), float(correlation.p_values(r, n)))


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


def _samples(atlas: Atlas) -> Categorical:
    column = atlas.role("sample")
    if column is None:
        raise InvalidQuery(f"{atlas.id} names no samples.", "Import it again with --sample COLUMN.")
    return column


def _means(values: F64, column: Categorical, cells: np.ndarray) -> F64:
    inside = cells & (column.codes >= 0)
    codes = column.codes[inside]
    size = len(column.categories)
    with np.errstate(invalid="ignore"):
        return np.bincount(codes, weights=values[inside], minlength=size) / np.bincount(codes, minlength=size)


def _code(column: Categorical, category: str) -> int:
    if category not in column.categories:
        raise InvalidQuery(f"{column.name} has no category {category!r}.", f"It has: {', '.join(column.categories)}.")
    return column.categories.index(category)


def _moments(x: F64, y: F64, codes: np.ndarray, samples: np.ndarray) -> F64:
    """Give n, sums, squares and products of each sample, (n_samples, 6); the first group's samples come first."""
    place = {int(code): at for at, code in enumerate(samples)}
    at = np.array([place[int(code)] for code in codes])
    columns = (np.ones_like(x), x, y, x * x, y * y, x * y)
    sums = [np.bincount(at, weights=column, minlength=len(samples)) for column in columns]
    return np.stack(sums, axis=1).astype(np.float64)


def _fisher_z(moments: F64) -> F64:
    n, x, y, xx, yy, xy = np.moveaxis(moments, -1, 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        r = (xy - x * y / n) / np.sqrt((xx - x * x / n) * (yy - y * y / n))
        return np.arctanh(np.clip(r, -1, 1))


def _permute(moments: F64, n_first: int) -> tuple[float, float, int, bool]:
    n_samples = len(moments)
    exact = comb(n_samples, n_first) <= MAX_EXACT
    if exact:
        chosen = np.array(list(combinations(range(n_samples), n_first)))
    else:
        rng = np.random.default_rng(SEED)
        chosen = np.argsort(rng.random((N_RANDOM, n_samples)), axis=1)[:, :n_first]
        chosen[0] = np.arange(n_first)
    first = moments[chosen].sum(axis=1)
    differences = _fisher_z(first) - _fisher_z(moments.sum(axis=0) - first)
    observed = float(_fisher_z(moments[:n_first].sum(axis=0)) - _fisher_z(moments[n_first:].sum(axis=0)))
    usable = np.isfinite(differences)
    if not np.isfinite(observed):
        return float("nan"), float("nan"), int(usable.sum()), exact
    # Rounding must not turn an equal assignment, such as the groups exchanged, into a smaller one.
    extreme = np.abs(differences[usable]) >= abs(observed) * (1 - 1e-12)
    return observed, float(extreme.mean()), int(usable.sum()), exact
