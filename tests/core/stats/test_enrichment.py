"""Over-representation, running scores and ranked enrichment against scipy, gseapy and invariants."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import fisher_exact, kstest

from core.stats.enrichment import Membership, over_representation, running_score
from core.stats.gsea import CHUNK, multilevel


@st.composite
def lists(draw):
    """Draw a universe, a list and some sets, among them empty and full ones."""
    n = draw(st.integers(1, 60))
    listed = np.array(draw(st.lists(st.booleans(), min_size=n, max_size=n)))
    sets = draw(st.lists(st.lists(st.integers(0, n - 1), max_size=n), min_size=1, max_size=6))
    return listed, [*sets, [], list(range(n))]


@given(lists())
@settings(max_examples=60, deadline=None)
def test_p_is_that_of_fishers_test(drawn):
    listed, sets = drawn
    membership = Membership.of(sets)
    found = over_representation(membership, listed)
    for at, genes in enumerate(sets):
        inside = np.isin(np.arange(len(listed)), genes)
        cells = [
            [np.sum(inside & listed), np.sum(inside & ~listed)],
            [np.sum(~inside & listed), np.sum(~inside & ~listed)],
        ]
        assert found.overlap[at] == cells[0][0]
        if inside.any() and listed.any():
            np.testing.assert_allclose(found.p[at], fisher_exact(cells, "greater").pvalue, rtol=1e-9)
            np.testing.assert_allclose(found.fold[at], cells[0][0] * len(listed) / inside.sum() / listed.sum())
        else:
            assert np.isnan(found.p[at])
            assert np.isnan(found.fold[at])


@given(lists(), st.randoms(use_true_random=False))
@settings(max_examples=40, deadline=None)
def test_the_order_of_genes_does_not_matter(drawn, random):
    listed, sets = drawn
    places = list(range(len(listed)))
    random.shuffle(places)
    moved = np.empty_like(listed)
    moved[places] = listed
    first = over_representation(Membership.of(sets), listed)
    other = over_representation(Membership.of([[places[gene] for gene in genes] for genes in sets]), moved)
    for name in ("overlap", "expected", "fold", "p"):
        np.testing.assert_array_equal(getattr(first, name), getattr(other, name))


def test_random_lists_have_no_small_p():
    rng = np.random.default_rng(0)
    sets = Membership.of([rng.choice(2_000, size, replace=False) for size in (20, 60, 200) * 100])
    listed = np.zeros(2_000, dtype=bool)
    listed[rng.choice(2_000, 300, replace=False)] = True
    p = over_representation(sets, listed).p
    # Discrete: P(p <= x) <= x.
    assert all(np.mean(p <= level) < level + 3 * np.sqrt(level * (1 - level) / len(p)) for level in (0.01, 0.05, 0.2))


def test_a_part_of_the_sets():
    sets = Membership.of([[3, 1, 1], [], [0, 2], [4]])
    assert sets.sizes.tolist() == [2, 0, 2, 1]
    some = sets.where(np.array([False, True, True, True]))
    assert [some.set(at).tolist() for at in range(len(some))] == [[], [0, 2], [4]]
    assert len(Membership.of([])) == 0


def test_pairs_of_sets_and_genes_are_gathered():
    """A pair given twice counts once; sets without genes stay, at either end too."""
    given: list[list[int]] = [[], [3, 1, 1], [], [0, 2], [4], []]
    of = np.repeat(np.arange(6), [len(genes) for genes in given])
    found = Membership.of_pairs(of, np.array([3, 1, 1, 0, 2, 4]), 6, 5)
    expected = Membership.of(given)
    np.testing.assert_array_equal(found.genes, expected.genes)
    np.testing.assert_array_equal(found.starts, expected.starts)
    nothing = np.empty(0, dtype=np.int64)
    assert Membership.of_pairs(nothing, nothing, 2, 5).sizes.tolist() == [0, 0]
    assert len(Membership.of_pairs(nothing, nothing, 0, 5)) == 0


def curve(stat, places):
    """Compute the running score gene by gene."""
    inside = np.isin(np.arange(len(stat)), places)
    gains = np.abs(stat) * inside
    gains = gains / gains.sum() if gains.sum() else inside / inside.sum()
    return np.cumsum(gains - ~inside / (~inside).sum())


@given(
    st.lists(st.floats(-50, 50).map(lambda x: round(x, 3)), min_size=2, max_size=60),
    st.data(),
)
@settings(max_examples=80, deadline=None)
def test_running_score_is_the_sum_gene_by_gene(values, data):
    stat = np.sort(np.array(values))[::-1]
    places = np.array(sorted(data.draw(st.sets(st.integers(0, len(stat) - 1), min_size=1, max_size=len(stat) - 1))))
    found, whole = running_score(stat, places), curve(stat, places)
    np.testing.assert_allclose(found.after, whole[places], atol=1e-12)
    np.testing.assert_allclose(found.before, np.concatenate([[0], whole])[places], atol=1e-12)
    assert abs(found.es) == pytest.approx(max(np.abs(whole).max(), abs(found.before.min())), abs=1e-12)
    assert found.leading.any()
    # Turned round, with the statistics negated, the score is that of the other end.
    turned = running_score(-stat[::-1], len(stat) - 1 - places)
    assert abs(turned.es) == pytest.approx(abs(found.es), abs=1e-12)


def test_no_running_score_without_a_set_or_a_rest():
    stat = np.array([2.0, 1.0, -1.0])
    for places in ([], [0, 1, 2]):
        found = running_score(stat, np.array(places, dtype=np.int64))
        assert np.isnan(found.es)
        assert not found.leading.any()


def ranked(seed=0, n=2_000, n_sets=40):
    rng = np.random.default_rng(seed)
    stat = np.sort(rng.standard_t(8, n))[::-1]
    sets = [rng.choice(n, size, replace=False) for size in rng.integers(10, 120, n_sets)]
    # One that is high, one that is low.
    sets[0], sets[1] = rng.choice(300, 40, replace=False), n - 1 - rng.choice(300, 40, replace=False)
    return stat, sets


def arguments(stat, sets, **more):
    sets = Membership.of(sets)
    given = {"stat": stat, "genes": sets.genes, "starts": sets.starts, "seed": 1, "max_size": 500, **more}
    return {name: np.asarray(value) for name, value in given.items()}


def test_scores_are_those_of_the_curve():
    stat, sets = ranked()
    steps = []
    found = multilevel(arguments(stat, sets), lambda step, done: steps.append((step, done)))
    np.testing.assert_allclose(found["es"], [running_score(stat, np.array(genes)).es for genes in sets], atol=1e-9)
    assert steps == [("testing gene sets", 0.0)]
    assert found["nes"][0] > 1.5 > -1.5 > found["nes"][1]
    assert found["p"][:2].max() < 1e-6
    assert kstest(found["p"][2:], "uniform").pvalue > 0.01
    assert np.all(found["log2err"] >= 0)


def test_a_set_has_the_same_p_alone_and_among_others(monkeypatch):
    stat, sets = ranked()
    every = multilevel(arguments(stat, sets), lambda *_: None)
    monkeypatch.setattr("core.stats.gsea.CHUNK", 15)
    steps = []
    chunked = multilevel(arguments(stat, sets), lambda _, done: steps.append(done))
    some = multilevel(arguments(stat, sets[3:9]), lambda *_: None)
    for name, values in every.items():
        np.testing.assert_array_equal(chunked[name], values)
        np.testing.assert_array_equal(some[name], values[3:9])
    assert steps == [0.0, 15 / 40, 30 / 40]
    other = multilevel(arguments(stat, sets, seed=2), lambda *_: None)
    assert not np.array_equal(other["p"], every["p"])
    np.testing.assert_allclose(np.log(other["p"]), np.log(every["p"]), atol=2.5)


def test_sets_that_cannot_be_tested_have_no_score():
    stat, sets = ranked(n=200, n_sets=4)
    sets[:2] = [np.array([], dtype=np.int64), np.arange(200)]
    found = multilevel(arguments(stat, sets, max_size=90), lambda *_: None)
    big = multilevel(arguments(stat, [np.arange(0, 190, 2)], max_size=90), lambda *_: None)
    for values in (*found.values(), *big.values()):
        assert np.isnan(values[:1]).all()
    assert np.isfinite(found["p"][2:][np.array([len(each) <= 90 for each in sets[2:]])]).all()


def test_gseapys_own_call_agrees():
    """The public function of gseapy gives the same scores, and p within its error."""
    import gseapy

    stat, sets = ranked()
    found = multilevel(arguments(stat, sets), lambda *_: None)
    public = gseapy.prerank(
        pd.Series(stat, index=[f"G{at}" for at in range(len(stat))]),
        {str(at): [f"G{gene}" for gene in genes] for at, genes in enumerate(sets)},
        method="multilevel", seed=1, threads=1, min_size=1, max_size=500, outdir=None, no_plot=True,
    ).res2d.set_index("Term").loc[[str(at) for at in range(len(sets))]]  # fmt: skip
    np.testing.assert_allclose(found["es"], public["ES"].astype(float), atol=1e-9)
    np.testing.assert_allclose(found["nes"], public["NES"].astype(float), rtol=0.1)
    np.testing.assert_allclose(np.log2(found["p"]), np.log2(public["NOM p-val"].astype(float)), atol=3)


def test_the_web_process_does_not_hold_a_chunk_for_long():
    assert CHUNK <= 1_000
