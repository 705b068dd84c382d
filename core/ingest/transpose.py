"""Transposing a matrix that does not fit into memory: cells come in, genes go out.

A CSR or dense matrix is read once, by cells. Each block of cells is turned into CSC and appended to a temporary
file; a block of genes is then one contiguous piece of every block of cells. Memory holds one block at a time.
A CSC matrix already lies by genes and is not copied.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, BinaryIO, Protocol

import numpy as np
from scipy import sparse

from core.errors import InvalidFile
from core.ingest.matrix import index_dtype
from core.system.threads import pool

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from concurrent.futures import Future
    from pathlib import Path

    from core.ingest.matrix import Chunk, Matrix

MAX_NAMED = 3


class Names(Protocol):
    """Names the cell and the gene of an entry, for messages."""

    def __call__(self, cell: int, gene: int) -> str: ...  # noqa: D102 - said above


@dataclass
class Profile:
    """Summary of a matrix once every entry has been seen."""

    n_cells: int
    n_genes: int
    integers: bool = True
    minimum: float = 0.0
    maximum: float = 0.0
    n_nan: int = 0
    n_inf: int = 0
    where_bad: list[tuple[int, int]] = field(default_factory=list)
    per_gene: np.ndarray = field(init=False)
    cell_sums: np.ndarray = field(init=False)

    def __post_init__(self) -> None:
        self.per_gene = np.zeros(self.n_genes, dtype=np.int64)
        self.cell_sums = np.zeros(self.n_cells, dtype=np.float64)

    @property
    def n_nonzero(self) -> int:
        """Number of nonzeros seen."""
        return int(self.per_gene.sum())

    def see(self, chunk: Chunk) -> None:
        """Take one chunk into account."""
        block = chunk.block
        values = block.data
        cells = slice(chunk.cell, chunk.cell + block.shape[0])
        genes = slice(chunk.gene, chunk.gene + block.shape[1])
        self.per_gene[genes] += np.diff(block.indptr)
        if not values.size:
            return
        bad = ~np.isfinite(values)
        if bad.any():
            self._see_bad(chunk, bad)
            return
        self.cell_sums[cells] += np.bincount(block.indices, weights=values, minlength=block.shape[0])
        self.minimum = min(self.minimum, float(values.min()))
        self.maximum = max(self.maximum, float(values.max()))
        self.integers = self.integers and bool(np.array_equal(values, np.floor(values)))

    def _see_bad(self, chunk: Chunk, bad: np.ndarray) -> None:
        self.n_nan += int(np.isnan(chunk.block.data).sum())
        self.n_inf += int(np.isinf(chunk.block.data).sum())
        for place in np.flatnonzero(bad)[: MAX_NAMED - len(self.where_bad)]:
            gene = int(np.searchsorted(chunk.block.indptr, place, side="right")) - 1
            self.where_bad.append((chunk.cell + int(chunk.block.indices[place]), chunk.gene + gene))

    def refuse_bad(self, where: str, name: Names) -> None:
        """Raise InvalidFile, saying how many and where, if a value is NaN or infinite."""
        if not self.where_bad:
            return
        counts = [f"{n:,} {kind}" for n, kind in ((self.n_nan, "NaN"), (self.n_inf, "infinite")) if n]
        n_bad = self.n_nan + self.n_inf
        places = "; ".join(name(cell, gene) for cell, gene in self.where_bad)
        more = ", …" if n_bad > len(self.where_bad) else ""
        plural = "s" if n_bad > 1 else ""
        raise InvalidFile(
            f"{where} has {' and '.join(counts)} value{plural} ({places}{more}).",
            "Remove those cells or genes, or set the values to what they should be.",
        )


class GeneBlocks(Protocol):
    """A profiled matrix that can be read by genes."""

    profile: Profile

    def block(self, start: int, stop: int) -> sparse.csc_array:
        """Genes `start` to `stop`, (n_cells, stop - start), canonical CSC, no zeros stored."""
        ...


class CscBlocks:
    """Gene blocks straight from a CSC matrix of the file."""

    def __init__(self, matrix: Matrix, profile: Profile) -> None:
        self.profile = profile
        self._matrix = matrix

    def block(self, start: int, stop: int) -> sparse.csc_array:  # noqa: D102 - GeneBlocks
        return self._matrix.genes(start, stop)


class SpooledBlocks:
    """Gene blocks from a temporary file of row blocks."""

    def __init__(self, path: Path, profile: Profile, dtype: np.dtype, pieces: Sequence[Piece]) -> None:
        self.profile = profile
        self._path = path
        self._dtype = dtype
        self._pieces = pieces

    def block(self, start: int, stop: int) -> sparse.csc_array:  # noqa: D102 - GeneBlocks
        n_genes = stop - start
        with self._path.open("rb") as file:
            bounds = [
                _read(file, piece.indptr_at + 8 * start, np.dtype(np.int64), n_genes + 1) for piece in self._pieces
            ]
            lengths = np.array([np.diff(bound) for bound in bounds], dtype=np.int64)
            indptr = np.concatenate([[0], np.cumsum(lengths.sum(axis=0))])
            # Where each piece's share of each gene begins, within the block.
            begins = indptr[:-1] + np.cumsum(lengths, axis=0) - lengths
            values = np.empty(int(indptr[-1]), dtype=self._dtype)
            cells = np.empty(int(indptr[-1]), dtype=np.int32)
            for piece, bound, length, begin in zip(self._pieces, bounds, lengths, begins, strict=True):
                low, n = int(bound[0]), int(bound[-1] - bound[0])
                places = np.repeat(begin - (bound[:-1] - low), length) + np.arange(n)
                values[places] = _read(file, piece.values_at + low * self._dtype.itemsize, self._dtype, n)
                cells[places] = _read(file, piece.cells_at + 4 * low, np.dtype(np.int32), n) + np.int32(piece.cell)
        parts = (values, cells, indptr.astype(index_dtype(int(indptr[-1]))))
        return sparse.csc_array(parts, shape=(self.profile.n_cells, n_genes))


@dataclass(frozen=True)
class Piece:
    """Place of one row block in the temporary file; its first cell is `cell`."""

    cell: int
    indptr_at: int
    values_at: int
    cells_at: int


def gene_blocks(matrix: Matrix, scratch: Path, report: Callable[[float], None]) -> GeneBlocks:
    """Read a matrix once, profile it, and make it readable by genes.

    Parameters
    ----------
    matrix
        What to read.
    scratch
        A file to write to; it must not exist, and grows to about the size of the uncompressed matrix.
    report
        Called with the fraction done.
    """
    profile = Profile(matrix.n_cells, matrix.shape[1])
    dtype = np.dtype(np.float32)
    pieces: list[Piece] = []
    with scratch.open("xb") as file, pool("reading", 1) as executor:

        def take(chunk: Chunk) -> None:
            profile.see(chunk)
            if matrix.format != "csc":
                pieces.append(_append(file, chunk))

        # One chunk is looked through and written while the next one is read.
        taken: Future[None] | None = None
        for chunk in _reported(matrix, report):
            if taken is not None:
                taken.result()
            taken = executor.submit(take, chunk)
            dtype = chunk.block.data.dtype
        if taken is not None:
            taken.result()
    return CscBlocks(matrix, profile) if matrix.format == "csc" else SpooledBlocks(scratch, profile, dtype, pieces)


def _append(file: BinaryIO, chunk: Chunk) -> Piece:
    block = chunk.block
    begins: list[int] = []
    for array in (block.indptr.astype(np.int64), block.data, block.indices.astype(np.int32, copy=False)):
        begins.append(file.tell())
        file.write(np.ascontiguousarray(array).data)
    return Piece(chunk.cell, *begins)


def _read(file: BinaryIO, at: int, dtype: np.dtype, n: int) -> np.ndarray:
    file.seek(at)
    return np.fromfile(file, dtype=dtype, count=n)


def _reported(matrix: Matrix, report: Callable[[float], None]) -> Iterator[Chunk]:
    seen, n_stored = 0, max(1, matrix.n_stored)
    for chunk in matrix.chunks():
        yield chunk
        seen += chunk.n_stored
        report(seen / n_stored)
