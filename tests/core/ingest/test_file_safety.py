"""Files that reach outside of themselves, unfold beyond proportion, or index with what is no integer."""

import os
from pathlib import Path

import anndata
import h5py
import numpy as np
import pytest
from scipy import sparse

from core.errors import InvalidFile
from core.ingest import bounds, obs_var
from core.ingest.bounds import bounded_memory, shorten, shorten_notes
from core.ingest.file_safety import check_file, check_kind
from core.ingest.importer import ImportRequest, import_file
from tests.factories import tiny

SECRET = b"root:x:0:0:root:/root:/bin/bash\n" * 60
# One place of every slot that h5py hands out, each with the shape of what lies there.
PLACES = (
    *("X", "obs/score", "obs/_index", "var/gene_ids", "obsm/X_umap", "layers/dense", "uns/title"),
    *("raw/X/data", "raw/var/_index", "obsp/near", "varm/PCs"),
)


@pytest.fixture(scope="session")
def whole(tmp_path_factory):
    """Return a file with something in every slot, its X dense."""
    path = tiny(tmp_path_factory.mktemp("whole") / "whole.h5ad", n_cells=12)
    adata = anndata.read_h5ad(path)
    adata.raw = adata.copy()
    adata.layers["dense"] = adata.X.toarray()
    adata.X = adata.X.toarray()
    adata.uns["title"] = "A title"
    adata.obsp["near"] = np.eye(12)
    adata.varm["PCs"] = np.ones((adata.n_vars, 2))
    adata.write_h5ad(path)
    return path


@pytest.fixture
def made(whole, tmp_path):
    path = tmp_path / "made.h5ad"
    path.write_bytes(whole.read_bytes())
    return path


@pytest.fixture
def secret(tmp_path):
    path = tmp_path / "secret.h5"
    path.write_bytes(SECRET)
    return path


def refused(path, data):
    """Return the sentence with which a file is refused; nothing of it is left."""
    with pytest.raises(InvalidFile) as caught:
        import_file(ImportRequest(path), data, lambda *_: None)
    assert "\n" not in str(caught.value)
    assert list((data / "atlases" / ".work").iterdir()) == []
    assert not list(data.glob("atlases/*/*/manifest.json"))
    return str(caught.value)


def _external(file, place, secret):
    shape, kind = file[place].shape or (1,), file[place].dtype
    kind = kind if kind.kind in "if" else np.dtype("S8")
    del file[place]
    file.create_dataset(place, shape, kind, external=[(os.fspath(secret), 0, len(SECRET))])


def _virtual(file, place, secret):
    shape = file[place].shape or (1,)
    del file[place]
    layout = h5py.VirtualLayout(shape, "f4")
    layout[:] = h5py.VirtualSource(os.fspath(secret), "x", shape=shape)
    file.create_virtual_dataset(place, layout, fillvalue=7)


def _external_link(file, place, secret):
    del file[place]
    file[place] = h5py.ExternalLink(os.fspath(secret), "/x")


def _soft_to_external(file, place, secret):
    del file[place]
    file["elsewhere"] = h5py.ExternalLink(os.fspath(secret), "/")
    file[place] = h5py.SoftLink("/elsewhere/x")


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("lead", [_external, _virtual, _external_link, _soft_to_external])
def test_nothing_outside_of_the_file_is_read(lead, place, made, secret, data):
    with h5py.File(made, "r+") as file:
        lead(file, place, secret)
    said = refused(made, data)
    assert said.startswith("made.h5ad: ")
    assert place in said or "elsewhere" in said
    assert said.endswith("Only files that hold all of their data are imported: write it again with anndata.")


def test_parts_that_hang_below_two_links_or_below_themselves(made):
    with h5py.File(made, "r+") as file:
        file["uns/again"] = file["uns"]
        file["uns/also"] = file["obs"]
        file["uns/soft"] = h5py.SoftLink("/obs/score")
        file["uns/nowhere"] = h5py.SoftLink("/no/such")
        check_file(file)
        file["uns/deep"] = h5py.ExternalLink("other.h5", "/")
        with pytest.raises(InvalidFile, match="is a link to another file"):
            check_file(file)


def test_a_file_of_another_layout(tmp_path):
    """Such as that of 10x: the check knows HDF5, not AnnData."""
    with h5py.File(tmp_path / "x.h5", "w") as file:
        file["matrix/data"] = np.ones(5)
        check_file(file)
        file.create_dataset("matrix/barcodes", (3,), "S4", external=[("/etc/hostname", 0, 12)])
        with pytest.raises(InvalidFile, match=r"x\.h5: matrix/barcodes keeps its data in another file"):
            check_file(file)


def test_what_is_no_file(tmp_path, data):
    os.mkfifo(tmp_path / "pipe.h5ad")
    assert "pipe.h5ad is neither a file nor a directory" in refused(tmp_path / "pipe.h5ad", data)
    (tmp_path / "link.h5ad").symlink_to(tmp_path / "pipe.h5ad")
    with pytest.raises(InvalidFile, match="is a symbolic link"):
        check_kind(tmp_path / "link.h5ad", follow=False)


# Bombs


def _column(**declared):
    def act(file):
        file["obs"].create_dataset("bomb", compression="gzip", **declared)

    return act


BOMBS = {
    "wide texts": (_column(shape=(12,), dtype="S50000000", chunks=(1,)), "obs/bomb would take 600.0 MB"),
    "a wide text": (_column(shape=(12,), dtype="S2000000", chunks=(1,)), "obs/bomb has values of 2.0 MB each"),
    "a large chunk": (
        _column(shape=(12,), dtype="f8", chunks=(200_000_000,), maxshape=(None,)),
        "1.6 GB for one chunk",
    ),
    "many cells": (_column(shape=(200_000_000,), dtype="i1", chunks=(1_000_000,)), "obs/bomb has 200,000,000 values"),
    "many categories": (
        lambda file: file["obs/CellType"].create_dataset(
            "bomb", shape=(4_000_000,), dtype=h5py.string_dtype(), chunks=(100_000,), compression="gzip"
        ),
        "obs/CellType/bomb has 4,000,000 values",
    ),
    "many columns": (
        lambda file: [
            file["obs"].create_dataset(f"b{at}", shape=(200_000,), dtype=h5py.string_dtype(), chunks=(100_000,))
            for at in range(20)
        ],
        "the table obs would take",
    ),
    "a boundless matrix": (
        lambda file: file["layers"].create_dataset("bomb", shape=(10**6, 10**6), dtype="f4", chunks=(100, 100)),
        "layers/bomb would take 4,000.0 GB",
    ),
}


@pytest.mark.parametrize("bomb", BOMBS)
def test_bombs_are_refused_before_they_are_read(bomb, made, data):
    act, says = BOMBS[bomb]
    with h5py.File(made, "r+") as file:
        act(file)
    assert made.stat().st_size < 1_000_000
    said = refused(made, data)
    assert says in said
    assert said.endswith("if it is yours, write it again with anndata.")


def test_what_real_files_hold_is_within_the_bounds(made):
    """A chunk beyond the length of its dataset, a dataset of one chunk as R writes it, and much that is stored."""
    random = np.random.default_rng(0)
    with h5py.File(made, "r+") as file:
        file.create_dataset("uns/short", data=np.ones(3), chunks=(4096,), maxshape=(None,))
        file.create_dataset("obsp/one_chunk", data=random.random(300_000), chunks=(300_000,), compression="gzip")
        file.create_dataset("uns/long", data=np.bytes_(b"x" * 3_000_000))
        check_file(file)


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="the system does not tell the memory of a process")
def test_the_memory_for_tables_is_bounded(monkeypatch):
    import resource

    before = resource.getrlimit(resource.RLIMIT_DATA)
    monkeypatch.setattr(bounds, "TABLE_BYTES", 20_000_000)
    with bounded_memory("small.h5ad", 100):
        np.ones(1_000_000)
    with (
        pytest.raises(InvalidFile, match=r"small\.h5ad: the tables would take more than"),
        bounded_memory("small.h5ad", 100),
    ):
        np.ones(500_000_000)
    assert resource.getrlimit(resource.RLIMIT_DATA) == before


def test_long_descriptions_are_cut(tmp_path, data, load):
    path = tiny(tmp_path / "a.h5ad", uns={"title": "Liver\n" + "x" * 2_000_000, "citation": "c " * 1_000_000})
    manifest = load(path).manifest
    assert manifest.title == f"Liver {'x' * 293}…"
    assert len(manifest.citation) == 2_000
    assert load(path, name="b", title="y" * 1_000).manifest.title == f"{'y' * 299}…"


def test_notes_are_bounded():
    assert shorten("a  b\nc", 10) == "a b c"
    assert shorten("x" * 11, 10) == "xxxxxxxxx…"
    assert shorten_notes(["a", "b"]) == ("a", "b")
    many = shorten_notes(["n" * 5_000] * 250)
    assert (len(many), len(many[0]), many[-1]) == (201, 1_000, "There are 50 further notes.")


# Arrays that index


@pytest.mark.parametrize("form", ["csr", "csc"])
@pytest.mark.parametrize("part", ["indices", "indptr"])
@pytest.mark.parametrize("wrong", ["nan", "large", "fraction", "whole", "bool"])
def test_indices_are_integers_by_type(form, part, wrong, tmp_path, data):
    """One NaN passes every comparison, and a conversion makes of it some other index."""
    path = tiny(tmp_path / "a.h5ad", n_cells=12)
    adata = anndata.read_h5ad(path)
    adata.X = (sparse.csr_matrix if form == "csr" else sparse.csc_matrix)(adata.X)
    adata.write_h5ad(path)
    with h5py.File(path, "r+") as file:
        values = file[f"X/{part}"][:].astype("f8")
        if wrong == "bool":
            values = values.astype(bool)
        elif wrong != "whole":
            values[1] = {"nan": np.nan, "large": 1e18, "fraction": values[1] + 0.4}[wrong]
        del file[f"X/{part}"]
        file[f"X/{part}"] = values
    assert f"X/{part} holds {values.dtype} values, not integers." in refused(path, data)


@pytest.mark.parametrize("value", [2**64 - 1, 2**63, 2**63 - 1, 10_000])
@pytest.mark.parametrize("part", ["indices", "indptr"])
def test_indices_beyond_the_shape(part, value, tmp_path, data):
    """Unsigned ones too, which become negative where they are converted."""
    path = tiny(tmp_path / "a.h5ad", n_cells=12)
    with h5py.File(path, "r+") as file:
        values = file[f"X/{part}"][:].astype("u8")
        values[3] = value
        del file[f"X/{part}"]
        file[f"X/{part}"] = values
    said = refused(path, data)
    assert "an index outside its shape" in said or "The index pointer of X does not fit" in said


@pytest.mark.parametrize("codes", [[0.0, np.nan], [0.5, 1.0], [0, 3], [-2, 0], [2**40, 0]])
def test_codes_of_categories(codes, tmp_path, data):
    path = tiny(tmp_path / "a.h5ad", n_cells=12)
    with h5py.File(path, "r+") as file:
        del file["obs/CellType/codes"]
        file["obs/CellType/codes"] = np.resize(codes, 12)
    assert "the table obs cannot be read" in refused(path, data)


# Names and labels that pages show


def test_long_names_are_refused_and_columns_of_long_labels_left_out(tmp_path, load, data):
    adata = anndata.read_h5ad(tiny(tmp_path / "a.h5ad", n_cells=12))
    adata.obs["essay"] = ["x" * 2_000, "y"] * 6
    adata.obs["z" * 1_500] = 1.0
    adata.write_h5ad(tmp_path / "a.h5ad")
    manifest = load(tmp_path / "a.h5ad").manifest
    assert [column.name for column in manifest.columns] == ["CellType", "Group", "Sample", "score"]
    said = [note for note in manifest.notes if "characters and was left out" in note]
    assert said[0] == "The obs column 'essay' has labels of up to 2,000 characters and was left out."
    assert "has labels of up to 1,500 characters" in said[1]
    adata.obs_names = ["x" * 2_000, *adata.obs_names[1:]]
    adata.write_h5ad(tmp_path / "b.h5ad")
    assert "A cell has a name of 2,000 characters" in refused(tmp_path / "b.h5ad", data / "b")
    assert "A gene has a name of" in refused(tiny(tmp_path / "c.h5ad", genes=("ALB", "g" * 5_000)), data / "c")


def test_a_table_of_very_many_columns(tmp_path, load, monkeypatch):
    monkeypatch.setattr(obs_var, "MAX_COLUMNS", 3)
    manifest = load(tiny(tmp_path / "a.h5ad", n_cells=12)).manifest
    assert [column.name for column in manifest.columns] == ["CellType", "Group", "Sample"]
    assert "obs has 4 columns; those after the first 3 were left out." in manifest.notes
