"""The kernel against scipy and against its own Python, on values made to be difficult."""

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import example, given
from hypothesis.extra import numpy as hnp
from scipy import stats

from core.kernels import rank_sums as kernels
from tests.level_blocks import FORMS, as_python, leveled

# Few distinct values make ties; magnitudes and signs mix; float32 exactly, as a store holds them.
VALUES = st.sampled_from([0.0, 0.0, 0.0, 1.0, 1.0, 2.0, 3.0, -1.0, -2.5, 0.5, 1e-3, 7.25, 1e4, 5.0001, 5.0002])


@st.composite
def problems(draw):
    """A matrix and the categories of its cells, the last of which stands for cells that take no part."""
    n_cells, n_genes, n_categories = draw(st.integers(1, 40)), draw(st.integers(1, 5)), draw(st.integers(1, 6))
    dense = draw(hnp.arrays(np.float32, (n_cells, n_genes), elements=VALUES.map(np.float32)))
    codes = draw(hnp.arrays(np.uint8, n_cells, elements=st.integers(0, n_categories)))
    return dense, codes, n_categories


def run(dense, codes, n_categories, form=FORMS[0], dtype=np.float32):
    """Call the kernel."""
    n_genes = dense.shape[1]
    sizes = np.bincount(codes, minlength=n_categories + 1)[:n_categories].astype(np.int64)
    sums, ties = np.full((n_genes, n_categories, 4), np.nan), np.zeros(n_genes)
    kernels.rank_sums(*leveled(dense, dtype, form), codes, sizes, 0.0, sums, ties)
    assert not sums[:, :, kernels.LINEAR].any()
    return sums[:, :, kernels.RANK], sums[:, :, kernels.VALUE], sums[:, :, kernels.POSITIVE], ties


def check(dense, codes, n_categories, found):
    doubled, totals, n_positive, ties = found
    inside = codes < n_categories
    for gene in range(dense.shape[1]):
        values, groups = dense[inside, gene].astype(np.float64), codes[inside]
        ranks = stats.rankdata(values)
        for category in range(n_categories):
            own = groups == category
            assert doubled[gene, category] == 2 * ranks[own].sum()
            assert n_positive[gene, category] == (values[own] > 0).sum()
            assert totals[gene, category] == pytest.approx(values[own].sum(), rel=1e-12, abs=1e-9)
        if not values.size or np.ptp(values) == 0:
            assert np.isnan(ties[gene])
        else:
            _, counts = np.unique(values, return_counts=True)
            assert ties[gene] == (counts.astype(float) ** 3 - counts).sum()


@given(problems())
@example((np.array([[1], [1], [1]], dtype=np.float32), np.array([0, 1, 1], dtype=np.uint8), 2))
@example((np.zeros((2, 1), dtype=np.float32), np.array([0, 1], dtype=np.uint8), 2))
@example((np.array([[-2], [-1], [0], [5]], dtype=np.float32), np.array([0, 1, 0, 1], dtype=np.uint8), 2))
@example((np.array([[3], [3], [1]], dtype=np.float32), np.array([0, 0, 1], dtype=np.uint8), 1))
@example((np.array([[3], [4]], dtype=np.float32), np.array([2, 2], dtype=np.uint8), 2))
@pytest.mark.parametrize("form", FORMS)
def test_every_sum_agrees_with_scipy(form, problem):
    check(*problem, run(*problem, form))


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_compiled_kernel_is_its_own_python(seed, dtype, monkeypatch):
    rng = np.random.default_rng(seed)
    dense = (rng.poisson(0.7, (150, 8)) - (seed == 2)).astype(np.float32)
    codes = rng.integers(0, 5, 150).astype(np.uint8)
    compiled = run(dense, codes, 4, FORMS[seed % 2], dtype)
    as_python(monkeypatch)
    for one, other in zip(compiled, run(dense, codes, 4, FORMS[seed % 2], dtype), strict=True):
        np.testing.assert_array_equal(one, other)


def test_sums_are_exact_for_many_cells_and_all_ties():
    rng = np.random.default_rng(1)
    dense = rng.integers(-1, 3, (200_000, 2)).astype(np.float32)
    codes = rng.integers(0, 4, 200_000).astype(np.uint8)
    check(dense, codes, 3, run(dense, codes, 3))


def test_a_gene_that_is_constant_within_is_told_although_it_varies_outside():
    dense = np.array([[0.1, 0], [0.1, 0], [0.1, 0], [7, 1]], dtype=np.float32)
    *_, ties = run(dense, np.array([0, 1, 1, 2], dtype=np.uint8), 2)
    assert np.isnan(ties).all()


def test_the_largest_code_is_that_of_a_hundred_categories():
    rng = np.random.default_rng(2)
    dense = rng.poisson(1.0, (500, 3)).astype(np.float32)
    codes = rng.integers(0, 101, 500).astype(np.uint8)
    check(dense, codes, 100, run(dense, codes, 100))
