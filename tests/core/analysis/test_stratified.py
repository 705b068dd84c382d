"""Pairs, strata, partial correlation, donor means and differences, on atlases made for the purpose."""

from itertools import combinations
from types import SimpleNamespace

import numpy as np
import pytest
import statsmodels.api as sm
from scipy import stats as reference

from core.analysis import differential_correlation, donor_level, partial, stratified
from core.analysis import gene_pair as pairs
from core.atlas.store import Categorical
from core.errors import InvalidQuery
from core.selection.model import Selection

N = 480


class Made:
    """What the services read of an atlas, without a disk."""

    def __init__(self, x, y, columns, totals=None):
        self.id = "other/made"
        self.n_cells = len(x)
        self._values = {"A": np.asarray(x, dtype=float), "B": np.asarray(y, dtype=float)}
        self._columns = columns
        self.genes = SimpleNamespace(names=("A", "B"), resolve=("A", "B").index)
        self.manifest = SimpleNamespace(
            content_hash=str(id(self)), layer=lambda name: name == "counts", roles={"sample": "Sample"}
        )
        self._layer = SimpleNamespace(
            name="expression",
            dense=lambda at: self._values["AB"[at]],
            cell_sums=totals if totals is not None else np.full(len(x), 1e3),
        )

    def layer(self, name="expression"):
        return self._layer

    def categorical(self, name):
        labels = np.asarray(self._columns[name])
        categories, codes = np.unique(labels, return_inverse=True)
        return Categorical(name, codes.astype(np.int32), tuple(categories.tolist()))

    def role(self, role):
        return self.categorical("Sample") if "Sample" in self._columns else None


@pytest.fixture
def made():
    """Sixteen samples in four groups; depth and sample means drive both genes, noise is their own."""
    rng = np.random.default_rng(0)
    sample = np.arange(N) % 16
    depth = rng.lognormal(8, 0.5, N)
    level = rng.normal(size=16)[sample]
    x = level + 0.6 * np.log1p(depth) + rng.normal(size=N)
    y = -level + 0.6 * np.log1p(depth) + 0.3 * x + rng.normal(size=N)
    columns = {"Sample": [f"s{at:02d}" for at in sample], "Group": [f"g{at % 4}" for at in sample]}
    return Made(x, y, columns, depth)


def params(method="pearson", **more):
    return pairs.PairParams("A", "B", method, **more)


@pytest.mark.parametrize("method", ["pearson", "spearman"])
def test_a_pair_is_scipys(made, method):
    found = pairs.pair(made, params(method))
    x, y = made._values["A"], made._values["B"]
    expected = (reference.pearsonr if method == "pearson" else reference.spearmanr)(x, y)
    assert found.r == pytest.approx(expected.statistic, abs=1e-12)
    assert found.p == pytest.approx(expected.pvalue, rel=1e-9)
    assert (found.n, found.n_selected) == (N, N)


def test_the_line_and_its_band_are_statsmodels(made):
    x, y = made._values["A"], made._values["B"]
    line = pairs.line(x, y)
    fit = sm.OLS(y, sm.add_constant(x)).fit()
    band = fit.get_prediction(sm.add_constant(line.x)).conf_int(alpha=0.05)
    assert (line.intercept, line.slope) == pytest.approx(tuple(fit.params))
    np.testing.assert_allclose(np.stack([line.low, line.high], axis=1), band, rtol=1e-9)


def test_no_line_through_a_constant_or_two_cells():
    assert np.isnan(pairs.line(np.ones(9), np.arange(9.0)).slope)
    assert pairs.line(np.arange(2.0), np.arange(2.0)).x.size == 0


def test_co_detection_counts_and_odds():
    a = np.array([1, 1, 1, 0, 0, 0, 1, 0], dtype=bool)
    b = np.array([1, 1, 0, 0, 0, 1, 1, 0], dtype=bool)
    found = pairs.co_detection(a, b)
    assert (found.both, found.only_a, found.only_b, found.neither) == (3, 1, 1, 3)
    expected = sm.stats.Table2x2(np.array([[3, 1], [1, 3]]))
    assert found.odds_ratio == pytest.approx(expected.oddsratio)
    assert (found.ci_low, found.ci_high) == pytest.approx(expected.oddsratio_confint())
    assert np.isnan(pairs.co_detection(a, np.ones(8, dtype=bool)).odds_ratio)
    assert np.isfinite(pairs.co_detection(a, a).odds_ratio)


def test_drop_zeros_takes_cells_with_both():
    made = Made([0, 1, 2, 3, 0, 5], [1, 0, 2, 4, 1, 3], {"Sample": ["a"] * 6})
    found = pairs.pair(made, params(drop_zeros=True))
    assert (found.n, found.n_selected) == (3, 6)
    assert found.r == pytest.approx(reference.pearsonr([2, 3, 5], [2, 4, 3]).statistic)


def test_strata_are_the_pairs_of_each_level(made):
    found = stratified.strata(made, params("spearman"), "Group")
    for stratum in found.strata:
        inside = np.asarray(made._columns["Group"]) == stratum.category
        expected = reference.spearmanr(made._values["A"][inside], made._values["B"][inside])
        assert stratum.n == inside.sum()
        assert stratum.r == pytest.approx(expected.statistic, abs=1e-12)
        assert stratum.p == pytest.approx(expected.pvalue, rel=1e-9)


def test_simpsons_paradox_is_said_in_words():
    rng = np.random.default_rng(1)
    sample = np.repeat(np.arange(6), 60)
    x = 3 * sample + rng.normal(size=360)
    y = -3 * sample + 0.9 * (x - 3 * sample) + 0.3 * rng.normal(size=360)
    made = Made(x, y, {"Sample": [f"s{at}" for at in sample]})
    found = stratified.strata(made, params(), "Sample")
    assert found.pooled < 0 < found.random.r
    assert "Simpson" in found.warning
    assert "6 of 6" in found.warning
    assert stratified.strata(Made(x, x + y * 0.01, made._columns), params(), "Sample").warning == ""


@pytest.mark.parametrize("method", ["pearson", "spearman"])
@pytest.mark.parametrize(("depth", "by"), [(True, None), (False, "Sample"), (True, "Sample")])
def test_partial_correlation_is_that_of_regression_residuals(made, method, depth, by):
    found = partial.partial(made, params(method), depth=depth, by=by)
    rank = reference.rankdata if method == "spearman" else np.asarray
    columns = [np.ones(N)]
    if depth:
        columns.append(rank(np.log1p(made._layer.cell_sums)))
    if by:
        codes = made.categorical(by).codes
        columns += [(codes == code).astype(float) for code in range(1, codes.max() + 1)]
    design = np.stack(columns, axis=1)
    residuals = [sm.OLS(rank(made._values[gene]), design).fit().resid for gene in "AB"]
    r = reference.pearsonr(*residuals).statistic
    spent = design.shape[1] - 1
    t = r * np.sqrt((N - 2 - spent) / (1 - r**2))
    assert found.spent == spent
    assert found.r == pytest.approx(r, abs=1e-10)
    assert found.p == pytest.approx(2 * reference.t.sf(abs(t), N - 2 - spent), rel=1e-6)


def test_partial_correlation_of_what_the_covariate_explains_wholly_is_nan():
    sample = np.repeat(np.arange(4), 10)
    made = Made(sample.astype(float), np.random.default_rng(0).normal(size=40), {"Sample": [f"s{at}" for at in sample]})
    assert np.isnan(partial.partial(made, params(), depth=False, by="Sample").r)
    with pytest.raises(InvalidQuery, match="something to adjust for"):
        partial.partial(made, params(), depth=False, by=None)


def test_donor_means_have_samples_as_n(made):
    found = donor_level.donor_means(made, params())
    codes = made.categorical("Sample").codes
    means = [[made._values[gene][codes == code].mean() for code in range(16)] for gene in "AB"]
    assert found.n == 16
    assert found.r == pytest.approx(reference.pearsonr(*means).statistic, abs=1e-12)


def test_donor_means_are_refused_below_four_samples():
    made = Made(np.arange(60.0), np.arange(60.0) ** 2, {"Sample": ["a", "b", "c"] * 20})
    with pytest.raises(InvalidQuery, match="Only 3 samples"):
        donor_level.donor_means(made, params())
    del made._columns["Sample"]
    with pytest.raises(InvalidQuery, match="has no column of samples"):
        donor_level.donor_means(made, params())


def test_the_permutation_test_tries_every_assignment_of_samples():
    rng = np.random.default_rng(2)
    sample = np.repeat(np.arange(6), 50)
    x, noise = rng.normal(size=(2, 300))
    y = np.where(sample < 3, 0.8, -0.2) * x + noise
    made = Made(x, y, {"Sample": [f"s{at}" for at in sample], "Group": np.where(sample < 3, "one", "two").tolist()})
    found = differential_correlation.difference(made, params(), "Group", ("one", "two"))

    def z(chosen):
        inside = np.isin(sample, chosen)
        a, b = (np.arctanh(reference.pearsonr(x[cells], y[cells]).statistic) for cells in (inside, ~inside))
        return a - b

    every = np.array([z(chosen) for chosen in combinations(range(6), 3)])
    assert found.exact
    assert found.n_permutations == 20
    assert found.z_permuted == pytest.approx(z((0, 1, 2)), abs=1e-9)
    assert found.p_samples == pytest.approx((np.abs(every) >= abs(every[0]) - 1e-9).mean())
    assert found.n_samples == (3, 3)
    assert found.z == pytest.approx(found.z_permuted, abs=1e-9)


def test_the_permutation_test_refuses_what_cannot_be_permuted():
    rng = np.random.default_rng(3)
    x, y = rng.normal(size=(2, 80))
    made = Made(x, y, {"Sample": ["a", "b"] * 40, "Group": ["one"] * 40 + ["two"] * 40})
    with pytest.raises(InvalidQuery, match="both groups"):
        differential_correlation.difference(made, params(), "Group", ("one", "two"))
    made = Made(x, y, {"Sample": ["a"] * 40 + ["b"] * 20 + ["c"] * 20, "Group": ["one"] * 40 + ["two"] * 40})
    with pytest.raises(InvalidQuery, match="1 sample"):
        differential_correlation.difference(made, params(), "Group", ("one", "two"))
    with pytest.raises(InvalidQuery, match="no category 'three'"):
        differential_correlation.difference(made, params(), "Group", ("one", "three"))


def test_with_many_samples_random_assignments_include_the_observed_one():
    rng = np.random.default_rng(4)
    sample = np.repeat(np.arange(24), 20)
    x, noise = rng.normal(size=(2, 480))
    y = np.where(sample < 12, 3, -3) * x + noise
    made = Made(
        x, y, {"Sample": [f"s{at:02d}" for at in sample], "Group": np.where(sample < 12, "one", "two").tolist()}
    )
    found = differential_correlation.difference(made, params("spearman"), "Group", ("one", "two"))
    assert not found.exact
    assert found.p_samples == pytest.approx(1 / differential_correlation.N_RANDOM)


def test_too_few_cells_are_said():
    made = Made([1.0, 2.0, 3.0], [1.0, 2.0, 4.0], {"Sample": ["a", "a", "b"]})
    made.column = made.categorical
    with pytest.raises(InvalidQuery, match="1 cell"):
        pairs.pair(made, params(selection=Selection.parse(["Sample=b"])))
