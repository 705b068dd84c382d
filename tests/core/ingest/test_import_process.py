"""The child process that imports: what it meets is a sentence for its owner, which goes on."""

import signal
import time

import h5py
import psutil
import pytest

from core.atlas.catalog import Catalog
from core.atlas.paths import AtlasId, Places
from core.errors import Conflict, InvalidFile, Unavailable
from core.ingest import import_process
from core.ingest.import_process import ImportProcess
from core.ingest.import_request import ImportRequest, decode, encode
from core.ingest.subset import Subset
from tests.factories import tiny


@pytest.fixture(scope="module")
def process():
    with ImportProcess() as process:
        yield process


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    return tiny(tmp_path_factory.mktemp("good") / "good.h5ad", n_cells=12)


def silent(step, done):
    """Report to nobody."""


def is_clean(data):
    return list(Places(data).work.iterdir()) == []


def server(process):
    """Return the process that forks; other tests of this session may have one of their own."""
    return psutil.Process(process._process.pid)


def test_an_import_is_that_of_the_importer(process, good, data):
    reports = []
    request = ImportRequest(good, species="human", name="a", roles={"cell_type": "Group"}, title="Ä")
    atlas = process.run(request, data, lambda *said: reports.append(said))
    assert atlas == AtlasId("human", "a")
    assert Catalog(data).check(atlas) == []
    manifest = Catalog(data).manifest(atlas)
    assert (manifest.title, manifest.roles["cell_type"], manifest.n_cells) == ("Ä", "Group", 12)
    assert reports[0] == ("opening", 0.0)
    assert reports[-1] == ("ready", 1.0)
    assert 0 < process.peak_bytes < 800e6
    with pytest.raises(Conflict, match="The atlas human/a exists already"):
        process.run(request, data, silent)
    assert is_clean(data)


@pytest.mark.parametrize("name", ["plain", "two  blanks", "new\nline", "caf\udce9", "日本"])
def test_a_request_on_its_way(name, tmp_path):
    request = ImportRequest(
        tmp_path / f"{name}.h5ad", species="other", roles={"group": "x"}, layers=("a", "b"), subset=Subset(5, 3)
    )
    line = encode(request, tmp_path / name, 3)
    assert line.count(b"\n") == 1
    assert decode(line) == (request, tmp_path / name, 3)


def during(process, good, data, act, limit=60.0):
    """Run an import, and act on its fork at its first report."""

    def report(step, done):
        if step.startswith("reading") and not acted:
            acted.append(step)
            act(server(process).children()[0])

    acted = []
    process.run(ImportRequest(good, species="human", name="a"), data, report, limit=limit)


@pytest.fixture
def large(tmp_path):
    """Return a file that takes some seconds to import."""
    return tiny(tmp_path / "large.h5ad", n_cells=60_000)


@pytest.mark.parametrize(
    ("number", "says"),
    [
        (signal.SIGSEGV, r"The import of large\.h5ad crashed while .* \(SIGSEGV\); nothing was imported\."),
        (signal.SIGBUS, r"The import of large\.h5ad crashed while .* \(SIGBUS\); nothing was imported\."),
        (signal.SIGKILL, r"The import of large\.h5ad ran out of memory while .*\. Give it more, or import a sample"),
    ],
)
def test_a_crash_is_a_sentence(number, says, process, large, good, data):
    with pytest.raises(InvalidFile, match=says) as caught:
        during(process, large, data, lambda fork: fork.send_signal(number))
    assert "\n" not in str(caught.value)
    assert Catalog(data).ids() == []
    assert is_clean(data)
    assert process.run(ImportRequest(good, species="human", name="a"), data, silent) == AtlasId("human", "a")


def test_an_import_that_stands_still_is_ended(process, large, good, data):
    before = server(process).pid if server_runs(process) else None
    begin = time.monotonic()
    with pytest.raises(InvalidFile) as caught:
        during(process, large, data, lambda fork: fork.suspend(), limit=1.0)
    assert time.monotonic() - begin < 30
    assert str(caught.value).startswith("The import of large.h5ad made no progress for 1 s while ")
    assert str(caught.value).endswith("or give it longer with MASLDATLAS_IMPORT_TIMEOUT.")
    assert is_clean(data)
    assert server(process).children() == []
    assert before in (None, server(process).pid)
    assert process.run(ImportRequest(good, species="human", name="a"), data, silent) == AtlasId("human", "a")


def server_runs(process):
    return process._process is not None and process._process.poll() is None


@pytest.mark.parametrize("kind", [KeyboardInterrupt, SystemExit, ZeroDivisionError])
def test_what_a_report_raises_ends_the_import(kind, process, large, data):
    def act(fork):
        forks.append(fork)
        raise kind

    forks = []
    with pytest.raises(kind):
        during(process, large, data, act)
    assert not forks[0].is_running()
    assert is_clean(data)


def test_a_server_that_is_killed_is_started_again(process, large, good, data):
    process.run(ImportRequest(good, species="human", name="a"), data, silent)
    forks = []

    def act(fork):
        forks.append(fork)
        server(process).kill()

    with pytest.raises(Unavailable, match="The process that imports files has ended"):
        during(process, large, data / "other", act)
    assert process.run(ImportRequest(good, species="human", name="b"), data, silent) == AtlasId("human", "b")
    psutil.wait_procs(forks, timeout=10)
    assert not forks[0].is_running()


def test_a_server_that_does_not_start(monkeypatch, data, good):
    monkeypatch.setattr(import_process, "START_SECONDS", 0.0)
    with pytest.raises(Unavailable, match="does not start"), ImportProcess() as process:
        process.run(ImportRequest(good), data, silent)


def test_texts_that_share_their_bytes(process, tmp_path, data):
    """A reader makes a copy of each: three thousand names that are one text of the file would be gigabytes."""
    n = 3_000
    path = tiny(tmp_path / "a.h5ad", n_cells=n)
    with h5py.File(path, "r+") as file:
        del file["obs/score"]
        texts = file.create_dataset("obs/score", data=["x" * 1_000_000, *["y"] * (n - 1)], dtype=h5py.string_dtype())
        texts.attrs.update({"encoding-type": "string-array", "encoding-version": "0.2.0"})
        at = texts.id.get_offset()
    whole = bytearray(path.read_bytes())
    # Each is a length and the place of its letters: 16 bytes.
    whole[at : at + 16 * n] = whole[at : at + 16] * n
    path.write_bytes(whole)
    with pytest.raises(InvalidFile):
        process.run(ImportRequest(path, species="human", name="a"), data, silent)
    assert process.peak_bytes < 800e6
    assert is_clean(data)
