"""Files like those that people reported elsewhere: each becomes the atlas that its author meant."""

import anndata
import h5py
import numpy as np
import pytest

from tests.core.ingest._build import check_layer, dense_of, logged

pytestmark = [pytest.mark.real, pytest.mark.filterwarnings("ignore")]


@pytest.fixture
def report(real_data, load):
    """Return a function that imports a file of the folder of reports, and gives its path."""

    def report(stem):
        path = real_data / "reports" / f"{stem}.h5ad"
        if not path.exists():
            pytest.skip(f"{path.name} is not there")
        return load(path), path

    return report


def in_file(path):
    return anndata.read_h5ad(path)


def labels_of(atlas, name):
    column = atlas.categorical(name)
    return [column.categories[code] for code in column.codes]


@pytest.mark.parametrize("stem", ["seuratdisk_raw_var_plain", "seuratdisk_old_var_plain"])
def test_files_written_from_r(stem, report):
    atlas, path = report(stem)
    with h5py.File(path) as file:
        names = [name.decode() for name in file["raw/var/_index" if "raw" in file else "var/_index"]]
        types = [name.decode() for name in file["obs/__categories/CellType"]]
        expected = [types[code] for code in file["obs/CellType"]]
        if "raw" in file:
            parts = [file[f"raw/X/{name}"][:] for name in ("data", "indices", "indptr")]
            matrix = anndata.io.read_elem(file["raw/X"])
            assert matrix.nnz == len(parts[0])
        else:
            matrix = file["X"][:]
    assert atlas.genes.names == tuple(names)
    assert len(names) == 30
    assert labels_of(atlas, "CellType") == expected
    check_layer(atlas.layer(), matrix.astype(np.float32))


def test_numbers_for_an_index_of_genes(report):
    atlas, _ = report("seurat_numeric_var_features")
    assert atlas.genes.names[atlas.genes.resolve("ALB")] == "ALB"


def test_a_data_frame_of_coordinates(report):
    atlas, path = report("obsm_dataframe")
    given = in_file(path).obsm["X_umap"].to_numpy().astype(np.float32)
    np.testing.assert_array_equal(atlas.embedding("X_umap"), given)
    assert not atlas.embedding_info("X_umap").computed


def test_all_genes_of_a_wider_raw(report):
    atlas, path = report("hvg_x_wide_log_raw")
    check_layer(atlas.layer(), in_file(path).raw.X.astype(np.float32))
    assert atlas.manifest.n_genes == 30
    assert any("of the 30 genes" in note for note in atlas.manifest.notes)


@pytest.mark.parametrize(
    ("stem", "scale", "unit"),
    [("soupx_linear", "linear", "expression, linear"), ("log2_base", "log2_1p", "log2(CP10k + 1)")],
)
def test_scales(stem, scale, unit, report):
    atlas, path = report(stem)
    assert (atlas.layer().info.scale, atlas.layer().info.unit) == (scale, unit)
    assert any(note.startswith("X holds") for note in atlas.manifest.notes)
    check_layer(atlas.layer(), in_file(path).X)


def test_human_genes_with_their_genome(report):
    atlas, _ = report("multispecies_human_only")
    assert atlas.manifest.species == "human"
    assert "ALB" in atlas.genes.names


def test_colours_of_the_author(report):
    atlas, path = report("uns_colors")
    given = in_file(path)
    expected = dict(zip(given.obs["CellType"].cat.categories, given.uns["CellType_colors"], strict=True))
    column = atlas.categorical("CellType")
    assert dict(zip(column.categories, atlas.manifest.column("CellType").colors, strict=True)) == expected
    assert atlas.manifest.column("Stage").colors == (), "one colour is too few for two stages"


def test_filtered_genes_from_raw(report):
    atlas, path = report("cellxgene_schema7")
    check_layer(atlas.layer(), logged(in_file(path).raw.X), tolerance=1e-6)
    assert int((atlas.layer().dense(atlas.genes.resolve("CYP3A4")) > 0).sum()) == 48
    assert [each.key for each in atlas.manifest.embeddings] == ["X_tsne", "X_umap"]


def test_the_map_of_the_author_and_the_tissue(report):
    atlas, path = report("spatial_default_embedding")
    assert atlas.manifest.embeddings[0].key == "X_draw_graph_fa"
    assert atlas.embedding_info("spatial").y_down
    np.testing.assert_array_equal(atlas.embedding("spatial"), in_file(path).obsm["spatial"].astype(np.float32))


def test_large_integers(report):
    atlas, path = report("big_integers")
    given = in_file(path).obs
    for name in ("record_id", "orig.ident"):
        assert labels_of(atlas, name) == [str(each) for each in given[name]]


@pytest.mark.parametrize("stem", ["case_only_genes", "odd_genes", "equals_in_column"])
def test_names_survive(stem, report):
    atlas, path = report(stem)
    given = in_file(path)
    assert atlas.genes.ids == tuple(given.var_names)
    assert [column.name for column in atlas.manifest.columns] == list(given.obs.columns)
    np.testing.assert_array_equal(dense_of(atlas.layer()), given.X.toarray())


def test_real_mice_in_capitals_are_mice(real_data, load, tmp_path):
    adata = anndata.read_h5ad(real_data / "mouse_fetal_liver_scHOT_hepatobranch_logexpr.h5ad")
    adata.obsm["X_umap"] = np.zeros((adata.n_obs, 2)) + np.arange(2)
    adata.var_names = adata.var_names.str.upper()
    adata = anndata.AnnData(adata.X, obs=adata.obs[[]], var=adata.var[[]], obsm={"X_umap": adata.obsm["X_umap"]})
    adata[:50].copy().write_h5ad(tmp_path / "a.h5ad")
    assert load(tmp_path / "a.h5ad").manifest.species == "mouse"
