"""A store appears whole or not at all, whatever happens on the way."""

import errno
import os
import shutil
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest
from filelock import FileLock

from core.atlas.catalog import Catalog
from core.atlas.paths import AtlasId, Places
from core.atlas.store import COUNTS, Atlas
from core.errors import AtlasError, Conflict, InvalidInput, StorageFull
from core.ingest import importer, store_swap
from core.ingest.importer import ImportRequest, import_file
from core.ingest.store_swap import recover
from tests.core.ingest._build import as_dense, counts, made

ROOT = Path(__file__).parents[3]
ATLAS = AtlasId("other", "a")
STEPS = (
    "opening",
    "checking the file",
    "reading X",
    "sorting the layer expression",
    "writing tables",
    "writing to disk",
)


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "a.h5ad"
    made(counts(60, 400)).write_h5ad(path)
    return path


@pytest.fixture
def other(tmp_path):
    path = tmp_path / "other.h5ad"
    made(counts(60, 400, seed=5)).write_h5ad(path)
    return path


def quiet(step, done):
    """Report to nobody."""


def take(path, data, report=quiet, **request):
    return import_file(ImportRequest(path, species="other", name="a", **request), data, report)


def is_clean(data):
    return not list(Places(data).work.iterdir())


def holds(data, path):
    """Return whether the atlas is there, whole, and the one made from the file."""
    import anndata

    assert Catalog(data).check(ATLAS) == []
    found = Atlas(Places(data).store(ATLAS)).layer(COUNTS).dense(5)
    return np.array_equal(found, as_dense(anndata.read_h5ad(path).X)[:, 5])


def run(code, *arguments, **options):
    """Run Python code in a process of its own."""
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code), *map(str, arguments)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        **options,
    )


IMPORT = """
    import os, signal, sys
    from pathlib import Path
    from core.errors import AtlasError
    from core.ingest.importer import ImportRequest, import_file

    path, data, when, replace = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], sys.argv[4] == "True"

    def report(step, done):
        if step == when:
            os.kill(os.getpid(), signal.SIGKILL)

    try:
        import_file(ImportRequest(path, species="other", name="a", replace=replace), data, report)
    except AtlasError as error:
        print(type(error).__name__, error)
"""


@pytest.mark.parametrize("when", STEPS)
@pytest.mark.parametrize("kind", [RuntimeError, KeyboardInterrupt, SystemExit, MemoryError])
def test_an_exception_leaves_nothing(when, kind, path, data):
    def report(step, done):
        if step == when:
            raise kind

    with pytest.raises(kind):
        take(path, data, report)
    assert Catalog(data).ids() == []
    assert is_clean(data)
    take(path, data)
    assert holds(data, path)


@pytest.mark.parametrize("when", ["reading X", "writing to disk"])
def test_a_killed_import_leaves_no_atlas_and_is_cleared_away(when, path, data):
    killed = run(IMPORT, path, data, when, False)
    assert killed.returncode == -signal.SIGKILL
    assert Catalog(data).ids() == []
    assert not is_clean(data)
    recover(data)
    assert is_clean(data)
    take(path, data)
    assert holds(data, path)


def test_a_killed_replacement_leaves_the_old_atlas(path, other, data):
    take(path, data)
    assert run(IMPORT, other, data, "writing to disk", True).returncode == -signal.SIGKILL
    assert holds(data, path)
    recover(data)
    assert holds(data, path)
    assert is_clean(data)


def test_the_old_atlas_stays_until_the_new_one_is_complete(path, other, data):
    take(path, data)
    seen = []

    def report(step, done):
        if step == "ready":
            seen.append(holds(data, other))
        else:
            seen.append(holds(data, path))

    take(other, data, report, replace=True)
    assert all(seen)
    assert len(seen) > 5
    assert is_clean(data)


@pytest.mark.durability
def test_everything_is_on_disk_before_the_atlas_appears(path, data, monkeypatch):
    synced, fsync = set(), os.fsync

    def sync(handle):
        fsync(handle)
        synced.add(os.fstat(handle).st_ino)

    monkeypatch.setattr(os, "fsync", sync)
    publish, inodes = importer.publish, set()

    def look(store, target, work):
        inodes.update(each.stat().st_ino for each in (store, *store.rglob("*")))
        assert inodes <= synced
        publish(store, target, work)

    monkeypatch.setattr(importer, "publish", look)
    take(path, data)
    assert len(inodes) > 15
    assert Places(data).store(ATLAS).parent.stat().st_ino in synced


def test_recovering_leaves_an_import_at_work_alone(path, data):
    take(path, data, lambda step, done: recover(data))
    assert holds(data, path)
    assert is_clean(data)


def test_a_replacement_cut_between_its_renames_is_undone(path, other, data, monkeypatch):
    take(path, data)

    rename = Path.rename

    def cut(source, target):
        if source.name == "store":
            raise _Cut
        return rename(source, target)

    # A power cut runs no handler: so the store is not brought back by the process itself.
    monkeypatch.setattr(Path, "rename", cut)
    monkeypatch.setattr(store_swap, "_bring_back", lambda old, target: None)
    with pytest.raises(_Cut):
        take(other, data, replace=True)
    monkeypatch.undo()
    assert Catalog(data).ids() == []
    recover(data)
    assert holds(data, path)
    assert is_clean(data)


def test_a_rename_that_fails_brings_the_old_atlas_back_at_once(path, other, data, monkeypatch):
    take(path, data)
    rename = Path.rename

    def fail(source, target):
        if source.name == "store":
            raise OSError(errno.ENOSPC, "No space left on device")
        return rename(source, target)

    monkeypatch.setattr(Path, "rename", fail)
    with pytest.raises(StorageFull):
        take(other, data, replace=True)
    monkeypatch.undo()
    assert holds(data, path)
    assert is_clean(data)


class _Cut(BaseException):
    """The end of the world."""


def test_a_new_atlas_wins_over_the_old_one_that_was_not_yet_deleted(path, other, data):
    take(path, data)
    shutil.copytree(Places(data).store(ATLAS), Places(data).work / "replaced-other__a")
    take(other, data, replace=True)
    (Places(data).work / "replaced-other__a").mkdir()
    recover(data)
    assert holds(data, other)
    assert is_clean(data)


def test_recovering_passes_over_what_is_not_ours_and_what_has_just_begun(data):
    work = Places(data).work
    (work / "replaced-yeti__a").mkdir(parents=True)
    (work / "import-newborn").mkdir()
    (work / "import-dead").mkdir()
    os.utime(work / "import-dead", (0, 0))
    (work / "removed-other__a").mkdir()
    recover(data)
    assert {path.name for path in work.iterdir()} == {"replaced-yeti__a", "import-newborn"}


def test_recovering_where_there_is_nothing(data):
    recover(data)
    assert not data.exists()


# Two at once


def test_two_importers_of_one_id(path, other, data):
    refused = []

    def report(step, done):
        if step == "reading X" and not refused:
            refused.append(run(IMPORT, other, data, "never", False))

    take(path, data, report)
    assert refused[0].stdout == (
        "Conflict Another process is importing other/a right now. Wait for it, or give another --name.\n"
    )
    assert holds(data, path)
    assert is_clean(data)


def test_the_lock_of_another_id_is_another_one(path, data):
    Places(data).imports.mkdir(parents=True)
    with FileLock(Places(data).lock(AtlasId("other", "b"))):
        take(path, data)
    with FileLock(Places(data).lock(ATLAS)), pytest.raises(Conflict, match="Another process is importing other/a"):
        take(path, data, replace=True)
    assert holds(data, path)


# Disks


def test_an_import_that_cannot_fit_is_not_begun(path, data, monkeypatch):
    monkeypatch.setattr(importer.shutil, "disk_usage", lambda place: shutil._ntuple_diskusage(100, 90, 10))
    with pytest.raises(StorageFull, match=r"^Importing a\.h5ad may need [\d.]+ GB below .*, and 0\.0 GB are free\."):
        take(path, data)
    assert is_clean(data)


@pytest.mark.parametrize("limit", [1_000, 20_000, 60_000])
def test_files_that_may_not_grow(limit, path, data):
    limited = f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit}))\n"
    done = run(limited + textwrap.dedent(IMPORT), path, data, "never", False)
    assert done.stdout == (
        f"StorageFull The disk that holds {data} is full; nothing was imported. Free some space and import again.\n"
    ), done.stderr
    assert Catalog(data).ids() == []
    assert is_clean(data)


@pytest.fixture
def small_disk(tmp_path):
    """Return a function that mounts a disk of so many kB; skip where that is not permitted."""
    place = tmp_path / "disk"
    place.mkdir()
    mounted = []

    def mount(kilobytes, *options):
        command = ["mount", "-t", "tmpfs", "-o", ",".join([f"size={kilobytes}k", *options]), "tmpfs", str(place)]
        if shutil.which("mount") is None or subprocess.run(command, capture_output=True, check=False).returncode:
            pytest.skip("mounting a small disk is not permitted here")
        mounted.append(place)
        return place

    yield mount
    for each in mounted:
        subprocess.run(["umount", "--lazy", str(each)], check=True)


@pytest.mark.parametrize("kilobytes", [8, 60, 100, 140, 170])
def test_a_full_disk(kilobytes, path, small_disk, monkeypatch):
    disk = small_disk(kilobytes)
    free = shutil.disk_usage(disk).free
    # Else it would be noticed before the import has begun.
    monkeypatch.setattr(importer.shutil, "disk_usage", lambda place: shutil._ntuple_diskusage(10**12, 0, 10**12))
    with pytest.raises(StorageFull) as caught:
        take(path, disk / "data")
    monkeypatch.undo()
    assert str(caught.value) == (
        f"The disk that holds {disk / 'data'} is full; nothing was imported. Free some space and import again."
    )
    assert Catalog(disk / "data").ids() == []
    assert not list((disk / "data").rglob("*.npy"))
    assert free - shutil.disk_usage(disk).free < 30_000


def test_a_disk_that_fits_it(path, small_disk):
    disk = small_disk(4_000)
    take(path, disk / "data")
    assert holds(disk / "data", path)


def test_a_disk_that_cannot_be_written_to(path, small_disk):
    disk = small_disk(4_000, "ro")
    with pytest.raises(InvalidInput) as caught:
        take(path, disk / "data")
    assert str(caught.value) == (
        f"The data directory {disk / 'data'} cannot be written to (Read-only file system). "
        "Change its permissions, or choose another one with MASLDATLAS_DATA_DIR."
    )


def test_a_directory_that_may_not_be_written_to(path, tmp_path):
    if os.geteuid() == 0:
        pytest.skip("root may write everywhere")
    (tmp_path / "locked").mkdir(mode=0o500)
    with pytest.raises(InvalidInput, match=r"cannot be written to \(Permission denied\)\."):
        take(path, tmp_path / "locked")


def test_trouble_of_other_kinds_is_not_hidden(path, data):
    def report(step, done):
        raise OSError(errno.EIO, "Input/output error")

    with pytest.raises(OSError, match="Input/output error") as caught:
        take(path, data, report)
    assert not isinstance(caught.value, AtlasError)
    assert is_clean(data)
