"""Files to import and the states of imports: any process may read them at any moment."""

import os
from concurrent.futures import ThreadPoolExecutor

import pytest

from core.atlas.import_state import ImportState, Tracker, clear_state, read_state, read_states, write_state
from core.atlas.manifest import SourceInfo
from core.atlas.paths import AtlasId, Places
from core.errors import InvalidInput
from core.ingest.drop_folder import DropIn, drop_ins, overlooked, owners_of

A = AtlasId("human", "a")


def state(name="a", **more):
    return ImportState(**{"id": f"human/{name}", "phase": "waiting", **more})


def test_a_state_comes_back(tmp_path):
    written = state(
        phase="importing", kind="demo", title="Täst", fraction=0.25, step="reading X", file="/x/é.h5ad", bytes=7
    )
    write_state(tmp_path, written)
    found = read_state(tmp_path, A)
    assert found.model_dump(exclude={"pid", "updated"}) == written.model_dump(exclude={"pid", "updated"})
    assert found.pid == os.getpid()
    assert found.updated > 1.7e9
    clear_state(tmp_path, A)
    assert read_state(tmp_path, A) is None
    clear_state(tmp_path, A)
    assert list((tmp_path / "imports").iterdir()) == []


def test_names_do_not_meet(tmp_path):
    """Dots and underscores are part of a name."""
    names = ("a", "a.b", "a.c", "a__b", "a_b", "a.json", "a.1.tmp")
    for name in names:
        write_state(tmp_path, state(name, title=name))
    assert sorted(found.title for found in read_states(tmp_path)) == sorted(names)
    clear_state(tmp_path, AtlasId("human", "a.b"))
    assert len(read_states(tmp_path)) == len(names) - 1


def test_the_order(tmp_path):
    """Whoever came first is imported first."""
    for name, phase in (
        ("z", "waiting"),
        ("b", "failed"),
        ("y", "waiting"),
        ("x", "removed"),
        ("w", "importing"),
        ("a", "failed"),
    ):
        write_state(tmp_path, state(name, phase=phase))
    found = [(each.phase, each.id) for each in read_states(tmp_path)]
    assert found == [
        ("importing", "human/w"),
        ("waiting", "human/z"),
        ("waiting", "human/y"),
        ("failed", "human/a"),
        ("failed", "human/b"),
        ("removed", "human/x"),
    ]


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b'{"id": "human/a", "phase": "odd"}', b"\xff", b'{"phase": "failed"}']
)
def test_a_state_that_a_crash_cut(tmp_path, content):
    write_state(tmp_path, state())
    Places(tmp_path).state(A).write_bytes(content)
    assert read_states(tmp_path) == []
    write_state(tmp_path, state("b"))
    assert [found.id for found in read_states(tmp_path)] == ["human/b"]


def test_fields_of_a_later_version_are_ignored(tmp_path):
    write_state(tmp_path, state())
    path = Places(tmp_path).state(A)
    path.write_text(path.read_text().replace('{"id"', '{"colour":"red","id"'))
    assert read_state(tmp_path, A).phase == "waiting"


def test_an_id_that_climbs_is_not_written(tmp_path):
    with pytest.raises(InvalidInput):
        write_state(tmp_path, ImportState(id="human/../../x", phase="waiting"))
    assert list(tmp_path.iterdir()) == []


def test_nobody_reads_half(tmp_path):
    write_state(tmp_path, state())

    def read(_):
        return read_state(tmp_path, A) is not None

    with ThreadPoolExecutor(3) as pool:
        readings = pool.map(read, range(300))
        for at in range(300):
            write_state(tmp_path, state(step="x" * at * 10))
        assert all(readings)


def test_what_a_state_is_about(tmp_path):
    path = tmp_path / "a.h5ad"
    path.write_bytes(b"abc")
    stat = path.stat()
    one = state(file=str(path), bytes=3, mtime_ns=stat.st_mtime_ns)
    assert one.about(path)
    path.write_bytes(b"abcd")
    assert not one.about(path)


def test_a_tracker_writes_now_and_then(tmp_path, monkeypatch):
    now = [100.0]
    monkeypatch.setattr("core.atlas.import_state.time.monotonic", lambda: now[0])
    tracker = Tracker(tmp_path, state())
    tracker("reading X", 0.1)
    assert (read_state(tmp_path, A).phase, read_state(tmp_path, A).fraction) == ("importing", 0.1)
    now[0] += 0.1
    tracker("reading X", 0.2)
    assert read_state(tmp_path, A).fraction == 0.1
    tracker("sorting", 0.3)
    assert read_state(tmp_path, A).step == "sorting"
    now[0] += 0.3
    tracker("sorting", 0.4)
    assert read_state(tmp_path, A).fraction == 0.4
    tracker.failed("Because.")
    found = read_state(tmp_path, A)
    assert (found.phase, found.error, found.step, found.fraction) == ("failed", "Because.", "sorting", 0.4)


def put(data, *paths):
    for path in paths:
        file = data / "datasets" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(path.encode())


def test_which_files_are_imported(tmp_path):
    put(
        tmp_path,
        "Human/a.h5ad",
        "HUMAN/b c.H5AD",
        "mouse/ä.h5ad",
        "Zebrafish/z.h5ad",
        "integrated/i.h5ad",
        "Other/o.h5ad",
    )
    put(tmp_path, "Human/.partial.h5ad", "Human/notes.txt", "Human/a.h5ad.tmp", ".human/x.h5ad")
    put(tmp_path, "rat/r.h5ad", "top.h5ad", "Human/deep/d.h5ad", "Human/.ipynb/d.h5ad", "rat/.hidden.h5ad")
    human = tmp_path / "datasets" / "Human"
    (human / "folder.h5ad").mkdir()
    (human / "nowhere.h5ad").symlink_to(tmp_path / "none")
    (human / "link.h5ad").symlink_to(human / "a.h5ad")
    os.mkfifo(human / "pipe.h5ad")
    found = {
        str(drop.atlas): drop.path.relative_to(tmp_path / "datasets").as_posix() for drop in drop_ins(Places(tmp_path))
    }
    assert found == {
        "human/a": "Human/a.h5ad",
        "human/b_c": "HUMAN/b c.H5AD",
        # They are shown, and refused.
        "human/link": "Human/link.h5ad",
        "human/nowhere": "Human/nowhere.h5ad",
        "mouse/atlas": "mouse/ä.h5ad",
        "zebrafish/z": "Zebrafish/z.h5ad",
        "integrated/i": "integrated/i.h5ad",
        "other/o": "Other/o.h5ad",
    }
    passed = {
        path.relative_to(tmp_path / "datasets").as_posix(): why for path, why in overlooked(Places(tmp_path)).items()
    }
    assert set(passed) == {"rat/r.h5ad", "top.h5ad", "Human/deep/d.h5ad"}
    assert passed["rat/r.h5ad"] == "it lies in no directory of a species (human, mouse, zebrafish, integrated, other)"
    assert passed["Human/deep/d.h5ad"] == "it lies in a directory below Human; move it up"


def test_no_files(tmp_path):
    assert drop_ins(Places(tmp_path)) == []
    assert overlooked(Places(tmp_path)) == {}


def test_whose_an_id_is(tmp_path):
    one = DropIn(tmp_path / "Human" / "a b.h5ad", A, 10, 1)
    other = DropIn(tmp_path / "Human" / "a_b.h5ad", A, 20, 2)
    assert owners_of([one, other], {}) == {A: one}

    def source(file, size, mtime):
        return {"human/a": SourceInfo(file=file, bytes=size, sha256="", mtime_ns=mtime)}

    assert owners_of([one, other], source("a_b.h5ad", 20, 2)) == {A: other}
    assert owners_of([one, other], source("a b.h5ad", 10, 1)) == {A: one}
    assert owners_of([one, other], source("a_b.h5ad", 21, 2)) == {A: one}
    assert owners_of([], {}) == {}
