"""Differences of two estimates against scipy's Welch test, and inputs that have none."""

import numpy as np
import pytest
from scipy import stats

from core.stats.two_effects import Effects, difference


def estimate(samples):
    """Mean of samples in each row, as an estimate with its interval by t."""
    n = samples.shape[1]
    mean, error = samples.mean(axis=1), samples.std(axis=1, ddof=1) / np.sqrt(n)
    half = stats.t.ppf(0.975, n - 1) * error
    return Effects(mean, mean - half, mean + half, mean / error)


@pytest.mark.parametrize(("n", "n_2"), [(4, 9), (3, 3), (30, 5)])
def test_it_is_welchs_t(n, n_2):
    rng = np.random.default_rng(0)
    one, other = rng.normal(1, 2, (50, n)), rng.normal(0, 0.5, (50, n_2))
    found = difference(estimate(one), estimate(other))
    expected = stats.ttest_ind(one, other, axis=1, equal_var=False)
    np.testing.assert_allclose(found.p, expected.pvalue, rtol=1e-6)
    low, high = expected.confidence_interval()
    np.testing.assert_allclose(found.effect, one.mean(axis=1) - other.mean(axis=1))
    np.testing.assert_allclose(found.low, low, rtol=1e-6)
    np.testing.assert_allclose(found.high, high, rtol=1e-6)


def test_nothing_known_stays_nothing_and_a_change_of_zero_has_an_error():
    one = Effects(np.array([np.nan, 0.0, 1.0]), np.array([np.nan, -1.0, 0.0]), np.array([np.nan, 1.0, 2.0]),
                  np.array([np.nan, 0.0, 1 / (1 / stats.t.ppf(0.975, 6))]))  # fmt: skip
    found = difference(one, one)
    assert np.isnan(found.p[0])
    np.testing.assert_allclose(found.p[1:], 1)
    np.testing.assert_allclose(found.high[1], found.high[2])


def test_normal_intervals_are_the_limit():
    one = Effects(
        np.array([1.0]), np.array([1 - 1.959963984540054]), np.array([1 + 1.959963984540054]), np.array([1.0])
    )
    found = difference(one, Effects(-one.effect, -one.high, -one.low, -one.stat))
    assert found.p[0] == pytest.approx(2 * stats.norm.sf(2 / np.sqrt(2)), rel=1e-4)


def test_p_is_uniform_where_both_are_the_same():
    rng = np.random.default_rng(1)
    found = difference(estimate(rng.normal(1, 1, (4000, 4))), estimate(rng.normal(1, 1, (4000, 4))))
    assert (found.p <= 0.05).mean() == pytest.approx(0.045, abs=0.012)
