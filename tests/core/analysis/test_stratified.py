"""Pairs, strata, partial correlation, donor means and differences, on atlases made for the purpose."""

from itertools import combinations, count
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
# Results are remembered by the content of an atlas, so each has its own.
MADE = count()


class Made:
    """What the services read of an atlas, without a disk."""

    def __init__(self, x, y, columns, totals=None, *, counts=None, scale="ln1p"):
        self.id = "other/made"
        self.n_cells = len(x)
        self._values = {"A": np.asarray(x, dtype=float), "B": np.asarray(y, dtype=float)}
        self._columns = columns
        self.genes = SimpleNamespace(names=("A", "B"), resolve=("A", "B").index)
        self._layers = {"expression": self._layer("expression", self._values, scale, None)}
        if totals is not None:
            counts = counts or {gene: np.ones(len(x)) for gene in "AB"}
            self._layers["counts"] = self._layer("counts", counts, "linear", totals)
        self.manifest = SimpleNamespace(
            content_hash=f"made-{next(MADE)}", layer=self._layers.get, roles={"sample": "Sample"}
        )

    @staticmethod
    def _layer(name, values, scale, totals):
        info = SimpleNamespace(
            scale=scale, minimum=min(it.min() for it in values.values()), maximum=9.0, integers=False
        )
        return SimpleNamespace(name=name, info=info, dense=lambda at: values["AB"[at]], cell_sums=totals)

    def layer(self, name="expression"):
        return self._layers[name]

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
    x = 20 + level + 0.6 * np.log1p(depth) + rng.normal(size=N)
    y = 20 - level + 0.6 * np.log1p(depth) + 0.3 * x + rng.normal(size=N)
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


def levels(n_levels, each, slope_between, slope_within, seed=1, noise=0.3):
    """Two genes in levels: x rises from level to level, y with it by one slope, and within levels by another."""
    rng = np.random.default_rng(seed)
    level = np.repeat(np.arange(n_levels), each)
    inside = rng.normal(size=level.size)
    x = 40 + 3 * level + inside
    y = 80 + 3 * slope_between * level + slope_within * inside + noise * rng.normal(size=level.size)
    return Made(x, y, {"Sample": [f"s{at}" for at in level]})


@pytest.mark.parametrize(
    ("between", "within", "noise", "case", "words"),
    [
        (-1, 0.9, 0.3, "reversed", "6 of 6 point the other way"),
        (1, 0, 1, "vanishes", "cannot be told from zero"),
        (1, 0.5, 1, "weaker", "Part of the overall correlation"),
        (0.12, 0.9, 0.3, "stronger", "hide part of it"),
        (1, 1, 0.05, "", ""),
    ],
)
def test_the_warning_says_which_case_it_is(between, within, noise, case, words):
    made = levels(6, 60, between, within, noise=noise)
    if not case:
        # The same within as over all: x and y differ by noise that belongs to each cell.
        rng = np.random.default_rng(2)
        x = 40 + rng.normal(size=360)
        made = Made(x, x + 40 + rng.normal(size=360), made._columns)
    found = stratified.strata(made, params(), "Sample")
    assert found.case == case
    assert words in found.warning
    assert bool(found.warning) == bool(case)
    if case:
        assert f"{found.pooled:+.3f}" in found.warning
        assert not found.random.ci_low <= found.pooled <= found.random.ci_high


def test_no_warning_without_evidence():
    """Random genes in random levels: r over all cells is about zero, and its sign says nothing."""
    warned = old = 0
    for seed in range(60):
        rng = np.random.default_rng(seed)
        x, y = 5 + rng.normal(size=(2, 300))
        made = Made(x, y, {"Sample": [f"s{at}" for at in rng.integers(0, 30, 300)]})
        found = stratified.strata(made, params(), "Sample")
        warned += bool(found.warning)
        old += found.pooled * found.random.r < 0
    assert warned <= 3
    # The rule from before, opposite signs, warned of nothing.
    assert old > 3


def test_a_small_or_complete_stratum_is_shown_and_not_pooled():
    rng = np.random.default_rng(5)
    sample = np.repeat(["a", "b", "c", "few", "line"], [80, 80, 80, 5, 40])
    x, noise = 9 + rng.normal(size=(2, sample.size))
    y = np.where(sample == "line", 2 * x, np.where(sample == "few", x + 1e-6 * noise, 0.5 * x + noise))
    made = Made(x, y, {"Sample": sample.tolist()})
    found = stratified.strata(made, params(), "Sample")
    by_name = {stratum.category: stratum for stratum in found.strata}
    assert found.random.n_strata == 3
    assert found.random.i2 < 60
    assert by_name["few"].why == "not pooled: fewer than 10 cells"
    assert by_name["few"].p == pytest.approx(2 / 120)
    assert by_name["line"].why == "not pooled: r is 1 or −1"
    assert np.isnan(by_name["line"].ci_low)
    assert by_name["a"].why == ""


def test_a_pair_seen_in_few_cells_has_no_p():
    rng = np.random.default_rng(6)
    x, y = np.zeros((2, 400))
    x[:20], y[10:40] = 1 + rng.random(20), 1 + rng.random(30)
    for method in ("pearson", "spearman"):
        found = pairs.pair(Made(x, y, {"Sample": ["a"] * 400}), params(method))
        assert np.isfinite(found.r)
        assert np.isnan([found.p, found.ci_low, found.ci_high]).all()
        assert found.why == "no p: fewer than 5 co-detections expected by chance"


@pytest.mark.parametrize("method", ["pearson", "spearman"])
@pytest.mark.parametrize(("depth", "by"), [(True, None), (False, "Sample"), (True, "Sample")])
def test_partial_correlation_is_that_of_regression_residuals(made, method, depth, by):
    found = partial.partial(made, params(method), depth=depth, by=by)
    rank = reference.rankdata if method == "spearman" else np.asarray
    columns = [np.ones(N)]
    if depth:
        columns.append(rank(np.log1p(made.layer("counts").cell_sums)))
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


def test_total_counts_that_are_not_known_are_refused(made):
    x, y = made._values["A"], made._values["B"]
    for scale in ("ln1p", "signed"):
        without = Made(x, y, made._columns, scale=scale)
        for by in (None, "Sample"):
            with pytest.raises(InvalidQuery, match="has no counts, so the total counts"):
                partial.partial(without, params(), depth=True, by=by)
        assert np.isfinite(partial.partial(without, params(), depth=False, by="Sample").r)
    with pytest.raises(InvalidQuery, match="same total counts"):
        partial.partial(Made(x, y, made._columns, np.full(N, 1e3)), params(), depth=True, by=None)


def test_depth_that_a_column_explains_takes_no_degree_of_freedom(made):
    depth = 1e3 + made.categorical("Sample").codes * 100.0
    both = Made(made._values["A"], made._values["B"], made._columns, depth)
    found = partial.partial(both, params(), depth=True, by="Sample")
    alone = partial.partial(both, params(), depth=False, by="Sample")
    assert (found.spent, found.r, found.p) == pytest.approx((alone.spent, alone.r, alone.p))


def test_partial_correlation_of_what_the_covariate_explains_wholly_is_nan():
    sample = np.repeat(np.arange(4), 10)
    made = Made(sample.astype(float), np.random.default_rng(0).normal(size=40), {"Sample": [f"s{at}" for at in sample]})
    assert np.isnan(partial.partial(made, params(), depth=False, by="Sample").r)
    with pytest.raises(InvalidQuery, match="something to adjust for"):
        partial.partial(made, params(), depth=False, by=None)


def test_donor_means_are_log_cpm_of_summed_counts(made):
    rng = np.random.default_rng(7)
    totals = rng.lognormal(8, 1, N).round()
    counts = {gene: rng.poisson(rng.random(16)[made.categorical("Sample").codes] * totals / 500) for gene in "AB"}
    logs = {gene: np.log1p(1e4 * counts[gene] / totals) for gene in "AB"}
    found = donor_level.donor_means(Made(logs["A"], logs["B"], made._columns, totals, counts=counts), params())
    codes = made.categorical("Sample").codes
    sums = [[counts[gene][codes == code].sum() / totals[codes == code].sum() for code in range(16)] for gene in "AB"]
    expected = reference.pearsonr(*np.log1p(1e6 * np.array(sums)))
    assert (found.n, found.measure, found.exact) == (16, "log CPM of summed counts", False)
    assert found.r == pytest.approx(expected.statistic, abs=1e-12)
    assert found.p == pytest.approx(expected.pvalue, rel=1e-9)


@pytest.mark.parametrize(("scale", "base"), [("ln1p", np.e), ("log2_1p", 2), ("log10_1p", 10), ("linear", None)])
def test_donor_means_without_counts_are_of_linear_values(made, scale, base):
    x, y = made._values["A"] / 10, made._values["B"] / 10
    found = donor_level.donor_means(Made(x, y, made._columns, scale=scale), params())
    codes = made.categorical("Sample").codes
    plain = [it if base is None else base**it - 1 for it in (x, y)]
    means = [[it[codes == code].mean() for code in range(16)] for it in plain]
    assert found.r == pytest.approx(reference.pearsonr(*np.log1p(means)).statistic, abs=1e-12)
    assert found.measure.startswith("log of the mean")


def test_donor_means_of_scaled_values_are_refused(made):
    with pytest.raises(InvalidQuery, match="scaled or centred"):
        donor_level.donor_means(Made(made._values["A"] - 30, made._values["B"], made._columns), params())


@pytest.mark.parametrize(("n", "p"), [(4, 1 / 12), (5, 1 / 60), (9, 2 / 362_880)])
def test_a_complete_correlation_of_few_donors_has_its_exact_p_and_no_interval(n, p):
    sample = np.repeat(np.arange(n), 12)
    made = Made(1.0 + sample, 2.0 + sample**2, {"Sample": [f"s{at}" for at in sample]}, scale="linear")
    found = donor_level.donor_means(made, params("spearman"))
    assert (found.r, found.n, found.exact) == (pytest.approx(1), n, True)
    assert found.p == pytest.approx(p)
    assert np.isnan([found.ci_low, found.ci_high]).all()


@pytest.mark.parametrize("method", ["pearson", "spearman"])
def test_donor_means_that_have_nothing_to_do_with_each_other_reject_as_often_as_they_say(method):
    rng = np.random.default_rng(8)
    n = 6
    sample = np.repeat(np.arange(n), 10)
    p = []
    for _ in range(300):
        x, y = rng.exponential(size=(2, n)) ** 2
        made = Made(x[sample], y[sample], {"Sample": [f"s{at}" for at in sample]}, scale="linear")
        p.append(donor_level.donor_means(made, params(method)).p)
    assert np.mean(np.array(p) < 0.05) < 0.08


def test_donor_means_are_refused_below_four_samples():
    made = Made(np.arange(60.0), np.arange(60.0) ** 2, {"Sample": ["a", "b", "c"] * 20})
    with pytest.raises(InvalidQuery, match="This atlas has 3 samples"):
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
    assert found.p_samples == pytest.approx((np.abs(every) >= abs(every[0]) - 1e-9).mean())
    assert found.n_samples == (3, 3)
    assert found.z == pytest.approx(z((0, 1, 2)), abs=1e-9)


def paired(n_pairs, n_first=0, n_second=0, seed=0, each=40):
    """Samples in both groups, and samples in one of them, of correlated genes."""
    rng = np.random.default_rng(seed)
    names = [(f"p{at}", group) for at in range(n_pairs) for group in ("one", "two")]
    names += [(f"s{at}", "one" if at < n_first else "two") for at in range(n_first + n_second)]
    sample, group = np.repeat([name for name, _ in names], each), np.repeat([side for _, side in names], each)
    x, noise = rng.normal(size=(2, sample.size))
    slope = rng.normal(size=len(names)).repeat(each)
    return Made(x, slope * x + noise, {"Sample": sample.tolist(), "Group": group.tolist()})


@pytest.mark.parametrize(("n_pairs", "n_first", "n_second", "n_ways"), [(4, 0, 0, 16), (2, 2, 1, 12), (0, 3, 2, 10)])
@pytest.mark.parametrize("method", ["pearson", "spearman"])
def test_samples_of_both_groups_stay_pairs(method, n_pairs, n_first, n_second, n_ways):
    made = paired(n_pairs, n_first, n_second)
    found = differential_correlation.difference(made, params(method), "Group", ("one", "two"))
    x, y = ((reference.rankdata(it) if method == "spearman" else it) for it in made._values.values())
    sample, group = np.array(made._columns["Sample"]), np.array(made._columns["Group"])
    single = [name for name in np.unique(sample) if name.startswith("s")]

    def z(swapped, chosen):
        first = np.isin(sample, chosen) | (
            np.char.startswith(sample, "p") & ((group == "one") ^ np.isin(sample, swapped))
        )
        a, b = (np.arctanh(reference.pearsonr(x[cells], y[cells]).statistic) for cells in (first, ~first))
        return a - b

    pairs_ = [f"p{at}" for at in range(n_pairs)]
    swaps = [some for k in range(n_pairs + 1) for some in combinations(pairs_, k)]
    every = np.array([z(swapped, chosen) for swapped in swaps for chosen in combinations(single, n_first)])
    observed = z((), single[:n_first])
    assert (found.n_permutations, found.exact, found.n_paired) == (n_ways, True, n_pairs)
    assert len(every) == n_ways
    assert found.z == pytest.approx(observed, abs=1e-9)
    assert found.p_samples == pytest.approx((np.abs(every) >= abs(observed) - 1e-9).mean())
    assert found.p_samples >= found.least_p


def test_groups_of_paired_donors_that_do_not_differ_reject_as_often_as_they_say():
    p = [
        differential_correlation.difference(paired(6, seed=seed, each=15), params(), "Group", ("one", "two")).p_samples
        for seed in range(200)
    ]
    assert np.mean(np.array(p) <= 0.05) < 0.09


def test_assignments_without_a_finite_statistic_count_as_extreme():
    differences = np.array([0.5, -0.7, np.inf, -np.inf, np.nan, 0.1])
    assert differential_correlation._p(0.6, differences) == pytest.approx(4 / 6)
    assert differential_correlation._p(np.inf, differences) == pytest.approx(3 / 6)
    assert np.isnan(differential_correlation._p(np.nan, differences))


def test_an_infinite_assignment_is_in_the_p_that_is_shown():
    rng = np.random.default_rng(9)
    sample = np.repeat(np.arange(4), 20)
    x, noise = 5 + rng.normal(size=(2, 80))
    # The genes of samples 0 and 2 are one line: together they have r = 1, wherever they are.
    y = np.where(sample % 2 == 0, x, 0.2 * x + noise)
    made = Made(x, y, {"Sample": [f"s{at}" for at in sample], "Group": np.where(sample < 2, "one", "two").tolist()})
    found = differential_correlation.difference(made, params(), "Group", ("one", "two"))
    assert found.n_permutations == 6
    assert found.p_samples >= 2 / 6 + 2 / 6


def test_the_permutation_test_refuses_what_cannot_be_permuted():
    rng = np.random.default_rng(3)
    x, y = rng.normal(size=(2, 80))
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
