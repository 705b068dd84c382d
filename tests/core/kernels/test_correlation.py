"""Each kernel against scipy and against its own Python, on values made to be difficult."""

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import example, given
from hypothesis.extra import numpy as hnp
from numba import njit
from scipy import stats

from core.kernels import bitmaps, shared_cells, skewness
from core.kernels import correlation as kernels
from core.kernels.level_block import PACK_BITS, PACKED_CELLS, rank_moments
from tests.level_blocks import FORMS, as_python, leveled

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
    mean = x[mask].mean(dtype=np.float64) if mask.any() else 0.0
    away = x[mask].astype(np.float64) - mean
    return np.where(mask, x, np.inf).astype(x.dtype), mean, away.sum(), (away**2).sum()


def query_spearman(x, mask):
    """Twice the mid-ranks, centred."""
    query = np.zeros(x.size, dtype=np.int64)
    if mask.any():
        query[mask] = 2 * stats.rankdata(x[mask]) - (mask.sum() + 1)
    return query


def query_levels(x, mask):
    """Levels of the query's nonzeros inside, and how many."""
    cells = np.flatnonzero(mask & (x != 0))
    distinct, numbers = np.unique(x[cells], return_inverse=True)
    level = np.full(x.size, -1, dtype=np.int32)
    level[cells] = numbers
    return level, distinct.size


def run(name, dense, mask, gene, form=FORMS[0]):
    """Call one kernel and return r and its counts."""
    return run_all(name, dense, mask, gene, form)[:2]


def run_all(name, dense, mask, gene, form=FORMS[0], dtype=np.float32):
    """Call one kernel and return r, its counts, and third moments; `pearson` gives the variance, `spearman` zeros."""
    block, values = leveled(dense, dtype, form)
    x = dense[:, gene].astype(np.float64)
    r, n, third = np.empty(dense.shape[1]), np.empty(dense.shape[1], dtype=np.int64), np.zeros(dense.shape[1])
    kernel = getattr(shared_cells if "nonzero" in name else kernels, name)
    n_inside = int(mask.sum())
    with np.errstate(all="ignore"):
        if name == "pearson":
            wide = dense.astype(dtype).astype(np.float64)
            known = wide.mean(axis=0), wide.var(axis=0) * len(wide)
            known = *known, *query_pearson(dense[:, gene].astype(dtype), mask)
            kernel(block, values, *known, mask.view(np.uint8), n_inside, r, n, third)
        elif name == "spearman":
            query = query_spearman(x, mask)
            kernel(block, (2 * query + mask).astype(np.int32), float(query @ query), n_inside, r, n)
        elif name == "pearson_nonzero":
            query = np.where(mask, x, 0.0).astype(dtype)
            # Near the mean, as the kernel asks for, but not the mean.
            kernel(block, values, query, np.median(x), r, n, third)
        else:
            kernel(block, *query_levels(x, mask), r, n, third)
    return r, n, third


@given(problems())
@example(whole([[1, 1], [1, 2], [1, 3]]))
@example(whole([[0, 0]]))
@example(whole([[-2, 3], [-1, 2], [0, 0], [5, -1]]))
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("method", ["pearson", "spearman"])
def test_every_gene_agrees_with_scipy(tools, method, form, problem):
    dense, mask, gene = problem
    if not mask.any():
        return
    r, n_expressing = run(method, dense, mask, gene, form)
    wide = dense.astype(np.float64)
    for other in range(dense.shape[1]):
        expected = tools.reference(wide[mask, gene], wide[mask, other], method)
        np.testing.assert_allclose(r[other], expected, atol=TOLERANCE, rtol=0, equal_nan=True)
        assert n_expressing[other] == (wide[mask, other] > 0).sum()


@given(problems())
@example(whole([[1, 1], [1, 2], [1, 3]]))
@example(whole([[2, 0], [0, 3], [1, 1]]))
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("method", ["pearson", "spearman"])
def test_every_pair_without_zeros_agrees_with_scipy(tools, method, form, problem):
    dense, mask, gene = problem
    r, n = run(f"{method}_nonzero", dense, mask, gene, form)
    wide = dense.astype(np.float64)
    for other in range(dense.shape[1]):
        used = mask & (wide[:, gene] != 0) & (wide[:, other] != 0)
        expected = tools.reference(wide[used, gene], wide[used, other], method)
        assert n[other] == used.sum()
        np.testing.assert_allclose(r[other], expected, atol=TOLERANCE, rtol=0, equal_nan=True)


@pytest.mark.parametrize("share", [0.6, 1.0])
@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("name", ["pearson", "spearman", "pearson_nonzero", "spearman_nonzero"])
def test_the_compiled_kernel_is_its_own_python(name, seed, share, monkeypatch):
    rng = np.random.default_rng(seed)
    dense = rng.poisson(0.7, (150, 8)).astype(np.float32) - (seed == 2)
    dense[:, 7] *= rng.random(150).astype(np.float32)
    mask = rng.random(150) < share
    form, gene = FORMS[seed % 2], (1, 7, 1)[seed]
    compiled = run_all(name, dense, mask, gene, form)
    as_python(monkeypatch)
    python = run_all(name, dense, mask, gene, form)
    np.testing.assert_allclose(python[0], compiled[0], atol=1e-12, equal_nan=True)
    np.testing.assert_array_equal(python[1], compiled[1])
    np.testing.assert_allclose(python[2], compiled[2], atol=1e-9, equal_nan=True)


@pytest.mark.parametrize("name", ["pearson", "pearson_nonzero"])
def test_values_of_64_bits(tools, name):
    rng = np.random.default_rng(5)
    dense = rng.gamma(1.0, 1.0, (60, 4)) * (rng.random((60, 4)) < 0.5)
    mask = np.ones(60, dtype=bool)
    r, _, _ = run_all(name, dense, mask, 0, dtype=np.float64)
    used = (dense[:, 0] != 0) & (dense[:, 1] != 0) if "nonzero" in name else mask
    assert r[1] == pytest.approx(tools.reference(dense[used, 0], dense[used, 1], "pearson"), abs=1e-12)


@pytest.mark.parametrize("most", [0, 10**6])
def test_spearman_in_one_pass_and_in_two_agrees_with_scipy(tools, most, monkeypatch):
    """As Python, since a compiled kernel keeps the limit that it was compiled with."""
    as_python(monkeypatch)
    monkeypatch.setattr(kernels, "PACKED_CELLS", most)
    rng = np.random.default_rng(7)
    dense = (np.round(rng.normal(0.3, 1.0, (120, 6)), 1) * (rng.random((120, 6)) < 0.6)).astype(np.float32)
    for mask in (rng.random(120) < 0.7, np.ones(120, dtype=bool)):
        for form in FORMS:
            r, n = run("spearman", dense, mask, 0, form)
            np.testing.assert_array_equal(n, (dense[mask] > 0).sum(axis=0))
            for other in range(6):
                expected = tools.reference(dense[mask, 0], dense[mask, other], "spearman")
                assert r[other] == pytest.approx(expected, abs=1e-12)


def test_packed_sums_of_the_most_cells_are_exact():
    """Ranks without ties, the same in both genes and then reversed: the largest sums that there are."""
    n = PACKED_CELLS
    ranks = 2 * np.arange(1, n + 1) - (n + 1)
    exact = n * (n * n - 1) // 3
    packed = ranks.astype(np.int64) * 2**PACK_BITS + 1
    assert rank_moments(packed, 0, n) == (exact, exact, n, 0)
    assert rank_moments(packed[::-1].copy(), 0, n) == (-exact, exact, n, 0)
    assert rank_moments(packed, n // 2, n) == (exact, exact, n - n // 2, n // 2)
    # One level that holds the lower half, beside zeros; the upper half are the zeros of the gene.
    half = np.array([packed[: n // 2].sum()])
    below = -(n * n // 4)
    dot, squares, positive, negative = rank_moments(half, 1, n)
    assert (dot, positive, negative) == (-(n // 2) * below - (n // 2) * below, 0, n // 2)
    assert squares == 2 * (n // 2) ** 3


@pytest.mark.parametrize("most", [0, 10**6])
@pytest.mark.parametrize("rule", [0, 10**9])
def test_every_way_of_ranking_the_query_agrees_with_scipy(tools, rule, most, monkeypatch):
    """As Python, since a compiled kernel keeps the rules that it was compiled with."""
    as_python(monkeypatch)
    monkeypatch.setattr(shared_cells, "COUNTING", rule)
    monkeypatch.setattr(shared_cells, "PACKED_CELLS", most)
    rng = np.random.default_rng(6)
    dense = np.round(rng.gamma(1.0, 2.0, (200, 4)) * (rng.random((200, 4)) < 0.6), 1).astype(np.float32)
    # Many ties, so that third moments are looked at.
    dense[:, 3] = np.minimum(np.ceil(dense[:, 3]), 2)
    mask = rng.random(200) < 0.8
    r, n, third = run_all("spearman_nonzero", dense, mask, 0)
    for other in range(1, 4):
        used = mask & (dense[:, 0] != 0) & (dense[:, other] != 0)
        assert n[other] == used.sum()
        assert r[other] == pytest.approx(tools.reference(dense[used, 0], dense[used, other], "spearman"), abs=1e-12)
    ranks = [stats.rankdata(dense[used, column]) for column in (0, 3)]
    assert third[3] == pytest.approx(stats.skew(ranks[0]) * stats.skew(ranks[1]), rel=1e-9)


@given(problems())
@example(whole([[1, 1], [2, 2], [9, 3], [1, 1]]))
@pytest.mark.parametrize("name", ["pearson_nonzero", "spearman_nonzero"])
def test_third_moments_are_scipys(name, problem):
    dense, mask, gene = problem
    r, _, third = run_all(name, dense, mask, gene)
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
def test_the_third_moments_of_wanted_genes_are_scipys(name, problem):
    dense, mask, _ = problem
    if not mask.any():
        return
    wanted = np.arange(dense.shape[1]) % 3 != 1
    for form in FORMS:
        block, values = leveled(dense, form=form)
        of_genes = (block,) if name == "rank_skewness" else (block, values)
        found = np.empty(dense.shape[1])
        getattr(skewness, name)(*of_genes, mask.view(np.uint8), int(mask.sum()), wanted, found)
        for gene in range(dense.shape[1]):
            values = dense[mask, gene].astype(np.float64)
            if not wanted[gene]:
                assert found[gene] == 0
            elif np.ptp(values):
                expected = stats.skew(stats.rankdata(values) if name == "rank_skewness" else values)
                assert found[gene] == pytest.approx(expected, rel=1e-6, abs=1e-6)


@pytest.mark.parametrize("name", ["rank_skewness", "value_skewness"])
def test_the_compiled_third_moments_are_those_of_python(name, monkeypatch):
    rng = np.random.default_rng(7)
    dense = rng.poisson(0.7, (90, 4)).astype(np.float32) - 1
    mask, wanted = rng.random(90) < 0.6, np.array([True, False, True, True])
    block, values = leveled(dense, form=FORMS[1])
    of_genes = (block,) if name == "rank_skewness" else (block, values)
    found = np.empty((2, 4))
    for at in range(2):
        getattr(skewness, name)(*of_genes, mask.view(np.uint8), int(mask.sum()), wanted, found[at])
        as_python(monkeypatch)
    np.testing.assert_allclose(*found, rtol=1e-12)


def test_the_variance_that_pearson_gives_is_numpys():
    rng = np.random.default_rng(4)
    dense = rng.poisson(0.7, (150, 8)).astype(np.float32) - 1
    mask = rng.random(150) < 0.6
    variance = run_all("pearson", dense, mask, 1)[2]
    np.testing.assert_allclose(variance, dense[mask].astype(np.float64).var(axis=0), rtol=1e-9)


@pytest.mark.parametrize("name", ["pearson", "spearman", "pearson_nonzero", "spearman_nonzero"])
def test_a_small_spread_far_from_zero_keeps_its_digits(tools, name):
    """The middle of the query, near which sums without zeros begin, is far from its mean here: a second pass."""
    rng = np.random.default_rng(0)
    x = (1e4 + rng.integers(0, 50, 300) / 64).astype(np.float32)
    y = (5e3 + rng.integers(0, 50, 300) / 64).astype(np.float32)
    outlier = np.zeros((300, 2), dtype=np.float32)
    dense = np.concatenate([np.stack([x, y], axis=1), outlier])
    mask = np.arange(600) < 300
    r, _ = run(name, dense, mask, 0)
    expected = tools.reference(x.astype(np.float64), y.astype(np.float64), name.removesuffix("_nonzero"))
    assert r[1] == pytest.approx(expected, abs=TOLERANCE)


def test_spearman_is_exact_for_many_cells_and_all_ties(tools):
    rng = np.random.default_rng(1)
    dense = rng.integers(0, 3, (200_000, 3)).astype(np.float32)
    mask = rng.random(200_000) < 0.9
    r, _ = run("spearman", dense, mask, 0)
    for other in (1, 2):
        assert r[other] == pytest.approx(tools.reference(dense[mask, 0], dense[mask, other], "spearman"), abs=1e-12)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("n_more", [0, 3])
def test_a_constant_gene_is_nan_although_its_rounded_variance_is_not_zero(form, n_more):
    value = np.float32(0.1)
    dense = np.stack([np.arange(1, 8 + n_more, dtype=np.float32), np.full(7 + n_more, value)], axis=1)
    dense[7:, 1] = 3
    mask = np.arange(7 + n_more) < 7
    for method in ("pearson", "spearman"):
        assert np.isnan(run(method, dense, mask, 0, form)[0][1])
        assert np.isnan(run(method, dense, mask, 1, form)[0]).all()


def test_sums_of_ranks_are_exact_for_millions_of_cells():
    """Their products no longer fit 64 bits in all, only tile by tile; the reference adds Python's integers."""
    n = 4_000_000
    x = np.arange(n, dtype=np.int32) * 2 - (n - 1)
    y = x[::-1].copy()
    y[: n // 2] = np.roll(y[: n // 2], 12345)
    level = np.empty(n, dtype=np.int64)
    level[:] = (y + (n - 1)) // 2
    tile = 1 << 16
    starts = np.minimum(np.arange(-(-n // tile) + 1) * tile, n)
    found = kernels._rank_dot(
        (np.arange(n) % tile).astype(np.uint16), level.astype(np.uint32), starts, tile, x, 2 * x + 1
    )
    a, b = x.astype(np.int64), x[level].astype(np.int64)
    exact = sum(int(part) for part in np.add.reduceat(a * b, np.arange(0, n, 50_000)))
    assert abs(exact) > 2**63
    assert found == float(exact)


@pytest.mark.parametrize("form", FORMS)
def test_expressing_counts_values_above_zero(form, monkeypatch):
    rng = np.random.default_rng(2)
    dense = rng.integers(-2, 3, (60, 5)).astype(np.float32)
    mask = rng.random(60) < 0.5
    for signed in (True, False):
        given = dense if signed else np.abs(dense)
        for _ in range(2):
            counts = np.empty(5, dtype=np.int64)
            kernels.expressing(leveled(given, form=form)[0], mask.view(np.uint8), counts)
            np.testing.assert_array_equal(counts, (given[mask] > 0).sum(axis=0))
            as_python(monkeypatch)


@pytest.mark.parametrize("at", [0, 1, 31, 32, 63])
def test_the_lowest_bit_is_found(at):
    find = njit(lambda word: bitmaps.lowest(word))  # noqa: PLW0108 - an intrinsic is only for compiled code
    for above in (0, 1 << 63, 0xFFFF << at):
        assert find(np.uint64((1 << at) | (above & (2**64 - 1)))) == at
