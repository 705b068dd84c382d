"""Sums by unit of a block of genes, against naive loops and against the kernel's own Python."""

import math

import numpy as np
import pytest

from core.kernels import unit_sums as kernels
from tests.level_blocks import FORMS, as_python, leveled


def naive(dense, factor, weights, codes, n, *, whole):
    """Add up cell by cell; sums (n_genes, n_units) and cells above zero."""
    sums, above = np.zeros((dense.shape[1], n)), np.zeros((dense.shape[1], n), dtype=int)
    for gene, column in enumerate(dense.T):
        for value, weight, unit in zip(column.tolist(), weights.tolist(), codes.tolist(), strict=True):
            if unit < n:
                product = (math.expm1(factor * value) if factor else value) * weight
                sums[gene, unit] += round(product) if whole else product
                above[gene, unit] += value > 0
    return sums, above


def summed(dense, factor, weights, codes, n, *, whole, dtype=np.float32, form=FORMS[0]):
    """Run the kernel on all genes of a dense matrix."""
    sums, above = np.full((dense.shape[1], n), np.nan), np.full((dense.shape[1], n), -1, dtype=np.int32)
    block = leveled(dense, dtype, form)
    kernels.unit_sums(*block, factor, weights.astype(np.float32), whole, codes, sums, above)
    return sums, above


@pytest.mark.parametrize("python", [False, True])
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(("factor", "dtype"), [(0.0, np.float32), (1.0, np.float64), (math.log(2), np.float32)])
def test_sums_are_those_of_a_loop(python, form, factor, dtype, monkeypatch):
    """In tiles of 7 cells too; a silent gene, one in every cell, cells of no unit, a unit without cells."""
    if python:
        as_python(monkeypatch)
    rng = np.random.default_rng(1)
    dense = (rng.gamma(1.0, 1.0, (60, 5)) * (rng.random((60, 5)) < (0.5, 0.0, 1.0, 0.1, 0.3))).round(1).astype(dtype)
    codes = rng.choice([0, 1, 3, 4], 60).astype(np.int32)
    weights = rng.integers(1, 5, 60) / 4
    sums, above = summed(dense, factor, weights, codes, 4, whole=False, dtype=dtype, form=form)
    expected = naive(dense, factor, weights, codes, 4, whole=False)
    np.testing.assert_allclose(sums, expected[0], rtol=1e-12)
    np.testing.assert_array_equal(above, expected[1])


@pytest.mark.parametrize("python", [False, True])
@pytest.mark.parametrize("form", FORMS)
def test_values_below_zero_are_added_and_not_counted(python, form, monkeypatch):
    if python:
        as_python(monkeypatch)
    rng = np.random.default_rng(2)
    dense = (rng.normal(0, 2, (40, 3)) * (rng.random((40, 3)) < 0.6)).round().astype(np.float32)
    codes, ones = rng.integers(0, 3, 40).astype(np.int32), np.ones(40)
    sums, above = summed(dense, 0.0, ones, codes, 2, whole=False, form=form)
    expected = naive(dense, 0.0, ones, codes, 2, whole=False)
    np.testing.assert_array_equal(sums, expected[0])
    np.testing.assert_array_equal(above, expected[1])


@pytest.mark.parametrize("python", [False, True])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_sums_of_counts_are_exact(python, dtype, monkeypatch):
    if python:
        as_python(monkeypatch)
    rng = np.random.default_rng(1)
    counts = rng.integers(0, 1 << 24, (500, 2)) * (rng.random((500, 2)) < 0.4)
    codes = rng.integers(0, 5, 500).astype(np.int32)
    sums, expressing = summed(counts, 0.0, np.ones(500), codes, 4, whole=True, dtype=dtype)
    for unit in range(4):
        assert sums[:, unit].tolist() == counts[codes == unit].sum(axis=0).tolist()
        assert expressing[:, unit].tolist() == (counts[codes == unit] > 0).sum(axis=0).tolist()


@pytest.mark.parametrize("python", [False, True])
@pytest.mark.parametrize("form", FORMS)
def test_counts_that_the_expression_implies_are_added_exactly(python, form, monkeypatch):
    """Of the largest counts that may be implied too; totals are rounded to 32 bits on the way."""
    if python:
        as_python(monkeypatch)
    rng = np.random.default_rng(2)
    n = 2_000
    counts = rng.integers(1, 60_000, (n, 4)) * (rng.random((n, 4)) < (0.3, 0.0, 0.02, 1.0))
    totals = counts.sum(axis=1) + rng.integers(1_000, 30_000_000, n).astype(np.float64)
    logged = np.log1p(counts / (totals[:, None] / 1e4)).astype(np.float32)
    codes = rng.integers(0, 5, n).astype(np.int32)
    sums, expressing = summed(logged, 1.0, totals / 1e4, codes, 4, whole=True, form=form)
    for unit in range(4):
        assert sums[:, unit].tolist() == counts[codes == unit].sum(axis=0).tolist()
        assert expressing[:, unit].tolist() == (counts[codes == unit] > 0).sum(axis=0).tolist()
