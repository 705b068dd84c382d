"""Exact p of a few cells against the enumeration of scipy, and the collection of their values."""

from itertools import permutations

import numpy as np
import pytest
from scipy import stats

from core.kernels.permutations import EXACT_BELOW, exact_p, few_cells, tables
from tests.level_blocks import FORMS, leveled


def p_of(x, y, *, python=False):
    """Call the kernel on one row."""
    p = np.empty(1)
    kernel = exact_p.py_func if python else exact_p
    kernel(np.array([x], dtype=float), np.array([y], dtype=float), *tables(len(x)), p)
    return p[0]


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("n", [3, 4, 5, 6, 7])
def test_p_is_scipys_over_all_permutations(n, seed):
    rng = np.random.default_rng(seed)
    x, y = rng.normal(size=n), rng.normal(size=n)
    for one, other in ((x, y), (stats.rankdata(x), stats.rankdata(y)), (np.round(x), np.round(2 * y))):
        if np.ptp(one) == 0 or np.ptp(other) == 0:
            continue
        expected = stats.pearsonr(one, other, method=stats.PermutationMethod(n_resamples=np.inf)).pvalue
        assert p_of(one, other) == pytest.approx(expected, rel=1e-12)
        assert p_of(one, other, python=True) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(("n", "expected"), [(3, 1 / 3), (4, 1 / 12), (5, 1 / 60), (6, 1 / 360), (9, 2 / 362_880)])
def test_p_of_a_complete_correlation(n, expected):
    assert p_of(np.arange(n), np.arange(n) ** 2) == pytest.approx(expected)
    assert p_of(np.arange(n), -np.arange(n)) == pytest.approx(expected)


@pytest.mark.parametrize("n", [8, 9])
def test_p_of_eight_and_nine_cells_counts_every_order(n):
    rng = np.random.default_rng(n)
    x, y = rng.permutation(n).astype(float), rng.permutation(n).astype(float)
    orders = np.array(list(permutations(range(n))), dtype=np.int8)
    sums = y[orders] @ x
    observed = y @ x
    expected = 2 * min((sums >= observed).mean(), (sums <= observed).mean())
    assert p_of(x, y) == pytest.approx(min(1, expected), rel=1e-12)


def test_the_halves_hold_every_order_once():
    halves, first, second = tables(5)
    seen = {(*half[:2][one], *half[2:][two]) for half in halves for one in first for two in second}
    assert len(seen) == 120


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("both", [True, False])
@pytest.mark.parametrize("python", [True, False])
def test_the_cells_of_a_pair_are_collected(form, both, python):
    rng = np.random.default_rng(1)
    dense = (rng.poisson(1, (40, 6)) * rng.integers(1, 4, (40, 6))).astype(np.float32)
    cells = np.zeros(40, dtype=bool)
    cells[rng.choice(40, 8, replace=False)] = True
    if both:
        cells &= dense[:, 0] != 0
    slot = np.full(40, -1, dtype=np.int32)
    slot[cells] = np.arange(cells.sum())
    wanted = np.array([False, True, True, False, True, True])
    x, y = np.empty((2, 4, EXACT_BELOW - 1))
    n = np.full(4, cells.sum())
    kernel = few_cells.py_func if python else few_cells
    kernel(*leveled(dense, form=form), slot, dense[cells, 0].astype(float), wanted, both, x, y, n)
    for row, gene in enumerate(np.flatnonzero(wanted)):
        used = cells & (dense[:, gene] != 0) if both else cells
        assert n[row] == used.sum()
        found = sorted(zip(x[row, : n[row]], y[row, : n[row]], strict=True))
        assert found == sorted(zip(dense[used, 0], dense[used, gene], strict=True))
