"""The supervisor of imports. Where the import itself matters it is a real one, in a real process."""

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections import Counter

import pytest
from structlog.testing import capture_logs

from core.atlas.catalog import Catalog
from core.atlas.import_state import ImportState, read_state, read_states, write_state
from core.atlas.paths import AtlasId, Places
from core.atlas.store import Atlas
from core.cli import main
from core.demo.catalogue import DEMO, waiting
from core.ingest import watcher as module
from core.ingest.drop_folder import drop_ins
from core.ingest.watcher import Supervisor
from core.settings.settings import load
from tests.factories import imported, tiny
from tests.old_stores import downgraded
from tests.waiting import until


@pytest.fixture
def data(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "INTERVAL", 0.1)
    # Beside an import too: each look reads all there is, and takes its time from the import.
    monkeypatch.setattr(module, "POLL", 0.05)
    return tmp_path / "data"


class Watch:
    """Starts supervisors on one directory and counts what they do."""

    def __init__(self, data):
        self.data = data
        self.started = []
        self.spawned = []
        self.looks = Counter()
        # What is run instead of the import; None for the real one.
        self.instead = None

    def start(self, *, with_demo=False):
        supervisor = Supervisor(load(data_dir=self.data), demo=waiting() if with_demo else ())
        self.started.append(supervisor)
        supervisor.start()
        return supervisor

    def phase(self, atlas):
        state = read_state(self.data, AtlasId.parse(atlas))
        return state.phase if state else None

    def error(self, atlas):
        until(lambda: self.phase(atlas) == "failed", f"the failure of {atlas}")
        return read_state(self.data, AtlasId.parse(atlas)).error

    def ready(self, *atlases):
        """Wait until these atlases are there, and nothing is left to do."""
        until(lambda: set(atlases) <= set(Catalog(self.data).ids()), f"the import of {atlases}")
        until(lambda: not {"waiting", "importing"} & {state.phase for state in read_states(self.data)}, "the queue")

    def look_again(self, n=4):
        """Wait until every supervisor that works has looked several more times."""
        seen = self.looks.total()
        until(lambda: self.looks.total() >= seen + n, "another look")

    def put(self, place, source):
        """Drop a file in one go."""
        target = self.data / "datasets" / place
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, target.with_suffix(".part"))
        target.with_suffix(".part").replace(target)
        return target


@pytest.fixture
def watch(data, monkeypatch):
    watch = Watch(data)
    spawn, queue = Supervisor._spawn, Supervisor._queue

    def counted_spawn(self, job, errors):
        watch.spawned.append(job)
        if watch.instead is None:
            return spawn(self, job, errors)
        return subprocess.Popen([sys.executable, "-c", watch.instead], stdout=subprocess.DEVNULL, stderr=errors)

    def counted_queue(self):
        queue(self)
        watch.looks[self] += 1

    monkeypatch.setattr(Supervisor, "_spawn", counted_spawn)
    monkeypatch.setattr(Supervisor, "_queue", counted_queue)
    yield watch
    for supervisor in watch.started:
        supervisor.stop()
    assert "imports" not in {thread.name for thread in threading.enumerate()}


@pytest.fixture(scope="session")
def good(tmp_path_factory):
    directory = tmp_path_factory.mktemp("good")
    return tiny(directory / "good.h5ad", n_cells=20), tiny(directory / "other.h5ad", n_cells=30, seed=1)


SLEEP = "import time; time.sleep(600)"


@pytest.mark.slow
def test_files_are_imported_at_start_and_when_they_appear(watch, good, tmp_path):
    watch.put("HUMAN/early.h5ad", good[0])
    (tmp_path / "broken.h5ad").write_bytes(good[0].read_bytes()[:5000])
    broken = watch.put("human/broken.h5ad", tmp_path / "broken.h5ad")
    overlooked = watch.put("Rat/r.h5ad", good[0])
    with capture_logs() as lines:
        watch.start()
        phases = []

        def arrived():
            phases.append(watch.phase("human/early"))
            return Catalog(watch.data).ids() == ["human/early"]

        until(arrived, "the first import")
        watch.put("Mouse/late file.h5ad", good[1])
        assert "broken.h5ad" in watch.error("human/broken")
        watch.ready("human/early", "mouse/late_file")
    assert {"waiting", "importing"} <= set(phases)
    assert phases.index("waiting") < phases.index("importing")
    assert watch.phase("human/early") is None
    manifest = Catalog(watch.data).manifest("mouse/late_file")
    assert (manifest.n_cells, manifest.source.file) == (30, "late file.h5ad")

    # A broken file is not tried again until it changes; one that is imported neither.
    watch.look_again()
    assert Counter(job.id for job in watch.spawned) == {"human/early": 1, "human/broken": 1, "mouse/late_file": 1}
    error = read_state(watch.data, AtlasId("human", "broken")).error
    assert "ended early" not in error
    assert "masldatlas:" not in error
    assert "\n" not in error
    told = [line for line in lines if line["event"] == "a file is not imported"]
    assert [(line["file"], line["log_level"]) for line in told] == [(str(overlooked), "warning")]
    assert "no directory of a species" in told[0]["reason"]

    # Changed files are imported again, whether the last attempt failed or not.
    shutil.copy(good[0], broken)
    shutil.copy(good[1], watch.data / "datasets" / "HUMAN" / "early.h5ad")
    until(lambda: Catalog(watch.data).get("human/early").n_cells == 30, "the changed file")
    watch.ready("human/broken")
    assert read_states(watch.data) == []
    assert list((watch.data / "atlases" / ".work").iterdir()) == []


def test_a_file_that_is_being_written_waits(watch, good, monkeypatch):
    monkeypatch.setattr(module, "INTERVAL", 0.3)
    watch.instead = SLEEP
    whole = good[0].read_bytes()
    target = watch.data / "datasets" / "Human" / "slow.h5ad"
    target.parent.mkdir(parents=True)
    watch.start()
    with target.open("wb") as file:
        for at in range(10):
            file.write(whole[at * 1000 : (at + 1) * 1000])
            file.flush()
            seen = watch.looks.total()
            until(lambda seen=seen: watch.looks.total() > seen, "a look")
            assert watch.phase("human/slow") is None
            assert watch.spawned == []
    until(lambda: watch.spawned, "the import of a file at rest")
    assert watch.spawned[0].bytes == 10_000


def test_a_file_that_is_written_while_another_is_imported(watch, good):
    """Looks are frequent then; a pause in a copy is no end of it."""
    watch.instead = SLEEP
    watch.put("Human/first.h5ad", good[0])
    watch.start()
    until(lambda: watch.spawned, "the first import")
    module.INTERVAL = 600.0
    watch.put("Human/second.h5ad", good[0])
    watch.look_again(20)
    assert watch.phase("human/second") is None
    module.INTERVAL = 0.1
    until(lambda: watch.phase("human/second") == "waiting", "the second file in the queue")


NOT_UTF8 = os.fsdecode(b"caf\xe9.h5ad")


def test_names_and_links_that_are_refused_do_not_stop_the_others(watch, good, tmp_path):
    """A name that is not UTF-8 has no place in JSON; a link would publish what the server can read."""
    watch.instead = "pass"
    bad = watch.put(f"Human/{NOT_UTF8}", good[0])
    link = watch.data / "datasets" / "Human" / "secret.h5ad"
    link.symlink_to(good[0])
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "far.h5ad").write_bytes(good[0].read_bytes())
    (watch.data / "datasets" / "Mouse").symlink_to(tmp_path / "elsewhere")
    watch.put("Human/fine.h5ad", good[0])
    with capture_logs() as lines:
        watch.start()
        assert watch.error("human/caf") == r"The name caf\xe9.h5ad is not UTF-8. Rename the file."
        assert watch.error("human/secret") == "secret.h5ad is a symbolic link. Put the file itself there."
        until(lambda: watch.spawned, "the import of the other file")
        watch.look_again()
    assert {job.id for job in watch.spawned} == {"human/fine"}
    told = {line["file"]: line["reason"] for line in lines if line["event"] == "a file is not imported"}
    assert set(told) == {
        str(bad.parent / r"caf\xe9.h5ad"),
        str(link),
        str(watch.data / "datasets" / "Mouse"),
    }
    assert "symbolic link, which is not followed" in told[str(watch.data / "datasets" / "Mouse")]
    bad.rename(bad.with_name("café.h5ad"))
    until(lambda: {job.id for job in watch.spawned} >= {"human/fine", "human/caf"}, "the import under its new name")


@pytest.mark.parametrize("name", ["two  blanks.h5ad", "new\nline.h5ad", " tab\tand blank .h5ad"])
def test_a_name_with_odd_blanks_is_that_of_its_atlas(watch, good, name):
    """The manifest holds it in one line; still it is the file that the atlas was made from."""
    path = watch.put(f"Human/{name}", good[0])
    (drop,) = drop_ins(Places(watch.data))
    imported(watch.data, path, species="human", name=drop.atlas.name)
    assert Catalog(watch.data).manifest(drop.atlas).source.file == " ".join(name.split())
    watch.instead = SLEEP
    watch.start()
    watch.look_again(6)
    assert watch.spawned == []
    assert read_states(watch.data) == []
    # And it is imported again when it changes.
    watch.put(f"Human/{name}", good[1])
    until(lambda: watch.spawned, "the import of the changed file")


def test_a_file_that_becomes_a_link_while_it_waits(watch, good, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(os, "nice", lambda _: 0)
    link = watch.data / "datasets" / "Human" / "late.h5ad"
    link.parent.mkdir(parents=True)
    link.symlink_to(good[0])
    with pytest.raises(SystemExit) as caught:
        main(["--data-dir", str(watch.data), "import", str(link), "--species", "human", "--name", "late", "--tracked"])
    assert caught.value.code == 2
    assert "late.h5ad is a symbolic link" in capsys.readouterr().err
    assert watch.error("human/late") == "late.h5ad is a symbolic link. Put the file itself there."


def test_a_file_that_is_taken_away_is_forgotten(watch, good):
    watch.instead = "import sys; sys.exit('masldatlas: That file is odd.')"
    path = watch.put("Human/odd.h5ad", good[0])
    watch.start()
    assert watch.error("human/odd") == "The import ended early: That file is odd."
    path.unlink()
    until(lambda: watch.phase("human/odd") is None, "the state")


@pytest.mark.slow
def test_two_files_of_one_id(watch, good):
    first, second = watch.put("Human/a b.h5ad", good[0]), watch.put("Human/a_b.h5ad", good[1])
    third = watch.put("human/a_b.h5ad", good[1])
    watch.start()
    error = watch.error("human/a_b")
    assert error == f"The id human/a_b is taken by an atlas made from {first.name}. Rename {second.name}."
    watch.look_again(6)
    assert len(watch.spawned) == 1
    assert Catalog(watch.data).get("human/a_b").n_cells == 20
    # Renamed, it is one more atlas.
    third.unlink()
    second.rename(second.with_name("c.h5ad"))
    watch.ready("human/c")
    assert watch.phase("human/a_b") is None


@pytest.mark.slow
def test_the_same_name_in_two_directories(watch, good):
    first, second = watch.put("HUMAN/a.h5ad", good[0]), watch.put("human/a.h5ad", good[1])
    watch.start()
    assert str(first) in watch.error("human/a")
    watch.look_again(6)
    assert len(watch.spawned) == 1
    assert Catalog(watch.data).get("human/a").n_cells == 20
    second.unlink()
    until(lambda: watch.phase("human/a") is None, "the state")


def test_an_id_that_another_import_has_taken(watch, good):
    imported(watch.data, good[0], species="human", name="taken")
    watch.put("Human/taken.h5ad", good[1])
    watch.instead = SLEEP
    watch.start()
    error = watch.error("human/taken")
    assert error == "The id human/taken is taken by an atlas made from good.h5ad. Rename taken.h5ad."
    assert watch.spawned == []
    with pytest.raises(SystemExit) as caught:
        main(["--data-dir", str(watch.data), "datasets", "remove", "human/taken"])
    assert caught.value.code == 0
    until(lambda: watch.spawned, "the import, now that the id is free")


def importing(watch, atlas):
    """Wait for the process that imports; return its id."""

    def found():
        state = read_state(watch.data, AtlasId.parse(atlas))
        return state.pid if state and state.phase == "importing" and state.pid != os.getpid() else None

    return until(found, f"the import of {atlas}")


def test_an_importer_that_is_killed(watch, good):
    watch.put("Human/heavy.h5ad", good[0])
    watch.start()
    os.kill(importing(watch, "human/heavy"), signal.SIGKILL)
    error = watch.error("human/heavy")
    assert error == "The import ended early: it was killed (signal 9); it may need more memory."
    watch.look_again()
    assert len(watch.spawned) == 1
    assert Catalog(watch.data).ids() == []
    assert list((watch.data / "atlases" / ".work").iterdir()) == []


@pytest.mark.parametrize(
    ("program", "words"),
    [
        ("import sys; sys.exit(7)", "exit code 7"),
        ("1 / 0", "ZeroDivisionError: division by zero"),
        ("pass", "exit code 0"),
    ],
)
def test_an_importer_that_ends_without_a_word(watch, good, program, words):
    watch.instead = program
    watch.put("Human/a.h5ad", good[0])
    with capture_logs() as lines:
        watch.start()
        assert watch.error("human/a") == f"The import ended early: {words}."
    assert len(watch.spawned) == 1
    if words.startswith("Zero"):
        assert "Traceback" in next(line for line in lines if line["event"] == "import failed")["output"]


def test_an_importer_that_stands_still_is_ended(watch, good, monkeypatch):
    monkeypatch.setattr(module, "SILENT_SECONDS", 0.5)
    watch.instead = "import time; time.sleep(600)"
    watch.put("Human/a.h5ad", good[0])
    watch.start()
    assert (
        watch.error("human/a")
        == "The import ended early: it made no progress and was stopped; the file may be damaged."
    )
    watch.look_again()
    assert len(watch.spawned) == 1


def test_a_file_that_changes_while_its_import_fails(watch, good, tmp_path):
    """The failure is that of the old version; the new one has its turn."""
    go = tmp_path / "go"
    watch.instead = f"import os, time\nwhile not os.path.exists({str(go)!r}): time.sleep(.01)\nraise SystemExit(2)"
    watch.put("Human/a.h5ad", good[0])
    watch.start()
    until(lambda: watch.spawned, "the first attempt")
    watch.put("Human/a.h5ad", good[1])
    size = good[1].stat().st_size
    until(lambda: read_state(watch.data, AtlasId("human", "a")).bytes == size, "the new version in the queue")
    go.touch()
    until(lambda: len(watch.spawned) == 2, "the second attempt")
    assert watch.spawned[1].bytes == size


@pytest.mark.slow(representative=True)
def test_stopping_and_going_on(watch, good):
    watch.put("Human/a.h5ad", good[0])
    first = watch.start()
    pid = importing(watch, "human/a")
    first.stop()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    assert Catalog(watch.data).ids() == []
    assert list((watch.data / "atlases" / ".work").iterdir()) == []
    assert watch.phase("human/a") == "waiting"
    watch.start()
    watch.ready("human/a")
    assert read_states(watch.data) == []


def test_stopping_is_quick_and_may_be_asked_twice(watch):
    supervisor = watch.start()
    watch.look_again(1)
    start = time.monotonic()
    supervisor.stop()
    supervisor.stop()
    assert time.monotonic() - start < 5
    never = Supervisor(load(data_dir=watch.data))
    never.stop()


def test_what_a_crash_left_is_taken_up(watch, good):
    """A state of an import whose process is gone, and files in the work directory."""
    path = watch.put("Human/a.h5ad", good[0])
    stat = path.stat()
    mine = ImportState(
        id="human/a", phase="importing", fraction=0.4, file=str(path), bytes=stat.st_size, mtime_ns=stat.st_mtime_ns
    )
    write_state(watch.data, mine)
    write_state(watch.data, ImportState(id="human/gone", phase="importing", file="/somewhere/else.h5ad"))
    leftover = watch.data / "atlases" / ".work" / "import-dead"
    leftover.mkdir(parents=True)
    (leftover / "alive.lock").touch()
    imported(watch.data, good[0], species="mouse", name="cut")
    (watch.data / "atlases/mouse/cut").rename(watch.data / "atlases/.work/replaced-mouse__cut")
    watch.instead = SLEEP
    watch.start()
    until(lambda: watch.spawned, "the import, once more")
    assert watch.spawned[0].id == "human/a"
    assert watch.phase("human/gone") is None
    assert not leftover.exists()
    assert Catalog(watch.data).ids() == ["mouse/cut"]


@pytest.mark.slow(representative=True)
def test_two_supervisors_import_once(watch, good):
    watch.put("Human/a.h5ad", good[0])
    first, second = watch.start(), watch.start()
    watch.ready("human/a")
    watch.look_again()
    assert len(watch.spawned) == 1
    assert len(watch.looks) == 1
    # When the one that works ends, the other one takes over.
    worker = next(iter(watch.looks))
    worker.stop()
    other = second if worker is first else first
    until(lambda: watch.looks[other], "the other one at work")


def test_a_removed_atlas_stays_removed_until_its_file_changes(watch, good, capsys):
    path = watch.put("Human/a.h5ad", good[0])
    imported(watch.data, path, species="human", name="a")
    watch.instead = SLEEP
    watch.start()
    watch.look_again()
    assert watch.spawned == []
    with pytest.raises(SystemExit) as caught:
        main(["--data-dir", str(watch.data), "datasets", "remove", "human/a"])
    assert caught.value.code == 0
    assert "is kept and is not imported again unless it changes" in capsys.readouterr().err
    watch.look_again(6)
    assert watch.spawned == []
    assert watch.phase("human/a") == "removed"
    watch.put("Human/a.h5ad", good[1])
    until(lambda: watch.spawned, "the import of the changed file")


def test_the_demo_waits_in_its_order(watch):
    watch.instead = SLEEP
    watch.start(with_demo=True)
    until(lambda: len(read_states(watch.data)) == 5, "the demo")
    states = read_states(watch.data)
    assert [state.id for state in states] == [str(demo.atlas) for demo in DEMO]
    assert {(state.kind, state.phase) for state in states} == {("demo", "waiting")}
    assert states[0].title == "Blood cells, 68k PBMC subset"
    until(lambda: watch.spawned, "the process")
    watch.look_again()
    assert [job.id for job in watch.spawned] == ["human/pbmc68k"]


@pytest.mark.parametrize("there_is", ["an atlas", "a file", "a failure", "no wish"])
def test_no_demo(watch, good, there_is):
    watch.instead = SLEEP
    if there_is == "an atlas":
        imported(watch.data, good[0], species="human")
    elif there_is == "a file":
        watch.put("Human/a.h5ad", good[0])
    elif there_is == "a failure":
        write_state(watch.data, ImportState(id="human/x", phase="failed", kind="demo"))
    watch.start(with_demo=there_is != "no wish")
    watch.look_again()
    assert [state.id for state in read_states(watch.data) if state.kind == "demo" and state.phase == "waiting"] == []


def test_a_demo_that_is_killed_goes_on_with_the_next(watch):
    watch.instead = SLEEP
    watch.start(with_demo=True)
    until(lambda: watch.spawned, "the process")
    second = read_state(watch.data, DEMO[1].atlas)
    Places(watch.data).state(DEMO[0].atlas).unlink()
    write_state(watch.data, second.model_copy(update={"phase": "importing", "step": "computing a UMAP"}))
    # As the system does when memory runs out.
    os.kill(until(sleepers, "the sleeping process")[0], signal.SIGKILL)
    assert "killed (signal 9)" in watch.error(str(DEMO[1].atlas))
    until(lambda: len(watch.spawned) == 2, "another process for the rest")
    assert watch.spawned[1].id == str(DEMO[2].atlas)
    assert [watch.phase(str(demo.atlas)) for demo in DEMO] == [None, "failed", "waiting", "waiting", "waiting"]


def sleepers():
    import psutil

    return [child.pid for child in psutil.Process().children() if SLEEP in child.cmdline()]


def test_a_demo_that_cannot_begin_does_not_loop(watch):
    watch.instead = "import sys; sys.exit('masldatlas: No.')"
    watch.start(with_demo=True)
    until(lambda: [state.phase for state in read_states(watch.data)] == ["failed"] * 5, "five failures")
    watch.look_again()
    assert len(watch.spawned) == 5


def test_a_directory_that_cannot_be_written_to(tmp_path, watch):
    """The pages still show what there is; the log says once what is the matter."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "imports").write_text("a file where a directory should be")
    with capture_logs() as lines:
        supervisor = watch.start()
        until(lambda: any(line["log_level"] == "error" for line in lines), "the line in the log")
        (tmp_path / "data" / "imports").unlink()
        watch.look_again()
        supervisor.stop()
    assert len([line for line in lines if line["log_level"] == "error"]) == 1


def test_a_store_of_version_1_is_upgraded_when_the_server_starts(watch, data, tmp_path):
    atlas = Atlas(Places(data).store(AtlasId.parse(imported(data, tiny(tmp_path / "old.h5ad"), species="human"))))
    values = atlas.layer("counts").dense(3)
    old = downgraded(atlas)
    assert old.manifest.schema_version == 1
    watch.start()
    until(lambda: Catalog(data).manifest("human/old").schema_version == 2, "the upgrade")
    new = Catalog(data).get("human/old")
    assert new.manifest.content_hash == old.manifest.content_hash
    assert (new.layer("counts").dense(3) == values).all()
