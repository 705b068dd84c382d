"""Reading columns of parquet files without pandas."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from core.arrays import I32


def read_table(path: Path, columns: list[str] | None = None) -> pa.Table:
    """Read some columns, or all."""
    # pq.read_table would import pandas and the dataset engine: 60 MB that the web process can do without.
    with pq.ParquetFile(path, memory_map=True) as file:
        return file.read(columns)


def numbers(array: pa.Array | pa.ChunkedArray) -> NDArray[Any]:
    """Return a column without nulls as a NumPy array; Arrow's own conversion would import pandas."""
    plain = array.chunk(0) if isinstance(array, pa.ChunkedArray) else array
    return plain.to_numpy(zero_copy_only=True)


def codes(indices: pa.Int32Array, missing: int) -> I32:
    """Return dictionary indices with `missing` for null; Arrow's own fill_null would import pandas."""
    validity, values = indices.buffers()
    span = slice(indices.offset, indices.offset + len(indices))
    codes = np.frombuffer(values, dtype=np.int32)[span]
    if validity is None:
        return codes
    given = np.unpackbits(np.frombuffer(validity, dtype=np.uint8), bitorder="little")[span]
    return np.where(given, codes, np.int32(missing))
