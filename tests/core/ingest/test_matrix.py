"""Matrices of any encoding and dtype come out as the values they are; damaged ones are refused."""

from itertools import product

import h5py
import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from core.atlas.store import COUNTS, EXPRESSION
from core.errors import InvalidFile
from core.ingest import level_writer as writing
from core.ingest import matrix as reading
from tests.core.ingest._build import as_dense, check_layer, counts, dense_of, logged, made

FORMATS = {"csr": sparse.csr_matrix, "csc": sparse.csc_matrix, "dense": as_dense}
INTEGERS = ("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64")
EVERY_FORMAT = pytest.mark.parametrize("form", FORMATS)


@pytest.fixture(params=[False, True], ids=["at once", "in tiny pieces"])
def pieces(request, monkeypatch):
    """Read and sort everything at once, or a few entries at a time."""
    if request.param:
        chunks = reading.Matrix.chunks
        monkeypatch.setattr(reading.Matrix, "chunks", lambda self, entries=7: chunks(self, min(entries, 7)))
        monkeypatch.setattr(writing, "BLOCK_ENTRIES", 11)


def in_format(matrix, form):
    return FORMATS[form](matrix)


@EVERY_FORMAT
def test_every_encoding_gives_counts_and_log1p_cp10k(form, pieces, atlas_of):
    matrix = counts()
    atlas = atlas_of(made(in_format(matrix, form)))
    check_layer(atlas.layer(COUNTS), matrix)
    check_layer(atlas.layer(EXPRESSION), logged(matrix), tolerance=1e-6)
    assert atlas.layer(EXPRESSION).dtype == np.float32
    np.testing.assert_array_equal(atlas.layer(EXPRESSION).cell_sums, as_dense(matrix).sum(axis=1))


@pytest.mark.parametrize(
    ("form", "dtype"),
    # scipy has no sparse float16.
    [*product(FORMATS, [*INTEGERS, "float32", "float64", "bool"]), ("dense", "float16")],
)
def test_every_dtype_keeps_its_values(form, dtype, atlas_of):
    whole = as_dense(counts(12, 7, seed=3))
    whole = whole % 2 if dtype == "bool" else whole
    matrix = FORMATS[form](whole.astype(dtype)) if form != "dense" else whole.astype(dtype)
    atlas = atlas_of(made(matrix))
    check_layer(atlas.layer(COUNTS), whole)
    check_layer(atlas.layer(EXPRESSION), logged(whole), tolerance=1e-6)


@EVERY_FORMAT
def test_negative_values_lie_below_the_zeros(form, pieces, atlas_of):
    matrix = counts(20, 6, seed=5) * 0.5
    matrix.data[::3] *= -1
    atlas = atlas_of(made(in_format(matrix, form)))
    check_layer(atlas.layer(EXPRESSION), matrix)
    assert atlas.layer(EXPRESSION).info.minimum == matrix.min()
    assert atlas.layer(EXPRESSION).info.maximum == matrix.max()
    assert "negative values" in atlas.layer(EXPRESSION).info.unit


def test_the_smallest_value_of_a_matrix_without_zeros_is_no_zero(atlas_of):
    layer = atlas_of(made(np.array([[1.5, 2.5], [3.5, 4.5]]))).layer(EXPRESSION)
    assert (layer.info.minimum, layer.info.maximum) == (1.5, 4.5)


@pytest.mark.parametrize("form", ["csr", "csc"])
def test_zeros_that_are_stored_are_dropped(form, pieces, atlas_of):
    matrix = in_format(counts(), form)
    matrix.data[::4] = 0
    atlas = atlas_of(made(matrix))
    check_layer(atlas.layer(COUNTS), matrix)
    assert all(atlas.layer(COUNTS).nonzeros(gene)[1].all() for gene in range(matrix.shape[1]))


@pytest.mark.parametrize("form", ["csr", "csc"])
def test_unsorted_indices_are_sorted(form, pieces, tmp_path, load):
    matrix = in_format(counts(), form)
    shuffled = matrix.copy()
    for start, stop in zip(matrix.indptr[:-1], matrix.indptr[1:], strict=True):
        shuffled.indices[start:stop] = matrix.indices[start:stop][::-1]
        shuffled.data[start:stop] = matrix.data[start:stop][::-1]
    made(matrix).write_h5ad(tmp_path / "a.h5ad")
    with h5py.File(tmp_path / "a.h5ad", "a") as file:
        file["X/indices"][:] = shuffled.indices
        file["X/data"][:] = shuffled.data
    check_layer(load(tmp_path / "a.h5ad").layer(COUNTS), matrix)


@EVERY_FORMAT
@pytest.mark.parametrize("shape", [(1, 1), (1, 5), (5, 1), (3, 2)])
def test_the_smallest_matrices(form, shape, atlas_of):
    matrix = sparse.csr_matrix(np.arange(1, shape[0] * shape[1] + 1, dtype=np.float32).reshape(shape))
    atlas = atlas_of(made(in_format(matrix, form)))
    check_layer(atlas.layer(COUNTS), matrix)
    check_layer(atlas.layer(EXPRESSION), logged(matrix), tolerance=1e-6)


@EVERY_FORMAT
def test_nothing_but_zeros(form, pieces, atlas_of):
    atlas = atlas_of(made(in_format(sparse.csr_matrix((6, 4), dtype=np.float32), form)))
    for name in (COUNTS, EXPRESSION):
        check_layer(atlas.layer(name), np.zeros((6, 4)))
        assert atlas.layer(name).info.maximum == 0


@pytest.mark.parametrize("largest", [2**24, 2**24 + 1, 2**40 + 1])
def test_large_counts_stay_exact(largest, atlas_of):
    matrix = np.array([[largest, 1], [3, 0], [largest - 1, 7]], dtype=np.int64)
    atlas = atlas_of(made(sparse.csr_matrix(matrix)))
    assert dense_of(atlas.layer(COUNTS)).astype(np.int64).tolist() == matrix.tolist()
    assert atlas.layer(COUNTS).info.dtype == ("float32" if largest == 2**24 else "float64")
    assert atlas.layer(EXPRESSION).info.dtype == "float32"
    check_layer(atlas.layer(EXPRESSION), logged(matrix), tolerance=1e-6)


def test_a_value_too_small_for_float32_is_not_taken_for_zero(atlas_of):
    layer = atlas_of(made(np.array([[1e-60, 0.5], [0, -1e-60]]))).layer(EXPRESSION)
    assert layer.info.n_nonzero == 3
    assert [np.sign(value) for value in dense_of(layer)[:, 0]] == [1, 0]
    assert dense_of(layer)[1, 1] < 0


def test_a_value_too_large_for_float32_is_refused(atlas_of):
    with pytest.raises(
        InvalidFile, match=r"^The layer 'expression' has values up to 1e\+60, which cannot be expression values\."
    ):
        atlas_of(made(np.array([[1e60, 0.5]])))


# What is not a number


@EVERY_FORMAT
@pytest.mark.parametrize(
    ("bad", "says"),
    [
        ([(4, 2, np.nan)], "X has 1 NaN value (cell cell4, gene Gene2)."),
        ([(4, 2, np.inf)], "X has 1 infinite value (cell cell4, gene Gene2)."),
        (
            [(4, 2, -np.inf), (5, 2, np.nan)],
            "X has 1 NaN and 1 infinite values (cell cell4, gene Gene2; cell cell5, gene Gene2).",
        ),
    ],
)
def test_nan_and_infinity_are_counted_and_named(form, bad, says, pieces, atlas_of, data):
    matrix = as_dense(counts())
    for cell, gene, value in bad:
        matrix[cell, gene] = value
    with pytest.raises(InvalidFile) as caught:
        atlas_of(made(FORMATS[form](matrix)))
    assert caught.value.message == says
    assert not list((data / "atlases" / ".work").iterdir())


@EVERY_FORMAT
def test_of_many_nan_three_are_named(form, pieces, atlas_of):
    matrix = as_dense(counts())
    matrix[3:, 1] = np.nan
    with pytest.raises(InvalidFile) as caught:
        atlas_of(made(FORMATS[form](matrix)))
    assert (
        caught.value.message
        == "X has 27 NaN values (cell cell3, gene Gene1; cell cell4, gene Gene1; cell cell5, gene Gene1, …)."
    )


@EVERY_FORMAT
def test_nan_in_raw_is_named_by_the_genes_of_raw(form, atlas_of):
    adata = made(logged(counts(20, 4)))
    adata.var_names = [f"raw{i}" for i in range(4)]
    adata.raw = made(FORMATS[form](_with_nan(20, 9)), var=pd.DataFrame(index=[f"raw{i}" for i in range(9)]))
    with pytest.raises(InvalidFile, match=r"^raw\.X has 1 NaN value \(cell cell7, gene raw8\)\."):
        atlas_of(adata)


def _with_nan(n_cells, n_genes):
    matrix = as_dense(counts(n_cells, n_genes))
    matrix[7, 8] = np.nan
    return matrix


# Damage


def broken(path, form, damage):
    made(in_format(counts(), form)).write_h5ad(path)
    with h5py.File(path, "a") as file:
        damage(file["X"])
    return path


def _replace(group, name, values):
    attributes = dict(group.attrs)
    del group[name]
    if values is None:
        # It announces a thousand terabytes and holds none of them.
        group.create_dataset(name, shape=(2**47,), chunks=(1024,), dtype=np.int64)
    else:
        group[name] = values
    assert dict(group.attrs).keys() == attributes.keys()


DAMAGES = {
    "twice": (
        lambda x: x["indices"].__setitem__(slice(0, 2), x["indices"][0]),
        "X stores the same cell and gene twice.",
    ),
    "beyond": (lambda x: x["indices"].__setitem__(0, 9_999), "X contains an index outside its shape (30, 12)."),
    "negative": (lambda x: x["indices"].__setitem__(0, -1), "X contains an index outside its shape (30, 12)."),
    "falling": (lambda x: x["indptr"].__setitem__(1, 9_999), "The index pointer of X does not fit its shape (30, 12)."),
    "not from 0": (lambda x: x["indptr"].__setitem__(0, 1), "The index pointer of X does not fit its shape (30, 12)."),
    "short pointer": (
        lambda x: _replace(x, "indptr", x["indptr"][:-1]),
        "The index pointer of X does not fit its shape (30, 12).",
    ),
    "boundless pointer": (
        lambda x: _replace(x, "indptr", None),
        "X/indptr would take",
    ),
    "short values": (
        lambda x: _replace(x, "data", x["data"][:-3]),
        "The index pointer of X does not fit its shape (30, 12).",
    ),
    "short indices": (lambda x: _replace(x, "indices", x["indices"][:-3]), "values but"),
    "no indices": (lambda x: x.__delitem__("indices"), "X is neither a dense, a CSR nor a CSC matrix"),
    "texts": (
        lambda x: _replace(x, "data", np.array([b"a"] * len(x["data"]))),
        "X holds |S1 values, not real numbers.",
    ),
    "complex": (lambda x: _replace(x, "data", x["data"][:] * 1j), "X holds complex64 values, not real numbers."),
    "other shape": (
        lambda x: x.attrs.__setitem__("shape", (31, 12)),
        "X has shape (31, 12), but obs and var have 30 and 12 rows.",
    ),
    "no shape": (lambda x: x.attrs.__delitem__("shape"), "X is neither a dense, a CSR nor a CSC matrix"),
    "unknown encoding": (
        lambda x: x.attrs.__setitem__("encoding-type", "coo_matrix"),
        "X is neither a dense, a CSR nor a CSC matrix (it says 'coo_matrix').",
    ),
}


@pytest.mark.parametrize(
    ("form", "n_major", "n_minor", "says"),
    [("csr", 30, 12, "X has 13 entries for one cell, but 12 genes"), ("csc", 12, 30, "X has 31 entries for one gene")],
)
def test_more_entries_than_places_are_told(form, n_major, n_minor, says, load, tmp_path):
    n = n_minor + 1

    def damage(x):
        _replace(x, "data", np.ones(n_major * n))
        _replace(x, "indices", np.arange(n_major * n) % n_minor)
        _replace(x, "indptr", np.arange(n_major + 1) * n)

    with pytest.raises(InvalidFile, match=says):
        load(broken(tmp_path / "a.h5ad", form, damage))


@pytest.mark.parametrize("form", ["csr", "csc"])
@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_sparse_matrix_is_refused(form, damage, load, tmp_path, data):
    act, says = DAMAGES[damage]
    path = broken(tmp_path / "a.h5ad", form, act)
    with pytest.raises(InvalidFile) as caught:
        load(path)
    assert says in caught.value.message
    assert "\n" not in str(caught.value)
    assert not list((data / "atlases" / ".work").iterdir())


def test_a_matrix_of_three_dimensions_is_refused(load, tmp_path):
    made(as_dense(counts())).write_h5ad(tmp_path / "a.h5ad")
    with h5py.File(tmp_path / "a.h5ad", "a") as file:
        del file["X"]
        file["X"] = np.zeros((30, 12, 2))
    with pytest.raises(InvalidFile, match=r"^X has 3 dimensions instead of 2\."):
        load(tmp_path / "a.h5ad")


@pytest.mark.parametrize("chunks", [(30, 1), (1, 12), (7, 5)])
def test_dense_matrices_in_hdf5_chunks_of_any_shape(chunks, pieces, load, tmp_path):
    matrix = as_dense(counts())
    made(matrix).write_h5ad(tmp_path / "a.h5ad")
    with h5py.File(tmp_path / "a.h5ad", "a") as file:
        attributes = dict(file["X"].attrs)
        del file["X"]
        file.create_dataset("X", data=matrix, chunks=chunks, compression="gzip").attrs.update(attributes)
    check_layer(load(tmp_path / "a.h5ad").layer(COUNTS), matrix)


def test_values_of_the_other_byte_order(load, tmp_path):
    matrix = counts()
    made(matrix).write_h5ad(tmp_path / "a.h5ad")
    with h5py.File(tmp_path / "a.h5ad", "a") as file:
        _replace(file["X"], "data", matrix.data.astype(">f4"))
        _replace(file["X"], "indices", matrix.indices.astype(">i8"))
    check_layer(load(tmp_path / "a.h5ad").layer(COUNTS), matrix)
