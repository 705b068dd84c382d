"""Every real file imports to the very values that are in it, or is refused in one sentence."""

import shutil
import warnings
from pathlib import Path

import anndata
import numpy as np
import pytest
from scipy import sparse

from core.atlas.catalog import Catalog
from core.atlas.paths import AtlasId, Places
from core.atlas.store import COUNTS, EXPRESSION, Atlas
from core.errors import InvalidFile
from core.ingest.importer import ImportRequest, import_file
from tests.core.ingest._build import as_dense, check_layer, logged

pytestmark = pytest.mark.real

REFUSED = {
    "nan_in_X_and_var": "X has 2,556 NaN values (cell AAACCGTGTATGCG-1, gene TNFRSF4; ",
    "nan_value": "X has 1 NaN value (cell AB, gene Bar).",
    "no_X_empty_v0.11.4": "no_X_empty_v0.11.4.h5ad has no expression matrix: X is absent, and neither",
}
X_COUNTS = (None, "X")
X_AS_IT_IS = ("X", None)
# Where the expression comes from (None: computed from the counts), and the counts.
SOURCES = {
    "human_glioblastoma_panobinostat_5pat_x2": X_COUNTS,
    "human_liver_he2020_ahca": X_COUNTS,
    "human_pancreas_baron2016_4donors": X_COUNTS,
    "human_pbmc_kang2018_ctrl_8donors": X_COUNTS,
    "human_pbmc_kang2018_ifnb_2donors": X_COUNTS,
    "mouse_fetal_liver_scHOT_hepatobranch_logexpr": X_AS_IT_IS,
    "DERIVED_csc_float64_no_embedding": X_COUNTS,
    # Its counts lack most of the genes of raw.
    "DERIVED_lognorm_X_counts_layer_raw_wider_nan_umap_zero_gene": ("raw", None),
    "boolean_obs": X_COUNTS,
    "cxg_schema_multi_organism_labels": X_COUNTS,
    "dense_numeric_varnames_noUMAP": X_AS_IT_IS,
    "dup_cell": X_COUNTS,
    "ensembl_index_empty_category_lognorm_mouse": X_AS_IT_IS,
    "old_anndata_v0.5_pbmc68k_reduced_scaledX_rawlog": ("raw", None),
    "old_anndata_v0.7.8_allslots": X_COUNTS,
    "pbmc_small_17genes_10embeddings": X_AS_IT_IS,
    "smartseq2_mouse_brain_counts_dense": X_COUNTS,
    "tiny2x7": ("X", "raw"),
    "tiny3x4_no_umap_key_float_category": X_COUNTS,
}
ROLES = {
    "human_glioblastoma_panobinostat_5pat_x2": {"group": "condition", "sample": "sample_id"},
    "human_liver_he2020_ahca": {"cell_type": "Cell_type_in_each_tissue", "sample": "donor"},
    "human_pancreas_baron2016_4donors": {"cell_type": "cell_type1", "sample": "donor"},
    "human_pbmc_kang2018_ctrl_8donors": {"cell_type": "cluster_id", "sample": "sample_id"},
    "human_pbmc_kang2018_ifnb_2donors": {"cell_type": "cluster_id", "group": "group_id", "sample": "sample_id"},
    "mouse_fetal_liver_scHOT_hepatobranch_logexpr": {},
    "old_anndata_v0.5_pbmc68k_reduced_scaledX_rawlog": {"cell_type": "bulk_labels"},
    "ensembl_index_empty_category_lognorm_mouse": {"cell_type": "cell_type", "group": "disease", "sample": "donor_id"},
}
SPECIES = {
    "cxg_schema_multi_organism_labels": "integrated",
    "dense_numeric_varnames_noUMAP": "other",
    "dup_cell": "other",
    "ensembl_index_empty_category_lognorm_mouse": "mouse",
    "mouse_fetal_liver_scHOT_hepatobranch_logexpr": "mouse",
    "old_anndata_v0.7.8_allslots": "other",
    "pbmc_small_17genes_10embeddings": "other",
    "smartseq2_mouse_brain_counts_dense": "mouse",
    "tiny3x4_no_umap_key_float_category": "other",
}
# The UMAPs of the other files stand for these, which take long.
SLOW_MAPS = {
    "human_glioblastoma_panobinostat_5pat_x2",
    "human_pancreas_baron2016_4donors",
    "mouse_fetal_liver_scHOT_hepatobranch_logexpr",
    "DERIVED_csc_float64_no_embedding",
}
# The two largest files, and two that have no map, so that their import computes one: the smaller ones represent them.
LONG = {
    "human_glioblastoma_panobinostat_5pat_x2",
    "human_pancreas_baron2016_4donors",
    "mouse_fetal_liver_scHOT_hepatobranch_logexpr",
    "DERIVED_csc_float64_no_embedding",
}


# Whichever map is computed first loads UMAP, which takes seconds.
FIRST_MAP = "dense_numeric_varnames_noUMAP"


def named(stems):
    """Parametrize by the name of a file."""
    marks = dict.fromkeys(LONG, pytest.mark.slow) | {FIRST_MAP: pytest.mark.slow(representative=True)}
    return pytest.mark.parametrize("stem", [pytest.param(stem, marks=marks.get(stem, ())) for stem in stems])


IMPORTED = named(SOURCES)


@pytest.fixture(scope="module")
def files(real_data) -> dict[str, Path]:
    return {path.stem: path for path in (*real_data.glob("*.h5ad"), *real_data.glob("odd/*.h5ad"))}


@pytest.fixture(scope="module")
def place(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("real")


@pytest.fixture(scope="module")
def opened(files, place):
    """Return a function that imports a file once in this module, and opens it."""
    known: dict[str, Atlas] = {}

    def opened(stem: str) -> Atlas:
        if stem not in known:
            atlas = import_file(ImportRequest(files[stem]), place, lambda step, done: None)
            known[stem] = Atlas(Places(place).store(atlas))
        return known[stem]

    return opened


@pytest.fixture(scope="module")
def in_file(files):
    """Return a function that reads a file with anndata, once."""
    known: dict[str, anndata.AnnData] = {}

    def in_file(stem: str) -> anndata.AnnData:
        if stem not in known:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                known[stem] = anndata.read_h5ad(files[stem])
        return known[stem]

    return in_file


def matrix_in(adata: anndata.AnnData, where: str):
    if where == "raw":
        return adata.raw.X
    return adata.X if where == "X" else adata.layers[where]


def test_every_file_is_spoken_of_here(files):
    assert set(files) == {*REFUSED, *SOURCES}


@pytest.mark.parametrize("stem", REFUSED)
def test_what_cannot_be_shown_is_refused_in_one_sentence(stem, files, tmp_path):
    with pytest.raises(InvalidFile) as caught:
        import_file(ImportRequest(files[stem]), tmp_path, lambda step, done: None)
    assert caught.value.message.startswith(REFUSED[stem])
    assert "\n" not in str(caught.value)
    assert Catalog(tmp_path).ids() == []
    assert not list(Places(tmp_path).work.iterdir())


@IMPORTED
def test_the_expression_is_what_the_file_says(stem, opened, in_file):
    where, counts = SOURCES[stem]
    layer = opened(stem).layer(EXPRESSION)
    if where is None:
        matrix = matrix_in(in_file(stem), counts)
        check_layer(layer, logged(matrix), tolerance=1e-6)
        assert layer.info.unit == "log1p(CP10k)"
    else:
        check_layer(layer, _float32(matrix_in(in_file(stem), where)))


def _float32(matrix):
    return matrix.astype(np.float32) if sparse.issparse(matrix) else np.asarray(matrix, dtype=np.float32)


@IMPORTED
def test_the_counts_are_those_of_the_file(stem, opened, in_file):
    where = SOURCES[stem][1]
    if where is None:
        assert opened(stem).manifest.layer(COUNTS) is None
        return
    adata, layer = in_file(stem), opened(stem).layer(COUNTS)
    matrix = matrix_in(adata, where)
    check_layer(layer, matrix if sparse.issparse(matrix) else as_dense(matrix))
    assert layer.info.integers
    np.testing.assert_array_equal(layer.cell_sums, np.asarray(matrix.sum(axis=1), dtype=np.float64).ravel())


@IMPORTED
def test_names_and_maps_are_those_of_the_file(stem, opened, in_file):
    adata, atlas = in_file(stem), opened(stem)
    genes = adata.raw.var_names if SOURCES[stem][0] == "raw" else adata.var_names
    assert list(atlas.genes.ids) == [str(gene) for gene in genes]
    assert len(set(atlas.genes.names)) == len(genes)
    assert [name.removesuffix("-1") if stem == "dup_cell" else name for name in atlas.cells()] == list(adata.obs_names)
    for info in atlas.manifest.embeddings:
        found = atlas.embedding(info.key)
        assert found.shape == (atlas.n_cells, info.dimensions)
        assert found.dtype == np.float32
        if info.computed:
            assert np.isfinite(found).all()
            continue
        given = np.asarray(adata.obsm[info.origin.split("'")[1]], dtype=np.float64)[:, : info.dimensions].astype(
            np.float32
        )
        np.testing.assert_array_equal(found, given)
        assert info.n_missing == np.isnan(given).any(axis=1).sum()


@IMPORTED
def test_columns_are_those_of_the_file(stem, opened, in_file):
    adata, atlas = in_file(stem), opened(stem)
    assert [column.name for column in atlas.manifest.columns] == list(adata.obs.columns)
    for info in atlas.manifest.columns:
        given = adata.obs[info.name]
        if info.kind == "numeric":
            np.testing.assert_array_equal(
                atlas.column(info.name).values, given.to_numpy(dtype=np.float64, na_value=np.nan)
            )
        elif info.kind == "categorical":
            column = atlas.column(info.name)
            labels = [None if code < 0 else column.categories[code] for code in column.codes]
            expected = [None if missing else str(value) for value, missing in zip(given, given.isna(), strict=True)]
            assert [label if label != "(empty)" else "" for label in labels] == [
                value.strip() and value if value is not None else None for value in expected
            ]
        assert info.n_missing == given.isna().sum()


@named(ROLES)
def test_roles_are_found(stem, opened):
    assert opened(stem).manifest.roles == ROLES[stem]


@IMPORTED
def test_the_species_is_found(stem, opened):
    assert opened(stem).manifest.species == SPECIES.get(stem, "human")


def test_a_place_that_is_not_known_stays_unknown(opened):
    atlas = opened("DERIVED_lognorm_X_counts_layer_raw_wider_nan_umap_zero_gene")
    assert np.isnan(atlas.embedding("X_umap")).any(axis=1).sum() == 1
    assert atlas.embedding_info("X_umap").n_missing == 1


@pytest.mark.parametrize("stem", [stem for stem in SOURCES if stem not in SLOW_MAPS])
def test_the_same_file_gives_the_same_content(stem, opened, files, tmp_path):
    first = opened(stem)
    again = import_file(ImportRequest(files[stem]), tmp_path, lambda step, done: None)
    assert Atlas(Places(tmp_path).store(again)).manifest.content_hash == first.manifest.content_hash


@IMPORTED
def test_a_store_is_whole_and_a_flipped_byte_is_found(stem, opened, tmp_path):
    atlas = opened(stem)
    species, name = atlas.id.split("/")
    shutil.copytree(atlas.path, Places(tmp_path).store(AtlasId(species, name)))
    catalog = Catalog(tmp_path)
    assert catalog.check(AtlasId(species, name)) == []
    place = Places(tmp_path).store(AtlasId(species, name))
    file = sorted(atlas.manifest.files)[len(stem) % len(atlas.manifest.files)]
    content = bytearray((place / file).read_bytes())
    content[len(content) // 2] ^= 1
    (place / file).write_bytes(content)
    assert [(fault.file, fault.problem) for fault in catalog.check(AtlasId(species, name))] == [
        (file, "differs from its checksum")
    ]
