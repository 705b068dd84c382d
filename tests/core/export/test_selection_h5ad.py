"""The selection as .h5ad is, read by anndata, what the source file has of these cells."""

import io

import anndata
import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from core.atlas.catalog import Catalog
from core.errors import EmptySelection, InvalidQuery
from core.export import selection_h5ad
from core.export.selection_h5ad import write_selection
from core.export.selection_size import about_n_values, n_values, name_of
from core.ingest.importer import ImportRequest, import_file
from core.selection.masks import mask_of
from core.selection.model import Selection
from tests.factories import CELLS, GENES, N_CELLS, imported, tiny

NAMES = [*CELLS, *(f"cell{at}" for at in range(N_CELLS - len(CELLS)))]
SELECTIONS = [(), ("Group=MASH",), ("Group=MASH", "CellType=Hepatocyte"), ("CellType=",)]


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    rng = np.random.default_rng(5)
    layers = {"scaled": rng.normal(size=(N_CELLS, len(GENES))).astype(np.float32)}
    return tiny(tmp_path_factory.mktemp("source") / "liver.h5ad", cells=NAMES, layers=layers)


@pytest.fixture(scope="module")
def atlas(source, tmp_path_factory):
    data = tmp_path_factory.mktemp("atlas")
    return Catalog(data).get(imported(data, source, species="human", layers=("scaled",), title="Liver <i>cells</i>"))


def written(atlas, selection, **options):
    out = io.BytesIO()
    write_selection(atlas, selection, out, **options)
    out.seek(0)
    return out


@pytest.mark.parametrize("where", SELECTIONS)
def test_what_anndata_reads_is_the_source(atlas, source, tmp_path, where):
    selection = Selection.parse(where)
    (tmp_path / "a.h5ad").write_bytes(written(atlas, selection).read())
    found, whole = anndata.read_h5ad(tmp_path / "a.h5ad"), anndata.read_h5ad(source)
    expected = whole[mask_of(atlas, selection)]
    assert list(found.obs_names) == list(expected.obs_names)
    assert list(found.var_names) == list(whole.var_names)
    counts = found.layers["counts"]
    assert sparse.issparse(counts)
    assert counts.has_sorted_indices
    assert np.array_equal(counts.toarray(), expected.X.toarray())
    totals = expected.X.toarray().sum(axis=1, keepdims=True)
    logged = np.log1p(expected.X.toarray() / np.where(totals, totals, 1) * 1e4)
    assert np.allclose(found.X.toarray(), logged, rtol=1e-6)
    assert np.array_equal(found.layers["scaled"].toarray(), expected.layers["scaled"])
    assert np.array_equal(found.obsm["X_umap"], expected.obsm["X_umap"], equal_nan=True)
    for name in expected.obs:
        one, other = (list(table[name].astype(object)) for table in (found.obs, expected.obs))
        assert one == pytest.approx(other, nan_ok=True)
    used = [each for each in whole.obs["CellType"].cat.categories if each in set(expected.obs["CellType"])]
    assert list(found.obs["CellType"].cat.categories) == used


def test_provenance_is_in_uns(atlas):
    selection = Selection.parse(["Group=MASH"])
    found = anndata.read_h5ad(written(atlas, selection))
    said = found.uns["masldatlas"]
    assert said["dataset"] == "human/liver"
    assert said["content_hash"] == atlas.manifest.content_hash
    assert said["selection"] == "Group is MASH"
    assert said["n_cells"] == found.n_obs == 30
    assert not said["simulated"]
    assert said["layer_expression"].startswith("log1p(CP10k); ")
    assert "where=Group%3DMASH" in said["permalink"]
    assert found.uns["title"] == "Liver <i>cells</i>"


def test_the_file_imports_as_the_same_atlas(atlas, tmp_path):
    (tmp_path / "liver.h5ad").write_bytes(written(atlas, Selection()).read())
    request = ImportRequest(tmp_path / "liver.h5ad", species="human", layers=("scaled",))
    again = Catalog(tmp_path).get(str(import_file(request, tmp_path, lambda *_: None)))
    for name in ("expression", "counts", "scaled"):
        one, other = atlas.layer(name), again.layer(name)
        for gene in range(one.n_genes):
            assert np.array_equal(one.dense(gene), other.dense(gene)), (name, gene)
    assert again.manifest.columns == atlas.manifest.columns
    assert again.manifest.title == atlas.manifest.title
    assert again.genes.names == atlas.genes.names


@pytest.mark.parametrize("where", SELECTIONS)
def test_values_are_counted_and_capped(atlas, where):
    selection = Selection.parse(where)
    mask = mask_of(atlas, selection)
    found = anndata.read_h5ad(written(atlas, selection))
    n = found.X.nnz + found.layers["counts"].nnz + found.layers["scaled"].nnz
    assert n_values(atlas, mask) == n
    assert about_n_values(atlas, int(mask.sum())) == pytest.approx(n, rel=0.35)
    written(atlas, selection, most=n)
    with pytest.raises(InvalidQuery) as caught:
        written(atlas, selection, most=n - 1)
    assert caught.value.message == f"These cells have {n:,} values, and a download may have {n - 1:,}."


def test_no_cell_is_refused(atlas):
    with pytest.raises(EmptySelection):
        written(atlas, Selection.parse(["Group=MASH", "Group=Healthy"], ["score:1e9:"]))


def test_a_file_of_many_blocks_is_the_same(atlas, monkeypatch):
    seen = []
    one = anndata.read_h5ad(written(atlas, Selection.parse(["Group=MASH"])))
    monkeypatch.setattr(selection_h5ad, "ENTRIES", 7)
    other = anndata.read_h5ad(written(atlas, Selection.parse(["Group=MASH"]), report=seen.append))
    assert (one.X != other.X).nnz == 0
    assert seen == sorted(seen)
    assert seen[-1] == 1


def test_columns_with_names_that_hdf5_cannot_hold(tmp_path):
    path = tiny(tmp_path / "odd.h5ad", n_cells=20)
    adata = anndata.read_h5ad(path)
    adata.obs["a b=c"] = np.arange(20.0)
    adata.obs["note"] = pd.array([f"text {at}" for at in range(19)] + ["\u00e4"], dtype=object)
    adata.write_h5ad(path)
    atlas = Catalog(tmp_path).get(imported(tmp_path, path, species="human"))
    found = anndata.read_h5ad(written(atlas, Selection()))
    assert found.obs["a b=c"].tolist() == list(range(20))
    assert found.obs["note"].astype(str).tolist()[-1] == "ä"
    assert selection_h5ad._keys(["_index", "a/b", "a_b", ".", ""]) == ["_index_", "a_b", "a_b_", "_", "__"]


def test_the_file_is_called_after_the_atlas(atlas):
    assert name_of(atlas, Selection()) == "liver.h5ad"
    assert name_of(atlas, Selection.parse(["Group=MASH"])) == "liver_selection.h5ad"
