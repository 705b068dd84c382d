"""The .h5 files of Cell Ranger, of version 3 and later and of version 2, converted cell by cell."""

from __future__ import annotations

from typing import TYPE_CHECKING

import h5py
import numpy as np
import pandas as pd

from core.errors import InvalidFile
from core.ingest.formats.features import genes_of
from core.ingest.formats.h5ad_writer import H5adWriter
from core.ingest.formats.hdf5 import dataset, opened
from core.ingest.matrix import CHUNK_ENTRIES, DAMAGED, text_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

# In the order of preference, where they differ between versions.
IDS, NAMES = ("id", "genes", "gene_ids"), ("name", "gene_names")


def from_tenx(path: Path, target: Path, genome: str, notes: list[str], report: Callable[[float], None]) -> None:
    """Write a 10x .h5 file as .h5ad.

    Parameters
    ----------
    genome
        Of a file of Cell Ranger 2, which has a matrix for each; empty for the only one.

    Raises
    ------
    InvalidFile
        It is damaged, has several genomes and none is named, or no gene expression.
    """
    with opened(path, path.name) as file:
        group = _matrix(file, path.name, genome)
        features = group["features"] if isinstance(group.get("features"), h5py.Group) else group
        columns = {"id": _texts(features, IDS), "name": _texts(features, NAMES)}
        columns |= {key: _texts(features, (key,)) for key in ("feature_type", "genome")}
        var, place = genes_of({key: texts for key, texts in columns.items() if texts}, path.name, notes)
        obs = pd.DataFrame(index=pd.Index(_texts(group, ("barcodes",)), dtype=object))
        data, indices, pointer = (
            dataset(group, name, kinds) for name, kinds in (("data", "iuf"), ("indices", "iu"), ("indptr", "iu"))
        )
        indptr = np.asarray(pointer[:]).astype(np.int64)
        n = min(len(data), len(indices))
        if len(indptr) != len(obs) + 1 or indptr[0] != 0 or np.any(np.diff(indptr) < 0) or indptr[-1] > n:
            raise InvalidFile(f"The index pointer of {path.name} does not fit its {len(obs):,} barcodes.", DAMAGED)
        with H5adWriter(target, data.dtype, len(var)) as out:
            for first, last in cell_blocks(indptr):
                low, high = int(indptr[first]), int(indptr[last])
                values, rows = np.asarray(data[low:high]), np.asarray(indices[low:high])
                if rows.size and (int(rows.min()) < 0 or int(rows.max()) >= len(place)):
                    raise InvalidFile(f"{path.name} names a feature that it does not have.", DAMAGED)
                genes = place[rows.astype(np.int64)]
                kept = genes >= 0
                bounds = np.concatenate([[0], np.cumsum(kept)])[indptr[first : last + 1] - low]
                out.append(values[kept], genes[kept], np.diff(bounds))
                report(last / max(1, len(obs)))
            out.finish(obs, var)


def cell_blocks(indptr: np.ndarray, entries: int = CHUNK_ENTRIES) -> list[tuple[int, int]]:
    """List ranges of cells with about so many entries each; a single cell may have more."""
    blocks: list[tuple[int, int]] = []
    first, n_cells = 0, len(indptr) - 1
    while first < n_cells:
        last = int(np.searchsorted(indptr, indptr[first] + entries, side="right")) - 1
        last = min(max(last, first + 1), n_cells)
        blocks.append((first, last))
        first = last
    return blocks


def _matrix(file: h5py.File, name: str, genome: str) -> h5py.Group:
    groups = {key: file[key] for key in file if isinstance(file.get(key, getlink=True), h5py.HardLink)}
    known = [key for key, group in groups.items() if isinstance(group, h5py.Group) and "barcodes" in group]
    if genome and genome not in known:
        raise InvalidFile(f"{name} has no genome {genome[:80]!r}.", f"It has: {', '.join(known)}.")
    if not genome and len(known) > 1:
        raise InvalidFile(f"{name} has a matrix for each of {', '.join(known)}.", "Choose one with --modality.")
    return groups[genome or known[0]]


def _texts(group: h5py.Group, names: tuple[str, ...]) -> list[str]:
    name = next((name for name in names if name in group), None)
    return [] if name is None else [text_of(text) for text in dataset(group, name, "SO")[:]]
