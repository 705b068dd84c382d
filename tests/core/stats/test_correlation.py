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


@pytest.mark.parametrize("r", [1.0, -1.0, 1 - 1e-12, np.nan])
def test_no_interval_where_nothing_is_left_to_vary(r):
    assert np.isnan(correlation.intervals(r, 10, "pearson")).all()
    assert np.isnan(correlation.intervals(0.5, 3, "spearman")).all()


def test_p_of_a_skewed_coefficient_is_pearsons_type_three():
    r, n, skewness = np.array([0.6, -0.3, 0.3, 0.3, 0.2]), 200, np.array([8.0, 8.0, -8.0, 0.5, 8.0])
    found = correlation.permutation_p_values(r, n, skewness, "pearson")
    plain = correlation.p_values(r, n)
    for at in range(3):
        g = skewness[at] * np.sqrt(n - 1) / (n - 2)
        law, z = reference.pearson3(g), r[at] * np.sqrt(n - 1)
        assert found[at] == pytest.approx(max(plain[at], 2 * min(law.cdf(z), law.sf(z))), rel=1e-9)
    assert found[0] > 1e4 * plain[0]
    assert found[3] == plain[3]
    assert found[4] == plain[4] > 0.001


def test_p_of_a_skewed_coefficient_is_that_of_permutations():
    rng = np.random.default_rng(0)
    x, y = (np.arange(500) < 30).astype(float), (rng.random(500) < 0.2) * rng.exponential(size=500)
    skewness = reference.skew(x) * reference.skew(y)
    observed = 0.2
    one, other = ((it - it.mean()) / np.linalg.norm(it - it.mean()) for it in (x, y))
    permuted = np.stack([rng.permutation(one) for _ in range(60_000)]) @ other
    share = 2 * (permuted >= observed).mean()
    assert share < correlation.permutation_p_values(observed, 500, skewness, "spearman") < 2.5 * share
    assert correlation.p_values(observed, 500) < share / 20


@pytest.mark.parametrize(("n", "rho", "permuted"), [(12, 0.9371, 2.3e-5), (15, 0.8929, 2.2e-5), (20, 0.8226, 2e-5)])
def test_the_far_tails_of_rho_in_few_cells_are_not_those_of_t(n, rho, permuted):
    """The shares of three million permutations with a rho as far from 0 are written here."""
    assert 0.9 * permuted < correlation.permutation_p_values(rho, n, 0.0, "spearman") < 6 * permuted
    assert correlation.p_values(rho, n) < permuted / 1.8
    assert correlation.permutation_p_values(0.6, n, 0.0, "spearman") == correlation.p_values(0.6, n)


def test_p_is_not_below_that_of_the_most_extreme_order():
    assert correlation.permutation_p_values(1.0, 10, 0.0, "pearson") == pytest.approx(2 / 3_628_800)
    np.testing.assert_array_equal(
        correlation.permutation_p_values([np.nan, 0.5], [10, 2], [np.nan, 0], "spearman"), [np.nan, np.nan]
    )


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
    fixed, random = expected.conf_int(use_t=False)[0], expected.conf_int(use_t=True)[3]
    for model, mean, ends in (("fixed", expected.mean_effect_fe, fixed), ("random", expected.mean_effect_re, random)):
        found = meta_analysis.meta_analysis(r, n, method, model)
        assert np.arctanh(found.r) == pytest.approx(mean, abs=1e-12)
        assert np.arctanh((found.ci_low, found.ci_high)) == pytest.approx(ends, abs=1e-9)
        assert found.q == pytest.approx(expected.q, rel=1e-9)
        assert found.i2 == pytest.approx(100 * expected.i2, rel=1e-9)
        assert found.tau2 == pytest.approx(expected.tau2, rel=1e-9)
        assert found.q_p == pytest.approx(reference.chi2.sf(expected.q, 4), rel=1e-9)


def test_random_effects_are_knapp_and_hartungs_formula():
    r, n = np.array([0.3, 0.5, 0.1]), np.array([40, 60, 80])
    found = meta_analysis.meta_analysis(r, n, "pearson", "random")
    w = 1 / (1 / (n - 3) + found.tau2)
    z = np.arctanh(r)
    mean = np.average(z, weights=w)
    error = np.sqrt(np.average((z - mean) ** 2, weights=w) / (len(z) - 1))
    half = reference.t.ppf(0.975, 2) * error
    assert (found.ci_low, found.ci_high) == pytest.approx(tuple(np.tanh([mean - half, mean + half])), rel=1e-9)
    assert found.p == pytest.approx(2 * reference.t.sf(mean / error, 2), rel=1e-9)


def test_random_effects_of_few_strata_without_correlation_reject_as_often_as_they_say():
    rng = np.random.default_rng(1)
    hits = normal = 0
    for _ in range(400):
        n = rng.integers(12, 200, 3)
        # Strata differ in truth, around a mean of 0.
        z = rng.normal(0, 0.3, 3) + rng.normal(size=3) / np.sqrt(n - 3)
        found = meta_analysis.meta_analysis(np.tanh(z), n, "pearson", "random")
        hits += found.p < 0.05
        error = (1 / (1 / (n - 3) + found.tau2)).sum() ** -0.5
        normal += abs(np.arctanh(found.r)) / error > reference.norm.ppf(0.975)
    assert hits / 400 < 0.09
    # The normal interval, which was used before, does not hold.
    assert normal / 400 > 0.12


def test_meta_analysis_of_strata_that_say_nothing():
    nothing = meta_analysis.meta_analysis([np.nan, 1.0, 0.3, 1 - 1e-12], [50, 50, 9, 50], "pearson", "random")
    assert nothing.n_strata == 0
    assert np.isnan(nothing.r)
    single = meta_analysis.meta_analysis([0.3, np.nan], [50, 50], "pearson", "random")
    assert (single.n_strata, single.i2, single.tau2) == (1, 0, 0)
    assert single.r == pytest.approx(0.3)


@pytest.mark.parametrize("odd", [(1 - 1e-10, 50), (0.99999, 5)])
def test_one_stratum_that_is_complete_or_small_changes_nothing(odd):
    r, n = [0.2, 0.25, 0.3], [100, 120, 90]
    whole = meta_analysis.meta_analysis([*r, odd[0]], [*n, odd[1]], "spearman", "random")
    assert whole == meta_analysis.meta_analysis(r, n, "spearman", "random")


def test_difference_of_two_coefficients():
    z, p = correlation.z_difference((0.6, 0.2), (103, 103), "pearson")
    assert z == pytest.approx(np.arctanh(0.6) - np.arctanh(0.2))
    assert p == pytest.approx(2 * reference.norm.sf(z / np.sqrt(2 / 100)), rel=1e-9)
    assert np.isnan(correlation.z_difference((np.nan, 0.2), (100, 100), "pearson")[1])
