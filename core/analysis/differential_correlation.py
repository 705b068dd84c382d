"""Difference of a correlation between two groups, tested by permuting samples."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations, product
from math import comb
from typing import TYPE_CHECKING

import numpy as np

from core.analysis.donor_level import sample_column
from core.analysis.gene_pair import PairParams, coefficient, mid_ranks, pair_values
from core.cache.in_process import remembered
from core.errors import InvalidQuery
from core.stats.correlation import COMPLETE

if TYPE_CHECKING:
    from core.arrays import F64, Mask
    from core.atlas.store import Atlas, Categorical


MAX_EXACT = 10_000
N_RANDOM = 5_000
SEED = 0
MIN_SAMPLES = 2


@dataclass(frozen=True)
class Difference:
    """The change of r between two groups.

    Attributes
    ----------
    r, n, n_samples
        Coefficient, cells and samples of each group.
    n_paired
        Samples with cells in both groups.
    z, p_samples
        First minus second group on Fisher's z, and its two-sided p over assignments of samples to groups. For Spearman
        z is that of mid-ranks over both groups together, the statistic that is permuted.
    n_permutations, exact, least_p
        Number of assignments, whether these are all there are, and the smallest p that they allow.
    """

    groups: tuple[str, str]
    r: tuple[float, float]
    n: tuple[int, int]
    n_samples: tuple[int, int]
    n_paired: int
    z: float
    p_samples: float
    n_permutations: int
    exact: bool
    least_p: float


@remembered
def difference(atlas: Atlas, params: PairParams, by: str, groups: tuple[str, str]) -> Difference:
    """Compare r between two categories, with samples as the unit of the test.

    Notes
    -----
    The permutation test moves whole samples between the groups, since cells of one donor are not independent. A sample
    with cells in both groups stays a pair: its two parts change places, or not. The statistic is the difference of
    Fisher's z of Pearson's r, for Spearman of the mid-ranks over both groups together; so sums per sample suffice and
    every assignment can be tried when there are at most 10,000. Otherwise 5,000 random ones are, and the observed one
    counts among them [1]_. An assignment without a finite statistic, with r = 1 or a constant gene in a group, counts
    as at least as extreme as the observed one.

    Raises
    ------
    InvalidQuery
        A group has fewer than two samples.

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
        if len(present) < MIN_SAMPLES:
            raise InvalidQuery(
                f"The group {group!r} has {len(present)} sample(s) here; the test needs two in each group.",
                "Choose others.",
            )
    r = tuple(coefficient(values.x[member], values.y[member], params.method) for member in members)
    n = tuple(int(member.sum()) for member in members)
    both = members[0] | members[1]
    x, y = values.x[both], values.y[both]
    if params.method == "spearman":
        x, y = mid_ranks(x), mid_ranks(y)
    x, y = x - x.mean(), y - y.mean()
    parts = [
        _moments(x, y, samples.codes[both], member[both], present)
        for member, present in zip(members, found, strict=True)
    ]
    is_pair = [np.isin(present, np.intersect1d(found[0], found[1])) for present in found]
    pairs = np.stack([part[inside] for part, inside in zip(parts, is_pair, strict=True)])
    single = [part[~inside] for part, inside in zip(parts, is_pair, strict=True)]
    first, exact = _assignments(pairs, np.concatenate(single), len(single[0]))
    every = parts[0].sum(axis=0) + parts[1].sum(axis=0)
    observed = float(_fisher_z(parts[0].sum(axis=0)) - _fisher_z(parts[1].sum(axis=0)))
    p = _p(observed, _fisher_z(first) - _fisher_z(every - first))
    # Exchanging the groups gives the same statistic with the other sign, where that is one of the assignments.
    twins = 2 if len(single[0]) == len(single[1]) else 1
    return Difference(
        groups, (r[0], r[1]), (n[0], n[1]), (len(found[0]), len(found[1])), pairs.shape[1], observed, p, len(first),
        exact, (twins if exact else 1) / len(first),
    )  # fmt: skip


def _code(column: Categorical, category: str) -> int:
    if category not in column.categories:
        raise InvalidQuery(f"{column.name} has no category {category!r}.", f"It has: {', '.join(column.categories)}.")
    return column.categories.index(category)


def _moments(x: F64, y: F64, codes: np.ndarray, member: Mask, samples: np.ndarray) -> F64:
    """Give n, sums, squares and products of each sample's cells of one group, (n_samples, 6)."""
    at, a, b = np.searchsorted(samples, codes[member]), x[member], y[member]
    columns = (np.ones_like(a), a, b, a * a, b * b, a * b)
    sums = [np.bincount(at, weights=column, minlength=len(samples)) for column in columns]
    return np.stack(sums, axis=1).astype(np.float64)


def _fisher_z(moments: F64) -> F64:
    """Fisher's z of r; infinite where r is 1 or -1 but for rounding, NaN where a gene is constant."""
    n, x, y, xx, yy, xy = np.moveaxis(moments, -1, 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        r = (xy - x * y / n) / np.sqrt((xx - x * x / n) * (yy - y * y / n))
        return np.arctanh(np.where(np.abs(r) > COMPLETE, np.sign(r), r))


def _assignments(pairs: F64, single: F64, n_first: int) -> tuple[F64, bool]:
    """Sum the moments of the first group in each assignment, the observed one first, (n, 6); and whether all are tried.

    Parameters
    ----------
    pairs : (2, n_pairs, 6), the two parts of each paired sample
    single : (n_single, 6), the others; those of the first group stand first
    """
    n_pairs, n_single = pairs.shape[1], len(single)
    exact = 2**n_pairs * comb(n_single, n_first) <= MAX_EXACT
    if exact:
        swaps = np.array(list(product((0, 1), repeat=n_pairs)), dtype=np.int64)
        chosen = np.array(list(combinations(range(n_single), n_first)), dtype=np.int64)
        swaps, chosen = np.repeat(swaps, len(chosen), axis=0), np.tile(chosen, (len(swaps), 1))
    else:
        rng = np.random.default_rng(SEED)
        swaps = rng.integers(0, 2, (N_RANDOM, n_pairs))
        chosen = np.argsort(rng.random((N_RANDOM, n_single)), axis=1)[:, :n_first]
        swaps[0], chosen[0] = 0, np.arange(n_first)
    moved = pairs[swaps, np.arange(n_pairs)].sum(axis=1)
    return moved + single[chosen].sum(axis=1), exact


def _p(observed: float, differences: F64) -> float:
    """Share of assignments at least as extreme as the observed one; NaN where that has no statistic."""
    if np.isnan(observed):
        return float("nan")
    # Rounding must not turn an equal assignment, such as the groups exchanged, into a smaller one.
    extreme = ~np.isfinite(differences) | (np.abs(differences) >= abs(observed) * (1 - 1e-12))
    return float(extreme.mean())
