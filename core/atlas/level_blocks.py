"""Genes of a layer as the kernels take them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from core.kernels.level_block import LevelBlock
from core.kernels.levels import TILE_CELLS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from core.arrays import I64, Floats
    from core.atlas.level_layer import LevelLayer


def block_of(
    part: LevelLayer, genes: slice | I64 = slice(None), *, signed: bool, tile: int = TILE_CELLS
) -> tuple[LevelBlock, Floats]:
    """Return genes of a matrix, and the values of its levels; nothing of the size of the matrix is copied.

    Parameters
    ----------
    genes : a range, or any genes in any order
    signed : False where no value is below zero, so that none has to be looked at
    tile : cells of a tile
    """
    value_starts, ends = part.value_starts[:-1][genes], part.value_starts[1:][genes]
    wide_starts = part.wide_starts[genes]
    wide = wide_starts >= 0
    n_below = np.zeros(len(wide), dtype=np.int64)
    if signed:
        for at, (first, last) in enumerate(zip(value_starts, ends, strict=True)):
            n_below[at] = np.searchsorted(part.values[first:last], 0)
    block = LevelBlock(
        cells=_fixed(part.cells),
        levels=_fixed(part.levels),
        levels_wide=_fixed(part.levels_wide),
        starts=_fixed(part.tile_starts[genes]),
        level_starts=_fixed(np.where(wide, wide_starts, part.gene_starts[:-1][genes])),
        wide=_fixed(wide),
        value_starts=_fixed(value_starts),
        n_levels=_fixed(ends - value_starts),
        n_below=_fixed(n_below),
        tile=tile,
    )
    return block, _fixed(part.values)


def _fixed(array: NDArray[Any]) -> NDArray[Any]:
    """Return a read-only view, of the plain array of a mapped one: numba compiles for other kinds anew."""
    view = np.asarray(array).view()
    view.flags.writeable = False
    return view
