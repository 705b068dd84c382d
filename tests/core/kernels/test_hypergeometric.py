"""Fisher's exact test against scipy and against the kernel's own Python."""

import numpy as np
import pytest
from scipy import stats

from core.kernels import hypergeometric as kernels


def run(n_inside, n_expressing, n_group, n, *, wanted=None, python=False):
    """Call the kernel, compiled or as Python."""
    # The same genes in two groups, the other cells being the second one.
    many = np.asarray(n_expressing, dtype=np.int64)
    k = np.stack([np.asarray(n_inside, dtype=np.int64), many - n_inside], axis=1)
    p = np.full(k.shape, -1.0)
    kernel = kernels.two_sided.py_func if python else kernels.two_sided
    asked = np.ones(k.shape, dtype=bool) if wanted is None else np.stack([wanted, wanted], axis=1)
    kernel(k, many, np.array([n_group, n - n_group]), n, asked, p)
    np.testing.assert_allclose(p[:, 0], p[:, 1], rtol=1e-7)
    return p[:, 0]


def every_table(n_group, n):
    """All numbers of expressing cells, inside and in all."""
    pairs = [(k, total) for total in range(n + 1) for k in range(max(0, n_group + total - n), min(n_group, total) + 1)]
    return np.array(pairs).T


def fisher(k, total, n_group, n):
    """scipy's p, two-sided."""
    return stats.fisher_exact([[k, total - k], [n_group - k, n - n_group - total + k]]).pvalue


@pytest.mark.parametrize(("n_group", "n"), [(1, 2), (3, 12), (6, 12), (9, 12), (4, 17), (12, 17)])
def test_every_table_is_scipys(n_group, n):
    inside, totals = every_table(n_group, n)
    wanted = [fisher(k, total, n_group, n) for k, total in zip(inside, totals, strict=True)]
    np.testing.assert_allclose(run(inside, totals, n_group, n), wanted, rtol=1e-10)


def test_the_compiled_kernel_is_its_own_python(monkeypatch):
    inside, totals = every_table(5, 13)
    compiled = run(inside, totals, 5, 13)
    for name in ("_log_choose", "_log_probability", "_two_sided"):
        monkeypatch.setattr(kernels, name, getattr(kernels, name).py_func)
    np.testing.assert_allclose(run(inside, totals, 5, 13, python=True), compiled, rtol=1e-12)


def test_a_gene_of_one_cell_in_a_group_of_three_of_500():
    assert run([1], [1], 3, 500)[0] == pytest.approx(3 / 500, rel=1e-9)


def test_large_numbers_keep_their_digits():
    cases = [(900, 1500, 1000, 100_000), (30, 40, 2000, 1_000_000), (0, 5000, 900, 800_000), (7, 12, 20_000, 3_000_000)]
    for k, total, n_group, n in cases:
        assert run([k], [total], n_group, n)[0] == pytest.approx(fisher(k, total, n_group, n), rel=1e-6)


def test_only_what_is_wanted_is_written():
    assert run([1, 1], [1, 1], 3, 500, wanted=np.array([False, True])).tolist() == [-1.0, pytest.approx(0.006)]
