"""Checksums of files, and of folders that count as one file."""

from __future__ import annotations

import hashlib
from stat import S_ISDIR, S_ISREG
from typing import TYPE_CHECKING

from core.atlas.manifest import FileInfo
from core.errors import InvalidFile

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


READ_BYTES = 8 * 1024 * 1024
# A zarr folder has a file for each chunk.
MAX_FILES = 2_000_000


def files_within(folder: Path) -> list[Path]:
    """List the files of a folder in order; hidden ones belong to it.

    Raises
    ------
    InvalidFile
        It holds a symbolic link, which may lead anywhere, or anything that is no file; or more than `MAX_FILES`.
    """
    found: list[Path] = []
    for path in folder.rglob("*"):
        mode = path.lstat().st_mode
        if not (S_ISREG(mode) or S_ISDIR(mode)):
            what = "a symbolic link" if path.is_symlink() else "neither a file nor a folder"
            raise InvalidFile(f"{path.name} in {folder.name} is {what}.", "Put the file itself there.")
        if S_ISREG(mode):
            found.append(path)
        if len(found) > MAX_FILES:
            raise InvalidFile(f"{folder.name} holds more than {MAX_FILES:,} files.", "Write it as .h5ad.")
    return sorted(found)


def stamp(path: Path) -> tuple[int, int]:
    """Return size and time of the last change, in nanoseconds; of a folder the sum and the latest of its files."""
    if not path.is_dir():
        stat = path.stat()
        return stat.st_size, stat.st_mtime_ns
    stats = [file.stat() for file in files_within(path)]
    return sum(stat.st_size for stat in stats), max((stat.st_mtime_ns for stat in stats), default=0)


def checksum(path: Path, alive: Callable[[int], None] = lambda _: None) -> FileInfo:
    """Size and SHA-256 of a file; of a folder, the SHA-256 over names, sizes and checksums of its files.

    `alive` is called after each piece that was read, with its size.
    """
    if path.is_dir():
        return _folder_checksum(path, alive)
    digest = hashlib.sha256()
    size = 0
    with path.open("rb", buffering=0) as file:
        while piece := file.read(READ_BYTES):
            digest.update(piece)
            size += len(piece)
            alive(len(piece))
    return FileInfo(bytes=size, sha256=digest.hexdigest())


def _folder_checksum(folder: Path, alive: Callable[[int], None]) -> FileInfo:
    digest = hashlib.sha256()
    size = 0
    for path in files_within(folder):
        info = checksum(path, alive)
        size += info.bytes
        digest.update(f"{path.relative_to(folder).as_posix()}\0{info.bytes}\0{info.sha256}\n".encode(errors="replace"))
    return FileInfo(bytes=size, sha256=digest.hexdigest())
