"""What tests of core share: importing an AnnData object, a value-sorted matrix, reference coefficients."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from scipy import sparse, stats

from core.atlas.level_blocks import built
from core.atlas.paths import AtlasId, Places
from core.atlas.store import Atlas
from core.compute.executor import Workers
from tests.factories import imported


@pytest.fixture
def data(tmp_path) -> Path:
    """Return an empty data directory."""
    return tmp_path / "data"


@pytest.fixture
def load(data) -> Callable[..., Atlas]:
    """Return a function that imports a file into the data directory and opens the atlas."""

    def load(path, **request) -> Atlas:
        return Atlas(Places(data).store(AtlasId.parse(imported(data, path, **request))))

    return load


@pytest.fixture
def atlas_of(load, tmp_path) -> Callable[..., Atlas]:
    """Return a function that writes an AnnData object to a file, imports it and opens the atlas."""

    def atlas_of(adata, name="made", **request) -> Atlas:
        path = tmp_path / f"{name}.h5ad"
        adata.write_h5ad(path)
        return load(path, **request)

    return atlas_of


def value_sorted(dense, dtype=np.float32):
    """data, indices (uint32) and indptr of the value-sorted CSC of a dense matrix (n_cells, n_genes)."""
    matrix = sparse.csc_array(dense.astype(dtype))
    matrix.eliminate_zeros()
    indptr = matrix.indptr.astype(np.int64)
    block = built(matrix.data, matrix.indices.astype(np.int32), indptr, matrix.shape[0]).block
    genes = [block.ascending(gene) for gene in range(block.n_genes)]
    cells, data = (np.concatenate(column) for column in zip(*genes, strict=True))
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
