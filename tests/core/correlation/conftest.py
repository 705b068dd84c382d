"""A store made in memory and on disk from any dense matrix, and the reference for every pair."""

from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import numpy as np
import pytest
from scipy import sparse, stats

from core.ingest.sorting import sort_genes
from core.parallel import Workers


def value_sorted(dense, dtype=np.float32):
    """data, indices (uint32) and indptr of the value-sorted CSC of a dense matrix (n_cells, n_genes)."""
    matrix = sparse.csc_array(dense.astype(dtype))
    matrix.eliminate_zeros()
    indptr = matrix.indptr.astype(np.int64)
    with ThreadPoolExecutor(1) as executor:
        data, cells = sort_genes(matrix.data, matrix.indices.astype(np.int32), indptr, executor)
    return data, cells.view(np.uint32), indptr


def reference(x, y, method):
    """scipy's coefficient, NaN where it is not defined."""
    if x.size < 2 or np.ptp(x) == 0 or np.ptp(y) == 0:
        return np.nan
    return (stats.pearsonr if method == "pearson" else stats.spearmanr)(x, y).statistic


@pytest.fixture(scope="session")
def tools():
    """The two functions above, for tests that cannot import this file."""
    return SimpleNamespace(value_sorted=value_sorted, reference=reference)


@pytest.fixture
def pool():
    """Two workers."""
    workers = Workers(ThreadPoolExecutor(2))
    yield workers
    workers.close()
