"""Checksums of files."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from core.atlas.manifest import FileInfo

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


READ_BYTES = 8 * 1024 * 1024


def checksum(path: Path, alive: Callable[[], None] = lambda: None) -> FileInfo:
    """Size and SHA-256 of a file; `alive` is called after each piece that was read."""
    digest = hashlib.sha256()
    size = 0
    with path.open("rb", buffering=0) as file:
        while piece := file.read(READ_BYTES):
            digest.update(piece)
            size += len(piece)
            alive()
    return FileInfo(bytes=size, sha256=digest.hexdigest())
