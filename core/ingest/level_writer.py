"""Writing one layer of levels, block after block, and the statistics of its genes.

Blocks are made in some threads at a time and written in their order, so that memory holds a few of them.
"""

from __future__ import annotations

from collections import deque
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, Self

import numpy as np
import pyarrow as pa

from core.atlas.level_blocks import InexactCounts, counts_of
from core.atlas.level_layer import tiles_of
from core.ingest.durable_files import NpyWriter, write_array, write_table
from core.kernels.summary import gene_summary

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from concurrent.futures import Executor, Future
    from pathlib import Path
    from types import TracebackType
    from typing import Any

    from core.arrays import F64, I64
    from core.atlas.level_blocks import Built

# Entries turned into levels at once; with their keys and the copies made on the way about 20 MB.
BLOCK_ENTRIES = 250_000
# Blocks that are being made, beside the one that is written.
AHEAD = 2


@dataclass(frozen=True)
class Made:
    """A block of a layer, and that of the counts as computed from it; None where they are not exactly those wanted."""

    layer: Built
    counts: Built | None


class Source(Protocol):
    """Blocks of a layer to write.

    Attributes
    ----------
    n_cells, dtype
        Of the layer.
    starts : (n_genes + 1,) int64
        Nonzeros before each gene.
    cell_sums : (n_cells,) float64
        Sum of each cell over every gene of the matrix that the layer comes from.
    computes
        True as long as it looks as if counts could be computed from the layer.
    """

    n_cells: int
    dtype: np.dtype[Any]
    starts: I64
    cell_sums: F64
    computes: bool

    def make(self, start: int, stop: int) -> Made:
        """Make genes `start` to `stop`, in any thread."""
        ...


def write_blocks(
    source: Source, directory: Path, executor: Executor, report: Callable[[float], None]
) -> tuple[GeneColumns, GeneColumns | None]:
    """Write all files of a layer, whose directory must not exist.

    Returns
    -------
    The statistics of its genes, and those of the counts, if these can be computed from it without exception.
    """
    own, others = GeneColumns(source.n_cells), GeneColumns(source.n_cells)
    starts, n_genes = source.starts, len(source.starts) - 1
    with LevelWriter(directory, int(starts[-1]), source.n_cells, source.dtype) as writer:
        for stop, made in _in_order(source, executor):
            writer.write(made.layer)
            own.add(made.layer)
            if made.counts is None:
                source.computes = False
            else:
                others.add(made.counts)
            report(float(starts[stop] + stop) / float(starts[-1] + n_genes))
        writer.finish(starts, source.cell_sums)
    own.write(directory / "stats.parquet", starts)
    return own, others if source.computes else None


def proved(made: Built, counts: np.ndarray, totals: F64, dtype: np.dtype[Any]) -> Built | None:
    """Compute counts from a block of expression; None if any is not the one given.

    Parameters
    ----------
    counts : (n,) those of the nonzeros of the block, in its order
    totals : (n_cells,) sum of the counts of each cell
    dtype : of the computed ones
    """
    try:
        computed = counts_of(made.block, totals, dtype)
    except InexactCounts:
        return None
    return computed if np.array_equal(computed.block.all_values(), counts) else None


def blocks_of(starts: np.ndarray, entries: int) -> Iterator[tuple[int, int]]:
    """Consecutive ranges of genes with about `entries` nonzeros each; a single gene may exceed it."""
    n_genes = len(starts) - 1
    start = 0
    while start < n_genes:
        stop = int(np.searchsorted(starts, starts[start] + entries, side="right")) - 1
        stop = min(max(stop, start + 1), n_genes)
        yield start, stop
        start = stop


def _in_order(source: Source, executor: Executor) -> Iterator[tuple[int, Made]]:
    """Make the blocks, some of them at a time, and yield each with the gene it ends before."""
    waiting: deque[tuple[int, Future[Made]]] = deque()
    try:
        for start, stop in blocks_of(source.starts, BLOCK_ENTRIES):
            waiting.append((stop, executor.submit(source.make, start, stop)))
            if len(waiting) > AHEAD:
                before, future = waiting.popleft()
                yield before, future.result()
        while waiting:
            before, future = waiting.popleft()
            yield before, future.result()
    finally:
        for _, future in waiting:
            future.cancel()


@dataclass
class GeneColumns:
    """Statistics of the genes of a layer, as its blocks come."""

    n_cells: int
    parts: list[tuple[np.ndarray, ...]] = field(default_factory=list)

    def add(self, built: Built) -> None:
        """Take a block into account."""
        block = built.block
        first = block.value_starts
        given = np.diff(first) > 0
        low, high = np.zeros(block.n_genes), np.zeros(block.n_genes)
        low[given], high[given] = block.values[first[:-1][given]], block.values[first[1:][given] - 1]
        self.parts.append((*gene_summary(block.values, built.counts, first, self.n_cells), low, high))

    def write(self, path: Path, starts: I64) -> None:
        """Write the table; `starts` are the nonzeros before each gene."""
        names = ("mean", "variance", "tie_term", "minimum", "maximum")
        columns = {name: np.concatenate(parts) for name, *parts in zip(names, *self.parts, strict=True)}
        table = {"n_nonzero": np.diff(starts), **columns}
        write_table(path, pa.table({name: pa.array(column) for name, column in table.items()}))

    def range(self, *, has_zeros: bool) -> tuple[float, float]:
        """Lowest and highest value of the layer."""
        zero = [0.0] if has_zeros else []
        low = min([*zero, *(float(part[3].min()) for part in self.parts)])
        return low, max([*zero, *(float(part[4].max()) for part in self.parts)])


class LevelWriter:
    """Files of a layer of version 2 of the store; see `core.atlas.store`.

    Parameters
    ----------
    directory
        ``layers/<name>``; must not exist.
    n_nonzero, n_cells, dtype
        Of the layer.
    """

    def __init__(self, directory: Path, n_nonzero: int, n_cells: int, dtype: np.dtype) -> None:
        self._directory = directory
        self._files = ExitStack()
        n_tiles = tiles_of(n_cells)
        self._cells = self._open("cells", np.uint16, n_nonzero)
        self._levels = self._open("levels", np.uint16)
        self._values = self._open("values", dtype)
        self._wide = self._open("levels_wide", np.uint32, optional=True)
        self._tiles = None if n_tiles == 1 else self._open("tile_starts", np.int64, columns=(n_tiles + 1,))
        self._value_starts: list[I64] = [np.zeros(1, dtype=np.int64)]

    def write(self, built: Built) -> None:
        """Append a block."""
        block = built.block
        if self._tiles is not None:
            self._tiles.write(block.tile_starts + self._cells.n)
        self._value_starts.append(block.value_starts[1:] + self._values.n)
        self._cells.write(block.cells)
        self._levels.write(block.levels)
        self._wide.write(block.levels_wide)
        self._values.write(block.values)

    def finish(self, gene_starts: I64, cell_sums: F64) -> None:
        """Write the small files."""
        write_array(self._directory / "gene_starts.npy", gene_starts)
        write_array(self._directory / "value_starts.npy", np.concatenate(self._value_starts))
        write_array(self._directory / "cell_sums.npy", cell_sums)

    def _open(
        self,
        name: str,
        dtype: np.dtype | type,
        length: int | None = None,
        columns: tuple[int, ...] = (),
        *,
        optional: bool = False,
    ) -> NpyWriter:
        path = self._directory / f"{name}.npy"
        return self._files.enter_context(NpyWriter(path, dtype, length, columns, optional=optional))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._files.__exit__(kind, error, trace)
