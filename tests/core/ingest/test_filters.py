"""Filters of HDF5: those of hdf5plugin are read, others are named in one sentence."""

import h5py
import numpy as np
import pytest

from core.errors import InvalidFile
from core.ingest import filters
from tests.core.ingest._build import counts, made


@pytest.mark.parametrize("filter_", ["Zstd", "Blosc", "Blosc2", "LZ4", "Bitshuffle", "BZip2"])
def test_a_file_of_each_filter_is_read(load, tmp_path, filter_):
    plugin = pytest.importorskip("hdf5plugin")
    X = counts()
    made(X).write_h5ad(tmp_path / "a.h5ad")
    with h5py.File(tmp_path / "a.h5ad", "r+") as file:
        values = file["X/data"][:]
        del file["X/data"]
        file["X"].create_dataset("data", data=values, **getattr(plugin, filter_)())
    atlas = load(tmp_path / "a.h5ad")
    layer = atlas.layer("counts")
    assert np.array_equal(np.stack([layer.dense(gene) for gene in range(layer.n_genes)], axis=1), X.toarray())


@pytest.mark.parametrize(
    ("code", "said"), [(32015, "zstd"), (32001, "blosc"), (32008, "bitshuffle"), (1, "deflate"), (32004, "lz4")]
)
def test_a_filter_that_is_not_here_is_named(load, tmp_path, monkeypatch, code, said):
    made(counts()).write_h5ad(tmp_path / "a.h5ad", compression="gzip")
    if code != 1:
        monkeypatch.setattr(filters, "NAMES", {1: filters.NAMES[code]})
    monkeypatch.setattr(h5py.h5z, "filter_avail", lambda code: False)
    with pytest.raises(InvalidFile, match=rf"a.h5ad: X/data is compressed with the filter {said} \(1\)") as caught:
        load(tmp_path / "a.h5ad")
    assert "hdf5plugin" in caught.value.remedy


def test_a_filter_of_what_is_not_needed_stops_nothing(load, tmp_path, monkeypatch):
    adata = made(counts())
    adata.uns["big"] = np.arange(1_000)
    adata.write_h5ad(tmp_path / "a.h5ad")
    with h5py.File(tmp_path / "a.h5ad", "r+") as file:
        del file["uns/big"]
        file["uns"].create_dataset("big", data=np.arange(1_000), compression="gzip")
    monkeypatch.setattr(h5py.h5z, "filter_avail", lambda code: False)
    assert load(tmp_path / "a.h5ad").n_cells == 30
