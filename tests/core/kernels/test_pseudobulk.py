"""Sums of counts of one gene by unit, against numpy and against the kernel's own Python."""

import numpy as np
import pytest

from core.kernels.pseudobulk import add_gene


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
