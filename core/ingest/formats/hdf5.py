"""Opening HDF5 files of other formats: a fault of a file is one sentence, and links out of it are not followed."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import h5py

from core.errors import InvalidFile
from core.ingest.durable_files import FULL
from core.ingest.file_safety import check_file
from core.ingest.filters import load_filters
from core.ingest.matrix import TRUNCATED, UNREADABLE, first_line

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path


@contextmanager
def opened(path: Path, name: str) -> Generator[h5py.File]:
    """Open a file for reading; `name` is what messages call it.

    Raises
    ------
    InvalidFile
        It cannot be opened, or what is done with it meets damage.
    """
    load_filters()
    try:
        file = h5py.File(path, "r")
    except BlockingIOError as error:
        message = f"{name} is being written to by another program."
        raise InvalidFile(message, "Import it once it is complete.") from error
    except OSError as error:
        raise InvalidFile(f"{name} cannot be opened as HDF5 ({first_line(error)}).", TRUNCATED) from error
    with file:
        try:
            check_file(file)
            yield file
        except UNREADABLE as error:
            if isinstance(error, OSError) and error.errno in FULL:
                raise
            raise InvalidFile(f"{name} cannot be read ({first_line(error)}).", TRUNCATED) from error


def dataset(group: h5py.Group, name: str, kinds: str) -> h5py.Dataset:
    """Return a one-dimensional dataset of a group that lies in the file itself.

    Parameters
    ----------
    kinds
        NumPy's letters for the types that will do.

    Raises
    ------
    InvalidFile
        There is none of that name, type and shape, or it keeps its values elsewhere.
    """
    where = f"{group.name.strip('/')}/{name}".lstrip("/")
    if not isinstance(group.get(name, getlink=True), h5py.HardLink):
        raise InvalidFile(f"The file has no {where} of its own.", TRUNCATED)
    found = group[name]
    if not isinstance(found, h5py.Dataset) or found.ndim != 1 or found.dtype.kind not in kinds:
        raise InvalidFile(f"{where} is not a list of the type that this format has.", TRUNCATED)
    if found.is_virtual or found.external:
        raise InvalidFile(f"{where} keeps its values in another file.", "Write the file again.")
    return found
