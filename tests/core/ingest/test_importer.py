"""Files that are not what they say, old ones, ones that change, and the names atlases get."""

import os
import subprocess
import sys

import h5py
import numpy as np
import pandas as pd
import pytest

from core.atlas.catalog import Catalog
from core.atlas.paths import Places
from core.atlas.store import COUNTS
from core.errors import Conflict, InvalidFile, InvalidInput
from core.ingest.importer import ImportRequest, import_file
from tests.core.ingest._build import check_layer, counts, made


@pytest.fixture
def path(tmp_path):
    """Return a good file."""
    path = tmp_path / "good.h5ad"
    obs = pd.DataFrame({"cell_type": ["a", "b"] * 15}, index=[f"cell{i}" for i in range(30)])
    made(counts(), obs=obs, uns={"title": " A\nliver ", "citation": "Doe 2020", "organism": "Mus musculus"}).write_h5ad(
        path
    )
    return path


def nothing_left(data):
    """Return whether an import that failed left neither atlas nor scratch."""
    work = Places(data).work
    return Catalog(data).ids() == [] and (not work.exists() or not list(work.iterdir()))


def refused(load, data, path, **request):
    with pytest.raises(InvalidFile) as caught:
        load(path, **request)
    assert "\n" not in str(caught.value)
    assert nothing_left(data)
    return str(caught.value)


def test_what_the_file_says_of_itself(path, load):
    manifest = load(path).manifest
    assert manifest.id == "mouse/good"
    assert (manifest.title, manifest.citation) == ("A liver", "Doe 2020")
    assert manifest.source.file == "good.h5ad"
    assert manifest.source.bytes == path.stat().st_size
    assert manifest.roles == {"cell_type": "cell_type"}
    assert not manifest.simulated
    assert {"anndata", "scanpy", "masldatlas"} <= manifest.software.keys()


def test_what_the_user_says_goes_first(path, load):
    manifest = load(path, species="human", name="other.name", title="T <b>", citation="C", simulated=True).manifest
    assert manifest.id == "human/other.name"
    assert (manifest.title, manifest.citation, manifest.simulated) == ("T <b>", "C", True)


def test_text_that_json_cannot_hold(path, load):
    assert load(path, title="\udcff liver").manifest.title == "? liver"


def test_the_same_file_gives_the_same_content(path, load):
    first = load(path, name="a").manifest
    again = load(path, name="a", replace=True).manifest
    assert again.content_hash == first.content_hash
    assert load(path, name="b").manifest.content_hash != first.content_hash


def test_progress_never_goes_back_and_ends_at_one(path, load):
    seen = []
    load(path, lambda step, done: seen.append((step, done)))
    fractions = [done for _, done in seen]
    assert fractions == sorted(fractions)
    assert seen[0] == ("opening", 0.0)
    assert seen[-1] == ("ready", 1.0)


# Not an atlas


def test_a_missing_file(load, data, tmp_path):
    assert refused(load, data, tmp_path / "no.h5ad") == f"There is no file {tmp_path / 'no.h5ad'}. Check the path."


def test_a_directory(load, data, tmp_path):
    assert "is a directory, not an .h5ad file." in refused(load, data, tmp_path)


@pytest.mark.parametrize("content", [b"", b"\x89HDF", b"cell,gene\n", b"PK\x03\x04" * 100])
def test_what_is_no_hdf5(content, load, data, tmp_path):
    (tmp_path / "a.h5ad").write_bytes(content)
    says = "a.h5ad is empty." if not content else "a.h5ad is not an HDF5 file, so not an .h5ad either."
    assert refused(load, data, tmp_path / "a.h5ad").startswith(says)


@pytest.mark.parametrize("fraction", [0.001, 0.01, 0.1, 0.3, 0.5, 0.8, 0.95, 0.999])
def test_a_file_that_was_cut_off(fraction, path, load, data):
    whole = path.read_bytes()
    path.write_bytes(whole[: max(9, int(len(whole) * fraction))])
    message = refused(load, data, path)
    assert message.startswith("good.h5ad cannot be opened as HDF5 (")
    assert message.endswith("The file is damaged or was cut off: copy or download it again.")


def test_hdf5_that_is_not_anndata(load, data, tmp_path):
    with h5py.File(tmp_path / "a.h5ad", "w") as file:
        file["matrix"] = np.zeros(3)
    assert refused(load, data, tmp_path / "a.h5ad").startswith(
        "a.h5ad is an HDF5 file but not AnnData: it has no obs or no var table."
    )


@pytest.mark.parametrize("shape", [(0, 5), (5, 0), (0, 0)])
def test_no_cells_or_no_genes(shape, load, data, tmp_path):
    made(np.zeros(shape, dtype=np.float32), umap=False).write_h5ad(tmp_path / "a.h5ad")
    assert (
        refused(load, data, tmp_path / "a.h5ad")
        == f"a.h5ad has {shape[0]} cells and {shape[1]} genes: nothing to show."
    )


def _no_index(file):
    del file["obs"][file["obs"].attrs["_index"]]


def _unknown_column(file):
    file["obs/cell_type"].attrs["encoding-type"] = "hologram"


def _other_length(file):
    del file["obs/cell_type/codes"]
    file["obs/cell_type/codes"] = np.zeros(3, dtype=np.int8)


@pytest.mark.parametrize("damage", [_no_index, _unknown_column, _other_length])
def test_a_damaged_table(damage, path, load, data):
    with h5py.File(path, "a") as file:
        damage(file)
    assert refused(load, data, path).startswith("good.h5ad: the table obs cannot be read (")


# Old formats


@pytest.mark.parametrize("with_raw", [False, True])
def test_a_file_of_anndata_0_6(with_raw, load, tmp_path):
    matrix = counts(4, 3).toarray()
    with h5py.File(tmp_path / "old.h5ad", "w") as file:
        obs = np.array(
            [(b"c0", 1, 0.5), (b"c1", 0, 1.5), (b"c2", 1, np.nan), (b"c3", -1, 2)],
            dtype=[("index", "S2"), ("cell_type", "i1"), ("score", "f8")],
        )
        file["obs"] = obs
        file["var"] = np.array([(b"ALB", b"x"), (b"TTR", b"y"), (b"F9", b"z")], dtype=[("index", "S3"), ("note", "S1")])
        file["uns/cell_type_categories"] = np.array([b"Hepatocyte", b"Kupffer"])
        file["obsm"] = np.array([((0, 1),), ((2, 3),), ((4, 5),), ((6, 7),)], dtype=[("X_umap", "f4", 2)])
        if with_raw:
            file["X"] = np.log1p(matrix) - 1
            raw = file.create_group("raw.X")
            sparse = counts(4, 3)
            for name in ("data", "indices", "indptr"):
                raw[name] = getattr(sparse, name)
            raw.attrs["h5sparse_format"] = "csr"
            raw.attrs["h5sparse_shape"] = (4, 3)
            file["raw.var"] = file["var"][:]
        else:
            file["X"] = matrix
    atlas = load(tmp_path / "old.h5ad")
    assert atlas.cells() == ["c0", "c1", "c2", "c3"]
    assert atlas.genes.names == ("ALB", "TTR", "F9")
    assert atlas.categorical("cell_type").categories == ("Hepatocyte", "Kupffer")
    assert atlas.categorical("cell_type").codes.tolist() == [1, 0, 1, -1]
    assert atlas.column("score").values[:2].tolist() == [0.5, 1.5]
    assert atlas.embedding("X_umap").tolist() == [[0, 1], [2, 3], [4, 5], [6, 7]]
    check_layer(atlas.layer(COUNTS), matrix)


# Files that change


def _touch(path):
    stat = path.stat()
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns + 1_000_000))


def _append(path):
    with path.open("ab") as file:
        file.write(b"x")


def _cut(path):
    os.truncate(path, 3_000)


def _replace(path):
    other = path.with_name("other.h5ad")
    other.write_bytes(path.read_bytes())
    other.replace(path)


def _remove(path):
    path.unlink()


@pytest.mark.parametrize("change", [_touch, _append, _cut, _replace, _remove])
@pytest.mark.parametrize("when", ["checking the file", "reading X", "sorting the layer expression", "writing to disk"])
def test_a_file_that_changes_during_the_import_is_refused(change, when, path, load, data):
    changed = []

    def report(step, done):
        if step == when and not changed:
            changed.append(step)
            change(path)

    assert refused(load, data, path, report=report) == (
        "good.h5ad changed while it was being read. Import it again once it is complete."
    )
    assert changed


def test_a_file_that_another_program_writes_to(path, load, data):
    writer = "import h5py, sys; file = h5py.File(sys.argv[1], 'a'); print('open', flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", writer, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout.readline() == "open\n"
        message = refused(load, data, path)
        other.stdin.close()
    assert message == "good.h5ad is being written to by another program. Import it once it is complete."
    load(path)


# Names


@pytest.mark.parametrize(
    "name", ["../x", "a/b", "", ".hidden", "a b", "..", ".", "a..b", "x" * 81, "a\n", "ü", "-a", "_a", "/etc"]
)
def test_names_that_are_no_names(name, path, data):
    with pytest.raises(InvalidInput, match=r"is not a valid atlas name\."):
        import_file(ImportRequest(path, name=name), data, lambda step, done: None)
    assert nothing_left(data)


@pytest.mark.parametrize("name", ["a", "A.b-c_9", "9", "x" * 80])
def test_names_that_are(name, path, load):
    assert load(path, name=name).manifest.name == name


@pytest.mark.parametrize("species", ["../..", "Human", "", "yeti"])
def test_a_species_that_is_none(species, path, data):
    with pytest.raises(InvalidInput, match=r"is not a species of MASLDatlas\."):
        import_file(ImportRequest(path, species=species), data, lambda step, done: None)
    assert nothing_left(data)


@pytest.mark.parametrize(
    ("stem", "name"),
    [("my liver (2)", "my_liver_2"), ("..x", "x"), ("肝臓", "atlas"), ("x" * 100, "x" * 80), ("a.b", "a_b")],
)
def test_the_name_comes_from_the_file(stem, name, path, load):
    assert load(path.rename(path.with_name(f"{stem}.h5ad"))).manifest.name == name


def test_a_name_that_is_taken(path, load, data):
    load(path)
    with pytest.raises(Conflict, match=r"^The atlas mouse/good exists already\. Give --replace, or another --name\."):
        load(path)
    assert not list(Places(data).work.iterdir())


def test_a_data_directory_that_is_a_file(path, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(InvalidInput, match=r"is a file\."):
        import_file(ImportRequest(path), tmp_path / "file", lambda step, done: None)
