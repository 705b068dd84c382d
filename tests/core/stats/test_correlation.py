"""p, intervals, corrections and pooling against scipy and statsmodels."""

import numpy as np
import pytest
from scipy import stats as reference
from statsmodels.stats.meta_analysis import combine_effects
from statsmodels.stats.multitest import multipletests

from core.stats import correlation, meta_analysis, multiple_testing

SIZES = (3, 4, 5, 17, 250, 2_839, 100_000)
COEFFICIENTS = (0.0, 0.004, -0.1, 0.35, -0.82, 0.999)


@pytest.mark.parametrize("n", SIZES)
@pytest.mark.parametrize("r", COEFFICIENTS)
def test_p_is_that_of_the_t_distribution(r, n):
    t = r * np.sqrt((n - 2) / ((1 + r) * (1 - r)))
    assert correlation.p_values(r, n) == pytest.approx(2 * reference.t.sf(abs(t), n - 2), rel=1e-9)


def test_p_equals_what_scipy_says_of_real_vectors():
    rng = np.random.default_rng(0)
    x = rng.normal(size=60)
    y = 0.3 * x + rng.normal(size=60)
    for function in (reference.pearsonr, reference.spearmanr):
        found = function(x, y)
        assert correlation.p_values(found.statistic, 60) == pytest.approx(found.pvalue, rel=1e-9)


def test_p_where_there_is_none_or_no_doubt():
    np.testing.assert_array_equal(
        correlation.p_values([np.nan, 0.5, 1.0, -1.0], [10, 2, 10, 10]), [np.nan, np.nan, 0, 0]
    )


def test_a_p_below_the_smallest_double_is_zero_and_still_sorts():
    p = correlation.p_values([0.2, 0.5, 0.9], [100_000] * 3)
    assert p[2] == 0
    assert list(np.argsort(-p)) == [0, 1, 2]


@pytest.mark.parametrize("n", [4, 10, 1_000])
def test_pearson_interval_is_scipys(n):
    rng = np.random.default_rng(n)
    x, y = rng.normal(size=(2, n))
    found = reference.pearsonr(x, y)
    expected = found.confidence_interval(0.95)
    low, high = correlation.intervals(found.statistic, n, "pearson")
    assert (low, high) == pytest.approx((expected.low, expected.high), abs=1e-12)


def test_spearman_interval_is_bonett_and_wrights():
    low, high = correlation.intervals(0.6, 53, "spearman")
    error = np.sqrt((1 + 0.36 / 2) / 50)
    expected = np.tanh(np.arctanh(0.6) + np.array([-1, 1]) * reference.norm.ppf(0.975) * error)
    assert (low, high) == pytest.approx(tuple(expected), abs=1e-12)


def test_intervals_at_the_edges():
    low, high = correlation.intervals([1.0, -1.0, np.nan, 0.5], [10, 10, 10, 3], "pearson")
    np.testing.assert_array_equal(low, [1, -1, np.nan, np.nan])
    np.testing.assert_array_equal(high, [1, -1, np.nan, np.nan])


def test_spearman_interval_covers_in_simulations():
    rng = np.random.default_rng(5)
    truth = 6 / np.pi * np.arcsin(0.5 / 2)
    hits = 0
    for _ in range(400):
        x = rng.normal(size=80)
        y = 0.5 * x + np.sqrt(0.75) * rng.normal(size=80)
        low, high = correlation.intervals(reference.spearmanr(x, y).statistic, 80, "spearman")
        hits += low <= truth <= high
    assert 0.91 <= hits / 400 <= 0.985


@pytest.mark.parametrize(
    ("ours", "method"), [(multiple_testing.benjamini_hochberg, "fdr_bh"), (multiple_testing.bonferroni, "bonferroni")]
)
def test_corrections_are_statsmodels_and_leave_nan_out(ours, method):
    p = np.array([0.001, np.nan, 0.04, 0.03, 1.0, 0.0, np.nan, 0.5])
    given = np.isfinite(p)
    adjusted = ours(p)
    np.testing.assert_allclose(adjusted[given], multipletests(p[given], method=method)[1], rtol=1e-12)
    assert np.isnan(adjusted[~given]).all()
    assert np.isnan(ours([np.nan, np.nan])).all()
    assert ours([]).size == 0


@pytest.mark.parametrize("method", ["pearson", "spearman"])
def test_meta_analysis_is_statsmodels(method):
    r, n = np.array([0.1, 0.45, -0.2, 0.3, 0.6]), np.array([30, 55, 12, 400, 25])
    variance = correlation.z_variance(r, n, method)
    expected = combine_effects(np.arctanh(r), variance, method_re="dl")
    frame = expected.summary_frame()
    for model, row in (("fixed", "fixed effect"), ("random", "random effect")):
        found = meta_analysis.meta_analysis(r, n, method, model)
        assert np.arctanh(found.r) == pytest.approx(frame.loc[row, "eff"], abs=1e-12)
        assert np.arctanh(found.ci_low) == pytest.approx(frame.loc[row, "ci_low"], abs=1e-9)
        assert found.q == pytest.approx(expected.q, rel=1e-9)
        assert found.i2 == pytest.approx(100 * expected.i2, rel=1e-9)
        assert found.tau2 == pytest.approx(expected.tau2, rel=1e-9)
        assert found.q_p == pytest.approx(reference.chi2.sf(expected.q, 4), rel=1e-9)


def test_meta_analysis_of_strata_that_say_nothing():
    nothing = meta_analysis.meta_analysis([np.nan, 1.0, 0.3], [50, 50, 3], "pearson", "random")
    assert nothing.n_strata == 0
    assert np.isnan(nothing.r)
    single = meta_analysis.meta_analysis([0.3, np.nan], [50, 50], "pearson", "random")
    assert (single.n_strata, single.i2, single.tau2) == (1, 0, 0)
    assert single.r == pytest.approx(0.3)


def test_difference_of_two_coefficients():
    z, p = correlation.z_difference((0.6, 0.2), (103, 103), "pearson")
    assert z == pytest.approx(np.arctanh(0.6) - np.arctanh(0.2))
    assert p == pytest.approx(2 * reference.norm.sf(z / np.sqrt(2 / 100)), rel=1e-9)
    assert np.isnan(correlation.z_difference((np.nan, 0.2), (100, 100), "pearson")[1])
