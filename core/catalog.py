"""Which atlases there are, and the opened ones."""

from __future__ import annotations

import shutil
from collections import OrderedDict
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING

from rapidfuzz import process

from core.errors import AtlasError, BrokenStore, InvalidInput, UnknownAtlas
from core.imports import ImportState, read_states
from core.ingest.files import checksum
from core.ingest.recovery import REMOVED
from core.places import AtlasId, Places
from core.store import MANIFEST, Atlas, read_manifest

if TYPE_CHECKING:
    from pathlib import Path

    from core.manifest import Manifest

MAX_OPEN = 32


@dataclass(frozen=True)
class Fault:
    """One thing wrong with a store."""

    file: str
    problem: str


class Catalog:
    """The atlases below one data directory.

    Nothing is registered: what lies on disk is the truth, so an atlas imported, replaced or removed by any process
    shows at the next look. Opened atlases are kept, at most `MAX_OPEN`, by content.
    """

    def __init__(self, data: Path) -> None:
        self.places = Places(data)
        self._manifests: dict[Path, tuple[tuple[int, int], Manifest | BrokenStore]] = {}
        self._open: OrderedDict[str, Atlas] = OrderedDict()
        self._lock = Lock()

    def manifests(self) -> list[Manifest]:
        """The readable atlases, by species and name."""
        return [found for found in self._scan().values() if not isinstance(found, BrokenStore)]

    def broken(self) -> dict[str, BrokenStore]:
        """The unreadable ones by id, and why."""
        return {
            f"{path.parent.name}/{path.name}": found
            for path, found in self._scan().items()
            if isinstance(found, BrokenStore)
        }

    def imports(self) -> list[ImportState]:
        """Imports that wait, run or failed."""
        return [state for state in read_states(self.places.data) if state.phase != "removed"]

    def get(self, atlas: AtlasId | str) -> Atlas:
        """Open an atlas; the same object as long as its content is the same.

        Raises
        ------
        UnknownAtlas
            There is none of that id; carries the nearest ids.
        BrokenStore
            It cannot be read.
        """
        manifest = self.manifest(atlas)
        with self._lock:
            # The place is part of the key: two atlases may hold the same cells under two names.
            key = f"{manifest.id} {manifest.content_hash}"
            if key not in self._open:
                self._open[key] = Atlas(self.places.store(AtlasId(manifest.species, manifest.name)), manifest)
            self._open.move_to_end(key)
            while len(self._open) > MAX_OPEN:
                self._open.popitem(last=False)
            return self._open[key]

    def manifest(self, atlas: AtlasId | str) -> Manifest:
        """The manifest of one atlas."""
        try:
            wanted = AtlasId.parse(atlas) if isinstance(atlas, str) else atlas
        except InvalidInput as error:
            raise self._unknown(str(atlas)) from error
        path = self.places.store(wanted)
        found = self._scan().get(path)
        if found is None:
            raise self._unknown(str(wanted))
        if isinstance(found, BrokenStore):
            raise found
        return found

    def remove(self, atlas: AtlasId) -> None:
        """Delete an atlas. Whoever has it open keeps reading the mapped files until it lets go."""
        path = self.places.store(atlas)
        if not path.is_dir():
            raise self._unknown(str(atlas))
        self.places.work.mkdir(parents=True, exist_ok=True)
        doomed = self.places.work / f"{REMOVED}{atlas.species}__{atlas.name}"
        shutil.rmtree(doomed, ignore_errors=True)
        path.rename(doomed)
        shutil.rmtree(doomed)

    def check(self, atlas: AtlasId) -> list[Fault]:
        """Compare every file of a store with its checksum; an empty list means that all is well."""
        path = self.places.store(atlas)
        if not path.is_dir():
            raise self._unknown(str(atlas))
        try:
            manifest = read_manifest(path)
        except AtlasError as error:
            return [Fault(MANIFEST, error.message)]
        faults: list[Fault] = []
        if manifest.sealed().content_hash != manifest.content_hash:
            faults.append(Fault(MANIFEST, "was changed after the import"))
        for name, info in manifest.files.items():
            file = path / name
            if not file.is_file():
                faults.append(Fault(name, "is missing"))
            elif file.stat().st_size != info.bytes:
                faults.append(Fault(name, f"has {file.stat().st_size:,} bytes instead of {info.bytes:,}"))
            elif checksum(file) != info:
                faults.append(Fault(name, "differs from its checksum"))
        return faults

    def ids(self) -> list[str]:
        """The ids of all atlases on disk, readable or not."""
        return [f"{path.parent.name}/{path.name}" for path in self._scan()]

    def _scan(self) -> dict[Path, Manifest | BrokenStore]:
        found: dict[Path, Manifest | BrokenStore] = {}
        # Path.glob would also enter hidden directories, and so the imports in progress.
        stores = (
            path for path in self.places.atlases.glob("*/*") if path.is_dir() and not path.parent.name.startswith(".")
        )
        for path in sorted(stores):
            try:
                stat = (path / MANIFEST).stat()
                stamp = (stat.st_mtime_ns, stat.st_ino)
            except OSError:
                stamp = (0, 0)
            known = self._manifests.get(path)
            if known is None or known[0] != stamp or stamp == (0, 0):
                known = (stamp, _read(path))
                self._manifests[path] = known
            found[path] = known[1]
        return found

    def _unknown(self, text: str) -> UnknownAtlas:
        ids = self.ids()
        near = tuple(str(match) for match, _, _ in process.extract(text, ids, limit=3, score_cutoff=50))
        remedy = f"Did you mean {', '.join(near)}?" if near else "Choose one on the home page."
        return UnknownAtlas(f"There is no atlas {text[:120]!r}.", remedy, suggestions=near)


def _read(path: Path) -> Manifest | BrokenStore:
    try:
        manifest = read_manifest(path)
    except BrokenStore as error:
        return error
    if manifest.id != f"{path.parent.name}/{path.name}":
        return BrokenStore(
            f"The atlas at {path.parent.name}/{path.name} says that it is {manifest.id}.",
            "Move it back, or import it again.",
        )
    return manifest
