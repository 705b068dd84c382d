"""Compiling every kernel for the dtypes that stores hold."""

from __future__ import annotations

import numpy as np

from core.kernels.summary import gene_summary


def warm_up() -> None:
    """Call each kernel once on two cells; afterwards it answers at full speed."""
    indptr = np.array([0, 2], dtype=np.int64)
    for dtype in (np.float32, np.float64):
        gene_summary(np.array([1, 2], dtype=dtype), indptr, 2)
