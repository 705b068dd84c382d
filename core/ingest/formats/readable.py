"""Provision of a file of any format as .h5ad: recognised by content, converted piece by piece."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from core.atlas.paths import stem_of
from core.errors import InvalidInput
from core.ingest.formats import kinds
from core.ingest.formats.gunzip import gunzip
from core.ingest.formats.h5mu import from_h5mu
from core.ingest.formats.mtx import from_mtx
from core.ingest.formats.tenx_h5 import from_tenx
from core.ingest.formats.zarr_folder import from_zarr
from core.ingest.h5ad import Fingerprint

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    Report: TypeAlias = Callable[[str, float], None]

# Of the whole progress, where a file has to be converted.
CONVERTED = 0.3


@dataclass(frozen=True)
class Readable:
    """An .h5ad file to read, and the file that it was made from.

    Attributes
    ----------
    path : the .h5ad file
    origin : the file or folder that was named
    fingerprint : of the origin, taken before anything was read
    notes : what the conversion left out, a sentence each
    report : for the progress of what follows
    """

    path: Path
    origin: Path
    fingerprint: Fingerprint
    report: Report
    notes: list[str] = field(default_factory=list)


@contextmanager
def readable(path: Path, scratch: Path, modality: str, report: Report) -> Generator[Readable]:
    """Provide a file as .h5ad; what has to be converted lies in `scratch` meanwhile.

    Parameters
    ----------
    path
        A file or folder of any format that `core.ingest.formats.kinds` knows.
    scratch
        An empty directory on the disk of the stores.
    modality
        The part of an .h5mu file, or the genome of an old 10x file, that is wanted; empty for the usual one.
    report
        Called with the step and the fraction done.

    Raises
    ------
    InvalidFile
        The format is not read, or the file is damaged; names the command that converts it where there is one.
    InvalidInput
        A modality is asked for, and the format has none.
    StorageFull
        There is no room for what the file unpacks to.
    """
    kind = kinds.recognise(path)
    if kind == "h5ad":
        _refuse(modality, path)
        # A file that is missing is told of by those who open it.
        fingerprint = Fingerprint.of(path) if path.exists() else Fingerprint(0, 0, 0)
        yield Readable(path, path, fingerprint, report)
        return
    fingerprint = Fingerprint.of(path)
    converted = Readable(
        scratch / f"{stem_of(path) or 'atlas'}.h5ad",
        path,
        fingerprint,
        lambda step, done: report(step, CONVERTED + (1 - CONVERTED) * done),
    )
    _convert(path, kind, converted, modality, lambda step, done: report(step, CONVERTED * done))
    yield converted


def _convert(path: Path, kind: kinds.Kind, converted: Readable, modality: str, report: Report) -> None:
    target, notes = converted.path, converted.notes
    if kind == "gz":
        packed = target.with_name(f"packed-{target.name}")
        gunzip(path, packed, lambda done: report("unpacking", done / 2))
        kind = kinds.of_hdf5(packed, path.name)
        if kind == "h5ad":
            _refuse(modality, path)
            packed.rename(target)
        else:
            _convert(packed, kind, converted, modality, lambda step, done: report(step, (1 + done) / 2))
            packed.unlink()
    elif kind == "h5mu":
        from_h5mu(path, target, modality, notes, lambda done: report("reading one modality", done))
    elif kind == "10x":
        from_tenx(path, target, modality, notes, lambda done: report("converting the 10x file", done))
    else:
        _refuse(modality, path)
        convert = from_mtx if kind == "mtx" else from_zarr
        convert(path, target, notes, lambda done: report("converting the folder", done))


def _refuse(modality: str, path: Path) -> None:
    if modality:
        raise InvalidInput(f"{path.name} has no modalities.", "Leave --modality out: it is for .h5mu files.")
