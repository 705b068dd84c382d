"""What tests of core share: importing an AnnData object, reference coefficients."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from scipy import stats

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


def reference(x, y, method):
    """scipy's coefficient, NaN where it is not defined."""
    if x.size < 2 or np.ptp(x) == 0 or np.ptp(y) == 0:
        return np.nan
    return (stats.pearsonr if method == "pearson" else stats.spearmanr)(x, y).statistic


@pytest.fixture(scope="session")
def tools():
    """The function above, for tests that cannot import this file."""
    return SimpleNamespace(reference=reference)


@pytest.fixture
def pool():
    """Two workers."""
    workers = Workers(ThreadPoolExecutor(2))
    yield workers
    workers.close()
