"""Bounds on what a file may make of itself: a few hundred kB can declare gigabytes, and a reader would believe them.

Everything is measured by the size of the file. Real files unfold about tenfold, a dense matrix of zeros about a
hundredfold; the bounds leave room for that, and small files may always take what costs nothing.
"""

from __future__ import annotations

import math
import re
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

import h5py

from core.errors import InvalidFile

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Sequence

MEGABYTE: Final = 1_000_000
# Any dataset, unfolded: matrices are read piece by piece, so that this bounds time rather than memory.
DATASET_BYTES, DATASET_FACTOR = 256 * MEGABYTE, 300
# A compressed chunk is unfolded as a whole. R writes some datasets as one chunk: it may be large where much is stored.
CHUNK_BYTES, CHUNK_FACTOR = 64 * MEGABYTE, 20
# One value: a name or a text of fixed width, or a row of a table of anndata 0.6.
VALUE_BYTES = MEGABYTE
# Rows of a table, and numbers of texts: each cell and each gene takes some bytes of the file.
ROWS = 200_000
# The tables obs and var are read whole. A text takes that many bytes in Python, beside its letters.
TABLE_BYTES, TABLE_FACTOR, TEXT_BYTES = 192 * MEGABYTE, 20, 96
# Names, labels and descriptions that pages show.
LABEL_LENGTH, TITLE_LENGTH, CITATION_LENGTH, NOTE_LENGTH, MAX_NOTES = 1_000, 300, 2_000, 1_000, 200
ABSTRACT_LENGTH, DOI_LENGTH = 6_000, 200
ERROR_LENGTH, MAX_COLUMNS = 300, 2_000

OVERBLOWN: Final = "Such a file is damaged or means harm; if it is yours, write it again with anndata."
_TABLE = re.compile(r"(?:mod/[^/]+/)?(obs|var|raw/var|raw\.var)(?:/|$)")
_TEXTS = (h5py.h5t.STRING, h5py.h5t.VLEN)


@dataclass(frozen=True)
class Declared:
    """Dimensions of a dataset as its header declares them, nothing of which need be stored."""

    place: str
    shape: tuple[int, ...]
    value_bytes: int
    chunk_bytes: int
    stored_bytes: int
    is_text: bool

    @classmethod
    def of(cls, place: str, dataset: h5py.h5d.DatasetID, plan: h5py.h5p.PropDCID) -> Self:
        """Read the header of a dataset."""
        kind = dataset.get_type()
        size = int(kind.get_size())
        is_chunked = plan.get_layout() == h5py.h5d.CHUNKED
        return cls(
            place=place,
            # None for a dataset without any value.
            shape=tuple(int(n) for n in dataset.shape or ()),
            value_bytes=size,
            chunk_bytes=math.prod(int(n) for n in plan.get_chunk()) * size if is_chunked else 0,
            stored_bytes=int(dataset.get_storage_size()),
            is_text=kind.get_class() in _TEXTS,
        )

    @property
    def n(self) -> int:
        """Number of values."""
        return math.prod(self.shape)

    @property
    def bytes(self) -> int:
        """Size of all values, unfolded; of texts of any length only what points to them."""
        return self.n * self.value_bytes


class Limits:
    """The bounds of one file.

    Parameters
    ----------
    name
        Of the file, for messages.
    file_bytes
        Its size.
    """

    def __init__(self, name: str, file_bytes: int) -> None:
        self._name = name
        self._file_bytes = file_bytes
        self._tables: dict[str, int] = {}

    def check(self, dataset: Declared) -> None:
        """Refuse a dataset, or the table that it belongs to, that is out of proportion.

        Raises
        ------
        InvalidFile
            Naming the dataset, what it would take and the size of the file.
        """
        size = self._file_bytes
        if dataset.bytes > DATASET_BYTES + DATASET_FACTOR * size:
            raise self._overblown(dataset, f"would take {_bytes(dataset.bytes)}")
        if dataset.chunk_bytes > CHUNK_BYTES + CHUNK_FACTOR * dataset.stored_bytes:
            raise self._overblown(dataset, f"would take {_bytes(dataset.chunk_bytes)} for one chunk")
        if dataset.value_bytes > VALUE_BYTES and dataset.bytes > size:
            raise self._overblown(dataset, f"has values of {_bytes(dataset.value_bytes)} each")
        table = _TABLE.match(dataset.place)
        if (table or dataset.is_text) and dataset.n > max(ROWS, size):
            raise self._overblown(dataset, f"has {dataset.n:,} values")
        if table:
            self._check_table(table[0].rstrip("/"), dataset)

    def _check_table(self, table: str, dataset: Declared) -> None:
        needed = dataset.n * (TEXT_BYTES + 2 * dataset.value_bytes) if dataset.is_text else 2 * dataset.bytes
        self._tables[table] = self._tables.get(table, 0) + needed
        if self._tables[table] > TABLE_BYTES + TABLE_FACTOR * self._file_bytes:
            raise InvalidFile(
                f"{self._name}: the table {table} would take {_bytes(self._tables[table])}, but the file has "
                f"{_bytes(self._file_bytes)}.",
                OVERBLOWN,
            )

    def _overblown(self, dataset: Declared, what: str) -> InvalidFile:
        return InvalidFile(
            f"{self._name}: {dataset.place} {what}, but the file has {_bytes(self._file_bytes)}.", OVERBLOWN
        )


@contextmanager
def bounded_memory(name: str, file_bytes: int) -> Generator[None]:
    """Bound the memory that this process may take for the tables of a file of that name and size.

    Texts of any length cannot be measured before they are read: thousands of them may share one text in the file.
    Where the system does not tell how much a process uses, there is no bound.

    Raises
    ------
    InvalidFile
        An allocation failed.
    """
    used = _data_bytes()
    if used is None:
        yield
        return
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
    bound = used + 2 * TABLE_BYTES + 2 * TABLE_FACTOR * file_bytes
    if soft != resource.RLIM_INFINITY:
        bound = min(bound, soft)
    resource.setrlimit(resource.RLIMIT_DATA, (bound, hard))
    try:
        yield
    except MemoryError as error:
        raise InvalidFile(
            f"{name}: the tables would take more than {_bytes(bound - used)}, but the file has {_bytes(file_bytes)}.",
            OVERBLOWN,
        ) from error
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, (soft, hard))


def refuse_unless_integers(dataset: h5py.Dataset, where: str) -> None:
    """Refuse an array that will index another unless its numbers are whole by type, before anything converts it.

    A float array passes comparisons with NaN in it, and a conversion makes of NaN, of fractions and of what is too
    large some other index.
    """
    if dataset.dtype.kind not in "iu":
        raise InvalidFile(f"{where} holds {dataset.dtype} values, not integers.", "Write the file again with anndata.")


def refuse_long_names(what: str, names: Iterable[object]) -> None:
    """Refuse names of cells or genes that no page can show.

    Raises
    ------
    InvalidFile
        One has more than `LABEL_LENGTH` characters.
    """
    longest = max((str(name) for name in names), key=len, default="")
    if len(longest) > LABEL_LENGTH:
        raise InvalidFile(
            f"A {what} has a name of {len(longest):,} characters ({longest[:40]!r}…).",
            f"Names may have {LABEL_LENGTH:,}: rename it.",
        )


def shorten(text: str, length: int) -> str:
    """Write a text in one line, in characters that JSON can hold, and cut it to a length."""
    # Cut first: a text of many megabytes need not be split into words.
    line = " ".join(text[: 4 * length].encode(errors="replace").decode().split())
    return line if len(line) <= length else f"{line[: length - 1]}…"


def shorten_notes(notes: Sequence[str]) -> tuple[str, ...]:
    """Bound notes in their length and number."""
    kept = [shorten(note, NOTE_LENGTH) for note in notes[:MAX_NOTES]]
    more = len(notes) - len(kept)
    return (*kept, f"There are {more:,} further notes.") if more else tuple(kept)


def _data_bytes() -> int | None:
    """Return the size of what this process has allocated; None where the system does not tell."""
    try:
        fields = Path("/proc/self/statm").read_text(encoding="ascii").split()
    except OSError:
        return None
    import resource

    return int(fields[5]) * resource.getpagesize()


def _bytes(size: int) -> str:
    if size < MEGABYTE:
        return f"{size / 1e3:,.1f} kB"
    return f"{size / 1e6:,.1f} MB" if size < 1000 * MEGABYTE else f"{size / 1e9:,.1f} GB"
