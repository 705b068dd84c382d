"""Putting stores into place, and clearing up after imports that were cut short.

Between the two renames of a replacement a crash leaves the old store in the work directory; `recover` brings it back.
Each import holds a lock in its own scratch directory, so that one that died is told from one that runs.
"""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from core.ingest.files import sync
from core.places import Places

if TYPE_CHECKING:
    from pathlib import Path

ALIVE = "alive.lock"
SCRATCH = "import-"
REPLACED = "replaced-"
REMOVED = "removed-"


def publish(store: Path, target: Path, work: Path) -> None:
    """Rename a finished store into place; one that is there already makes way and is deleted afterwards.

    Readers of the old store keep the files they have mapped.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    old = work / f"{REPLACED}{target.parent.name}__{target.name}"
    if target.exists():
        shutil.rmtree(old, ignore_errors=True)
        target.rename(old)
    store.rename(target)
    sync(target.parent)
    shutil.rmtree(old, ignore_errors=True)


def recover(data: Path) -> None:
    """Bring back stores whose replacement was cut short, and delete what dead imports left."""
    places = Places(data)
    for old in places.work.glob(f"{REPLACED}*__*"):
        species, _, name = old.name.removeprefix(REPLACED).partition("__")
        target = places.atlases / species / name
        if target.exists():
            shutil.rmtree(old, ignore_errors=True)
        else:
            old.rename(target)
    for removed in places.work.glob(f"{REMOVED}*"):
        shutil.rmtree(removed, ignore_errors=True)
    for scratch in places.work.glob(f"{SCRATCH}*"):
        try:
            with FileLock(scratch / ALIVE, timeout=0):
                shutil.rmtree(scratch, ignore_errors=True)
        except (Timeout, FileNotFoundError):
            # At work, or gone by itself in this very moment.
            continue
