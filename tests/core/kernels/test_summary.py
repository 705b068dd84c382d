"""The statistics of genes, compiled and not, against numpy and scipy."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import rankdata

from core.kernels.summary import gene_summary
from core.kernels.warm_up import warm_up


@st.composite
def sorted_genes(draw):
    """Draw the dense values of some genes, (n_genes, n_cells): few of them differ."""
    n_cells = draw(st.integers(1, 12))
    value = st.sampled_from([0.0, 0.0, 1.0, -1.0, 2.5]) | st.floats(-1e6, 1e6, width=32)
    return np.array(draw(st.lists(st.lists(value, min_size=n_cells, max_size=n_cells), min_size=1, max_size=6)))


def stored(dense, dtype):
    levels = [np.unique(gene[gene != 0], return_counts=True) for gene in dense.astype(dtype)]
    values, counts = (np.concatenate(column) for column in zip(*levels, strict=True))
    first = np.concatenate([[0], np.cumsum([len(values) for values, _ in levels])])
    return values, counts.astype(np.uint32), first.astype(np.int64)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@given(dense=sorted_genes())
def test_summary_is_that_of_numpy_and_scipy(dtype, dense):
    dense = dense.astype(dtype).astype(np.float64)
    n_cells = dense.shape[1]
    compiled = gene_summary(*stored(dense, dtype), n_cells)
    plain = gene_summary.py_func(*stored(dense, dtype), n_cells)
    for found, again in zip(compiled, plain, strict=True):
        np.testing.assert_allclose(found, again, rtol=1e-14, atol=0)
    mean, variance, ties = compiled
    scale = np.abs(dense).max() + 1
    np.testing.assert_allclose(mean, dense.mean(axis=1), rtol=1e-12, atol=1e-12 * scale)
    if n_cells == 1:
        assert np.isnan(variance).all()
    else:
        np.testing.assert_allclose(variance, dense.var(axis=1, ddof=1), rtol=1e-9, atol=1e-12 * scale**2)
    for gene, found in zip(dense, ties, strict=True):
        size = rankdata(gene, "max") - rankdata(gene, "min") + 1
        assert found == (size**2 - 1).sum()


def test_genes_without_entries():
    mean, variance, ties = gene_summary(np.empty(0, np.float32), np.empty(0, np.uint32), np.zeros(4, np.int64), 5)
    assert mean.tolist() == variance.tolist() == [0, 0, 0]
    assert ties.tolist() == [5**3 - 5] * 3


def test_a_hundred_million_ties_are_counted_in_double_precision():
    _, _, ties = gene_summary(np.empty(0, np.float32), np.empty(0, np.uint32), np.zeros(2, np.int64), 100_000_000)
    assert ties[0] == pytest.approx(1e24, rel=1e-12)


def test_warming_up_compiles_for_both_dtypes():
    warm_up()
    kinds = {str(signature[0].dtype) for signature in gene_summary.signatures}
    assert {"float32", "float64"} <= kinds
