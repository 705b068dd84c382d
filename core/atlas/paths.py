"""Paths below the data directory, and valid ids.

::

    <data>/atlases/<species>/<name>/    stores
    <data>/atlases/.work/               imports in progress; nothing there is ever read
    <data>/datasets/<Species>/          drop-in files: .h5ad and what else `core.ingest.formats` reads
    <data>/downloads/<species>/         files being pulled; what is half there is resumed
    <data>/imports/                     state of imports, locks
    <data>/visibility/<species>/<name>  who may see an atlas
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, get_args

from core.atlas.manifest import NAME_PATTERN, SPECIES, Species
from core.errors import InvalidInput

if TYPE_CHECKING:
    from pathlib import Path


# What tells the format of a file of data.
ENDINGS = (".gz", ".h5ad", ".h5mu", ".h5", ".zarr", ".mtx")


@dataclass(frozen=True, order=True)
class AtlasId:
    """``<species>/<name>``, checked: it can neither leave the data directory nor name a hidden file."""

    species: Species
    name: str

    def __post_init__(self) -> None:
        if self.species not in get_args(Species):
            raise InvalidInput(
                f"{self.species!r} is not a species of MASLDatlas.", f"Choose one of {', '.join(SPECIES)}."
            )
        if not NAME_PATTERN.fullmatch(self.name) or ".." in self.name:
            raise InvalidInput(
                f"{self.name!r} is not a valid atlas name.",
                "A name has 1 to 80 letters, digits, dots, dashes and underscores, and begins with a letter or digit.",
            )

    @classmethod
    def parse(cls, text: str) -> AtlasId:
        """Read ``species/name``."""
        species, slash, name = text.partition("/")
        if not slash or species not in get_args(Species):
            raise InvalidInput(f"{text!r} is not an atlas id.", "Write <species>/<name>, such as human/pbmc68k.")
        return cls(species, name)  # pyright: ignore[reportArgumentType] - checked above

    def __str__(self) -> str:
        return f"{self.species}/{self.name}"


@dataclass(frozen=True)
class Places:
    """The directories below one data directory."""

    data: Path

    @property
    def atlases(self) -> Path:
        """All stores."""
        return self.data / "atlases"

    @property
    def work(self) -> Path:
        """Imports in progress; on the same disk as the stores, so that a rename finishes them."""
        return self.atlases / ".work"

    @property
    def datasets(self) -> Path:
        """Drop-in files, in one directory a species."""
        return self.data / "datasets"

    @property
    def imports(self) -> Path:
        """States of imports, and locks."""
        return self.data / "imports"

    def store(self, atlas: AtlasId) -> Path:
        """Return the directory of one store."""
        return self.atlases / atlas.species / atlas.name

    def download(self, atlas: AtlasId) -> Path:
        """Return the file of an atlas that is pulled."""
        return self.data / "downloads" / atlas.species / f"{atlas.name}.h5ad"

    def state(self, atlas: AtlasId) -> Path:
        """Return the file with the progress of the import of one atlas."""
        return self.imports / f"{atlas.species}__{atlas.name}.json"

    def visibility(self, atlas: AtlasId) -> Path:
        """Return the file that says who may see an atlas."""
        return self.data / "visibility" / atlas.species / atlas.name

    def lock(self, atlas: AtlasId) -> Path:
        """Return the lock file of one atlas."""
        return self.imports / f"{atlas.species}__{atlas.name}.lock"


def name_from(text: str) -> str:
    """Make the nearest valid atlas name from a file's stem."""
    name = re.sub(r"[^A-Za-z0-9_-]+", "_", text).strip("_.-")[:80]
    return name or "atlas"


def stem_of(path: Path) -> str:
    """Return the name of a file or folder of data without what tells its format."""
    name = path.name
    while (end := next((end for end in ENDINGS if name.lower().endswith(end)), "")) and len(name) > len(end):
        name = name[: -len(end)]
    return path.stem if name == path.name and not path.is_dir() else name


def printable(path: Path | str) -> str:
    r"""Write a path so that JSON and pages can hold it: bytes that are not UTF-8 as ``\xff``."""
    return os.fsencode(path).decode(errors="backslashreplace")


def one_line(name: str) -> str:
    """Write the name of a file in one line that JSON and pages can hold."""
    return " ".join(printable(name).split())


REMOVED = "removed-"
