"""Sums of counts of one gene by unit, against numpy and against the kernel's own Python."""

import numpy as np
import pytest

from core.atlas.level_blocks import built, shares_of
from core.kernels import pseudobulk
from core.kernels.pseudobulk import add_gene, add_implied


@pytest.mark.parametrize("python", [False, True])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_sums_are_exact(python, dtype):
    rng = np.random.default_rng(1)
    counts = rng.integers(0, 1 << 24, 500) * (rng.random(500) < 0.4)
    codes = rng.integers(0, 5, 500).astype(np.int32)
    cells = np.flatnonzero(counts).astype(np.uint32)
    sums, expressing = np.zeros(5, np.int64), np.zeros(5, np.int32)
    (add_gene.py_func if python else add_gene)(cells, counts[cells].astype(dtype), codes, sums, expressing)
    assert sums.tolist() == [int(counts[codes == unit].sum()) for unit in range(5)]
    assert expressing.tolist() == [int((counts[codes == unit] > 0).sum()) for unit in range(5)]


@pytest.mark.parametrize("python", [False, True])
def test_counts_that_the_expression_implies_are_added_exactly(python, monkeypatch):
    """In two tiles of cells, one gene without a count, some cells that take no part."""
    if python:
        monkeypatch.setattr(pseudobulk, "_add_computed", pseudobulk._add_computed.py_func)
    rng = np.random.default_rng(2)
    n = 70_000
    counts = rng.integers(1, 3000, (n, 3)) * (rng.random((n, 3)) < (0.01, 0.0, 0.002))
    totals = counts.sum(axis=1) + 1000.0
    logged = np.log1p(counts / (totals[:, None] / 1e4)).astype(np.float32)
    gene, cells = np.nonzero(logged.T)
    starts = np.searchsorted(gene, np.arange(4)).astype(np.int64)
    block = built(logged[cells, gene], cells.astype(np.int32), starts, n).block
    codes = rng.integers(0, 5, n).astype(np.int32)
    for first in (0, 1):
        part = block.block(first, 3)
        sums, expressing = np.zeros((3 - first, 5), np.int64), np.zeros((3 - first, 5), np.int32)
        (add_implied.py_func if python else add_implied)(*shares_of(part), totals, codes, sums, expressing)
        for unit in range(5):
            np.testing.assert_array_equal(sums[:, unit], counts[codes == unit, first:].sum(axis=0))
            np.testing.assert_array_equal(expressing[:, unit], (counts[codes == unit, first:] > 0).sum(axis=0))
