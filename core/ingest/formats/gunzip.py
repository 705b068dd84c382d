"""Unpacking .gz files: in pieces, no further than the disk and proportion allow."""

from __future__ import annotations

import gzip
import shutil
import zlib
from typing import TYPE_CHECKING

from core.errors import InvalidFile, StorageFull
from core.ingest.formats.kinds import conversion
from core.ingest.h5ad import HDF5_MAGIC
from core.ingest.matrix import TRUNCATED, first_line

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PIECE = 8 << 20
# Matrices with many zeros shrink a hundredfold. Beyond that a file is no data, but a bomb.
MAX_FACTOR, ALWAYS = 300, 1 << 30
# What is left to others on the disk.
RESERVE = 256 << 20
R_MAGIC = (b"RDX", b"RDA", b"X\n", b"A\n", b"B\n")


def gunzip(path: Path, target: Path, report: Callable[[float], None]) -> None:
    """Unpack a gzip file that holds an HDF5 file.

    Raises
    ------
    InvalidFile
        It is damaged or cut off, holds something else, or unpacks beyond all proportion.
    StorageFull
        The disk has no room for it.
    """
    size = max(1, path.stat().st_size)
    most, done = max(ALWAYS, MAX_FACTOR * size), 0
    try:
        with path.open("rb") as packed, gzip.GzipFile(fileobj=packed) as file, target.open("xb") as out:
            _check_content(path.name, piece := file.read(PIECE))
            while piece:
                done += len(piece)
                if done > most:
                    raise InvalidFile(
                        f"{path.name} unpacks to more than {MAX_FACTOR} times its size.",
                        "Unpack it yourself if you trust it, and import that.",
                    )
                if shutil.disk_usage(target.parent).free < RESERVE + len(piece):
                    raise StorageFull(f"The disk has no room to unpack {path.name}.", "Free some space.")
                out.write(piece)
                report(min(1.0, packed.tell() / size))
                piece = file.read(PIECE)
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise InvalidFile(f"{path.name} cannot be unpacked ({first_line(error)}).", TRUNCATED) from error


def _check_content(name: str, begin: bytes) -> None:
    if begin.startswith(R_MAGIC):
        raise conversion(name, ".rds")
    if not begin.startswith(HDF5_MAGIC):
        raise InvalidFile(
            f"{name} is a gzip file that holds no HDF5 file, so no .h5ad either.",
            "Unpack it with gunzip and look what it is.",
        )
