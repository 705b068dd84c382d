"""Request of an import, and its form on the way to another process; imports no large library."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.atlas.manifest import Role, Scale, Species
    from core.ingest.subset import Subset


@dataclass(frozen=True)
class ImportRequest:
    """Request of a user. None means: find out from the file."""

    path: Path
    species: Species | None = None
    name: str | None = None
    roles: dict[Role, str | None] = field(default_factory=dict)
    layers: tuple[str, ...] = ()
    title: str | None = None
    citation: str | None = None
    abstract: str | None = None
    doi: str | None = None
    replace: bool = False
    simulated: bool = False
    subset: Subset | None = None
    modality: str = ""
    scale: Scale | None = None


def encode(request: ImportRequest, data: Path, threads: int) -> bytes:
    """Write a request as one line; json escapes the bytes of names that are not UTF-8."""
    return json.dumps({"request": asdict(request), "data": data, "threads": threads}, default=str).encode() + b"\n"


def decode(line: bytes) -> tuple[ImportRequest, Path, int]:
    """Read a request back."""
    from core.ingest.subset import Subset

    message = json.loads(line)
    fields = message["request"]
    fields["path"] = Path(fields["path"])
    fields["layers"] = tuple(fields["layers"])
    fields["subset"] = None if fields["subset"] is None else Subset(**fields["subset"])
    return ImportRequest(**fields), Path(message["data"]), int(message["threads"])
