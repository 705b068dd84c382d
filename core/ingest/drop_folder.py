"""Files in the drop-in folders: which wait for import, and whose they are."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from stat import S_ISLNK
from typing import TYPE_CHECKING

from core.atlas.integrity import stamp
from core.atlas.manifest import SPECIES, Species
from core.atlas.paths import AtlasId, Places, name_from, one_line, printable, stem_of
from core.errors import InvalidFile
from core.ingest.formats.dropped import looks_like_data

if TYPE_CHECKING:
    from core.atlas.manifest import SourceInfo


SUFFIX = ".h5ad"


@dataclass(frozen=True)
class DropIn:
    """One file below ``datasets/``, or a folder that counts as one.

    `problem` is the reason why it is not imported, empty for most.
    """

    path: Path
    atlas: AtlasId
    bytes: int
    mtime_ns: int
    problem: str = ""

    @property
    def name(self) -> str:
        """Name of the file as states and manifests hold it."""
        return one_line(self.path.name)

    @property
    def key(self) -> str:
        """Path of the file as states hold it."""
        return printable(self.path)

    @property
    def stamp(self) -> tuple[int, int]:
        """Size and time of the file, one of which changes with its content."""
        return self.bytes, self.mtime_ns

    def is_source_of(self, source: SourceInfo) -> bool:
        """Tell whether an atlas was made from this file as it is now."""
        return (source.file, source.bytes, source.mtime_ns) == (self.name, *self.stamp)


def drop_ins(places: Places) -> list[DropIn]:
    """List the files to import, by directory and name; `overlooked` lists those that are passed over."""
    found: list[DropIn] = []
    for directory in sorted(places.datasets.glob("[!.]*/")):
        species = directory.name.lower()
        if species not in SPECIES or directory.is_symlink():
            continue
        for path in sorted(directory.glob("[!.]*")):
            try:
                mode = path.lstat().st_mode
                if not looks_like_data(path, mode):
                    continue
                size, mtime_ns = _stamp(path, mode)
            except OSError:
                # Gone between the listing and the look: there is nothing to import.
                continue
            atlas = AtlasId(_species(species), name_from(stem_of(path)))
            found.append(DropIn(path, atlas, size, mtime_ns, _problem(path, mode)))
    return found


def _stamp(path: Path, mode: int) -> tuple[int, int]:
    if S_ISLNK(mode):
        # It is not followed.
        stat = path.lstat()
        return stat.st_size, stat.st_mtime_ns
    try:
        return stamp(path)
    except InvalidFile:
        # The import says what is wrong with the folder.
        return 0, 0


def _problem(path: Path, mode: int) -> str:
    if S_ISLNK(mode):
        # Through it a person who may only put files here would publish any file that the server can read.
        return f"{one_line(path.name)} is a symbolic link. Put the file itself there."
    if printable(path) != str(path):
        return f"The name {one_line(path.name)} is not UTF-8. Rename the file."
    return ""


def overlooked(places: Places) -> dict[Path, str]:
    """Map each .h5ad file below ``datasets/`` that will not be imported to the reason; also linked directories."""
    found: dict[Path, str] = {}
    for directory in places.datasets.glob("[!.]*/"):
        if directory.is_symlink():
            found[directory] = "it is a symbolic link, which is not followed; make it a directory"
    species = ", ".join(SPECIES)
    for path in sorted(places.datasets.rglob(f"*{SUFFIX}")):
        inside = path.relative_to(places.datasets)
        if any(part.startswith(".") for part in inside.parts) or not path.is_file():
            continue
        if len(inside.parts) == 1 or inside.parts[0].lower() not in SPECIES:
            found[path] = f"it lies in no directory of a species ({species})"
        elif len(inside.parts) > 2:  # noqa: PLR2004 - the species and the file
            found[path] = f"it lies in a directory below {inside.parts[0]}; move it up"
    return found


def owners_of(present: list[DropIn], sources: dict[str, SourceInfo]) -> dict[AtlasId, DropIn]:
    """Map each id to the file that it belongs to."""
    owners: dict[AtlasId, DropIn] = {}
    for drop in present:
        if drop.problem:
            continue
        source = sources.get(str(drop.atlas))
        if drop.atlas not in owners or (source is not None and drop.is_source_of(source)):
            owners[drop.atlas] = drop
    return owners


def _species(text: str) -> Species:
    return next(species for species in SPECIES if species == text)  # pyright: ignore[reportReturnType] - SPECIES holds each Species
