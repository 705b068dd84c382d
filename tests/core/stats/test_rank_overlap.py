"""Rank-biased overlap against the sums of its definition, and its null against all orders."""

from itertools import permutations

import numpy as np
import pytest

from core.stats.rank_overlap import overlap, rbo, shared


def naive(first, second, p):
    depth = len(first)
    total = 0.0
    for d in range(1, depth + 1):
        total += len(set(first[:d]) & set(second[:d])) / d * p**d
    agreement = len(set(first) & set(second)) / depth
    return (1 - p) / p * total + agreement * p**depth


@pytest.mark.parametrize("seed", range(5))
def test_rbo_is_the_sum_of_its_definition(seed):
    rng = np.random.default_rng(seed)
    one, other = rng.permutation(60), rng.permutation(60)
    place = np.argsort(other)
    found = rbo(shared(place[one[:25]], 25), 0.9)
    assert found == pytest.approx(naive(one[:25].tolist(), other[:25].tolist(), 0.9), abs=1e-12)


def test_the_worked_limits():
    scores = np.arange(50.0)
    assert overlap(scores, scores, 20).rbo == pytest.approx(1)
    turned = overlap(scores, -scores, 20)
    assert (turned.rbo, turned.n_shared, turned.p) == (0, 0, 1)
    # One item of two in common, at the top: X = 1, 1.
    assert rbo(np.array([1, 1]), 0.5) == pytest.approx(1 * 0.5 + 0.5 * 0.25 + 0.5 * 0.25)


def test_p_is_that_of_all_orders():
    first, second = np.array([5.0, 4, 3, 2, 1]), np.array([4.0, 5, 1, 3, 2])
    found = overlap(first, second, 3, n=20_000)
    every = [float(rbo(shared(np.array(order[:3]), 3))) for order in permutations(range(5))]
    assert found.p == pytest.approx(np.mean(np.array(every) >= found.rbo - 1e-12), abs=0.012)
    assert found.null_mean == pytest.approx(np.mean(every), abs=0.01)


def test_p_of_independent_orders_is_uniform():
    rng = np.random.default_rng(0)
    p = np.array([overlap(rng.random(400), rng.random(400), 50, n=200).p for _ in range(200)])
    assert 0.01 <= (p <= 0.05).mean() <= 0.1


def test_fewer_items_than_the_depth():
    found = overlap(np.array([3.0, 2, 1]), np.array([1.0, 2, 3]), 100)
    assert (found.depth, found.n_items, found.n_shared) == (3, 3, 3)
