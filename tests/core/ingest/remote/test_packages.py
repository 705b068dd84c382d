"""Pinned packages by pip itself, from a folder that stands in for an index."""

import hashlib

import pytest

from core.errors import DownloadFailed, Unavailable
from core.ingest.remote import packages
from core.ingest.remote.packages import Package, download_package
from tests.core.ingest.references.conftest import wheel


@pytest.fixture
def offered(tmp_path, monkeypatch):
    """Return a package that pip finds, whose wheel is for another platform than this."""
    folder = tmp_path / "index"
    folder.mkdir()
    path = wheel(folder / "made_up-1.0-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl", {
        "made_up/data.gmt": "A\tx\tFASN\n", "made_up/__init__.py": "raise RuntimeError('never imported')",
        "made_up-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: made-up\nVersion: 1.0\nRequires-Dist: x\n",
        "made_up-1.0.dist-info/WHEEL": "Wheel-Version: 1.0\nTag: cp311-cp311-manylinux_2_17_x86_64\n",
        "made_up-1.0.dist-info/RECORD": "",
    })  # fmt: skip
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return Package("made-up", "1.0", hashlib.sha256(path.read_bytes()).hexdigest())


def test_the_file_with_the_checksum_is_taken_and_nothing_else(offered, tmp_path):
    (tmp_path / "out").mkdir()
    path = download_package(offered, tmp_path / "out")
    assert hashlib.sha256(path.read_bytes()).hexdigest() == offered.sha256
    assert list((tmp_path / "out").iterdir()) == [path], "no dependencies, no scratch files"
    with pytest.raises(DownloadFailed, match=r"made-up 1\.0 was refused: the file has another checksum"):
        download_package(Package("made-up", "1.0", "0" * 64), tmp_path / "out")


def test_without_an_index_one_sentence_says_what_to_do(tmp_path):
    with pytest.raises(DownloadFailed, match="pip reaches no package index that has it") as caught:
        download_package(Package("made-up", "1.0", "0" * 64), tmp_path)
    assert "masldatlas references add FILE" in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_without_pip(tmp_path, monkeypatch):
    monkeypatch.setattr(packages, "find_spec", lambda name: None)
    with pytest.raises(Unavailable, match="pip is not installed"):
        download_package(Package("made-up", "1.0", "0" * 64), tmp_path)
