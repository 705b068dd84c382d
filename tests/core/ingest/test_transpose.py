"""Transposing and cutting up, against numpy and scipy on anything."""

import h5py
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from scipy import sparse

from core.ingest.level_writer import blocks_of
from core.ingest.matrix import Matrix, as_floats, open_matrix
from core.ingest.transpose import gene_blocks


@st.composite
def matrices(draw):
    shape = draw(st.tuples(st.integers(1, 9), st.integers(1, 9)))
    dtype = draw(st.sampled_from(["float32", "float64", "int16", "int64"]))
    element = st.integers(-3, 3) if dtype.startswith("int") else st.sampled_from([0.0, 0.0, 1.5, -2.0, 7.0])
    return draw(npst.arrays(dtype, shape, elements=element))


@settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture], max_examples=60)
@given(dense=matrices(), form=st.sampled_from(["csr", "csc", "dense"]), entries=st.integers(1, 12), data=st.data())
def test_blocks_of_genes_are_those_of_scipy(dense, form, entries, data, tmp_path_factory):
    place = tmp_path_factory.mktemp("blocks")
    with h5py.File(place / "a.h5", "w", driver="core", backing_store=False) as file:
        matrix = open_matrix(_stored(file, dense, form), "X")
        assert (matrix.format, matrix.shape) == (form, dense.shape)
        blocks = gene_blocks(_InPieces(matrix, entries), place / "spool", lambda done: None)
        expected = sparse.csc_array(dense)
        np.testing.assert_array_equal(blocks.profile.per_gene, np.diff(expected.indptr))
        np.testing.assert_array_equal(blocks.profile.cell_sums, dense.sum(axis=1))
        assert blocks.profile.integers == bool((dense == np.floor(dense)).all())
        assert (blocks.profile.minimum, blocks.profile.maximum) == (min(0, dense.min()), max(0, dense.max()))
        start = data.draw(st.integers(0, dense.shape[1] - 1))
        stop = data.draw(st.integers(start + 1, dense.shape[1]))
        block = blocks.block(start, stop)
        np.testing.assert_array_equal(block.toarray(), dense[:, start:stop])
        assert block.has_canonical_format
        assert (block.data != 0).all()
        assert block.indices.dtype == np.int32


def _stored(file, dense, form):
    if form == "dense":
        return file.create_dataset("X", data=dense)
    made = {"csr": sparse.csr_array, "csc": sparse.csc_array}[form](dense)
    group = file.create_group("X")
    group.attrs["encoding-type"] = f"{form}_matrix"
    group.attrs["shape"] = dense.shape
    for name in ("data", "indices", "indptr"):
        group[name] = getattr(made, name)
    return group


def _InPieces(matrix, entries):
    """The matrix, read a few entries at a time."""

    class InPieces(Matrix):
        def chunks(self, _=0):
            return super().chunks(entries)

    return InPieces(matrix.where, matrix.node, matrix.format, matrix.shape)


@given(lengths=st.lists(st.integers(0, 9), min_size=1, max_size=20), entries=st.integers(1, 15))
def test_blocks_cover_every_gene_once(lengths, entries):
    indptr = np.concatenate([[0], np.cumsum(lengths)])
    blocks = list(blocks_of(indptr, entries))
    assert [gene for start, stop in blocks for gene in range(start, stop)] == list(range(len(lengths)))
    assert all(stop - start == 1 or indptr[stop] - indptr[start] <= entries for start, stop in blocks)


@pytest.mark.parametrize(
    ("dtype", "wide"),
    [
        ("bool", "float32"), ("int8", "float32"), ("uint16", "float32"), ("float16", "float32"), (">f4", "float32"),
        ("int32", "float64"), ("uint64", "float64"), ("float64", "float64"), ("longdouble", "float64"),
    ],
)  # fmt: skip
def test_floats_hold_every_value_of_their_type(dtype, wide):
    values = np.array([0, 1], dtype=dtype)
    assert as_floats(values).dtype == wide
    assert as_floats(values).tolist() == [0, 1]
