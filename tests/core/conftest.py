"""What tests of core share: importing an AnnData object made in a test."""

from collections.abc import Callable
from pathlib import Path

import pytest

from core.ingest.importer import ImportRequest, import_file
from core.places import Places
from core.store import Atlas


@pytest.fixture
def data(tmp_path) -> Path:
    """Return an empty data directory."""
    return tmp_path / "data"


@pytest.fixture
def load(data) -> Callable[..., Atlas]:
    """Return a function that imports a file into the data directory and opens the atlas."""

    def load(path, report=lambda step, done: None, **request) -> Atlas:
        atlas = import_file(ImportRequest(Path(path), **request), data, report)
        return Atlas(Places(data).store(atlas))

    return load


@pytest.fixture
def atlas_of(load, tmp_path) -> Callable[..., Atlas]:
    """Return a function that writes an AnnData object to a file, imports it and opens the atlas."""

    def atlas_of(adata, name="made", **request) -> Atlas:
        path = tmp_path / f"{name}.h5ad"
        adata.write_h5ad(path)
        return load(path, **request)

    return atlas_of
