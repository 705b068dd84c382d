"""Files of one layer: where a layer takes its blocks of levels from.

Version 2 of the store holds levels as they are (`core.atlas.level_layer`). Counts may be left to be computed from the
expression, where the import has proved for every nonzero that they can be. Version 1 held the nonzeros of each gene in
ascending order of value; its blocks are turned into levels as they are asked for.
"""

from __future__ import annotations

import mmap
from typing import TYPE_CHECKING, Any, Protocol, cast

import numpy as np
from numpy.typing import NDArray

from core.atlas.level_layer import LevelLayer, fixed, is_wide, level_starts_of, one_tile, tiles_of

if TYPE_CHECKING:
    from pathlib import Path

    from core.arrays import F64, I32, I64, Floats
    from core.atlas.level_blocks import Built
    from core.atlas.manifest import LayerInfo

PAGE = 4096


class Blocks(Protocol):
    """Source of the blocks of a layer."""

    @property
    def gene_starts(self) -> I64:
        """Nonzeros before each gene, (n_genes + 1,)."""
        ...

    @property
    def dtype(self) -> np.dtype[Any]:
        """Type of the values."""
        ...

    @property
    def arrays(self) -> tuple[NDArray[Any], ...]:
        """Arrays of files that are mapped where they are large."""
        ...

    def block(self, start: int, stop: int) -> LevelLayer:
        """Genes `start` to `stop`."""
        ...


def open_levels(path: Path, info: LayerInfo, n_cells: int) -> LevelLayer:
    """Map the files of a layer of version 2.

    Raises
    ------
    ValueError
        They do not fit each other.
    """
    gene_starts, value_starts = map_array(path / "gene_starts.npy"), map_array(path / "value_starts.npy")
    n_genes = len(gene_starts) - 1
    if len(value_starts) != n_genes + 1:
        raise ValueError(f"the files of the layer {info.name} do not fit each other")
    wide = is_wide(value_starts)
    layer = LevelLayer(
        n_cells=n_cells,
        n_genes=n_genes,
        dtype=np.dtype(info.dtype),
        gene_starts=gene_starts,
        cells=map_array(path / "cells.npy"),
        tile_starts=one_tile(gene_starts) if tiles_of(n_cells) == 1 else map_array(path / "tile_starts.npy"),
        levels=map_array(path / "levels.npy"),
        levels_wide=map_array(path / "levels_wide.npy") if wide.any() else fixed(np.empty(0, dtype=np.uint32)),
        level_starts=fixed(level_starts_of(gene_starts, wide)),
        wide=fixed(wide),
        value_starts=value_starts,
        values=map_array(path / "values.npy"),
    )
    dtypes = (layer.cells.dtype, layer.levels.dtype, layer.levels_wide.dtype, layer.values.dtype)
    if not (
        len(layer.cells) == gene_starts[-1] == info.n_nonzero
        and len(layer.levels) == np.diff(gene_starts)[~wide].sum()
        and len(layer.levels_wide) == np.diff(gene_starts)[wide].sum()
        and len(layer.values) == value_starts[-1]
        and layer.tile_starts.shape == (n_genes, tiles_of(n_cells) + 1)
        and dtypes == (np.uint16, np.uint16, np.uint32, layer.dtype)
    ):
        raise ValueError(f"the files of the layer {info.name} do not fit each other")
    return layer


class SortedFiles:
    """A layer of version 1: `data` and `indices` in ascending order of value within each gene, and `indptr`."""

    def __init__(self, path: Path, info: LayerInfo, n_cells: int) -> None:
        self._data: Floats = map_array(path / "data.npy")
        self._cells: I32 = map_array(path / "indices.npy")
        self.gene_starts: I64 = map_array(path / "indptr.npy")
        self._n_cells = n_cells
        if not len(self._data) == len(self._cells) == self.gene_starts[-1] == info.n_nonzero:
            raise ValueError(f"the files of the layer {info.name} do not fit each other")

    @property
    def dtype(self) -> np.dtype[Any]:  # noqa: D102 - Blocks
        return self._data.dtype

    @property
    def arrays(self) -> tuple[NDArray[Any], ...]:  # noqa: D102 - Blocks
        return self._data, self._cells

    def block(self, start: int, stop: int) -> LevelLayer:  # noqa: D102 - Blocks
        return self.built(start, stop).block

    def built(self, start: int, stop: int) -> Built:
        """Genes `start` to `stop`, with the numbers of nonzeros of their levels."""
        from core.atlas.level_blocks import built_from_sorted

        span = slice(int(self.gene_starts[start]), int(self.gene_starts[stop]))
        starts = self.gene_starts[start : stop + 1] - span.start
        return built_from_sorted(np.array(self._data[span]), np.array(self._cells[span]), starts, self._n_cells)

    def extremes(self) -> tuple[F64, F64]:
        """Lowest and highest nonzero of each gene, 0 for a gene without any."""
        first, last = self.gene_starts[:-1], self.gene_starts[1:]
        given = last > first
        low, high = np.zeros(len(first)), np.zeros(len(first))
        low[given], high[given] = self._data[first[given]], self._data[last[given] - 1]
        return low, high


class ComputedCounts:
    """Counts as the expression and the totals of the cells imply them."""

    def __init__(self, expression: LevelLayer, totals: F64, info: LayerInfo) -> None:
        self.expression = expression
        self.totals = totals
        self.dtype: np.dtype[Any] = np.dtype(info.dtype)
        if not (expression.gene_starts[-1] == info.n_nonzero and len(totals) == expression.n_cells):
            raise ValueError(f"the files of the layer {info.name} do not fit those of the expression")

    @property
    def gene_starts(self) -> I64:  # noqa: D102 - Blocks
        return self.expression.gene_starts

    @property
    def arrays(self) -> tuple[NDArray[Any], ...]:  # noqa: D102 - Blocks
        return self.expression.arrays

    def block(self, start: int, stop: int) -> LevelLayer:  # noqa: D102 - Blocks
        from core.atlas.level_blocks import counts_of

        return counts_of(self.expression.block(start, stop), self.totals, self.dtype).block


def map_array(path: Path) -> NDArray[Any]:
    """Map a file of the store, read-only; a page or less is read."""
    # An empty array cannot be mapped, and a page or less is not worth it.
    array = np.load(path, mmap_mode="r" if path.stat().st_size > PAGE else None)
    # Slices of a plain array are made several times faster than those of numpy's class for mapped ones.
    return fixed(array.view(np.ndarray))


def is_whole(array: NDArray[Any]) -> bool:
    """Tell whether the file of a mapped array has not been truncated."""
    mapped = cast("object", array.base)
    while isinstance(mapped, np.ndarray):
        mapped = mapped.base
    # The size is that of the very file that is mapped, whatever lies at its path now.
    return not isinstance(mapped, mmap.mmap) or mapped.size() >= len(mapped)
