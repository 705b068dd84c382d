"""Reading of the files of a store: Parquet without pandas, arrays mapped from the disk."""

from __future__ import annotations

import mmap
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from core.arrays import I32

MISSING = -1
PAGE = 4096


def read_table(path: Path, columns: list[str] | None = None) -> pa.Table:
    """Read a Parquet file, or some of its columns."""
    # pq.read_table would import pandas and the dataset engine: 60 MB that the web process can do without.
    with pq.ParquetFile(path, memory_map=True) as file:
        return file.read(columns)


def numbers_of(array: pa.Array | pa.ChunkedArray) -> NDArray[Any]:
    """Return a column without nulls as a NumPy array; Arrow's own conversion would import pandas."""
    plain = array.chunk(0) if isinstance(array, pa.ChunkedArray) else array
    return plain.to_numpy(zero_copy_only=True)


def codes_of(indices: pa.Int32Array) -> I32:
    """Return dictionary indices with `MISSING` for null; Arrow's own fill_null would import pandas."""
    validity, values = indices.buffers()
    span = slice(indices.offset, indices.offset + len(indices))
    codes = np.frombuffer(values, dtype=np.int32)[span]
    if validity is None:
        return codes
    given = np.unpackbits(np.frombuffer(validity, dtype=np.uint8), bitorder="little")[span]
    return np.where(given, codes, np.int32(MISSING))


def mapped(path: Path) -> NDArray[Any]:
    """Map an array from the disk, read-only."""
    # An empty array cannot be mapped, and a page or less is not worth it.
    array = np.load(path, mmap_mode="r" if path.stat().st_size > PAGE else None)
    array.flags.writeable = False
    return array


def is_whole(array: NDArray[Any]) -> bool:
    """Tell whether the file behind a mapped array has not been truncated."""
    mapped = cast("object", array.base)
    # The size is that of the very file that is mapped, whatever lies at its path now.
    return not isinstance(mapped, mmap.mmap) or mapped.size() >= len(mapped)
