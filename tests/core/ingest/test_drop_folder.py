"""Which files and folders of the drop-in folders are imported, and under which ids."""

import pytest

from core.atlas.paths import Places
from core.ingest.drop_folder import drop_ins


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "datasets" / "Human"
    made.mkdir(parents=True)
    return made


def test_every_format_is_found(tmp_path, folder):
    others = ("notes.txt", "h.mtx", "i.tsv.gz")
    for name in ("a.h5ad", "b.h5ad.gz", "c.h5mu", "d.H5", "e.loom", "f.rds", "g.h5Seurat", *others):
        (folder / name).write_bytes(b"123")
    for name in ("j.zarr", "GSM1.2", "other"):
        (folder / name).mkdir()
    (folder / "j.zarr" / ".zgroup").write_bytes(b"12345")
    for name in ("x_matrix.mtx.gz", "x_barcodes.tsv.gz", "x_features.tsv.gz"):
        (folder / "GSM1.2" / name).write_bytes(b"1")
    found = {drop.path.name: (str(drop.atlas), drop.bytes) for drop in drop_ins(Places(tmp_path))}
    assert found == {
        **{"a.h5ad": ("human/a", 3), "b.h5ad.gz": ("human/b", 3), "c.h5mu": ("human/c", 3), "d.H5": ("human/d", 3)},
        **{"e.loom": ("human/e", 3), "f.rds": ("human/f", 3), "g.h5Seurat": ("human/g", 3)},
        **{"j.zarr": ("human/j", 5), "GSM1.2": ("human/GSM1_2", 3)},
    }


def test_a_folder_changes_with_the_files_within(tmp_path, folder):
    (folder / "a.zarr" / "X").mkdir(parents=True)
    chunk = folder / "a.zarr" / "X" / "0"
    chunk.write_bytes(b"1")
    (before,) = drop_ins(Places(tmp_path))
    chunk.write_bytes(b"12")
    (after,) = drop_ins(Places(tmp_path))
    assert before.stamp != after.stamp
    chunk.unlink()
    secret = tmp_path / "secret"
    secret.write_text("a secret")
    chunk.symlink_to(secret)
    (linked,) = drop_ins(Places(tmp_path))
    assert linked.stamp == (0, 0)


def test_a_link_with_the_name_of_data_is_not_followed(tmp_path, folder):
    secret = tmp_path / "secret"
    secret.mkdir()
    for name in ("a.h5mu", "b.zarr", "c.h5ad.gz", "d"):
        (folder / name).symlink_to(secret)
    found = {drop.path.name: drop.problem for drop in drop_ins(Places(tmp_path))}
    assert found == {
        name: f"{name} is a symbolic link. Put the file itself there." for name in ("a.h5mu", "b.zarr", "c.h5ad.gz")
    }
