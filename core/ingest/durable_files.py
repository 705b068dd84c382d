"""Writing the files of a store: checksummed while written, on disk before the store appears."""

from __future__ import annotations

import contextlib
import errno
import os
from typing import TYPE_CHECKING, Self

import numpy as np
import pyarrow.parquet as pq

from core.atlas.integrity import checksum
from core.atlas.manifest import FileInfo
from core.errors import InvalidInput, StorageFull

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from pathlib import Path
    from types import TracebackType

    import pyarrow as pa

FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_FORBIDDEN = {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR}


class NpyWriter:
    """A .npy file of rows, written piece by piece; a file of no row is taken away at the end if it is `optional`.

    A mapped file would be simpler, but a full disk then kills the process instead of raising.

    Parameters
    ----------
    length
        Number of rows; None if it shows at the end.
    columns
        That of each row, for an array of two dimensions.
    """

    def __init__(
        self,
        path: Path,
        dtype: np.dtype | type,
        length: int | None = None,
        columns: tuple[int, ...] = (),
        *,
        optional: bool = False,
    ) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        self._file = path.open("xb")
        self._dtype = np.dtype(dtype)
        self._length = length
        self._columns = columns
        self._optional = optional
        self.n = 0
        self._write_header(length or 0)

    def write(self, values: np.ndarray) -> None:
        """Append rows."""
        self.n += len(values)
        self._file.write(np.ascontiguousarray(values, dtype=self._dtype).data)

    def _write_header(self, length: int) -> None:
        header = {
            "descr": np.lib.format.dtype_to_descr(self._dtype),
            "fortran_order": False,
            "shape": (length, *self._columns),
        }
        # numpy leaves room for any length of the first axis, so that a header can be written over.
        np.lib.format.write_array_header_1_0(self._file, header)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None and self._length is None:
                self._file.seek(0)
                self._write_header(self.n)
        finally:
            self._file.close()
        if kind is None and self._length is not None and self.n != self._length:
            raise ValueError(f"{self._file.name}: {self._length - self.n} values were announced but not written")
        if kind is None and self._optional and not self.n:
            self._path.unlink()


def write_array(path: Path, array: np.ndarray) -> None:
    """Write a small array as .npy."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("xb") as file:
        np.save(file, array, allow_pickle=False)


def write_table(path: Path, table: pa.Table) -> None:
    """Write a table as parquet, in row groups that can be read column by column."""
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(table, path, compression="zstd", store_schema=True)


def settle(directory: Path, alive: Callable[[int], None] = lambda _: None) -> dict[str, FileInfo]:
    """Force every file below `directory` to disk and return their checksums by relative path.

    `alive` is called again and again meanwhile, with the number of bytes since the last call.
    """
    infos: dict[str, FileInfo] = {}
    for path in sorted(directory.rglob("*")):
        sync(path)
        if path.is_file():
            infos[path.relative_to(directory).as_posix()] = checksum(path, alive)
    sync(directory)
    return infos


def counted(
    report: Callable[[str, float], None], step: str, span: tuple[float, float], n_bytes: int
) -> Callable[[int], None]:
    """Report the beginning of a step, and return what reports its progress when told of bytes worked through.

    Parameters
    ----------
    span
        Fractions of the whole at which the step begins and ends.
    n_bytes
        Bytes of the whole step.
    """
    start, stop = span
    report(step, start)
    done = 0

    def progress(more: int) -> None:
        nonlocal done
        done += more
        report(step, start + (stop - start) * min(1.0, done / max(1, n_bytes)))

    return progress


def sync(path: Path) -> None:
    """Force one file or directory to disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextlib.contextmanager
def trouble_in_words(place: Path) -> Generator[None]:
    """Turn the operating system's 'no space left' and 'not allowed' into one sentence."""
    try:
        yield
    except OSError as error:
        if error.errno in _FORBIDDEN:
            raise InvalidInput(
                f"The data directory {place} cannot be written to ({error.strerror}).",
                "Change its permissions, or choose another one with MASLDATLAS_DATA_DIR.",
            ) from error
        if error.errno not in FULL:
            raise
        raise StorageFull(
            f"The disk that holds {place} is full; nothing was imported.", "Free some space and import again."
        ) from error
