"""Rank-biased overlap of two rankings of the same items, with a permutation null.

References
----------
Webber W, Moffat A, Zobel J, A similarity measure for indefinite rankings, ACM Trans. Inf. Syst. 28:20, 2010.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    F64 = NDArray[np.float64]
    I64 = NDArray[np.int64]

PERSISTENCE: Final = 0.98
PERMUTATIONS: Final = 2_000


@dataclass(frozen=True)
class Overlap:
    """Rank-biased overlap, and what random orders give.

    Attributes
    ----------
    rbo : 0 for no item in common to 1 for the same order
    n_shared, depth, n_items : items among the best of both; how many are the best; items in all
    null_mean, null_high : mean and 95 % quantile of random orders
    p : share of random orders that overlap as much, observed one included; one-sided
    """

    rbo: float
    n_shared: int
    depth: int
    n_items: int
    null_mean: float
    null_high: float
    p: float


def shared(places: I64, depth: int) -> I64:
    """Count the items that are among the best d of both rankings.

    Parameters
    ----------
    places : (..., depth) place, from 0, in the second ranking of the best items of the first, best first

    Returns
    -------
    (..., depth) for d = 1, ..., depth.
    """
    later = np.maximum(places, np.arange(depth))
    rows = later.reshape(-1, depth)
    met = np.zeros((len(rows), depth + 1), dtype=np.int64)
    np.add.at(met, (np.arange(len(rows))[:, None], np.minimum(rows, depth)), 1)
    return np.cumsum(met[:, :depth], axis=1).reshape(later.shape)


def rbo(n_shared: I64, persistence: float = PERSISTENCE) -> F64:
    """Extrapolated rank-biased overlap (Webber's RBO_ext for lists of one length).

    Parameters
    ----------
    n_shared : (..., depth) as `shared` counts them
    persistence : probability with which a reader goes on to the next item; 0.98 looks at 50 on average

    Returns
    -------
    (...) float64, (1 - p) / p * sum over d of X_d / d * p^d, plus X_k / k * p^k.
    """
    depth = n_shared.shape[-1]
    ranks = np.arange(1, depth + 1)
    agreement, weights = n_shared / ranks, persistence**ranks
    seen = (1 - persistence) / persistence * (agreement * weights).sum(axis=-1)
    return seen + agreement[..., -1] * weights[-1]


def overlap(first: F64, second: F64, depth: int, seed: int = 1, n: int = PERMUTATIONS) -> Overlap:
    """Compare two rankings by falling score; equal scores are in the order of the items.

    Parameters
    ----------
    first, second : (n_items,) finite scores of the same items
    depth : how many of the best are compared; all items where there are fewer
    seed, n : of the random orders

    Notes
    -----
    The null takes every order of the items for equally likely. Genes of one programme move together, so a small p says
    that the orders are not independent, and no more.
    """
    n_items = len(first)
    depth = min(depth, n_items)
    best = np.argsort(-first, kind="stable")[:depth]
    place = np.empty(n_items, dtype=np.int64)
    place[np.argsort(-second, kind="stable")] = np.arange(n_items)
    found = shared(place[best], depth)
    rng = np.random.default_rng(seed)
    random = np.stack([rng.choice(n_items, depth, replace=False) for _ in range(n)])
    null = rbo(shared(random, depth))
    observed = float(rbo(found))
    # Sums of the same overlap may differ in their last bit.
    p = (1 + int((null >= observed - 1e-12).sum())) / (1 + n)
    return Overlap(
        observed, int(found[-1]), depth, n_items, float(null.mean()), float(np.quantile(null, 0.95)), float(p)
    )
