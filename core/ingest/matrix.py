"""Matrices of an .h5ad file, read in chunks: CSR, CSC or dense, of any dtype and any age of the format."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

import h5py
import numpy as np
from scipy import sparse

from core.errors import InvalidFile

if TYPE_CHECKING:
    from collections.abc import Iterator

# Entries read at once: with their indices and the copies made on the way about 100 MB.
CHUNK_ENTRIES = 2_000_000

# What h5py and those who read through it raise when a file is not what it says.
UNREADABLE = (OSError, RuntimeError, LookupError, ValueError, TypeError, AttributeError, OverflowError)
# How far a chunk may exceed that to fit the HDF5 chunks of a dense matrix.
MAX_STRETCH = 4

Format: TypeAlias = Literal["csr", "csc", "dense"]


@dataclass(frozen=True)
class Matrix:
    """A matrix (n_cells, n_genes) that still lies in the file.

    Attributes
    ----------
    where
        Its place, as a person would write it: ``X``, ``layers['counts']``, ``raw.X``.
    node
        The dataset (dense) or the group holding data, indices and indptr (CSR, CSC).
    """

    where: str
    node: h5py.Group | h5py.Dataset
    format: Format
    shape: tuple[int, int]

    @property
    def n_stored(self) -> int:
        """Entries stored in the file: all of them for a dense matrix."""
        return self.shape[0] * self.shape[1] if self.format == "dense" else int(self.node["data"].shape[0])

    @property
    def spool_bytes(self) -> int:
        """About how many bytes the nonzeros take once read, values and cells; for a dense matrix those of the file."""
        if self.format == "dense":
            return int(self.node.id.get_storage_size())
        return self.n_stored * (as_floats(np.empty(0, self.node["data"].dtype)).itemsize + 4)

    def chunks(self, entries: int = CHUNK_ENTRIES) -> Iterator[Chunk]:
        """Read the matrix once, in consecutive blocks of rows (CSR, dense) or columns (CSC).

        Explicit zeros are dropped; a chunk is canonical (sorted, no entry twice).

        Raises
        ------
        InvalidFile
            The indices do not fit the shape, an entry is stored twice, or the file cannot be read to its end.
        """
        try:
            yield from self._dense(entries) if self.format == "dense" else self._compressed(entries)
        except UNREADABLE as error:
            raise InvalidFile(f"{self.where} cannot be read to its end ({first_line(error)}).", TRUNCATED) from error

    def _dense(self, entries: int) -> Iterator[Chunk]:
        n_cells, n_genes = self.shape
        dataset = self.node
        step = max(1, entries // n_genes)
        # Whole HDF5 chunks are read once each; very tall ones several times, rather than all of them at once.
        if dataset.chunks and dataset.chunks[0] <= MAX_STRETCH * step:
            step = max(dataset.chunks[0], step // dataset.chunks[0] * dataset.chunks[0])
        for start in range(0, n_cells, step):
            rows = np.asarray(dataset[start : start + step]).reshape(-1, n_genes)
            block = sparse.csr_array(as_floats(rows))
            yield Chunk(start, 0, block.tocsc(), rows.size)

    def _compressed(self, entries: int) -> Iterator[Chunk]:
        by_row = self.format == "csr"
        n_major, n_minor = self.shape if by_row else self.shape[::-1]
        data, indices, pointer = self.node["data"], self.node["indices"], self.node["indptr"]
        # Nothing is read that the shape does not announce: a damaged length may be beyond all memory.
        indptr = np.asarray(pointer[:]).astype(np.int64) if len(pointer) == n_major + 1 else np.array([-1])
        lengths = np.diff(indptr)
        if indptr[0] != 0 or np.any(lengths < 0) or np.any(lengths > n_minor) or indptr[-1] > len(data):
            raise InvalidFile(f"The index pointer of {self.where} does not fit its shape {self.shape}.", DAMAGED)
        if len(indices) < indptr[-1]:
            raise InvalidFile(f"{self.where} has {len(data):,} values but {len(indices):,} indices.", DAMAGED)
        start = 0
        while start < n_major:
            stop = int(np.searchsorted(indptr, indptr[start] + entries, side="right")) - 1
            stop = min(max(stop, start + 1), n_major)
            span = slice(int(indptr[start]), int(indptr[stop]))
            values, minor = as_floats(np.asarray(data[span])), np.asarray(indices[span])
            if minor.size and (minor.min() < 0 or minor.max() >= n_minor):
                raise InvalidFile(f"{self.where} has an index outside its shape {self.shape}.", DAMAGED)
            parts = (values, minor.astype(np.int32), indptr[start : stop + 1] - indptr[start])
            if by_row:
                block = sparse.csr_array(parts, shape=(stop - start, n_minor)).tocsc()
            else:
                block = sparse.csc_array(parts, shape=(n_minor, stop - start))
                block.sort_indices()
            if not block.has_canonical_format:
                raise InvalidFile(f"{self.where} stores the same cell and gene twice.", DAMAGED)
            yield Chunk(start if by_row else 0, 0 if by_row else start, _without_zeros(block), values.size)
            start = stop


@dataclass(frozen=True)
class Chunk:
    """A block of consecutive cells or genes; `block` is canonical CSC with its upper left corner at (cell, gene)."""

    cell: int
    gene: int
    block: sparse.csc_array
    n_stored: int


DAMAGED = "Write the file again with anndata and import that."
TRUNCATED = "The file is damaged or was cut off: copy or download it again."


def open_matrix(node: h5py.Group | h5py.Dataset, where: str) -> Matrix:
    """Recognise a matrix in any of the encodings that anndata 0.5 and later wrote.

    Raises
    ------
    InvalidFile
        It is not a two-dimensional matrix of numbers.
    """
    if isinstance(node, h5py.Dataset):
        _check_numbers(node, where)
        shape = (node.shape[0], 1) if node.ndim == 1 else node.shape
        if shape is None or len(shape) != 2:  # noqa: PLR2004 - a matrix has two dimensions
            raise InvalidFile(f"{where} has {node.ndim} dimensions instead of 2.", DAMAGED)
        return Matrix(where, node, "dense", (int(shape[0]), int(shape[1])))
    encoding = text_of(node.attrs.get("encoding-type", node.attrs.get("h5sparse_format", "")))
    shape = node.attrs.get("shape", node.attrs.get("h5sparse_shape"))
    parts = [node.get(name) for name in ("data", "indices", "indptr")]
    is_whole = all(isinstance(part, h5py.Dataset) and part.ndim == 1 for part in parts)
    if not encoding.startswith(("csr", "csc")) or not is_whole or np.shape(shape) != (2,):
        raise InvalidFile(
            f"{where} is neither a dense, a CSR nor a CSC matrix (it says {encoding or 'nothing'!r}).", DAMAGED
        )
    _check_numbers(node["data"], where)
    return Matrix(where, node, "csr" if encoding.startswith("csr") else "csc", (int(shape[0]), int(shape[1])))


def first_line(error: Exception) -> str:
    """The first line of an error's text, or its kind."""
    # A KeyError quotes its text.
    return (str(error).strip("'\"") or type(error).__name__).splitlines()[0]


def _check_numbers(dataset: h5py.Dataset, where: str) -> None:
    if dataset.dtype.kind not in "biuf":
        raise InvalidFile(f"{where} holds {dataset.dtype} values, not real numbers.", DAMAGED)


def as_floats(values: np.ndarray) -> np.ndarray:
    """The values as float32 where that holds every value of their type, else as float64."""
    # scipy.sparse knows neither float16 nor bool arithmetic; a long double holds no more than was measured.
    wide = np.result_type(values.dtype, np.float32)
    return values.astype(wide if wide.itemsize <= np.dtype(np.float64).itemsize else np.float64, copy=False)


def _without_zeros(block: sparse.csc_array) -> sparse.csc_array:
    block.eliminate_zeros()
    return block


def text_of(value: object) -> str:
    """A name or a label as text; old files hold bytes."""
    return value.decode(errors="replace") if isinstance(value, bytes) else str(value)
