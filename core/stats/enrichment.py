"""Over-representation of gene sets in a list of genes, and the running score of a set along a ranking.

Everything is over one universe: the genes that were tested. A gene that was not tested can be neither in the list nor
in a set; sets are cut to the universe before anything is counted.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import ArrayLike, NDArray

    F64 = NDArray[np.float64]
    I64 = NDArray[np.int64]
    Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Membership:
    """Sets of genes of one universe, one behind the other.

    Attributes
    ----------
    genes
        (n_members,) int64, indices in the universe, each once in a set.
    starts
        (n_sets + 1,) int64; set ``i`` is ``genes[starts[i]:starts[i + 1]]``.
    """

    genes: I64
    starts: I64

    @classmethod
    def of(cls, sets: Iterable[ArrayLike]) -> Membership:
        """Put sets behind each other; a gene that a set names twice counts once."""
        unique = [np.unique(np.asarray(genes, dtype=np.int64)) for genes in sets]
        starts = np.concatenate([[0], np.cumsum([len(genes) for genes in unique])]).astype(np.int64)
        return cls(np.concatenate([np.empty(0, dtype=np.int64), *unique]), starts)

    @classmethod
    def of_pairs(cls, sets: I64, genes: I64, n_sets: int, n_genes: int) -> Membership:
        """Gather pairs of a set and a gene, both numbered from 0; a pair that is given twice counts once."""
        keys = np.unique(sets * n_genes + genes)
        of, inside = np.divmod(keys, n_genes)
        return cls(inside, np.searchsorted(of, np.arange(n_sets + 1)))

    def __len__(self) -> int:
        return len(self.starts) - 1

    @property
    def sizes(self) -> I64:
        """Number of genes of each set, (n_sets,)."""
        return np.diff(self.starts)

    def set(self, at: int) -> I64:
        """Return the genes of one set, in ascending order."""
        return self.genes[self.starts[at] : self.starts[at + 1]]

    def where(self, kept: Mask) -> Membership:
        """Return some of the sets, in the same order.

        Parameters
        ----------
        kept : (n_sets,) bool
        """
        return Membership(
            self.genes[np.repeat(kept, self.sizes)],
            np.concatenate([[0], np.cumsum(self.sizes[kept])]).astype(np.int64),
        )

    def counts(self, listed: Mask) -> I64:
        """Count the genes of each set that are listed.

        Parameters
        ----------
        listed : (n_genes,) bool
        """
        return np.diff(np.concatenate([[0], np.cumsum(listed[self.genes])])[self.starts])


@dataclass(frozen=True)
class OverRepresentation:
    """Over-representation of each set in a list, all (n_sets,).

    Attributes
    ----------
    overlap
        Listed genes of the set.
    expected
        Their number in a random list of the same length.
    fold
        overlap / expected; NaN where nothing is expected: an empty set, or an empty list.
    p
        Probability of so large an overlap or a larger one; NaN where `fold` is.
    """

    overlap: I64
    expected: F64
    fold: F64
    p: F64


def over_representation(sets: Membership, listed: Mask) -> OverRepresentation:
    r"""Test whether a list holds more genes of each set than a random list of its length would.

    Parameters
    ----------
    sets
        Sets of genes of the universe.
    listed
        (n_genes,) bool: which genes of the universe the list holds.

    Notes
    -----
    With N genes, n of them listed and K in the set, the overlap of a random list is hypergeometric, and
    :math:`p = \sum_{i \ge k} \binom{K}{i} \binom{N - K}{n - i} / \binom{N}{n}`: Fisher's exact test, one-sided [1]_.
    It takes the genes for independent, which genes of one pathway are not: p-values are too small where they are
    regulated together [2]_.

    References
    ----------
    .. [1] Rivals et al., Enrichment or depletion of a GO category within a class of genes: which test?,
       Bioinformatics 23:401-407, 2007.
    .. [2] Goeman and Buhlmann, Analyzing gene expression data in terms of gene sets: methodological issues,
       Bioinformatics 23:980-987, 2007.
    """
    from scipy.stats import hypergeom

    n_genes, n_listed = len(listed), int(listed.sum())
    overlap = sets.counts(listed)
    expected = (sets.sizes * (n_listed / n_genes if n_genes else 0.0)).astype(np.float64)
    fold, p = np.full(len(sets), np.nan), np.full(len(sets), np.nan)
    told = expected > 0
    fold[told] = overlap[told] / expected[told]
    # Many sets have size and overlap in common.
    cases, which = np.unique(np.stack([overlap[told], sets.sizes[told]]), axis=1, return_inverse=True)
    p[told] = np.minimum(hypergeom.sf(cases[0] - 1, n_genes, cases[1], n_listed), 1.0)[which]
    return OverRepresentation(overlap, expected, fold, p)


@dataclass(frozen=True)
class RunningScore:
    """Running score of one set along a ranking.

    Attributes
    ----------
    places
        (n_set,) int64, places of the set's genes in the ranking, from 0, in ascending order.
    before, after
        (n_set,) float64, the score before and at each of them. In between it falls in a straight line, from 0 and to 0.
    es
        Enrichment score: the score of largest absolute value. NaN for a set without genes, or with every gene.
    leading
        (n_set,) bool, the leading edge: genes up to the extreme of a positive score, or from it of a negative one.
    """

    places: I64
    before: F64
    after: F64
    es: float
    leading: Mask


def running_score(stat: F64, places: I64, weight: float = 1.0) -> RunningScore:
    r"""Compute the running score of a gene set.

    Parameters
    ----------
    stat
        (n_genes,) float64, the statistic of the ranking, falling, without NaN.
    places
        (n_set,) int64, places of the set's genes in it.
    weight
        Exponent of the statistic; 0 counts every gene alike.

    Notes
    -----
    At a gene of the set the score rises by :math:`|s_i|^w / \sum_{j \in S} |s_j|^w`, at any other it falls by
    :math:`1 / (N - |S|)` [1]_. Where all statistics of the set are 0, its genes count alike. Of two extremes of
    the same size the positive one counts.

    References
    ----------
    .. [1] Subramanian et al., Gene set enrichment analysis: a knowledge-based approach for interpreting genome-wide
       expression profiles, PNAS 102:15545-15550, 2005.
    """
    places = np.sort(places)
    n_set, n_other = len(places), len(stat) - len(places)
    if not n_set or not n_other:
        nothing = np.full(n_set, np.nan)
        return RunningScore(places, nothing, nothing, float("nan"), np.zeros(n_set, dtype=bool))
    gains = np.abs(stat[places]) ** weight
    total = gains.sum()
    risen = np.cumsum(gains) / total if total > 0 else np.arange(1, n_set + 1) / n_set
    risen[-1] = 1.0
    fallen = (places - np.arange(n_set)) / n_other
    after = risen - fallen
    before = np.concatenate([[0.0], risen[:-1]]) - fallen
    top, bottom = float(after.max()), float(before.min())
    if top >= -bottom:
        return RunningScore(places, before, after, top, np.arange(n_set) <= int(after.argmax()))
    return RunningScore(places, before, after, bottom, np.arange(n_set) >= int(before.argmin()))
