"""Matrices of an .h5ad file, read in chunks: CSR, CSC or dense, of any dtype and any age of the format."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, Self, TypeAlias

import h5py
import numpy as np
from scipy import sparse

from core.errors import InvalidFile
from core.ingest.bounds import ERROR_LENGTH, refuse_unless_integers, shorten

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

# Entries read at once: with their indices and the copies made on the way about 100 MB.
CHUNK_ENTRIES = 2_000_000

# What h5py and those who read through it raise when a file is not what it says.
UNREADABLE = (OSError, RuntimeError, LookupError, ValueError, TypeError, AttributeError, OverflowError)
# How far a chunk may exceed that to fit the HDF5 chunks of a dense matrix.
MAX_STRETCH = 4
# Of a sample of cells, two that lie closer together than this many entries are read at once.
MIN_GAP = 65_536

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
    shape
        That of the file.
    cells
        The cells that are read, ascending; None for all.
    """

    where: str
    node: h5py.Group | h5py.Dataset
    format: Format
    shape: tuple[int, int]
    cells: np.ndarray | None = None

    def of_cells(self, cells: np.ndarray | None) -> Self:
        """Return the same matrix with some of its cells only, or with all; `cells` ascend."""
        return replace(self, cells=cells)

    @property
    def n_cells(self) -> int:
        """Cells that are read."""
        return self.shape[0] if self.cells is None else len(self.cells)

    @property
    def n_stored(self) -> int:
        """Entries that a reading goes through: all of them for a dense matrix, those of all cells for a CSC one."""
        if self.format == "dense":
            return self.n_cells * self.shape[1]
        if self.format == "csc" or self.cells is None:
            return int(self.node["data"].shape[0])
        return int(np.diff(self._pointer())[self.cells].sum())

    @property
    def spool_bytes(self) -> int:
        """About how many bytes the nonzeros take once read, values and cells; for a dense matrix those of the file."""
        share = self.n_cells / max(1, self.shape[0])
        if self.format == "dense":
            return int(self.node.id.get_storage_size() * share)
        n_entries = int(self.node["data"].shape[0])
        return int(n_entries * share * (as_floats(np.empty(0, self.node["data"].dtype)).itemsize + 4))

    def chunks(self, entries: int = CHUNK_ENTRIES) -> Iterator[Chunk]:
        """Read the matrix once, in consecutive blocks of cells (CSR, dense) or genes (CSC).

        Explicit zeros are dropped; a chunk is canonical (sorted, no entry twice). Of a matrix by cells nothing is read
        but the cells that are wanted and what lies between close neighbours.

        Raises
        ------
        InvalidFile
            The indices do not fit the shape, an entry is stored twice, or the file cannot be read to its end.
        """
        try:
            if self.format == "csc":
                yield from self._by_gene(entries, 0, self.shape[1])
            else:
                yield from self._by_cell(entries)
        except UNREADABLE as error:
            raise InvalidFile(f"{self.where} cannot be read to its end ({first_line(error)}).", TRUNCATED) from error

    def genes(self, start: int, stop: int) -> sparse.csc_array:
        """Genes `start` to `stop` of a CSC matrix that has been read before, (n_cells, stop - start), canonical."""
        try:
            blocks = [chunk.block for chunk in self._by_gene(CHUNK_ENTRIES, start, stop)]
        except UNREADABLE as error:
            raise InvalidFile(f"{self.where} cannot be read a second time.", TRUNCATED) from error
        return blocks[0] if len(blocks) == 1 else sparse.csc_array(sparse.hstack(blocks, format="csc"))

    def _by_cell(self, entries: int) -> Iterator[Chunk]:
        cell = 0
        for pieces in _gathered(self._dense(entries) if self.format == "dense" else self._rows(entries), entries):
            rows = pieces[0].rows if len(pieces) == 1 else sparse.vstack([piece.rows for piece in pieces], format="csr")
            yield Chunk(cell, 0, self._canonical(rows.tocsc()), sum(piece.n_stored for piece in pieces))
            cell += rows.shape[0]

    def _dense(self, entries: int) -> Iterator[_Rows]:
        n_cells, n_genes = self.shape
        dataset = self.node
        step = max(1, entries // n_genes)
        # Whole HDF5 chunks are read once each; very tall ones several times, rather than all of them at once.
        if dataset.chunks and dataset.chunks[0] <= MAX_STRETCH * step:
            step = max(dataset.chunks[0], step // dataset.chunks[0] * dataset.chunks[0])
        cells = np.arange(n_cells) if self.cells is None else self.cells
        for window in np.split(cells, np.flatnonzero(np.diff(cells // step)) + 1):
            first = int(window[0])
            rows = np.asarray(dataset[first : int(window[-1]) + 1]).reshape(-1, n_genes)[window - first]
            yield _Rows(sparse.csr_array(as_floats(rows)), rows.size)

    def _rows(self, entries: int) -> Iterator[_Rows]:
        indptr = self._pointer()
        cells = np.arange(self.shape[0]) if self.cells is None else self.cells
        for run in _runs(indptr[cells], indptr[cells + 1], self._gap(), entries):
            wanted = cells[run]
            first, last = int(wanted[0]), int(wanted[-1]) + 1
            values, genes = self._entries(int(indptr[first]), int(indptr[last]), self.shape[1])
            parts = (values, genes, (indptr[first : last + 1] - indptr[first]).astype(index_dtype(len(values))))
            rows = sparse.csr_array(parts, shape=(last - first, self.shape[1]))
            if len(wanted) < last - first:
                rows = rows[wanted - first]
            yield _Rows(rows, rows.nnz)

    def _by_gene(self, entries: int, start: int, stop: int) -> Iterator[Chunk]:
        indptr = self._pointer()
        place = None
        if self.cells is not None:
            place = np.full(self.shape[0], -1, dtype=np.int32)
            place[self.cells] = np.arange(len(self.cells), dtype=np.int32)
        for run in _runs(indptr[start:stop], indptr[start + 1 : stop + 1], entries, entries):
            first, last = start + run.start, start + run.stop
            values, cells = self._entries(int(indptr[first]), int(indptr[last]), self.shape[0])
            bounds, n_stored = indptr[first : last + 1] - indptr[first], values.size
            if place is not None:
                cells = place[cells]
                kept = cells >= 0
                values, cells = values[kept], cells[kept]
                bounds = np.concatenate([[0], np.cumsum(kept)])[bounds]
            # With a wider index pointer, scipy would widen the indices too.
            parts = (values, cells, bounds.astype(index_dtype(len(values))))
            block = sparse.csc_array(parts, shape=(self.n_cells, last - first))
            block.sort_indices()
            yield Chunk(0, first, self._canonical(block), n_stored)

    def _pointer(self) -> np.ndarray:
        """Read where the entries of each cell (CSR) or gene (CSC) begin and end, int64, checked."""
        n_major, n_minor = self.shape if self.format == "csr" else self.shape[::-1]
        data, indices, pointer = self.node["data"], self.node["indices"], self.node["indptr"]
        # Nothing is read that the shape does not announce: a damaged length may be beyond all memory.
        indptr = np.asarray(pointer[:]).astype(np.int64) if len(pointer) == n_major + 1 else np.array([-1])
        lengths = np.diff(indptr)
        if np.all(lengths >= 0) and np.any(lengths > n_minor):
            major, minor = ("cell", "genes") if self.format == "csr" else ("gene", "cells")
            raise InvalidFile(
                f"{self.where} has {lengths.max():,} entries for one {major}, but {n_minor:,} {minor}: "
                "some are stored twice, or its index pointer is damaged.",
                DAMAGED,
            )
        if indptr[0] != 0 or np.any(lengths < 0) or indptr[-1] > len(data):
            raise InvalidFile(f"The index pointer of {self.where} does not fit its shape {self.shape}.", DAMAGED)
        if len(indices) != len(data):
            raise InvalidFile(f"{self.where} has {len(data):,} values but {len(indices):,} indices.", DAMAGED)
        return indptr

    def _entries(self, low: int, high: int, n_minor: int) -> tuple[np.ndarray, np.ndarray]:
        values, minor = as_floats(np.asarray(self.node["data"][low:high])), np.asarray(self.node["indices"][low:high])
        if minor.size and (minor.min() < 0 or minor.max() >= n_minor):
            raise InvalidFile(f"{self.where} contains an index outside its shape {self.shape}.", DAMAGED)
        return values, minor.astype(np.int32)

    def _gap(self) -> int:
        """Entries that may lie between two cells that are read at once: an HDF5 chunk is read whole in any case."""
        chunks = self.node["data"].chunks
        return max(MIN_GAP, chunks[0] if chunks else 0)

    def _canonical(self, block: sparse.csc_array) -> sparse.csc_array:
        if not block.has_canonical_format:
            raise InvalidFile(f"{self.where} stores the same cell and gene twice.", DAMAGED)
        block.eliminate_zeros()
        return block


@dataclass(frozen=True)
class Chunk:
    """A block of consecutive cells or genes; `block` is canonical CSC with its upper left corner at (cell, gene)."""

    cell: int
    gene: int
    block: sparse.csc_array
    n_stored: int


@dataclass(frozen=True)
class _Rows:
    """Some consecutive cells of those wanted, and how many entries the file has of them."""

    rows: sparse.csr_array
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
    for part in ("indices", "indptr"):
        refuse_unless_integers(node[part], f"{where}/{part}")
    return Matrix(where, node, "csr" if encoding.startswith("csr") else "csc", (int(shape[0]), int(shape[1])))


def first_line(error: Exception) -> str:
    """Return the first line of an error's text, which may quote much of the file, or its kind."""
    # A KeyError quotes its text.
    text = str(error.args[0]) if isinstance(error, KeyError) and error.args else str(error)
    return shorten((text.strip() or type(error).__name__).splitlines()[0], ERROR_LENGTH)


def _check_numbers(dataset: h5py.Dataset, where: str) -> None:
    if dataset.dtype.kind not in "biuf":
        raise InvalidFile(f"{where} holds {dataset.dtype} values, not real numbers.", DAMAGED)


def as_floats(values: np.ndarray) -> np.ndarray:
    """Convert values to float32 if that holds every value of their type, else to float64."""
    # scipy.sparse knows neither float16 nor bool arithmetic; a long double holds no more than was measured.
    wide = np.result_type(values.dtype, np.float32)
    return values.astype(wide if wide.itemsize <= np.dtype(np.float64).itemsize else np.float64, copy=False)


def _runs(begins: np.ndarray, ends: np.ndarray, gap: int, entries: int) -> Iterator[slice]:
    """Ranges of cells or genes to read at once.

    Parameters
    ----------
    begins, ends
        Where the entries of each begin and end in the file, ascending.
    gap
        Number of unwanted entries allowed between two neighbours of one run.
    entries
        How many entries a run may span; a single cell or gene may exceed it.
    """
    parts = np.concatenate([[0], np.flatnonzero(begins[1:] - ends[:-1] > gap) + 1, [len(begins)]])
    for first, last in zip(parts[:-1].tolist(), parts[1:].tolist(), strict=True):
        start = first
        while start < last:
            stop = int(np.searchsorted(ends, begins[start] + entries, side="right"))
            stop = min(max(stop, start + 1), last)
            yield slice(start, stop)
            start = stop


def _gathered(pieces: Iterable[_Rows], entries: int) -> Iterator[list[_Rows]]:
    """Pieces together, as many as have about `entries` entries: each block costs a table of all genes."""
    some: list[_Rows] = []
    for piece in pieces:
        if some and sum(each.n_stored for each in some) + piece.n_stored > entries:
            yield some
            some = []
        some.append(piece)
    if some:
        yield some


def index_dtype(n: int) -> type[np.int32 | np.int64]:
    """Return the type in which scipy keeps the index pointer of `n` entries without copying the indices."""
    return np.int32 if n <= np.iinfo(np.int32).max else np.int64


def text_of(value: object) -> str:
    """Return a name or a label as text; old files hold bytes."""
    return value.decode(errors="replace") if isinstance(value, bytes) else str(value)
