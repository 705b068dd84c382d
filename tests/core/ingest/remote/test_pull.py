"""From a server on loopback to an atlas that opens."""

import gzip
import hashlib
import shutil
import signal
import subprocess
import sys
import threading
import time
from functools import partial
from pathlib import Path

import pytest
import tenacity

from core.atlas.catalog import Catalog
from core.atlas.paths import AtlasId, Places
from core.cli.pull import Meter
from core.errors import Conflict, DownloadFailed, InvalidFile, InvalidInput, StorageFull
from core.ingest.remote import zenodo as shelf
from core.ingest.remote.download import part_of
from core.ingest.remote.pull import PullRequest, pull
from core.ingest.remote.zenodo import PUBLISHED, Published, absent, published
from core.ingest.subset import Subset
from tests.core.ingest.remote.conftest import serve, status
from tests.factories import tiny

ROOT = Path(__file__).parents[4]
ATLAS = AtlasId("human", "GSE1")
WRONG = "0" * 32


@pytest.fixture
def file(origin, tmp_path):
    """Let the server have a small real file."""
    origin.body = tiny(tmp_path / "x.h5ad", n_cells=60).read_bytes()
    return origin.body


@pytest.fixture
def known(origin, file, monkeypatch):
    """Publish it."""
    made = Published("human", "GSE1.h5ad", "Human, GSE1", "GSE1", len(file), hashlib.md5(file).hexdigest())
    monkeypatch.setattr(Published, "url", property(lambda self: origin.url))
    monkeypatch.setattr(shelf, "PUBLISHED", (made,))
    return made


@pytest.fixture
def fetch(data):
    def fetch(atlas=ATLAS, report=lambda *_: None, **request):
        return pull(PullRequest(atlas, **request), data, report, 1, tenacity.wait_none())

    return fetch


@pytest.fixture
def path(data):
    return Places(data).download(ATLAS)


def test_the_shelf():
    assert [(str(it.atlas), it.bytes) for it in PUBLISHED] == [
        ("human/GSE181483", 796_102_698),
        ("mouse/GSE145086", 1_646_507_402),
        ("zebrafish/GSE181987", 411_315_996),
        ("integrated/Fibrotic_Integrated_Cross_Species-002", 9_688_922_266),
    ]
    assert PUBLISHED[3].url.endswith("/records/16887250/files/Fibrotic%20Integrated%20Cross%20Species-002.h5ad/content")
    assert all(len(it.md5) == 32 for it in PUBLISHED)
    assert published(PUBLISHED[1].atlas) is PUBLISHED[1]
    assert published(ATLAS) is None
    assert absent({"mouse/GSE145086", "human/x"}) == (PUBLISHED[0], *PUBLISHED[2:])


def test_a_published_atlas_is_pulled_and_opens(origin, known, fetch, data, path):
    origin.script = [serve(cut=5000), serve()]
    seen = []
    assert fetch(report=lambda *it: seen.append(it)) == ATLAS
    atlas = Catalog(data).get(ATLAS)
    assert (atlas.n_cells, atlas.manifest.title, atlas.manifest.source.file) == (60, "Human, GSE1", "GSE1.h5ad")
    assert "GSE1" in atlas.manifest.citation
    assert Catalog(data).check(ATLAS) == []
    assert list(path.parent.iterdir()) == []
    steps = list(dict.fromkeys(step for step, *_ in seen))
    assert steps[:3] == ["downloading", "checking", "opening"]
    assert steps[-1] == "ready"
    fractions = [fraction for _, fraction, *_ in seen]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1
    with pytest.raises(Conflict, match="--replace"):
        fetch()
    fetch(replace=True, keep=True)
    assert path.read_bytes() == origin.body
    n = len(origin.asked)
    fetch(replace=True)
    assert len(origin.asked) == n  # what was kept is checked and used
    assert not path.exists()


def test_a_sample_is_pulled(known, fetch, data):
    fetch(subset=Subset(20, 3))
    assert Catalog(data).manifest(ATLAS).cells_in_words == "20 of 60 cells"


def test_any_file_can_be_pulled(origin, file, fetch, data):
    fetch(AtlasId("mouse", "x"), url=origin.url)
    assert Catalog(data).get("mouse/x").n_cells == 60
    fetch(AtlasId("mouse", "y"), url=origin.url, md5=hashlib.md5(file).hexdigest().upper())
    with pytest.raises(InvalidFile, match=WRONG):
        fetch(AtlasId("mouse", "z"), url=origin.url, md5=WRONG)


def test_a_wrong_checksum(origin, known, fetch, data, path):
    origin.body = origin.body[:-1] + b"!"
    with pytest.raises(InvalidFile, match=f"instead of {known.md5}; it was deleted"):
        fetch()
    assert list(path.parent.iterdir()) == []
    assert Catalog(data).ids() == []


def test_a_mirror_must_have_the_published_file(origin, known, fetch):
    origin.body += b"!"
    with pytest.raises(DownloadFailed, match="another file"):
        fetch(url=f"{origin.url}?mirror")
    with pytest.raises(InvalidFile, match="instead of"):
        fetch(url=f"{origin.url}?mirror", md5=WRONG)


def test_a_file_that_is_no_atlas_stays(origin, fetch, data, path):
    origin.body = b"not an atlas"
    with pytest.raises(InvalidFile, match="not an HDF5 file"):
        fetch(url=origin.url)
    assert path.exists()
    assert Catalog(data).ids() == []


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        ({}, "not among the published"),
        ({"url": "ftp://host/x"}, "The --url is not a web address"),
        ({"url": "file.h5ad"}, "The --url is not a web address"),
        ({"url": "http://[::bad"}, "The --url is not a web address"),
        ({"url": "http://host/x", "md5": "abc"}, "'abc' is not an MD5"),
    ],
)
def test_what_cannot_be_asked_for(fetch, data, request_, words):
    with pytest.raises(InvalidInput, match=words):
        fetch(**request_)
    assert not data.exists()


def test_a_disk_without_room(origin, known, fetch, monkeypatch, path):
    usage = shutil.disk_usage("/")._replace(free=known.bytes * 4 - 1)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    with pytest.raises(StorageFull, match="are free"):
        fetch()
    assert origin.asked == []
    with pytest.raises(StorageFull, match="are free"):
        fetch(url=origin.url, md5=WRONG)  # of unknown size, until the server tells it
    assert len(origin.asked) == 1
    # What has come already is not needed a second time.
    part_of(path).write_bytes(origin.body[:1])
    fetch()


def test_two_pullers(origin, known, fetch):
    begun, go_on = threading.Event(), threading.Event()

    def slow(handler, it):
        begun.set()
        go_on.wait(30)
        serve()(handler, it)

    origin.script = [slow]
    first = threading.Thread(target=fetch)
    first.start()
    try:
        assert begun.wait(30)
        with pytest.raises(Conflict, match="Another process is pulling"):
            fetch()
    finally:
        go_on.set()
        first.join()
    assert len(origin.asked) == 1


# ---- the command ----


@pytest.fixture
def run(data, run_in):
    return partial(run_in, data, "datasets")


def test_available(run, data):
    part = part_of(Places(data).download(PUBLISHED[2].atlas))
    part.parent.mkdir(parents=True)
    part.write_bytes(b"x" * 1200)
    code, out, _ = run("available")
    lines = out.splitlines()
    assert code == 0
    assert len(lines) == 5
    assert lines[1].split() == ["human/GSE181483", "human", "796.1", "MB", "GSE181483", PUBLISHED[0].md5]
    assert "1.2 kB downloaded" in lines[3]
    assert "9.7 GB" in lines[4]


def test_the_command(run, origin, file, data):
    code, out, err = run("pull", "mouse/my liver", "--url", origin.url, "--subset", "10", "--seed", "1")
    assert (code, out) == (0, "mouse/my_liver\n")
    assert "downloading" in err
    assert f"of {len(file) / 1000:.1f} kB" in err
    assert "ready" in err
    assert Catalog(data).manifest("mouse/my_liver").subset.seed == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ("mouse/x",),
        ("mouse",),
        ("fish/x", "--url", "http://127.0.0.1:9/x"),
        ("mouse/x", "--url", "nowhere"),
        ("mouse/x", "--subset", "0"),
        ("mouse/x", "--url", "{url}", "--md5", WRONG),
        ("mouse/x", "--url", "{url}/missing"),
    ],
)
def test_what_goes_wrong_is_one_sentence(run, origin, arguments):
    origin.body = b"x"
    origin.script = [status(404) if "missing" in arguments[-1] else serve()]
    code, out, err = run("pull", *(it.format(url=origin.url) for it in arguments))
    assert (code, out) == (2, "")
    said = [line for line in err.splitlines() if not line.lstrip()[:1].isdigit()]
    assert len(said) == 1
    assert said[0].startswith("masldatlas: ")


def test_a_signal_keeps_the_part(origin, file, fetch, data, path):
    def half(handler, it):
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(it.body)))
        handler.send_header("ETag", it.etag)
        handler.end_headers()
        handler.wfile.write(it.body[:9000])
        handler.wfile.flush()
        stopped.wait(30)

    stopped = threading.Event()
    origin.script = [half, serve()]
    command = [sys.executable, "-m", "core.cli", "--data-dir", str(data), "datasets", "pull", str(ATLAS)]
    command += ["--url", origin.url]
    process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 60
    while not (part_of(path).exists() and part_of(path).stat().st_size == 9000):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    process.terminate()
    _, err = process.communicate(timeout=30)
    stopped.set()
    assert process.returncode == 128 + signal.SIGTERM
    assert "Traceback" not in err
    assert part_of(path).read_bytes() == file[:9000]
    assert fetch(url=origin.url) == ATLAS
    assert origin.ranges == [None, "bytes=9000-"]


def test_the_meter():
    now = [0.0]
    meter = Meter(lambda: now[0])
    assert meter.text(1_000_000, None) == "1.0 MB"
    now[0] = 5.0
    assert meter.text(51_000_000, 3_051_000_000) == "51.0 MB of 3.1 GB, 10.0 MB/s, 5 min left"
    now[0] = 15.0
    assert meter.text(151_000_000, 3_051_000_000).endswith("10.0 MB/s, 5 min left")
    now[0] = 25.0  # what was before the window does not count
    assert meter.text(171_000_000, 191_000_000).endswith("2.0 MB/s, 10 s left")
    now[0] = 26.0  # begun anew
    assert meter.text(1000, None) == "1.0 kB"
    now[0] = 36.0
    assert meter.text(2000, 720_002_000).endswith("100 B/s, 2000 h 0 min left")


def test_a_packed_file_is_pulled_and_imported(origin, fetch, data, file):
    origin.body = gzip.compress(file)
    assert fetch(url=origin.url) == ATLAS
    assert Catalog(data).get(str(ATLAS)).n_cells == 60


def test_a_modality_of_a_file_without_is_refused(origin, fetch, file):
    with pytest.raises(InvalidInput, match="has no modalities"):
        fetch(url=origin.url, modality="rna")
