"""Catalogue of the atlases on disk, with those that are open."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING

from cachetools import LRUCache
from filelock import FileLock, Timeout
from rapidfuzz import process

from core.atlas.import_state import ImportState, read_states
from core.atlas.integrity import checksum
from core.atlas.paths import REMOVED, AtlasId, Places
from core.atlas.store import MANIFEST, Atlas, read_manifest, stamp_of
from core.atlas.visibility import listed, served, viewer
from core.errors import BrokenStore, Conflict, InvalidInput, UnknownAtlas

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from core.atlas.gene_index import GeneIndex, OtherName
    from core.atlas.manifest import Manifest, Species

MAX_OPEN = 32
ASK = "Its operator finds the reason with `masldatlas datasets`."


@dataclass(frozen=True)
class Fault:
    """One thing wrong with a store."""

    file: str
    problem: str


class Catalog:
    """The atlases below one data directory, as far as the viewer may see them (`core.atlas.visibility`).

    Nothing is registered: the directory is read anew, so an atlas imported, replaced or removed by any process shows at
    the next look. At most `MAX_OPEN` atlases stay open. One that was replaced or removed is closed at that look, since
    its files take room on the disk for as long as they are mapped. `other_name` finds genes by names that an atlas does
    not have, from the species of the atlas, its genes and the name.
    """

    def __init__(
        self, data: Path, other_name: Callable[[Species, GeneIndex, str], OtherName | None] | None = None
    ) -> None:
        self.places = Places(data)
        self._other_name = other_name
        self._manifests: dict[Path, tuple[tuple[int, int], Manifest | BrokenStore]] = {}
        self._open: LRUCache[Path, Atlas] = LRUCache(MAX_OPEN)
        self._lock = Lock()

    def manifests(self) -> list[Manifest]:
        """List the manifests of the readable atlases that the viewer's lists show, by species and name."""
        return [found for found in self._listed().values() if not isinstance(found, BrokenStore)]

    def broken(self) -> dict[str, BrokenStore]:
        """Map the id of each unreadable atlas to the reason."""
        return {
            f"{path.parent.name}/{path.name}": found
            for path, found in self._listed().items()
            if isinstance(found, BrokenStore)
        }

    def imports(self) -> list[ImportState]:
        """List the imports that wait, run or have failed."""
        states = read_states(self.places.data)
        return [state for state in states if state.phase != "removed" and self._lists(state.id)]

    def get(self, atlas: AtlasId | str) -> Atlas:
        """Open an atlas; the same object until the atlas is replaced.

        Raises
        ------
        UnknownAtlas
            There is none of that id; carries the nearest ids.
        BrokenStore
            It cannot be read.
        """
        manifest = self.manifest(atlas)
        path = self.places.store(AtlasId(manifest.species, manifest.name))
        with self._lock:
            opened = self._open.get(path)
            # Identity, not content: an atlas that was replaced and put back would mix the files of both.
            if opened is None or opened.manifest is not manifest:
                opened = Atlas(path, manifest, self._other_name)
                known = self._manifests.get(path)
                # Another thread may have found a newer manifest meanwhile; this atlas would then never be closed.
                if known is not None and known[1] is manifest:
                    self._open[path] = opened
            return opened

    def manifest(self, atlas: AtlasId | str) -> Manifest:
        """Return the manifest of one atlas."""
        try:
            wanted = AtlasId.parse(atlas) if isinstance(atlas, str) else atlas
        except InvalidInput as error:
            raise self._unknown(str(atlas)) from error
        path = self.places.store(wanted)
        found = self._scan().get(path)
        # To those who may not see it, an atlas is as one that never was.
        if found is None or not served(self.places.data, wanted):
            raise self._unknown(str(wanted))
        if isinstance(found, BrokenStore):
            raise found if viewer().faults else BrokenStore(f"The atlas {wanted} cannot be read.", ASK)
        return found

    def remove(self, atlas: AtlasId) -> None:
        """Delete an atlas. Processes that have it open keep reading the mapped files until their next look.

        Raises
        ------
        UnknownAtlas
            There is none of that id.
        Conflict
            An import is replacing it right now.
        """
        path = self.places.store(atlas)
        if not path.is_dir():
            raise self._unknown(str(atlas))
        self.places.work.mkdir(parents=True, exist_ok=True)
        self.places.imports.mkdir(parents=True, exist_ok=True)
        doomed = self.places.work / f"{REMOVED}{atlas.species}__{atlas.name}"
        try:
            with FileLock(self.places.lock(atlas), timeout=0):
                shutil.rmtree(doomed, ignore_errors=True)
                path.rename(doomed)
                # A server that starts at this moment clears the work directory too.
                shutil.rmtree(doomed, ignore_errors=True)
        except Timeout as error:
            raise Conflict(f"{atlas} is being imported right now.", "Wait for it, then remove it.") from error

    def check(self, atlas: AtlasId) -> list[Fault]:
        """Compare every file of a store with its checksum; an empty list means that all is well."""
        path = self.places.store(atlas)
        if not path.is_dir():
            raise self._unknown(str(atlas))
        manifest = _read(path)
        if isinstance(manifest, BrokenStore):
            return [Fault(MANIFEST, f"is not usable: {manifest.message}")]
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
        """List the ids of the atlases on disk that the viewer's lists show, readable or not."""
        return [f"{path.parent.name}/{path.name}" for path in self._listed()]

    def _lists(self, name: str) -> bool:
        """Tell whether the viewer's lists show an atlas; what has no valid id can be no secret."""
        try:
            return listed(self.places.data, AtlasId.parse(name))
        except InvalidInput:
            return viewer().faults

    def _listed(self) -> dict[Path, Manifest | BrokenStore]:
        return {path: found for path, found in self._scan().items() if self._lists(f"{path.parent.name}/{path.name}")}

    def _scan(self) -> dict[Path, Manifest | BrokenStore]:
        found: dict[Path, Manifest | BrokenStore] = {}
        # Path.glob would also enter hidden directories, and so the imports in progress.
        stores = (path for path in self.places.atlases.glob("[!.]*/[!.]*") if path.is_dir())
        for path in sorted(stores):
            try:
                stamp = stamp_of(path)
            except OSError:
                stamp = (0, 0)
            with self._lock:
                known = self._manifests.get(path)
                if known is None or known[0] != stamp or isinstance(known[1], BrokenStore):
                    known = self._manifests[path] = (stamp, _read(path))
                    self._open.pop(path, None)
            found[path] = known[1]
        with self._lock:
            for gone in self._manifests.keys() - found.keys():
                del self._manifests[gone]
                self._open.pop(gone, None)
        return found

    def _unknown(self, text: str) -> UnknownAtlas:
        ids = self.ids()
        near = tuple(str(match) for match, _, _ in process.extract(text, ids, limit=3, score_cutoff=50))
        remedy = (
            f"Did you mean {', '.join(near)}?" if near else "The home page and `masldatlas datasets` list them all."
        )
        return UnknownAtlas(f"There is no atlas {text[:120]!r}.", remedy, suggestions=near)


def _read(path: Path) -> Manifest | BrokenStore:
    try:
        manifest = read_manifest(path)
    except BrokenStore as error:
        return error
    if manifest.id != f"{path.parent.name}/{path.name}":
        return BrokenStore(
            f"The atlas at {path.parent.name}/{path.name} has the manifest of {manifest.id}.",
            "Move it back, or import it again.",
        )
    return manifest
