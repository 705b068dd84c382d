"""Tables that others than anndata wrote: names, labels and symbols all the same."""

import h5py
import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from core.errors import InvalidFile
from tests.core.ingest._build import as_dense, check_layer, counts, logged, made

RAW = counts(30, 12)
LOG = np.log1p(as_dense(RAW) / 7).astype(np.float32)
GENES = [f"Gene{i}" for i in range(12)]
TYPES = ["Hepatocyte", "Kupffer cell", "LSEC"]
CODES = np.arange(30) % 4 - 1


def seurat(path, *, obs_says=True, x=None, raw=None):
    """Write a file as SeuratDisk does: plain groups, factors as codes beside ``__categories``."""
    text = h5py.string_dtype()
    with h5py.File(path, "w") as file:
        file["X"] = LOG if x is None else x
        obs = file.create_group("obs")
        obs["_index"] = np.array([f"cell{i}" for i in range(30)], dtype=text)
        obs["CellType"] = CODES.astype(np.int32)
        obs["nCount_RNA"] = as_dense(RAW).sum(axis=1)
        obs["orig.ident"] = np.array(["d1", "d2"] * 15, dtype=text)
        obs["__categories/CellType"] = np.array(TYPES, dtype=text)
        obs.attrs["_index"] = "_index"
        obs.attrs["column-order"] = np.array(["orig.ident", "nCount_RNA", "CellType"], dtype=text)
        if obs_says:
            obs.attrs["encoding-type"], obs.attrs["encoding-version"] = "dataframe", "0.1.0"
        names = GENES if x is None else GENES[: x.shape[1]]
        for where, genes in [("var", names), *([] if raw is None else [("raw/var", GENES)])]:
            group = file.create_group(where)
            group["_index"] = np.array(genes, dtype=text)
            group["features"] = np.array(genes, dtype=text)
            group.attrs["_index"] = "_index"
        if raw is not None:
            part = file.create_group("raw/X")
            part.attrs["encoding-type"], part.attrs["encoding-version"] = "csr_matrix", "0.1.0"
            part.attrs["shape"] = raw.shape
            for name in ("data", "indices", "indptr"):
                part[name] = getattr(raw, name)
        file["obsm/X_umap"] = np.random.default_rng(0).normal(size=(30, 2))
    return path


def labels_of(atlas, name="CellType"):
    column = atlas.categorical(name)
    return [None if code < 0 else column.categories[code] for code in column.codes]


EXPECTED = [None if code < 0 else TYPES[code] for code in CODES]


@pytest.mark.parametrize("obs_says", [True, False])
def test_plain_groups_have_names_and_labels(obs_says, load, tmp_path):
    atlas = load(seurat(tmp_path / "a.h5ad", obs_says=obs_says))
    assert atlas.genes.names == tuple(GENES)
    assert atlas.cells()[:2] == ["cell0", "cell1"]
    assert labels_of(atlas) == EXPECTED
    assert [column.name for column in atlas.manifest.columns] == ["orig.ident", "nCount_RNA", "CellType"]
    assert atlas.manifest.roles == {"cell_type": "CellType", "sample": "orig.ident"}
    check_layer(atlas.layer(), LOG)


@pytest.mark.parametrize("attribute", ["_index", "column-order"])
def test_a_data_frame_that_lacks_an_attribute_is_read_all_the_same(attribute, load, tmp_path):
    obs = pd.DataFrame({"kind": pd.Categorical(["a", "b"] * 15)}, index=[f"cell{i}" for i in range(30)])
    made(RAW, obs=obs).write_h5ad(tmp_path / "a.h5ad")
    with h5py.File(tmp_path / "a.h5ad", "a") as file:
        del file["obs"].attrs[attribute]
    atlas = load(tmp_path / "a.h5ad")
    assert labels_of(atlas, "kind") == ["a", "b"] * 15
    assert atlas.cells()[0] == "cell0"


def test_a_plain_data_frame_of_coordinates(load, tmp_path):
    path = seurat(tmp_path / "a.h5ad")
    with h5py.File(path, "a") as file:
        given = file["obsm/X_umap"][:]
        del file["obsm/X_umap"]
        group = file.create_group("obsm/X_umap")
        group["_index"] = file["obs/_index"][:]
        group["UMAP_1"], group["UMAP_2"] = given.T
        group.attrs["_index"] = "_index"
    np.testing.assert_array_equal(load(path).embedding("X_umap"), given.astype(np.float32))


def test_a_plain_raw_gives_its_counts(load, tmp_path):
    atlas = load(seurat(tmp_path / "a.h5ad", raw=RAW))
    check_layer(atlas.layer("counts"), RAW)


def test_a_plain_raw_gives_its_expression(load, tmp_path):
    scaled = (LOG - LOG.mean(axis=0))[:, :5]
    atlas = load(seurat(tmp_path / "a.h5ad", x=scaled, raw=sparse.csr_matrix(LOG)))
    check_layer(atlas.layer(), LOG)
    assert atlas.genes.names == tuple(GENES)


@pytest.mark.parametrize(
    "parts",
    [
        {"categories": TYPES, "codes": CODES},
        # R counts from one, and has no number for NA.
        {"levels": TYPES, "values": CODES + 1},
    ],
)
def test_factors_in_groups_of_their_own(parts, load, tmp_path):
    path = seurat(tmp_path / "a.h5ad", obs_says=False)
    with h5py.File(path, "a") as file:
        del file["obs/CellType"], file["obs/__categories"]
        for name, values in parts.items():
            file[f"obs/CellType/{name}"] = values
    assert labels_of(load(path)) == EXPECTED


def test_codes_that_count_from_one_are_seen(load, tmp_path):
    path = seurat(tmp_path / "a.h5ad")
    with h5py.File(path, "a") as file:
        file["obs/CellType"][:] = np.arange(30) % 3 + 1
    assert labels_of(load(path)) == [TYPES[at % 3] for at in range(30)]


def test_codes_that_fit_no_label_stay_numbers_and_are_said(load, tmp_path):
    path = seurat(tmp_path / "a.h5ad")
    with h5py.File(path, "a") as file:
        file["obs/CellType"][:] = np.arange(30) % 9
    atlas = load(path)
    assert atlas.manifest.column("CellType").n_categories == 9
    assert atlas.manifest.notes == (
        "The obs column 'CellType' keeps its codes, as its categories do not fit "
        "(it has codes beyond its 3 categories).",
    )


def test_columns_that_do_not_fit_are_left_out_and_said(load, tmp_path):
    path = seurat(tmp_path / "a.h5ad", obs_says=False)
    with h5py.File(path, "a") as file:
        file["obs/short"] = np.arange(4)
        file["obs/square"] = np.zeros((30, 2))
        file["obs/a/b"] = np.arange(30)
    atlas = load(path)
    assert atlas.column("a/b").values.tolist() == list(range(30)), "a key with a slash"
    assert atlas.manifest.notes == (
        "The obs column 'short' has 4 of 30 rows and was left out.",
        "The obs column 'square' cannot be read (it has 2 dimensions) and was left out.",
    )


SMALLEST = np.iinfo(np.int32).min


def test_missing_values_of_r(load, tmp_path):
    """hdf5r writes NA of an integer as the smallest one, and a logical as FALSE, TRUE and NA by number."""
    path = seurat(tmp_path / "a.h5ad", obs_says=False)
    logical = h5py.enum_dtype({"FALSE": 0, "TRUE": 1, "NA": 2}, basetype="i1")
    with h5py.File(path, "a") as file:
        obs = file["obs"]
        obs["n"] = np.array([SMALLEST, *range(29)], dtype=np.int32)
        obs.create_dataset("doublet", data=np.array([0, 1, 2] * 10, dtype=np.int8), dtype=logical)
        obs["sex/levels"] = np.array(["F", "M"], dtype="S")
        obs["sex/values"] = np.array([1, 2, SMALLEST] * 10, dtype=np.int32)
        obs["CellType"][0] = SMALLEST
        obs["masked/values"], obs["masked/mask"] = np.arange(30.0), np.arange(30) == 4
    atlas = load(path)
    numbers = atlas.column("n").values
    assert np.isnan(numbers[0])
    assert numbers[1:].tolist() == list(range(29))
    assert labels_of(atlas, "doublet") == ["False", "True", None] * 10
    assert labels_of(atlas, "sex") == ["F", "M", None] * 10
    assert labels_of(atlas) == EXPECTED, "the first is -1 anyway"
    assert np.flatnonzero(np.isnan(atlas.column("masked").values)).tolist() == [4]
    assert atlas.column("masked").values[29] == 29
    assert atlas.manifest.notes == ()


def test_enumerated_values_of_a_table_that_anndata_reads(load, tmp_path):
    made(RAW, obs=pd.DataFrame({"phase": [5, 9, 5] * 10}, index=[f"cell{i}" for i in range(30)])).write_h5ad(
        tmp_path / "a.h5ad"
    )
    with h5py.File(tmp_path / "a.h5ad", "a") as file:
        del file["obs/phase"]
        kind = h5py.enum_dtype({"G1": 5, "S": 9}, basetype="i2")
        file["obs"].create_dataset("phase", data=np.array([5, 9, 5] * 10, dtype=np.int16), dtype=kind)
    assert labels_of(load(tmp_path / "a.h5ad"), "phase") == ["G1", "S", "G1"] * 10


def test_names_and_labels_in_utf8_that_are_marked_as_ascii(load, tmp_path):
    """anndata does not read such a table at all."""
    obs = pd.DataFrame({"kind": pd.Categorical(["a", "b", None] * 10)}, index=[f"cell{i}" for i in range(30)])
    made(RAW, obs=obs).write_h5ad(tmp_path / "a.h5ad")
    with h5py.File(tmp_path / "a.h5ad", "a") as file:
        for place, texts in (("obs/kind/categories", ["Küpffer", "LSEC"]), ("var/_index", ["naïve", *GENES[1:]])):
            attributes = dict(file[place].attrs)
            del file[place]
            file[place] = np.array([text.encode() for text in texts])
            file[place].attrs.update(attributes)
    atlas = load(tmp_path / "a.h5ad")
    assert labels_of(atlas, "kind") == ["Küpffer", "LSEC", None] * 10
    assert atlas.genes.names == ("naïve", *GENES[1:])


def test_a_list_is_no_table(load, tmp_path):
    path = seurat(tmp_path / "a.h5ad")
    with h5py.File(path, "a") as file:
        del file["obs"]
        file["obs"] = np.arange(30)
    with pytest.raises(InvalidFile, match="the table obs holds int64 values and no columns"):
        load(path)


@pytest.mark.parametrize("obs_says", [True, False])
def test_circles_of_hard_links_are_walked_once(obs_says, load, tmp_path):
    path = seurat(tmp_path / "a.h5ad", obs_says=obs_says)
    with h5py.File(path, "a") as file:
        for name in ("obs", "obsm", "uns", "layers"):
            group = file.require_group(name).create_group("w")
            group["up"] = file[name]
            for at in range(9):
                # Followed to its end, a million keys.
                group[f"again{at}"] = group
    atlas = load(path)
    assert labels_of(atlas) == EXPECTED
    check_layer(atlas.layer(), LOG)


def test_a_plain_group_without_an_index_is_refused(load, tmp_path):
    path = seurat(tmp_path / "a.h5ad", obs_says=False)
    with h5py.File(path, "a") as file:
        file["obs"].move("_index", "else")
    with pytest.raises(InvalidFile, match="obs has no index"):
        load(path)


@pytest.mark.parametrize("column", ["features", "gene_short_name", "feature_name", "gene_symbols"])
def test_symbols_beside_an_index_of_numbers(column, atlas_of):
    var = pd.DataFrame({column: GENES}, index=[str(at) for at in range(12)])
    assert atlas_of(made(RAW, var=var)).genes.names == tuple(GENES)


@pytest.mark.filterwarnings("ignore:Forward slashes")
def test_layers_and_columns_with_slashes(atlas_of):
    obs = pd.DataFrame({"leiden/0.5": pd.Categorical(["1", "2"] * 15)}, index=[f"cell{i}" for i in range(30)])
    atlas = atlas_of(made(RAW, obs=obs, layers={"scran/log": LOG}), layers=("scran/log",))
    assert labels_of(atlas, "leiden/0.5") == ["1", "2"] * 15
    check_layer(atlas.layer("scran_log"), LOG)


def test_a_record_array_of_coordinates(load, tmp_path):
    path = seurat(tmp_path / "a.h5ad")
    places = np.random.default_rng(1).normal(size=(30, 2)).astype(np.float32)
    with h5py.File(path, "a") as file:
        del file["obsm/X_umap"]
        file["obsm/X_umap"] = np.rec.fromarrays(places.T, names=["UMAP_1", "UMAP_2"])
        file["obsm/labels"] = np.rec.fromarrays([places[:, 0], np.array(["a"] * 30, dtype="S1")], names=["x", "y"])
    atlas = load(path)
    assert np.array_equal(atlas.embedding("X_umap"), places)
    assert atlas.manifest.notes == ("obsm['labels'] is not a table of coordinates and was left out.",)


# Symbols and ids

IDS = [f"ENSG{at:011d}" for at in range(12)]


def raw_of(matrix, var):
    return made(matrix, var=var, umap=False)


def test_symbols_that_only_var_has_are_joined_onto_raw_by_id(atlas_of):
    adata = made((LOG - 1)[:, 4:8], var=pd.DataFrame({"feature_name": GENES[4:8]}, index=IDS[4:8]))
    adata.raw = raw_of(LOG, pd.DataFrame(index=[f"{gene}.3" for gene in IDS]))
    atlas = atlas_of(adata)
    assert atlas.genes.names == (*(f"{gene}.3" for gene in IDS[:4]), *GENES[4:8], *(f"{gene}.3" for gene in IDS[8:]))
    check_layer(atlas.layer(), LOG)


def test_symbols_that_are_the_index_of_the_other_table(atlas_of):
    adata = made(LOG - 1, var=pd.DataFrame({"gene_ids": IDS}, index=GENES))
    adata.raw = raw_of(LOG, pd.DataFrame(index=IDS))
    assert atlas_of(adata).genes.names == tuple(GENES)


def test_counts_of_raw_are_found_by_id(atlas_of):
    order = np.random.default_rng(0).permutation(12)
    adata = made(LOG, var=pd.DataFrame({"gene_ids": IDS}, index=GENES))
    adata.raw = raw_of(RAW[:, order], pd.DataFrame(index=[IDS[at] for at in order]))
    check_layer(atlas_of(adata).layer("counts"), RAW)


def test_ids_without_symbols_are_said(atlas_of):
    notes = atlas_of(made(RAW, var=pd.DataFrame(index=IDS))).manifest.notes
    assert notes == ("Most genes have an id and no symbol in this file: they are shown and found by their ids.",)


# More in the file than X


def test_a_wider_logarithmic_raw_is_the_expression(atlas_of):
    adata = made(LOG[:, 2:6], var=pd.DataFrame(index=GENES[2:6]))
    adata.raw = raw_of(LOG, pd.DataFrame(index=GENES))
    atlas = atlas_of(adata)
    check_layer(atlas.layer(), LOG)
    assert atlas.manifest.notes == (
        "X has 4 of the 12 genes of raw.X, which is normalised too: the expression is raw.X.",
    )


@pytest.mark.parametrize("raw", [LOG[:, 3:], LOG * 40], ids=["lacks a gene", "is linear"])
def test_a_raw_that_lacks_genes_or_is_linear_is_not(raw, atlas_of):
    adata = made(LOG[:, 2:6], var=pd.DataFrame(index=GENES[2:6]))
    adata.raw = raw_of(raw, pd.DataFrame(index=GENES[-raw.shape[1] :]))
    check_layer(atlas_of(adata).layer(), LOG[:, 2:6])


def filtered(**raw):
    x = LOG.copy()
    x[:, [1, 5]] = 0
    adata = made(x, var=pd.DataFrame({"feature_is_filtered": [at in (1, 5) for at in range(12)]}, index=GENES))
    if raw:
        adata.raw = raw_of(raw["raw"], pd.DataFrame(index=GENES))
    return adata


def test_filtered_genes_are_taken_from_the_counts_in_raw(atlas_of):
    atlas = atlas_of(filtered(raw=RAW))
    check_layer(atlas.layer(), logged(RAW), tolerance=1e-6)
    check_layer(atlas.layer("counts"), RAW)
    assert atlas.manifest.notes[0].startswith("2 genes are zero in X, as its author filtered them")


def test_filtered_genes_without_counts_are_said(atlas_of):
    atlas = atlas_of(filtered())
    assert atlas.manifest.notes == ("2 genes are zero in X, as its author filtered them (feature_is_filtered).",)


# Numbers that are names


@pytest.mark.parametrize("dtype", ["int64", "uint64", "Int64"])
def test_integers_beyond_floats_keep_all_digits(dtype, atlas_of):
    ids = [2**53 + 1 + at for at in range(30)]
    obs = pd.DataFrame({"record": pd.array(ids, dtype=dtype)}, index=[f"cell{i}" for i in range(30)])
    atlas = atlas_of(made(RAW, obs=obs))
    assert labels_of(atlas, "record") == [str(each) for each in ids]
    assert atlas.row(3)["record"] == "9007199254740996"


def test_azimuth_annotations_are_cell_types(atlas_of):
    obs = pd.DataFrame(
        {
            "predicted.celltype.l2": pd.Categorical(["B", "T"] * 15),
            "predicted.celltype.l2.score": np.linspace(0, 1, 30),
        },
        index=[f"cell{i}" for i in range(30)],
    )
    assert atlas_of(made(RAW, obs=obs)).manifest.roles["cell_type"] == "predicted.celltype.l2"
