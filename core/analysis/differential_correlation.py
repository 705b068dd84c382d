"""Difference of a correlation between two groups, tested by permuting samples."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from math import comb
from typing import TYPE_CHECKING

import numpy as np

from core.analysis.donor_level import sample_column
from core.analysis.gene_pair import PairParams, coefficient, mid_ranks, pair_values
from core.cache.in_process import remembered
from core.errors import InvalidQuery
from core.stats import correlation

if TYPE_CHECKING:
    from core.atlas.store import Atlas, Categorical
    from core.stats.correlation import F64


MAX_EXACT = 10_000
N_RANDOM = 5_000
SEED = 0


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
def difference(atlas: Atlas, params: PairParams, by: str, groups: tuple[str, str]) -> Difference:
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
    column, samples = atlas.categorical(by), sample_column(atlas)
    codes = [_code(column, group) for group in groups]
    values = pair_values(atlas, params)
    members = [values.used & (column.codes == code) & (samples.codes >= 0) for code in codes]
    found = [np.unique(samples.codes[member]) for member in members]
    for group, present in zip(groups, found, strict=True):
        if len(present) < 2:  # noqa: PLR2004 - nothing to permute
            raise InvalidQuery(
                f"The group {group!r} has {len(present)} sample(s) here; the test needs two in each group.",
                "Choose others.",
            )
    if shared := np.intersect1d(found[0], found[1]).size:
        raise InvalidQuery(
            f"{shared} sample(s) have cells in both groups, so samples cannot be permuted.",
            f"{by} varies within samples.",
        )
    r = tuple(coefficient(values.x[member], values.y[member], params.method) for member in members)
    n = tuple(int(member.sum()) for member in members)
    z, p_cells = correlation.z_difference((r[0], r[1]), (n[0], n[1]), params.method)
    both = members[0] | members[1]
    x, y = values.x[both], values.y[both]
    if params.method == "spearman":
        x, y = mid_ranks(x), mid_ranks(y)
    moments = _moments(x - x.mean(), y - y.mean(), samples.codes[both], np.concatenate(found))
    observed, p, n_tried, exact = _permute(moments, len(found[0]))
    return Difference(
        groups, (r[0], r[1]), (n[0], n[1]), (len(found[0]), len(found[1])), z, p_cells, observed, p, n_tried, exact
    )


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
