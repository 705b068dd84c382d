"""Folders with matrix.mtx, features and barcodes, as Cell Ranger, STARsolo, alevin and GEO have them.

The entries of the text may come in any order: they are read once into a temporary file, counted by cell, and put into
their places in another, both mapped, so that memory holds a block at a time.
"""

from __future__ import annotations

import gzip
import re
import shutil
import zlib
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from core.errors import InvalidFile, StorageFull
from core.ingest.formats.features import genes_of
from core.ingest.formats.h5ad_writer import H5adWriter
from core.ingest.formats.mtx_files import MtxFiles, unpacked
from core.ingest.formats.tenx_h5 import cell_blocks
from core.ingest.matrix import DAMAGED, TRUNCATED, UNREADABLE, first_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from numpy.typing import NDArray

LINES = 1_000_000
MAX_HEADER = 10_000
ENTRY = np.dtype([("cell", np.int32), ("feature", np.int32), ("value", np.float64)])
_BANNER = re.compile(rb"%%MatrixMarket\s+matrix\s+coordinate\s+(real|integer|pattern)\s+general\s*", re.IGNORECASE)


@dataclass(frozen=True)
class _Header:
    """Head of the text: numbers of rows, columns and entries, and whether each entry has a value."""

    n_rows: int
    n_columns: int
    n_entries: int
    has_values: bool


def from_mtx(path: Path, target: Path, notes: list[str], report: Callable[[float], None]) -> None:
    """Write a folder with matrix.mtx as .h5ad; `path` is the folder or the matrix.

    Raises
    ------
    InvalidFile
        A file is missing or damaged, or the numbers of features and barcodes do not fit the matrix.
    """
    files = MtxFiles.of(path)
    features, cells = files.read_features(), files.read_barcodes()
    if "id" not in features:
        raise InvalidFile(f"{files.features.name} is empty.", TRUNCATED)
    var, place = genes_of(features, path.name, notes)
    spool = target.with_name("entries")
    try:
        with unpacked(files.matrix) as text:
            header = _header(text, files.matrix.name)
            by_cell = _is_by_cell(header, len(place), len(cells), files)
            _check_room(header, files.matrix.name, spool)
            lengths = np.zeros(len(cells) + 1, dtype=np.int64)
            is_whole = True
            with spool.open("xb") as out:
                seen = 0
                for entries in _entries(text, header, by_cell=by_cell):
                    seen += len(entries)
                    if seen > header.n_entries:
                        break
                    entries["feature"] = place[entries["feature"]]
                    kept = entries[(entries["feature"] >= 0) & (entries["value"] != 0)]
                    lengths[1:] += np.bincount(kept["cell"], minlength=len(cells))
                    is_whole = is_whole and _is_exact(kept["value"])
                    out.write(kept.data)
                    report(0.7 * seen / max(1, header.n_entries))
            if seen != header.n_entries:
                n = "more" if seen > header.n_entries else f"only {seen:,}"
                raise InvalidFile(f"{files.matrix.name} announces {header.n_entries:,} entries and has {n}.", TRUNCATED)
    except (gzip.BadGzipFile, EOFError, zlib.error, UnicodeDecodeError) as error:
        raise InvalidFile(f"{files.matrix.name} cannot be unpacked ({first_line(error)}).", TRUNCATED) from error
    _write(spool, target, np.cumsum(lengths), (cells, var), is_whole=is_whole)
    spool.unlink()
    report(1.0)


def _write(
    spool: Path, target: Path, indptr: NDArray[np.int64], tables: tuple[list[str], pd.DataFrame], *, is_whole: bool
) -> None:
    """Put the entries into the order of the cells, and those of a cell into the order of the genes."""
    cells, var = tables
    ordered = target.with_name("ordered")
    n = int(indptr[-1])
    dtype = np.dtype(np.float32) if is_whole else np.dtype(np.float64)
    with H5adWriter(target, dtype, len(var)) as out:
        if n:
            sorted_ = np.memmap(ordered, ENTRY, "w+", shape=(n,))
            free = indptr[:-1].copy()
            for start in range(0, n, LINES):
                entries = np.fromfile(spool, ENTRY, LINES, offset=start * ENTRY.itemsize)
                entries = entries[np.lexsort((entries["feature"], entries["cell"]))]
                counts = np.bincount(entries["cell"], minlength=len(cells))
                first = np.repeat(np.cumsum(counts) - counts, counts)
                sorted_[free[entries["cell"]] + np.arange(len(entries)) - first] = entries
                free += counts
            for first, last in cell_blocks(indptr):
                block = np.array(sorted_[indptr[first] : indptr[last]])
                block = block[np.lexsort((block["feature"], block["cell"]))]
                out.append(block["value"].astype(dtype), block["feature"], np.diff(indptr[first : last + 1]))
            del sorted_
            ordered.unlink()
        else:
            out.append(np.empty(0), np.empty(0, dtype=np.int32), np.zeros(len(cells), dtype=np.int64))
        out.finish(pd.DataFrame(index=pd.Index(cells, dtype=object)), var)


def _is_exact(values: NDArray[np.float64]) -> bool:
    """Tell whether float32 holds the values as they are."""
    return bool(np.array_equal(values, values.astype(np.float32)))


def _header(text: IO[bytes], name: str) -> _Header:
    banner = _BANNER.fullmatch(text.readline(MAX_HEADER).rstrip(b"\r\n"))
    if banner is None:
        raise InvalidFile(f"{name} is not a Matrix Market file of coordinates.", "Check what the file holds.")
    line = b"%"
    while line.startswith(b"%") or line in (b"\n", b"\r\n"):
        line = text.readline(MAX_HEADER)
    try:
        n_rows, n_columns, n_entries = map(int, line.split())
    except ValueError as error:
        raise InvalidFile(f"{name} does not say how many rows, columns and entries it has.", TRUNCATED) from error
    return _Header(n_rows, n_columns, n_entries, banner[1].lower() != b"pattern")


def _check_room(header: _Header, name: str, spool: Path) -> None:
    """Refuse more entries than the matrix has places, or than the disk has room for."""
    if header.n_entries > header.n_rows * header.n_columns:
        raise InvalidFile(f"{name} announces {header.n_entries:,} entries, more than it has places.", DAMAGED)
    needed, free = 3 * header.n_entries * ENTRY.itemsize, shutil.disk_usage(spool.parent).free
    if needed > free:
        raise StorageFull(
            f"Converting {name} may need {needed / 1e9:,.1f} GB, and {free / 1e9:,.1f} GB are free.", "Free some space."
        )


def _is_by_cell(header: _Header, n_features: int, n_cells: int, files: MtxFiles) -> bool:
    """Tell whether the rows are cells; 10x writes features by cells, others the transpose."""
    shape = (header.n_rows, header.n_columns)
    if shape == (n_features, n_cells):
        return False
    if shape == (n_cells, n_features):
        return True
    raise InvalidFile(
        f"{files.matrix.name} has {shape[0]:,} rows and {shape[1]:,} columns, but there are {n_features:,} features "
        f"and {n_cells:,} barcodes.",
        "Check that the three files belong together.",
    )


def _entries(text: IO[bytes], header: _Header, *, by_cell: bool) -> Iterator[NDArray[Any]]:
    """Yield the entries of the text, some hundred thousand at a time, counted from 0 and checked."""
    names = ["row", "column", "value"][: 3 if header.has_values else 2]
    types = {"row": np.int64, "column": np.int64, "value": np.float64}
    if not header.n_entries:
        return
    try:
        with pd.read_csv(
            text, sep=r"\s+", header=None, names=names, dtype={name: types[name] for name in names}, chunksize=LINES,
            engine="c", index_col=False, comment="%",
        ) as chunks:  # fmt: skip
            for chunk in chunks:
                rows, columns = (chunk[name].to_numpy() - 1 for name in ("row", "column"))
                for numbers, n in ((rows, header.n_rows), (columns, header.n_columns)):
                    if numbers.min() < 0 or numbers.max() >= n:
                        raise InvalidFile("The matrix has an entry outside of its shape.", DAMAGED)
                values = chunk["value"].to_numpy() if header.has_values else np.ones(len(chunk))
                found = np.empty(len(chunk), dtype=ENTRY)
                found["cell"], found["feature"] = (rows, columns) if by_cell else (columns, rows)
                found["value"] = values
                yield found
    except UNREADABLE as error:
        if isinstance(error, gzip.BadGzipFile | EOFError):
            raise
        raise InvalidFile(f"The matrix cannot be read to its end ({first_line(error)}).", TRUNCATED) from error
