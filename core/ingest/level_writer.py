"""Writing one layer of levels, block after block, and the statistics of its genes."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

import numpy as np
import pyarrow as pa

from core.atlas.level_blocks import tiles_of
from core.ingest.durable_files import NpyWriter, write_array, write_table
from core.kernels.summary import gene_summary

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

    from core.arrays import F64, I64
    from core.atlas.level_blocks import Built


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

    def write(self, path: Path, per_gene: I64) -> None:
        """Write the table."""
        names = ("mean", "variance", "tie_term", "minimum", "maximum")
        columns = {name: np.concatenate(parts) for name, *parts in zip(names, *self.parts, strict=True)}
        table = {"n_nonzero": per_gene, **columns}
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
        self._levels = self._open("levels", np.uint16, n_nonzero)
        self._values = self._open("values", dtype)
        self._wide = self._open("levels_wide", np.uint32, optional=True)
        self._tiles = None if n_tiles == 1 else self._open("tile_starts", np.int64, columns=(n_tiles + 1,))
        self._value_starts: list[I64] = [np.zeros(1, dtype=np.int64)]
        self._wide_starts: list[I64] = []

    def write(self, built: Built) -> None:
        """Append a block."""
        block = built.block
        if self._tiles is not None:
            self._tiles.write(block.tile_starts + self._cells.n)
        self._value_starts.append(block.value_starts[1:] + self._values.n)
        self._wide_starts.append(np.where(block.wide_starts < 0, -1, block.wide_starts + self._wide.n))
        self._cells.write(block.cells)
        self._levels.write(block.levels)
        self._wide.write(block.levels_wide)
        self._values.write(block.values)

    def finish(self, gene_starts: I64, cell_sums: F64) -> None:
        """Write the small files."""
        write_array(self._directory / "gene_starts.npy", gene_starts)
        write_array(self._directory / "value_starts.npy", np.concatenate(self._value_starts))
        write_array(self._directory / "cell_sums.npy", cell_sums)
        if self._wide.n:
            write_array(self._directory / "wide_starts.npy", np.concatenate(self._wide_starts))

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
