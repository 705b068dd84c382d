"""Reading a store: cheaply, exactly, and with a sentence for whatever is wrong with it."""

import os
import shutil
from contextlib import nullcontext
from types import SimpleNamespace

import numpy as np
import orjson
import pandas as pd
import pyarrow as pa
import pytest

from core.atlas.catalog import Catalog
from core.atlas.manifest import Manifest
from core.atlas.paths import AtlasId
from core.atlas.store import COUNTS, EXPRESSION, MANIFEST, Atlas, Layer
from core.errors import BrokenStore, InvalidQuery, UnknownColumn
from core.ingest.durable_files import NpyWriter, write_table
from core.ingest.obs_var import clean_obs
from tests.core.ingest._build import as_dense, counts, made
from tests.factories import tiny

N = 40
WIDE = 300


@pytest.fixture
def adata():
    obs = pd.DataFrame(
        {
            "cell_type": pd.Categorical(["a", "b", None, "c"] * (N // 4)),
            "group": ["MASH", "Healthy"] * (N // 2),
            "score": np.linspace(0, 1, N),
            "note": [f"n{i}" for i in range(N)],
        },
        index=[f"cell{i}" for i in range(N)],
    )
    return made(counts(N, WIDE), obs=obs)


@pytest.fixture
def atlas(adata, atlas_of):
    return atlas_of(adata, species="other")


def changed(atlas, **facts):
    """Write other facts into the manifest, as they are."""
    path = atlas.path / MANIFEST
    path.write_bytes(orjson.dumps(orjson.loads(path.read_bytes()) | facts))
    return atlas.path


def test_blocks_are_views_of_mapped_files(atlas, adata):
    layer = atlas.layer()
    block = layer.block(5, 9)
    assert all(isinstance(array.base, np.memmap) for array in (block.cells, block.levels, block.values))
    for mapped, whole in zip(block.arrays, layer.arrays, strict=True):
        assert not mapped.flags.writeable
        assert np.shares_memory(mapped, whole) or not mapped.size
    assert atlas.manifest.layer(COUNTS).computed
    dense = as_dense(adata.X)
    for read in (atlas.layer(COUNTS).dense, lambda gene: atlas.layer(COUNTS).block(5, 9).dense(gene - 5)):
        np.testing.assert_array_equal(read(7), dense[:, 7])
        assert read(7).dtype == np.float32
    cells, values = atlas.layer(COUNTS).nonzeros(7)
    np.testing.assert_array_equal(cells, np.flatnonzero(dense[:, 7]))
    np.testing.assert_array_equal(values, dense[cells, 7])
    cells, values = atlas.layer(COUNTS).ascending(7)
    np.testing.assert_array_equal(values, np.sort(dense[:, 7][dense[:, 7] != 0]))
    np.testing.assert_array_equal(values, dense[cells, 7])


def test_layers_and_columns_are_opened_once(atlas):
    assert atlas.layer() is atlas.layer(EXPRESSION)
    assert atlas.column("score") is atlas.column("score")
    assert atlas.layer().stats is atlas.layer().stats
    assert atlas.genes is atlas.genes


def test_roles_and_columns(atlas):
    assert atlas.role("group").categories == ("Healthy", "MASH")
    assert atlas.role("cell_type").codes[:4].tolist() == [0, 1, -1, 2]
    assert atlas.role("sample") is None
    assert atlas.column("score").values.tolist() == np.linspace(0, 1, N).tolist()
    assert atlas.cell(N - 1) == f"cell{N - 1}"


def test_what_an_atlas_does_not_have(atlas):
    with pytest.raises(InvalidQuery, match=r"other/made has no layer 'scvi'\. It has: expression, counts\."):
        atlas.layer("scvi")
    with pytest.raises(UnknownColumn) as caught:
        atlas.column("celltype")
    assert caught.value.message == "The column 'celltype' of other/made does not exist."
    assert "cell_type" in caught.value.suggestions
    with pytest.raises(InvalidQuery, match="holds numbers, not categories"):
        atlas.categorical("score")


def test_a_data_directory_of_any_name(adata, tmp_path, monkeypatch):
    from core.ingest.importer import ImportRequest, import_file

    adata.write_h5ad(tmp_path / "a.h5ad")
    data = tmp_path / ".hidden" / "group=x" / "_ü b"
    import_file(ImportRequest(tmp_path / "a.h5ad", species="other"), data, lambda step, done: None)
    atlas = Catalog(data).get("other/a")
    assert atlas.role("group").categories == ("Healthy", "MASH")
    assert len(atlas.genes) == WIDE
    assert Catalog(data).check(AtlasId("other", "a")) == []


def test_more_cells_than_a_row_group_holds(tmp_path):
    n = 1_200_000
    codes = np.zeros(n, dtype=np.int8)
    codes[-1], codes[5] = 1, -1
    frame = pd.DataFrame({"late": pd.Categorical.from_codes(codes, ["zeta", "alpha"]), "x": np.arange(n)})
    obs = clean_obs(frame, {})
    write_table(tmp_path / "obs.parquet", obs.table)
    facts = Manifest.model_construct(columns=obs.columns, species="other", name="x", content_hash="", files={})
    atlas = Atlas(tmp_path, facts)
    # The store is its tables alone.
    atlas._guard._stamp = ()
    with pytest.raises(BrokenStore):
        atlas.column("late")
    column = _columns_of(atlas)["late"]
    assert column.categories == ("zeta", "alpha")
    assert column.codes[[0, 5, n - 1]].tolist() == [0, -1, 1]
    assert _columns_of(atlas)["x"].values[-1] == n - 1


def _columns_of(atlas):
    atlas._guard = SimpleNamespace(reading=nullcontext, check_sizes=lambda prefix: None)
    return {info.name: atlas.column(info.name) for info in atlas.manifest.columns}


# What is wrong with a store


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "cannot be read ("),
        (b"{", "cannot be read ("),
        (b"[]", "cannot be read ("),
        (b"{}", "has schema None; this program reads 1 and 2."),
        (b'{"schema_version": 99}', "has schema 99; this program reads 1 and 2."),
        (b'{"schema_version": 1}', "cannot be read ("),
    ],
)
def test_a_manifest_that_is_none(content, says, atlas):
    (atlas.path / MANIFEST).write_bytes(content)
    with pytest.raises(BrokenStore) as caught:
        Atlas(atlas.path)
    assert says in caught.value.message
    assert "\n" not in str(caught.value)
    assert "--replace" in caught.value.remedy


READS = {
    "layers/expression/cells.npy": lambda atlas: atlas.layer(),
    "layers/expression/levels.npy": lambda atlas: atlas.layer(COUNTS),
    "layers/expression/values.npy": lambda atlas: atlas.layer(),
    "layers/expression/gene_starts.npy": lambda atlas: atlas.layer(),
    "layers/expression/value_starts.npy": lambda atlas: atlas.layer(),
    "layers/counts/cell_sums.npy": lambda atlas: atlas.layer(COUNTS),
    "layers/expression/stats.parquet": lambda atlas: atlas.layer().stats,
    "layers/expression/cell_sums.npy": lambda atlas: atlas.layer().cell_sums,
    "embeddings/X_umap.npy": lambda atlas: atlas.embedding("X_umap"),
    "obs.parquet": lambda atlas: atlas.column("score"),
    "var.parquet": lambda atlas: atlas.genes,
}


def _truncate(path):
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def _empty(path):
    path.write_bytes(b"")


def _scribble(path):
    path.write_bytes(b"not what it was" * 1_000)


@pytest.mark.parametrize("file", READS)
@pytest.mark.parametrize(
    "damage", [lambda path: path.unlink(), _truncate, _empty, _scribble], ids=["gone", "cut", "empty", "other"]
)
def test_a_damaged_file_is_a_broken_store(file, damage, atlas):
    damage(atlas.path / file)
    with pytest.raises(BrokenStore) as caught:
        READS[file](Atlas(atlas.path))
    assert caught.value.message.startswith("The atlas other/made cannot be read (")
    assert "\n" not in str(caught.value)


def test_files_of_a_layer_that_do_not_fit_each_other(atlas):
    with NpyWriter(atlas.path / "short.npy", np.dtype(np.int32), 1) as file:
        file.write(np.zeros(1))
    (atlas.path / "short.npy").replace(atlas.path / "layers" / EXPRESSION / "levels.npy")
    with pytest.raises(BrokenStore, match=r"layers/expression/levels\.npy has 132 bytes instead of [\d,]+\)"):
        Atlas(atlas.path).layer(COUNTS)
    # Nor where the manifest agrees with them.
    for name in (EXPRESSION, COUNTS):
        with pytest.raises(ValueError, match="the files of the layer expression do not fit each other"):
            Layer(atlas.path / "layers" / name, atlas.manifest.layer(name), atlas.n_cells)


def test_a_file_that_is_truncated_while_it_is_mapped(load, tmp_path):
    """Touching the missing part would end the process: SIGBUS."""
    atlas = load(tiny(tmp_path / "a.h5ad", n_cells=4_000), species="human")
    values = atlas.path / "layers" / EXPRESSION / "cells.npy"
    whole, layer = values.read_bytes(), atlas.layer(COUNTS)
    assert layer.is_whole()
    assert atlas.layer(COUNTS) is layer
    os.truncate(values, 5_000)
    assert not layer.is_whole()
    with pytest.raises(BrokenStore, match=r"layers/expression/cells\.npy has 5,000 bytes instead of"):
        atlas.layer(COUNTS)
    # The other files of the store can still be used, and this one once it is put back.
    assert atlas.column("CellType").codes.shape == (4_000,)
    values.write_bytes(whole)
    assert atlas.layer(COUNTS).dense(0).shape == (4_000,)


def test_a_file_that_was_replaced_is_whole(load, tmp_path):
    """What is mapped is the old file, which stays until it is closed."""
    atlas = load(tiny(tmp_path / "a.h5ad", n_cells=4_000), species="human")
    layer, before = atlas.layer(), atlas.layer().dense(0)
    (tmp_path / "short").write_bytes(b"")
    (tmp_path / "short").replace(atlas.path / "layers" / "expression" / "cells.npy")
    assert layer.is_whole()
    assert (atlas.layer().dense(0) == before).all()


def test_an_array_that_was_not_written_to_its_end_is_noticed(tmp_path):
    with (
        pytest.raises(ValueError, match="2 values were announced but not written"),
        NpyWriter(tmp_path / "a.npy", "f4", 5) as file,
    ):
        file.write(np.zeros(3))


# Replacement and removal


def test_a_reader_of_a_replaced_atlas_keeps_what_it_has_and_mixes_nothing(adata, atlas_of, data):
    old = atlas_of(adata, species="other")
    layer = old.layer(COUNTS)
    before = layer.dense(3)
    column = old.column("score").values.copy()
    other = made(counts(N, WIDE, seed=9), obs=adata.obs)
    new = atlas_of(other, species="other", replace=True)
    np.testing.assert_array_equal(layer.dense(3), before)
    np.testing.assert_array_equal(old.column("score").values, column)
    for read in (
        lambda: old.layer(EXPRESSION),
        lambda: old.column("group"),
        lambda: old.embedding("X_umap"),
        lambda: layer.stats,
    ):
        with pytest.raises(BrokenStore, match=r"^The atlas other/made was replaced while it was being read\."):
            read()
    np.testing.assert_array_equal(new.layer(COUNTS).dense(5), as_dense(other.X)[:, 5])
    assert Catalog(data).get("other/made").manifest == new.manifest


def test_a_replacement_by_the_same_content_changes_nothing(adata, atlas_of):
    old = atlas_of(adata, species="other")
    atlas_of(adata, species="other", replace=True)
    assert old.layer(EXPRESSION).stats.mean.size == WIDE


def test_a_reader_of_a_removed_atlas_keeps_what_it_has(adata, atlas_of, data):
    atlas = atlas_of(adata, species="other")
    layer = atlas.layer(COUNTS)
    before = layer.dense(3)
    Catalog(data).remove(AtlasId("other", "made"))
    np.testing.assert_array_equal(layer.dense(3), before)
    with pytest.raises(BrokenStore):
        atlas.layer(EXPRESSION)


def test_a_manifest_knows_its_parts(atlas):
    manifest = atlas.manifest
    assert manifest.id == "other/made"
    assert manifest.bytes == sum((atlas.path / file).stat().st_size for file in manifest.files)
    assert {path.relative_to(atlas.path).as_posix() for path in atlas.path.rglob("*") if path.is_file()} == {
        MANIFEST,
        *manifest.files,
    }
    assert manifest.layer("x") is None
    assert manifest.column("x") is None
    assert manifest.sealed().content_hash == manifest.content_hash
    assert Manifest.model_validate_json(manifest.to_json()) == manifest


def test_the_content_hash_covers_what_changes_a_result(atlas):
    manifest = atlas.manifest
    assert (
        manifest.model_copy(update={"created": "then", "software": {}}).sealed().content_hash == manifest.content_hash
    )
    for change in ({"title": "T"}, {"roles": {}}, {"name": "other"}, {"files": {}}):
        assert manifest.model_copy(update=change).sealed().content_hash != manifest.content_hash


def test_a_changed_manifest_is_found_by_check(atlas, data):
    changed(atlas, title="Another one")
    assert [fault.file for fault in Catalog(data).check(AtlasId("other", "made"))] == [MANIFEST]


def test_a_layer_can_be_opened_by_itself(atlas):
    info = atlas.manifest.layer(EXPRESSION)
    layer = Layer(atlas.path / "layers" / EXPRESSION, info, N)
    assert layer.stats.mean.shape == (WIDE,)
    assert layer.cell_sums.shape == (N,)


def test_a_store_that_was_moved_is_read_where_it_is(atlas, tmp_path):
    shutil.move(atlas.path, tmp_path / "elsewhere")
    assert Atlas(tmp_path / "elsewhere").layer().n_genes == WIDE


def test_tables_of_other_programs(atlas):
    write_table(atlas.path / "new.parquet", pa.table({"__gene__": ["x"]}))
    (atlas.path / "new.parquet").replace(atlas.path / "var.parquet")
    with pytest.raises(BrokenStore):
        _ = Atlas(atlas.path).genes
