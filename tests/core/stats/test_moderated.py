"""Linear models and moderated t, against statsmodels and scipy, and by what must hold."""

import numpy as np
import pytest
from scipy import special, stats

from core.stats.moderated import fit, fit_weighted, moderated_t, scaled_f, trigamma_inverse
from core.stats.multiple_testing import benjamini_hochberg


@pytest.fixture
def data():
    rng = np.random.default_rng(4)
    design = np.column_stack([np.ones(9), np.arange(9) % 2, rng.normal(size=9)])
    return rng.normal(size=(40, 9)) + 5, design, np.array([0.0, 1.0, 0.0])


def test_effects_and_errors_are_those_of_statsmodels(data):
    import statsmodels.api as sm

    values, design, contrast = data
    found = fit(values, design, contrast)
    for row in range(0, 40, 7):
        wanted = sm.OLS(values[row], design).fit()
        assert found.effect[row] == pytest.approx(wanted.params[1], abs=1e-12)
        assert found.unscaled[row] * np.sqrt(found.variance[row]) == pytest.approx(wanted.bse[1], rel=1e-12)
        np.testing.assert_allclose(found.fitted[row], wanted.fittedvalues, rtol=1e-12)
    assert found.df == 6


def test_weighted_effects_are_those_of_statsmodels(data):
    import statsmodels.api as sm

    values, design, contrast = data
    weights = np.random.default_rng(1).gamma(2, 1, values.shape)
    found = fit_weighted(values, design, contrast, weights)
    for row in range(0, 40, 7):
        wanted = sm.WLS(values[row], design, weights=weights[row]).fit()
        assert found.effect[row] == pytest.approx(wanted.params[1], abs=1e-11)
        assert found.unscaled[row] * np.sqrt(found.variance[row]) == pytest.approx(wanted.bse[1], rel=1e-11)


def test_the_prior_is_found_again():
    """Variances drawn from the model give back its parameters, with and without a trend."""
    rng = np.random.default_rng(2)
    d0, df = 8.0, 6
    mean = rng.uniform(0, 10, 20_000)
    for trend, scale in ((None, np.full(20_000, 0.3)), (mean, np.exp(-0.2 * mean))):
        sigma2 = scale * d0 / rng.chisquare(d0, 20_000)
        prior, found = scaled_f(sigma2 * rng.chisquare(df, 20_000) / df, df, trend)
        assert found == pytest.approx(d0, rel=0.08)
        np.testing.assert_allclose(prior, scale, rtol=0.1)


def test_equal_variances_have_an_infinite_prior():
    values = np.random.default_rng(3).normal(size=(3_000, 8))
    design = np.column_stack([np.ones(8), np.arange(8) % 2])
    variance = np.full(3_000, 1.0)
    assert scaled_f(variance, 6) == (pytest.approx(np.ones(3_000)), np.inf)
    found = moderated_t(fit(values, design, np.array([0.0, 1.0])))
    assert found.df <= 6 * 3_000
    assert stats.kstest(found.p, "uniform").pvalue > 0.001


def test_intervals_hold_the_level_of_the_test(data):
    found = moderated_t(fit(*data))
    inside = (found.ci_low <= 0) & (found.ci_high >= 0)
    np.testing.assert_array_equal(inside, found.p >= 0.05)
    np.testing.assert_allclose(found.p, 2 * stats.t.sf(np.abs(found.stat), found.df), rtol=1e-10)


@pytest.mark.parametrize("value", [1e-3, 0.2, 1.0, 30.0])
def test_trigamma_is_inverted(value):
    assert special.polygamma(1, trigamma_inverse(value)) == pytest.approx(value, rel=1e-7)


def test_one_row_without_residuals_is_no_exception(data):
    values, design, contrast = data
    values[0] = 7.0
    found = moderated_t(fit(values, design, contrast), values.mean(axis=1))
    assert np.isfinite(found.p).all()


def test_two_rows_are_enough(data):
    values, design, contrast = data
    assert np.isfinite(moderated_t(fit(values[:2], design, contrast), values[:2].mean(axis=1)).p).all()


def test_p_of_nothing_planted_are_uniform():
    rng = np.random.default_rng(8)
    design = np.column_stack([np.ones(8), np.arange(8) % 2])
    scale = np.sqrt(0.3 * 5 / rng.chisquare(5, 5_000))
    found = moderated_t(fit(rng.normal(size=(5_000, 8)) * scale[:, None], design, np.array([0.0, 1.0])))
    assert stats.kstest(found.p, "uniform").pvalue > 0.001
    assert benjamini_hochberg(found.p).min() > 0.05
