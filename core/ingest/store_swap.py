"""Putting stores into place, and clearing up after imports that were cut short.

Between the two renames of a replacement a crash leaves the old store in the work directory; `recover` brings it back.
Each import holds a lock in its own scratch directory, so that one that died is told from one that runs; and the lock
of its atlas while it puts the store into place, so that no process mistakes renames in progress for interrupted ones.
"""

from __future__ import annotations

import shutil
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from core.atlas.paths import REMOVED, AtlasId, Places
from core.errors import Conflict, InvalidInput
from core.ingest.durable_files import sync

if TYPE_CHECKING:
    from collections.abc import Generator

ALIVE = "alive.lock"
SCRATCH = "import-"
REPLACED = "replaced-"
# Between making its scratch directory and locking it, an import is alive without a sign of it.
NEWBORN_SECONDS = 60.0


@contextmanager
def scratch_in(work: Path) -> Generator[Path]:
    """Make a scratch directory that `recover` leaves alone while this process lives."""
    work.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(prefix=SCRATCH, dir=work, ignore_cleanup_errors=True) as scratch,
        FileLock(Path(scratch) / ALIVE),
    ):
        yield Path(scratch)


@contextmanager
def only_importer(places: Places, atlas: AtlasId) -> Generator[None]:
    """Hold the lock of an atlas; raises Conflict if another process does."""
    try:
        with FileLock(places.lock(atlas), timeout=0):
            yield
    except Timeout as error:
        raise Conflict(
            f"Another process is importing {atlas} right now.", "Wait for it, or give another --name."
        ) from error


def publish(store: Path, target: Path, work: Path) -> None:
    """Rename a finished store into place; one that is there already makes way and is deleted afterwards.

    Readers of the old store keep the files they have mapped.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    old = work / f"{REPLACED}{target.parent.name}__{target.name}"
    if target.exists():
        shutil.rmtree(old, ignore_errors=True)
        target.rename(old)
    try:
        store.rename(target)
    except BaseException:
        _bring_back(old, target)
        raise
    sync(target.parent)
    shutil.rmtree(old, ignore_errors=True)


def recover(data: Path) -> None:
    """Bring back stores whose replacement was cut short, and delete what dead imports left."""
    places = Places(data)
    for old in places.work.glob(f"{REPLACED}*__*"):
        species, _, name = old.name.removeprefix(REPLACED).partition("__")
        try:
            atlas = AtlasId.parse(f"{species}/{name}")
            places.imports.mkdir(parents=True, exist_ok=True)
            with FileLock(places.lock(atlas), timeout=0):
                _bring_back(old, places.store(atlas))
        except (InvalidInput, Timeout):
            # Not ours, or an import is between its two renames.
            continue
    for removed in places.work.glob(f"{REMOVED}*"):
        shutil.rmtree(removed, ignore_errors=True)
    for scratch in places.work.glob(f"{SCRATCH}*"):
        try:
            if not (scratch / ALIVE).exists() and time.time() - scratch.stat().st_mtime < NEWBORN_SECONDS:
                continue
            with FileLock(scratch / ALIVE, timeout=0):
                shutil.rmtree(scratch, ignore_errors=True)
        except (Timeout, FileNotFoundError, NotADirectoryError):
            # In use, or just removed by its process.
            continue


def _bring_back(old: Path, target: Path) -> None:
    if target.exists():
        shutil.rmtree(old, ignore_errors=True)
    elif old.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        old.rename(target)
