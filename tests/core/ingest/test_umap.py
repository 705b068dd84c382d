"""Maps: those of the file as they are, and one computed where there is none."""

import anndata
import h5py
import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from core.atlas.paths import Places
from core.atlas.store import Atlas
from core.errors import InvalidQuery
from core.ingest.importer import ImportRequest, import_file
from core.ingest.umap import _approximate_search, is_latent, label_of
from tests.core.ingest._build import counts, made

N = 30
RANDOM = np.random.default_rng(2)


def with_maps(**maps):
    return made(counts(N, 5), umap=False, obsm=maps)


def places(d=2, dtype=np.float64):
    return RANDOM.normal(size=(N, d)).astype(dtype)


def keys(atlas):
    return [each.key for each in atlas.manifest.embeddings]


def test_a_map_is_kept_as_it_is(atlas_of):
    umap = places()
    atlas = atlas_of(with_maps(X_umap=umap))
    assert keys(atlas) == ["X_umap"]
    np.testing.assert_array_equal(atlas.embedding("X_umap"), umap.astype(np.float32))
    info = atlas.embedding_info("X_umap")
    assert (info.label, info.dimensions, info.n_missing, info.computed) == ("UMAP", 2, 0, False)
    assert info.origin == "obsm['X_umap']"


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", "int32", "uint8"])
def test_coordinates_of_any_dtype(dtype, atlas_of):
    whole = RANDOM.integers(0, 100, (N, 2)).astype(dtype)
    np.testing.assert_array_equal(atlas_of(with_maps(X_umap=whole)).embedding("X_umap"), whole.astype(np.float32))


def test_umap_comes_first_and_latent_spaces_last(atlas_of):
    maps = {name: places(5) for name in ("X_pca", "X_scVI")} | {
        name: places() for name in ("X_tsne", "spatial", "X_umap")
    }
    atlas = atlas_of(with_maps(**maps))
    assert keys(atlas) == ["X_umap", "X_tsne", "spatial", "X_pca", "X_scVI"]
    assert atlas.embedding_info("X_pca").origin == "obsm['X_pca'], the first 2 of 5 columns"
    assert atlas.embedding("X_pca").shape == (N, 2)


def test_three_dimensions_are_a_map(atlas_of):
    solid = places(3)
    atlas = atlas_of(with_maps(X_umap3d=solid))
    assert atlas.embedding_info("X_umap3d").dimensions == 3
    np.testing.assert_array_equal(atlas.embedding("X_umap3d"), solid.astype(np.float32))


def test_a_cell_without_a_whole_place_has_none(atlas_of):
    umap = places()
    umap[3, 0], umap[4, 1], umap[5, 0] = np.nan, np.inf, 1e300
    atlas = atlas_of(with_maps(X_umap=umap))
    found = atlas.embedding("X_umap")
    assert np.isnan(found[[3, 4, 5]]).all()
    assert np.isfinite(np.delete(found, [3, 4, 5], axis=0)).all()
    assert atlas.embedding_info("X_umap").n_missing == 3


def test_odd_keys_become_file_names(atlas_of):
    odd = {"X_umap harmony": places(), "X_ümäp": places(), "..": places(), "X_UMAP HARMONY": places()}
    atlas = atlas_of(with_maps(**odd))
    assert keys(atlas) == ["X_UMAP_HARMONY", "X_umap_harmony_2", "_", "X__m_p"]
    files = {path.name for path in (atlas.path / "embeddings").iterdir()}
    assert files == {f"{key}.npy" for key in keys(atlas)}
    origins = {each.key: each.origin for each in atlas.manifest.embeddings}
    assert origins["_"] == "obsm['..']"
    np.testing.assert_array_equal(atlas.embedding("X__m_p"), odd["X_ümäp"].astype(np.float32))


@pytest.mark.filterwarnings("ignore:Forward slashes")
def test_a_key_that_climbs_stays_inside(atlas_of, data):
    atlas = atlas_of(with_maps(**{"X_umap": places(), "../../evil": places()}))
    assert keys(atlas) == ["X_umap", "_evil"]
    assert list(data.rglob("*evil*")) == [atlas.path / "embeddings" / "_evil.npy"]


@pytest.mark.filterwarnings("ignore:Forward slashes")
def test_keys_with_slashes_are_found(atlas_of):
    deep = places()
    atlas = atlas_of(with_maps(**{"maps/of/X_umap": deep, "maps/X_tsne": places()}))
    assert keys(atlas) == ["maps_of_X_umap", "maps_X_tsne"]
    assert atlas.embedding_info("maps_of_X_umap").origin == "obsm['maps/of/X_umap']"
    np.testing.assert_array_equal(atlas.embedding("maps_of_X_umap"), deep.astype(np.float32))


def test_a_data_frame_of_numbers_is_a_map(atlas_of):
    frame = pd.DataFrame(places(3), columns=["a", "b", "c"], index=[f"cell{i}" for i in range(N)])
    whole = frame.iloc[:, :2].round().astype("Int64")
    atlas = atlas_of(with_maps(X_umap=frame, X_tsne=whole, mixed=frame.assign(why="text")))
    assert keys(atlas) == ["X_umap", "X_tsne"]
    np.testing.assert_array_equal(atlas.embedding("X_umap"), frame.to_numpy().astype(np.float32))
    np.testing.assert_array_equal(atlas.embedding("X_tsne"), whole.to_numpy(dtype=np.float32))
    assert atlas.manifest.notes == ("obsm['mixed'] is not a table of coordinates and was left out.",)


@pytest.mark.parametrize("named", ["X_tsne", "tsne"])
def test_the_map_that_the_file_names_comes_first(named, atlas_of):
    adata = with_maps(X_umap=places(), X_tsne=places())
    adata.uns["default_embedding"] = named
    assert keys(atlas_of(adata)) == ["X_tsne", "X_umap"]


def test_a_latent_space_that_the_file_names_comes_before_the_computed_map(atlas_of):
    adata = made(counts(15, 8), umap=False, obsm={"X_harmony": places()[:15]})
    adata.uns["default_embedding"] = "X_harmony"
    atlas = atlas_of(adata)
    assert keys(atlas) == ["X_harmony", "X_pca"]
    assert [each.computed for each in atlas.manifest.embeddings] == [False, True]
    assert atlas.manifest.notes == ()


def test_a_default_map_that_is_not_there_is_said(atlas_of):
    adata = with_maps(X_umap=places(), X_tsne=places())
    adata.uns["default_embedding"] = "X_phate"
    atlas = atlas_of(adata)
    assert keys(atlas) == ["X_umap", "X_tsne"]
    assert atlas.manifest.notes == ("uns['default_embedding'] names 'X_phate', which is no map of the file.",)


@pytest.mark.parametrize(
    ("key", "down"),
    [("spatial", True), ("X_spatial", True), ("spatial_coords", True), ("X_umap", False), ("X_spatial_umap", False)],
)
def test_only_the_places_in_the_tissue_count_downwards(key, down, atlas_of):
    assert atlas_of(with_maps(**{key: places()})).embedding_info(key).y_down == down


def test_what_is_no_map_is_left_out_with_a_note(atlas_of):
    frame = pd.DataFrame(places(), columns=["a", "b"], index=[f"cell{i}" for i in range(N)])
    atlas = atlas_of(
        with_maps(
            X_umap=places(),
            texts=frame.astype(str),
            sparse=sparse.csr_matrix(places()),
            one=places(1),
            none=places(0),
            nowhere=np.full((N, 2), np.nan),
            solid=RANDOM.normal(size=(N, 2, 2)),
            flags=np.ones((N, 2), dtype=bool),
        )
    )
    assert keys(atlas) == ["X_umap"]
    assert set(atlas.manifest.notes) == {
        "obsm['texts'] is not a table of coordinates and was left out.",
        "obsm['sparse'] is a sparse matrix and was left out.",
        "obsm['one'] has a single column and was left out.",
        "obsm['none'] is not a table of coordinates and was left out.",
        "obsm['nowhere'] has no finite coordinates and was left out.",
        "obsm['solid'] is not a table of coordinates and was left out.",
        "obsm['flags'] is not a table of coordinates and was left out.",
    }


def test_a_map_of_other_cells_is_left_out(load, tmp_path):
    with_maps(X_umap=places(), X_tsne=places()).write_h5ad(tmp_path / "a.h5ad")
    with h5py.File(tmp_path / "a.h5ad", "a") as file:
        del file["obsm/X_tsne"]
        file["obsm/X_tsne"] = np.zeros((N - 1, 2))
    atlas = load(tmp_path / "a.h5ad")
    assert keys(atlas) == ["X_umap"]
    assert atlas.manifest.notes == ("obsm['X_tsne'] is not a table of coordinates and was left out.",)


def test_a_key_that_is_no_text(load, tmp_path):
    with_maps(X_umap=places()).write_h5ad(tmp_path / "a.h5ad")
    with h5py.File(tmp_path / "a.h5ad", "a") as file:
        group = file["obsm"].id
        group.links.create_hard(b"X_\xff\xfe", group, b"X_umap")
    assert keys(load(tmp_path / "a.h5ad")) == ["X_umap", "X__"]


def test_a_map_that_does_not_exist(atlas_of):
    with pytest.raises(InvalidQuery, match=r"has no embedding 'X_tsne'\. It has: X_umap\."):
        atlas_of(with_maps(X_umap=places())).embedding("X_tsne")


@pytest.mark.parametrize(
    ("key", "latent"),
    [
        ("X_pca", True),
        ("X_pca_harmony", True),
        ("X_scVI", True),
        ("X_umap_scVI", False),
        ("X_umap.pca", False),
        ("X_tsne", False),
    ],
)
def test_a_drawing_of_a_latent_space_is_a_map(key, latent):
    assert is_latent(key) is latent


@pytest.mark.parametrize(
    ("key", "label"), [("X_umap", "UMAP"), ("X_tsne", "t-SNE"), ("X_draw_graph_fr", "draw graph fr"), ("X_", "X_")]
)
def test_labels(key, label):
    assert label_of(key) == label


# Computed ones


@pytest.mark.parametrize(
    "matrix",
    [
        counts(1, 1),
        counts(1, 30),
        counts(30, 1),
        counts(19, 40),
        counts(40, 9),
        sparse.csr_matrix((30, 30), dtype="float32"),
    ],
    ids=["1 x 1", "1 cell", "1 gene", "19 cells", "9 genes", "all zero"],
)
def test_too_few_for_a_umap_gives_components(matrix, atlas_of):
    atlas = atlas_of(made(matrix, umap=False))
    assert keys(atlas) == ["X_pca"]
    info = atlas.embedding_info("X_pca")
    assert info.computed
    assert info.origin == "the first two principal components (too few cells or genes for a UMAP)"
    assert atlas.embedding("X_pca").shape == (matrix.shape[0], 2)
    assert np.isfinite(atlas.embedding("X_pca")).all()


@pytest.mark.slow
def test_scanpy_reads_the_search_of_large_atlases(monkeypatch):
    """The real search compiles for a minute, so another one stands for it; it too answers with a sparse array."""
    import scanpy
    from sklearn.neighbors import kneighbors_graph

    def search(self, points, _y=None):
        return sparse.csr_array(kneighbors_graph(points, self.n_neighbors, mode="distance", include_self=True))

    monkeypatch.setattr("pynndescent.PyNNDescentTransformer.fit_transform", search)
    found = []
    for transformer in ("sklearn", _approximate_search(10)):
        adata = anndata.AnnData(np.random.default_rng(0).normal(size=(300, 5)).astype(np.float32))
        scanpy.pp.neighbors(adata, n_neighbors=10, random_state=0, transformer=transformer)
        found.append(adata.obsp["distances"].toarray())
    assert (found[0] > 0).sum() == 300 * 9
    np.testing.assert_allclose(found[0], found[1], rtol=1e-5)


def test_components_of_the_file_go_before_those_of_too_few_cells(atlas_of):
    given = RANDOM.normal(size=(10, 5))
    atlas = atlas_of(made(counts(10, 5), umap=False, obsm={"X_pca": given}))
    assert keys(atlas) == ["X_pca"]
    np.testing.assert_array_equal(atlas.embedding("X_pca"), given[:, :2].astype(np.float32))


@pytest.fixture(scope="module")
def two_kinds(tmp_path_factory) -> list[Atlas]:
    """Import a file without any map twice: 25 + 25 cells of two kinds, with a latent space."""
    random = np.random.default_rng(0)
    rates = np.ones((50, 40))
    rates[:25, :20] = rates[25:, 20:] = 20
    adata = anndata.AnnData(
        sparse.csr_matrix(random.poisson(rates).astype(np.float32)),
        obs=pd.DataFrame(index=[f"cell{i}" for i in range(50)]),
        obsm={"X_scVI": random.normal(size=(50, 5))},
    )
    place = tmp_path_factory.mktemp("umap")
    adata.write_h5ad(place / "a.h5ad")
    request = ImportRequest(place / "a.h5ad")
    ids = {data: import_file(request, data, lambda step, done: None) for data in (place / "one", place / "two")}
    return [Atlas(Places(data).store(atlas)) for data, atlas in ids.items()]


def test_a_umap_is_computed_where_there_is_no_map(two_kinds):
    atlas = two_kinds[0]
    assert keys(atlas) == ["X_umap", "X_scVI"]
    info = atlas.embedding_info("X_umap")
    assert info.computed
    assert info.origin == (
        "computed at import with scanpy: 40 most variable genes, 30 principal components, 15 neighbours, seed 0"
    )
    umap = atlas.embedding("X_umap")
    apart = np.linalg.norm(umap[:25].mean(axis=0) - umap[25:].mean(axis=0))
    assert apart > 2 * max(umap[:25].std(axis=0).max(), umap[25:].std(axis=0).max())


def test_the_computed_umap_is_the_same_every_time(two_kinds):
    first, second = two_kinds
    np.testing.assert_array_equal(first.embedding("X_umap"), second.embedding("X_umap"))
    assert first.manifest.content_hash == second.manifest.content_hash
