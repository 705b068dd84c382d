"""Each kernel against scipy and against its own Python, on values made to be difficult."""

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import example, given
from hypothesis.extra import numpy as hnp
from scipy import stats

from core.analysis.correlation import ALMOST_ZERO, runs
from core.kernels import bitmaps, skewness
from core.kernels import correlation as kernels

TOLERANCE = 1e-9
# Few distinct values make ties; magnitudes and signs mix; float32 exactly, as a store holds them.
VALUES = st.sampled_from([0.0, 0.0, 0.0, 1.0, 1.0, 2.0, 3.0, -1.0, -2.5, 0.5, 1e-3, 7.25, 1e4, 5.0001, 5.0002])


@st.composite
def problems(draw):
    """A matrix, a subset of its cells, and a query gene."""
    n_cells, n_genes = draw(st.integers(1, 40)), draw(st.integers(1, 6))
    dense = draw(hnp.arrays(np.float32, (n_cells, n_genes), elements=VALUES.map(np.float32)))
    mask = draw(hnp.arrays(np.bool_, n_cells))
    return dense, mask, draw(st.integers(0, n_genes - 1))


def whole(values):
    """A problem without a choice: every cell, gene 0."""
    dense = np.array(values, dtype=np.float32)
    return dense, np.ones(len(dense), dtype=bool), 0


def query_pearson(x, mask):
    """The kernel's query, made independently of core.analysis.correlation."""
    query = np.where(mask, x - (x[mask].mean() if mask.any() else 0), 0.0)
    query[mask & (query == 0)] = ALMOST_ZERO
    return query


def query_spearman(x, mask):
    """Twice the mid-ranks, centred."""
    query = np.full(x.size, kernels.OUTSIDE, dtype=np.int32)
    if mask.any():
        query[mask] = (2 * stats.rankdata(x[mask]) - (mask.sum() + 1)).astype(np.int32)
    return query


def query_places(x, mask):
    """Places of the query's nonzeros inside, by value, and the borders of their runs."""
    cells = np.flatnonzero(mask & (x != 0))
    cells = cells[np.argsort(x[cells], kind="stable")]
    place = np.full(x.size, -1, dtype=np.int32)
    place[cells] = np.arange(cells.size, dtype=np.int32)
    return place, *runs(x[cells])


def run(name, dense, mask, gene, tools, *, python=False):
    """Call one kernel, compiled or as Python, and return r and its counts."""
    return run_all(name, dense, mask, gene, tools, python=python)[:2]


def run_all(name, dense, mask, gene, tools, *, python=False):
    """Call one kernel and return r, its counts, and third moments; `pearson` gives the variance, `spearman` zeros."""
    store = tools.value_sorted(dense)
    x = dense[:, gene].astype(np.float64)
    r, n, third = np.empty(dense.shape[1]), np.empty(dense.shape[1], dtype=np.int64), np.zeros(dense.shape[1])
    kernel = getattr(kernels, name)
    kernel = kernel.py_func if python else kernel
    n_inside = int(mask.sum())
    with np.errstate(all="ignore"):
        if name == "pearson":
            kernel(*store, dense.astype(np.float64).mean(axis=0), query_pearson(x, mask), n_inside, r, n, third)
        elif name == "spearman":
            kernel(*store, query_spearman(x, mask), n_inside, r, n)
        elif name == "pearson_nonzero":
            kernel(*store, np.where(mask, x, 0.0), r, n, third)
        else:
            kernel(*store, *query_places(x, mask), r, n, third)
    return r, n, third


@given(problems())
@example(whole([[1, 1], [1, 2], [1, 3]]))
@example(whole([[0, 0]]))
@example(whole([[-2, 3], [-1, 2], [0, 0], [5, -1]]))
@pytest.mark.parametrize("method", ["pearson", "spearman"])
def test_every_gene_agrees_with_scipy(tools, method, problem):
    dense, mask, gene = problem
    if not mask.any():
        return
    r, n_expressing = run(method, dense, mask, gene, tools)
    wide = dense.astype(np.float64)
    for other in range(dense.shape[1]):
        expected = tools.reference(wide[mask, gene], wide[mask, other], method)
        np.testing.assert_allclose(r[other], expected, atol=TOLERANCE, rtol=0, equal_nan=True)
        assert n_expressing[other] == (wide[mask, other] > 0).sum()


@given(problems())
@example(whole([[1, 1], [1, 2], [1, 3]]))
@example(whole([[2, 0], [0, 3], [1, 1]]))
@pytest.mark.parametrize("method", ["pearson", "spearman"])
def test_every_pair_without_zeros_agrees_with_scipy(tools, method, problem):
    dense, mask, gene = problem
    r, n = run(f"{method}_nonzero", dense, mask, gene, tools)
    wide = dense.astype(np.float64)
    for other in range(dense.shape[1]):
        used = mask & (wide[:, gene] != 0) & (wide[:, other] != 0)
        expected = tools.reference(wide[used, gene], wide[used, other], method)
        assert n[other] == used.sum()
        np.testing.assert_allclose(r[other], expected, atol=TOLERANCE, rtol=0, equal_nan=True)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("name", ["pearson", "spearman", "pearson_nonzero", "spearman_nonzero"])
def test_the_compiled_kernel_is_its_own_python(tools, name, seed, monkeypatch):
    for module in (kernels, bitmaps):
        monkeypatch.setattr(module, "ones", lambda word: np.uint64(int(word).bit_count()))
    for inner in ("_rank_sums", "_constant", "_spread", "set_below", "place_words", "rank_powers", "place_cubes"):
        monkeypatch.setattr(kernels, inner, getattr(kernels, inner).py_func)
    rng = np.random.default_rng(seed)
    dense = rng.poisson(0.7, (150, 8)).astype(np.float32) - (seed == 2)
    mask = rng.random(150) < 0.6
    python = run_all(name, dense, mask, 1, tools, python=True)
    monkeypatch.undo()
    compiled = run_all(name, dense, mask, 1, tools)
    np.testing.assert_allclose(python[0], compiled[0], atol=1e-12, equal_nan=True)
    np.testing.assert_array_equal(python[1], compiled[1])
    np.testing.assert_allclose(python[2], compiled[2], atol=1e-9, equal_nan=True)


@given(problems())
@example(whole([[1, 1], [2, 2], [9, 3], [1, 1]]))
@pytest.mark.parametrize("name", ["pearson_nonzero", "spearman_nonzero"])
def test_third_moments_are_scipys(tools, name, problem):
    dense, mask, gene = problem
    r, _, third = run_all(name, dense, mask, gene, tools)
    wide = dense.astype(np.float64)
    for other in range(dense.shape[1]):
        x, y = wide[:, gene], wide[:, other]
        if np.isnan(r[other]):
            assert np.isnan(third[other])
            continue
        used = mask & (x != 0) & (y != 0)
        both = [stats.rankdata(it[used]) if "spearman" in name else it[used] for it in (x, y)]
        expected = stats.skew(both[1]) * stats.skew(both[0])
        if third[other] != 0 or "spearman" not in name:
            assert third[other] == pytest.approx(expected, rel=1e-4, abs=1e-4)
        else:
            assert abs(expected) < 0.3


@given(problems())
@pytest.mark.parametrize("name", ["rank_skewness", "value_skewness"])
def test_the_third_moments_of_wanted_genes_are_scipys(tools, name, problem):
    dense, mask, _ = problem
    if not mask.any():
        return
    store = tools.value_sorted(dense)
    wanted = np.arange(dense.shape[1]) % 3 != 1
    for python in (False, True):
        found = np.empty(dense.shape[1])
        kernel = getattr(skewness, name)
        with np.errstate(all="ignore"):
            (kernel.py_func if python else kernel)(*store, mask, int(mask.sum()), wanted, found)
        for gene in range(dense.shape[1]):
            values = dense[mask, gene].astype(np.float64)
            if not wanted[gene]:
                assert found[gene] == 0
            elif np.ptp(values):
                expected = stats.skew(stats.rankdata(values) if name == "rank_skewness" else values)
                assert found[gene] == pytest.approx(expected, rel=1e-6, abs=1e-6)


def test_the_variance_that_pearson_gives_is_numpys(tools):
    rng = np.random.default_rng(4)
    dense = rng.poisson(0.7, (150, 8)).astype(np.float32) - 1
    mask = rng.random(150) < 0.6
    variance = run_all("pearson", dense, mask, 1, tools)[2]
    np.testing.assert_allclose(variance, dense[mask].astype(np.float64).var(axis=0), rtol=1e-9)


@pytest.mark.parametrize("method", ["pearson", "spearman"])
def test_a_small_spread_far_from_zero_keeps_its_digits(tools, method):
    rng = np.random.default_rng(0)
    x = (1e4 + rng.integers(0, 50, 300) / 64).astype(np.float32)
    y = (5e3 + rng.integers(0, 50, 300) / 64).astype(np.float32)
    outlier = np.zeros((300, 2), dtype=np.float32)
    dense = np.concatenate([np.stack([x, y], axis=1), outlier])
    mask = np.arange(600) < 300
    r, _ = run(method, dense, mask, 0, tools)
    expected = tools.reference(x.astype(np.float64), y.astype(np.float64), method)
    assert r[1] == pytest.approx(expected, abs=TOLERANCE)


def test_spearman_is_exact_for_many_cells_and_all_ties(tools):
    rng = np.random.default_rng(1)
    dense = rng.integers(0, 3, (200_000, 3)).astype(np.float32)
    mask = rng.random(200_000) < 0.9
    r, _ = run("spearman", dense, mask, 0, tools)
    for other in (1, 2):
        assert r[other] == pytest.approx(tools.reference(dense[mask, 0], dense[mask, other], "spearman"), abs=1e-12)


def test_a_constant_gene_is_nan_although_its_rounded_variance_is_not_zero(tools):
    value = np.float32(0.1)
    dense = np.stack([np.arange(1, 8, dtype=np.float32), np.full(7, value)], axis=1)
    mask = np.ones(7, dtype=bool)
    for method in ("pearson", "spearman"):
        assert np.isnan(run(method, dense, mask, 0, tools)[0][1])
        assert np.isnan(run(method, dense, mask, 1, tools)[0]).all()


def test_expressing_counts_values_above_zero(tools):
    rng = np.random.default_rng(2)
    dense = rng.integers(-2, 3, (60, 5)).astype(np.float32)
    mask = rng.random(60) < 0.5
    for kernel in (kernels.expressing, kernels.expressing.py_func):
        counts = np.empty(5, dtype=np.int64)
        kernel(*tools.value_sorted(dense), mask, counts)
        np.testing.assert_array_equal(counts, (dense[mask] > 0).sum(axis=0))


@pytest.mark.parametrize("place", [0, 1, 63, 64, 65, 127, 128, 199])
def test_bits_below_a_place_are_counted(place):
    rng = np.random.default_rng(3)
    chosen = rng.random(200) < 0.5
    words = bitmaps.place_words(200)
    bits = np.zeros(words, dtype=np.uint64)
    for at in np.flatnonzero(chosen):
        bits[at >> 6] |= np.uint64(1) << np.uint64(at & 63)
    counts = np.concatenate([[0], np.cumsum([int(word).bit_count() for word in bits])[:-1]]).astype(np.int64)
    assert bitmaps.set_below(bits, counts, np.int32(place)) == chosen[:place].sum()
