"""Formats of single-cell data, told by content rather than by name, and how to convert those that are not read."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

import h5py

from core.errors import InvalidFile
from core.ingest.formats.hdf5 import opened
from core.ingest.formats.mtx_files import MtxFiles
from core.ingest.h5ad import HDF5_MAGIC

if TYPE_CHECKING:
    from collections.abc import Callable

Kind: TypeAlias = Literal["h5ad", "gz", "h5mu", "10x", "mtx", "zarr"]

GZIP_MAGIC: Final = b"\x1f\x8b"
ZARR_FILES: Final = (".zgroup", "zarr.json", ".zattrs", ".zmetadata")
# Where a reader would have to guess, another program writes the file anew.
_R: Final = "Rscript -e"
_CONVERSIONS: Final[dict[str, tuple[str, str]]] = {
    ".loom": ("a loom file", "python -c \"import scanpy; scanpy.read_loom('{name}').write_h5ad('{stem}.h5ad')\""),
    ".h5seurat": ("an h5Seurat file", f'{_R} \'SeuratDisk::Convert("{{name}}", dest = "h5ad")\''),
    ".rds": (
        "an R object",
        f'{_R} \'x <- Seurat::as.SingleCellExperiment(readRDS("{{name}}")); '
        'zellkonverter::writeH5AD(x, "{stem}.h5ad")\'',
    ),
    ".rdata": (
        "an R workspace",
        f'{_R} \'x <- get(load("{{name}}")); '
        'zellkonverter::writeH5AD(Seurat::as.SingleCellExperiment(x), "{stem}.h5ad")\'',
    ),
    ".csv": ("a table of text", "python -c \"import scanpy; scanpy.read_csv('{name}').write_h5ad('{stem}.h5ad')\""),
    ".tsv": ("a table of text", "python -c \"import scanpy; scanpy.read_text('{name}').write_h5ad('{stem}.h5ad')\""),
    ".zip": ("an archive", "unzip {name}"),
    ".tar": ("an archive", "tar -xf {name}"),
}
_ALSO: Final = {".rda": ".rdata", ".txt": ".tsv", ".tgz": ".tar", ".tar.gz": ".tar"}
# A name that a shell reads as it is written.
_PLAIN: Final = re.compile(r"[A-Za-z0-9_][\w.+-]*")


def recognise(path: Path) -> Kind:
    """Tell the format of a file or folder; one that is missing, or nothing that is known here, counts as .h5ad.

    Raises
    ------
    InvalidFile
        The format is known and not read; names the command that converts it.
    """
    if path.is_dir():
        return _of_folder(path)
    if not path.is_file():
        return "h5ad"
    refuse_by_name(path.name)
    if MtxFiles.is_matrix(path.name):
        return "mtx"
    try:
        with path.open("rb") as file:
            magic = file.read(len(HDF5_MAGIC))
    except OSError:
        # Those who open it say why.
        return "h5ad"
    if magic.startswith(GZIP_MAGIC):
        return "gz"
    return of_hdf5(path, path.name) if magic == HDF5_MAGIC else "h5ad"


def of_hdf5(path: Path, name: str) -> Kind:
    """Tell what an HDF5 file holds; `name` is what messages call it."""
    with opened(path, name) as file:
        parts = {part for part in file if isinstance(file.get(part, getlink=True), h5py.HardLink)}
        if "mod" in parts:
            return "h5mu"
        if {"obs", "var"} <= parts:
            return "h5ad"
        if {"row_attrs", "col_attrs", "matrix"} <= parts:
            raise conversion(name, ".loom")
        if {"assays", "cell.names"} <= parts:
            raise conversion(name, ".h5seurat")
        holds: Callable[[str], bool] = lambda part: isinstance(file[part], h5py.Group) and "barcodes" in file[part]  # noqa: E731
        return "10x" if any(map(holds, parts)) else "h5ad"


def refuse_by_name(name: str) -> None:
    """Refuse a file whose name says that it has a format that is not read; one that is packed likewise."""
    bare = name.lower().removesuffix(".gz")
    for ending in (*_CONVERSIONS, *_ALSO):
        if bare.endswith(ending) or name.lower().endswith(ending):
            raise conversion(name, _ALSO.get(ending, ending))


def conversion(name: str, ending: str) -> InvalidFile:
    """Return the error for a format that is not read, with the command that converts it."""
    what, command = _CONVERSIONS[ending]
    shown = name if _PLAIN.fullmatch(name) else f"FILE{ending}"
    stem = shown.partition(".")[0]
    then = "import what it holds" if what == "an archive" else f"import {stem}.h5ad"
    return InvalidFile(
        f"{name} is {what}, which is not read here.", f"Run: {command.format(name=shown, stem=stem)} and {then}."
    )


def _of_folder(path: Path) -> Kind:
    if path.suffix.lower() == ".zarr" or any((path / name).is_file() for name in ZARR_FILES):
        return "zarr"
    if MtxFiles.candidates(path):
        return "mtx"
    raise InvalidFile(
        f"{path} is a directory, not an .h5ad file.",
        "Name the file, a .zarr folder, or one with matrix.mtx, barcodes.tsv and features.tsv (or genes.tsv).",
    )
