"""Arrays of one matrix as the store holds them: what compiled loops are given.

Nonzeros lie gene after gene, those of a gene in the order of the cells. Each has a cell, 16 bits within its tile of
65,536 cells, and the number of its level: the place of its value among the distinct values of the gene, which ascend.
Zeros are not stored, wherever they would lie between the levels.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from core.kernels.tiles import NARROW_LEVELS, TILE_CELLS

if TYPE_CHECKING:
    from core.arrays import I32, I64, Floats, Mask

U16: TypeAlias = NDArray[np.uint16]
U32: TypeAlias = NDArray[np.uint32]
Array = TypeVar("Array", bound=NDArray[Any])


@dataclass(frozen=True, slots=True, eq=False)
class LevelLayer:
    """One matrix, (n_cells, n_genes), or a block of consecutive genes of one; every array is read-only.

    Attributes
    ----------
    n_cells, n_genes
        Its shape.
    dtype
        float32 or float64, that of the values.
    gene_starts : (n_genes + 1,) int64
        Where the nonzeros of each gene begin in `cells`; in a block it need not begin with 0.
    cells : uint16
        Cell of each nonzero within its tile.
    tile_starts : (n_genes, n_tiles + 1) int64
        Where each tile of each gene begins in `cells`.
    levels : uint16
        Number of the level of each nonzero of the genes that have at most 65,536 levels, one such gene after another.
    levels_wide : uint32
        Number of the level of each nonzero of the other genes.
    level_starts : (n_genes,) int64
        Where each gene begins in `levels`, or in `levels_wide`.
    wide : (n_genes,) bool
        True for the genes that are in `levels_wide`.
    value_starts : (n_genes + 1,) int64
        Where the levels of each gene begin in `values`; in a block it need not begin with 0.
    values : dtype
        Distinct nonzero values of each gene, ascending: negative ones first.
    """

    n_cells: int
    n_genes: int
    dtype: np.dtype[Any]
    gene_starts: I64
    cells: U16
    tile_starts: I64
    levels: U16
    levels_wide: U32
    level_starts: I64
    wide: Mask
    value_starts: I64
    values: Floats

    @property
    def arrays(self) -> tuple[NDArray[Any], ...]:
        """Arrays of files that are mapped where they are large."""
        return self.cells, self.levels, self.levels_wide, self.tile_starts, self.value_starts, self.values

    @property
    def n_nonzero(self) -> int:
        """Number of nonzeros."""
        return int(self.gene_starts[-1] - self.gene_starts[0])

    def block(self, start: int, stop: int) -> LevelLayer:
        """Genes `start` to `stop`: views, nothing is copied."""
        return replace(
            self,
            n_genes=stop - start,
            gene_starts=self.gene_starts[start : stop + 1],
            tile_starts=self.tile_starts[start:stop],
            level_starts=self.level_starts[start:stop],
            wide=self.wide[start:stop],
            value_starts=self.value_starts[start : stop + 1],
        )

    def values_of(self, gene: int) -> Floats:
        """Distinct nonzero values of a gene, ascending: a view."""
        return self.values[int(self.value_starts[gene]) : int(self.value_starts[gene + 1])]

    def levels_of(self, gene: int) -> U16 | U32:
        """Level of each nonzero of a gene, in cell order: a view of `levels`, or of `levels_wide`."""
        start = int(self.level_starts[gene])
        stop = start + int(self.gene_starts[gene + 1] - self.gene_starts[gene])
        return self.levels_wide[start:stop] if self.wide[gene] else self.levels[start:stop]

    def all_values(self) -> Floats:
        """Values of the nonzeros of every gene, gene after gene, those of a gene in cell order."""
        genes = [self.values_of(gene)[self.levels_of(gene)] for gene in range(self.n_genes)]
        return np.concatenate([np.empty(0, dtype=self.dtype), *genes])

    def nonzeros(self, gene: int) -> tuple[I32, Floats]:
        """Cells, ascending, and values of the nonzeros of a gene: new arrays."""
        from core.kernels.levels import decode

        levels = self.levels_of(gene)
        cells, values = np.empty(levels.size, dtype=np.int32), np.empty(levels.size, dtype=self.dtype)
        decode(self.cells, self.tile_starts[gene], levels, self.values_of(gene), cells, values)
        return cells, values

    def ascending(self, gene: int) -> tuple[I32, Floats]:
        """Cells and values of the nonzeros of a gene in ascending order of value, then of cell: new arrays."""
        cells, values = self.nonzeros(gene)
        order = np.argsort(self.levels_of(gene), kind="stable")
        return cells[order], values[order]

    def dense(self, gene: int) -> Floats:
        """All values of one gene, (n_cells,), zeros included, in cell order."""
        cells, values = self.nonzeros(gene)
        dense = np.zeros(self.n_cells, dtype=self.dtype)
        dense[cells] = values
        return dense


def tiles_of(n_cells: int) -> int:
    """Return the number of tiles that so many cells make."""
    return max(1, -(-n_cells // TILE_CELLS))


def one_tile(gene_starts: I64) -> I64:
    """Return the borders of tiles where there is but one."""
    return fixed(np.stack([gene_starts[:-1], gene_starts[1:]], axis=1))


def is_wide(value_starts: I64) -> Mask:
    """Tell which genes have more levels than 16 bits number."""
    return np.diff(value_starts) > NARROW_LEVELS


def level_starts_of(gene_starts: I64, wide: Mask) -> I64:
    """Return where the levels of each gene begin among those of its width."""
    lengths = np.diff(gene_starts)
    narrow = np.where(wide, 0, lengths)
    return np.where(wide, np.cumsum(lengths - narrow) - lengths, np.cumsum(narrow) - narrow)


def fixed(array: Array) -> Array:
    """Make an array read-only, as mapped ones are: compiled loops are compiled for those."""
    array.flags.writeable = False
    return array
