"""Single files out of archives: found by exact name, limited while reading, never a path."""

import gzip
import tarfile

import pytest

from core.errors import InvalidFile
from core.ingest.references.archives import member, plain
from tests.core.ingest.references.conftest import source, wheel


def refused(call, *arguments):
    with pytest.raises(InvalidFile) as caught:
        call(*arguments)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_member_of_a_wheel_and_of_a_source(tmp_path):
    assert member(wheel(tmp_path / "a.whl", {"a/b.txt": "x"}), "a/b.txt") == b"x"
    assert member(source(tmp_path / "a.tar.gz", {"z": "y", "a/b.txt": "x"}), "a/b.txt") == b"x"


@pytest.mark.parametrize("name", ["b.txt", "../a/b.txt", "/a/b.txt", "a"])
def test_another_name_is_no_member(tmp_path, name):
    assert "does not hold" in refused(member, wheel(tmp_path / "a.whl", {"a/b.txt": "x"}), name)
    assert "does not hold" in refused(member, source(tmp_path / "a.tar.gz", {"a/b.txt": "x"}), name)


def test_names_that_lead_out_of_an_archive_write_nothing(tmp_path):
    archive = wheel(tmp_path / "a.whl", {"../../out.txt": "x", "a": "y"})
    assert member(archive, "a") == b"y"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.whl"]


def test_bombs_are_stopped_while_they_unpack(tmp_path):
    zeros = "0" * 3_000_000
    assert "larger than 1 MB" in refused(member, wheel(tmp_path / "a.whl", {"a": zeros}), "a", 1 << 20)
    assert "larger than 1 MB" in refused(member, source(tmp_path / "a.tar.gz", {"a": zeros}), "a", 1 << 20)
    (tmp_path / "a.gz").write_bytes(gzip.compress(zeros.encode()))
    assert "larger than 1 MB" in refused(plain, tmp_path / "a.gz", 1 << 20)
    (tmp_path / "a.txt").write_text(zeros)
    assert "larger than 1 MB" in refused(plain, tmp_path / "a.txt", 1 << 20)


def test_a_source_of_many_large_files_is_left(tmp_path, monkeypatch):
    monkeypatch.setattr("core.ingest.references.archives.MAX_ARCHIVE", 1000)
    assert "holds more than" in refused(member, source(tmp_path / "a.tar.gz", {"z": "0" * 2000, "a": "x"}), "a")


def test_links_are_not_followed(tmp_path):
    with tarfile.open(tmp_path / "a.tar.gz", "w:gz") as archive:
        link = tarfile.TarInfo("top/a")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
    assert "not a regular file" in refused(member, tmp_path / "a.tar.gz", "a")


@pytest.mark.parametrize("name", ["a.whl", "a.tar.gz"])
def test_damaged_archives(tmp_path, name):
    path = (wheel if name.endswith("whl") else source)(tmp_path / name, {"a": "x" * 10_000})
    path.write_bytes(path.read_bytes()[:60])
    assert "cannot be read" in refused(member, path, "a")


def test_files_as_they_are_zipped_or_alone_in_a_zip(tmp_path):
    (tmp_path / "a.gmt").write_bytes(b"x")
    assert plain(tmp_path / "a.gmt") == b"x"
    (tmp_path / "a.gmt.gz").write_bytes(gzip.compress(b"x"))
    assert plain(tmp_path / "a.gmt.gz") == b"x"
    assert plain(wheel(tmp_path / "one.zip", {"a.gmt": "x"})) == b"x"
    assert "holds 2 files" in refused(plain, wheel(tmp_path / "two.zip", {"a": "x", "b": "y"}))
    (tmp_path / "cut.gz").write_bytes(gzip.compress(b"x" * 1000)[:20])
    assert "cannot be read" in refused(plain, tmp_path / "cut.gz")
