"""One matrix of an atlas, mapped from disk."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from core.atlas.columns import numbers, read_table
from core.atlas.layer_files import ComputedCounts, SortedFiles, is_whole, open_levels
from core.atlas.manifest import SCHEMA_VERSION

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from pathlib import Path

    from numpy.typing import NDArray

    from core.arrays import F64, I32, I64, Floats
    from core.atlas.layer_files import Blocks
    from core.atlas.level_layer import LevelLayer
    from core.atlas.manifest import LayerInfo

EXPRESSION = "expression"


@dataclass(frozen=True)
class GeneStats:
    """Statistics of each gene over all cells, zeros included: arrays of length n_genes.

    Attributes
    ----------
    n_nonzero : int64
    mean, variance : float64, in the layer's unit (squared); the variance has n - 1 in its denominator, NaN for one cell
    tie_term : float64, sum of t**3 - t over the groups of t tied values [1]_
    minimum, maximum : float64, of the nonzeros; 0 for a gene without any

    References
    ----------
    .. [1] Kendall, *Rank Correlation Methods*, 1948, section 3.
    """

    n_nonzero: I64
    mean: F64
    variance: F64
    tie_term: F64
    minimum: F64
    maximum: F64


class Layer:
    """One matrix (n_cells, n_genes), mapped from disk, in blocks of genes.

    `guard` is entered wherever files are read; `version` is that of the store.
    """

    def __init__(
        self,
        path: Path,
        info: LayerInfo,
        n_cells: int,
        guard: Callable[[], AbstractContextManager[None]] = nullcontext,
        version: int = SCHEMA_VERSION,
    ) -> None:
        self.path = path
        self.info = info
        self.name = info.name
        self.n_cells = n_cells
        self._guard = guard
        with guard():
            self._blocks = self._open(version)
        self.gene_starts: I64 = self._blocks.gene_starts
        self.n_genes = len(self.gene_starts) - 1
        self.dtype = self._blocks.dtype

    def _open(self, version: int) -> Blocks:
        if version != SCHEMA_VERSION:
            return SortedFiles(self.path, self.info, self.n_cells)
        if not self.info.computed:
            return open_levels(self.path, self.info, self.n_cells)
        expression = self.info.model_copy(update={"name": EXPRESSION, "dtype": "float32"})
        levels = open_levels(self.path.parent / EXPRESSION, expression, self.n_cells)
        return ComputedCounts(levels, np.load(self.path / "cell_sums.npy"), self.info)

    @property
    def arrays(self) -> tuple[NDArray[Any], ...]:
        """Arrays of files that are mapped where they are large."""
        return self._blocks.arrays

    @property
    def implied(self) -> ComputedCounts | None:
        """The expression and the totals that a layer of counts is computed from; None where counts are stored."""
        return self._blocks if isinstance(self._blocks, ComputedCounts) else None

    def is_whole(self) -> bool:
        """Tell whether the mapped files have not been truncated; touching what is missing would end the process."""
        return all(map(is_whole, (*self.arrays, self.gene_starts)))

    def block(self, start: int, stop: int) -> LevelLayer:
        """Genes `start` to `stop`, for compiled loops; views where the store holds the layer so."""
        return self._blocks.block(start, stop)

    def nonzeros(self, gene: int) -> tuple[I32, Floats]:
        """Cells, ascending, and values of one gene's nonzeros."""
        return self.block(gene, gene + 1).nonzeros(0)

    def ascending(self, gene: int) -> tuple[I32, Floats]:
        """Cells and values of one gene's nonzeros in ascending order of value, then of cell."""
        return self.block(gene, gene + 1).ascending(0)

    def dense(self, gene: int) -> Floats:
        """All values of one gene, (n_cells,), zeros included, in cell order and in the layer's dtype."""
        return self.block(gene, gene + 1).dense(0)

    @cached_property
    def cell_sums(self) -> F64:
        """Sum of each cell over every gene of the source matrix, (n_cells,)."""
        with self._guard():
            return np.load(self.path / "cell_sums.npy")

    @cached_property
    def stats(self) -> GeneStats:
        """Per-gene statistics over all cells."""
        with self._guard():
            table = read_table(self.path / "stats.parquet")
        columns = {name: numbers(table[name].combine_chunks()) for name in table.column_names}
        if isinstance(self._blocks, SortedFiles):
            low, high = self._blocks.extremes()
            columns |= {"minimum": low, "maximum": high}
        return GeneStats(**columns)
