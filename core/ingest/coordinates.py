"""Coordinates of the cells in ``obsm``: arrays, and data frames of numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import h5py
import numpy as np
import pandas as pd

from core.ingest.matrix import UNREADABLE, first_line, text_of
from core.ingest.nested import entries
from core.ingest.tables import plain_table

if TYPE_CHECKING:
    from collections.abc import Iterator

# The axes that a map can have.
MAX_AXES = 3


def read_coordinates(
    node: h5py.Group | h5py.Dataset | None, n_cells: int, skipped: list[str]
) -> Iterator[tuple[str, np.ndarray, int]]:
    """Read each numeric table of ``obsm``: its key, its first three columns as float32, and how many it has.

    `skipped` takes a sentence for each that is left out.
    """
    for key, parent, name in _entries(node):
        try:
            entry = parent[name]
            found, n_columns = _table(entry) if isinstance(entry, h5py.Group) else _array(entry, n_cells)
        except UNREADABLE as error:
            skipped.append(f"obsm['{key}'] cannot be read ({first_line(error)}) and was left out.")
            continue
        if found is None:
            is_matrix = isinstance(entry, h5py.Group) and "indptr" in entry
            kind = "a sparse matrix" if is_matrix else "not a table of coordinates"
            skipped.append(f"obsm['{key}'] is {kind} and was left out.")
        elif len(found) != n_cells:
            skipped.append(f"obsm['{key}'] has {len(found):,} of {n_cells:,} rows and was left out.")
        else:
            with np.errstate(over="ignore"):
                # What no float32 holds becomes infinite, and that is no place on a map.
                yield key, found.astype(np.float32), n_columns


def _entries(node: Any) -> Iterator[tuple[str, h5py.Group | h5py.Dataset, str]]:  # noqa: ANN401 - whatever obsm is
    if isinstance(node, h5py.Dataset):
        names: tuple[str, ...] = node.dtype.names or ()
        yield from ((text_of(name), node, name) for name in names)
    elif isinstance(node, h5py.Group):
        yield from entries(node)


def _array(entry: h5py.Dataset | np.ndarray, n_cells: int) -> tuple[np.ndarray | None, int]:
    shape: tuple[int, ...] = entry.shape or ()
    names: tuple[str, ...] = entry.dtype.names or ()
    if names and shape == (n_cells,) and all(entry.dtype[name].kind in "iuf" for name in names):
        # A record array, which has a name for each axis.
        return np.stack([np.asarray(entry[name]) for name in names[:MAX_AXES]], axis=1), len(names)
    if len(shape) != 2 or shape[0] != n_cells or shape[1] == 0 or entry.dtype.kind not in "iuf":  # noqa: PLR2004
        return None, 0
    return np.asarray(entry[:, :MAX_AXES]), shape[1]


def _table(entry: h5py.Group) -> tuple[np.ndarray | None, int]:
    """Read a data frame of numbers; one with other columns among them holds no coordinates."""
    import anndata

    encoding = text_of(entry.attrs.get("encoding-type", ""))
    if encoding not in ("", "dataframe") or "_index" not in entry.attrs:
        return None, 0
    frame = anndata.io.read_elem(entry) if encoding else plain_table(entry, [])
    if not frame.shape[1] or not all(_is_number(frame[name]) for name in frame):
        return None, 0
    return frame.iloc[:, :MAX_AXES].to_numpy(dtype=np.float64, na_value=np.nan), frame.shape[1]


def _is_number(column: pd.Series) -> bool:
    return pd.api.types.is_numeric_dtype(column.dtype) and not pd.api.types.is_bool_dtype(column.dtype)
