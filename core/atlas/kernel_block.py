"""Genes of a layer as the kernels take them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from core.atlas.level_layer import level_starts_of
from core.kernels.level_block import LevelBlock
from core.kernels.tiles import TILE_CELLS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from core.arrays import Floats
    from core.atlas.level_layer import LevelLayer
    from core.atlas.store import Layer


def block_of(layer: Layer, start: int, stop: int) -> tuple[LevelBlock, Floats]:
    """Return genes `start` to `stop` of a layer, and the values of its levels."""
    return as_block(layer.block(start, stop), signed=layer.info.minimum < 0)


def as_block(part: LevelLayer, *, signed: bool, tile: int = TILE_CELLS) -> tuple[LevelBlock, Floats]:
    """Return the block of all genes of a matrix; nothing of the size of the matrix is copied.

    Parameters
    ----------
    signed : False where no value is below zero, so that none has to be looked at
    tile : cells of a tile
    """
    n_below = np.zeros(part.n_genes, dtype=np.int64)
    if signed:
        n_below[:] = [np.searchsorted(part.values_of(gene), 0) for gene in range(part.n_genes)]
    block = LevelBlock(
        cells=_fixed(part.cells),
        levels=_fixed(part.levels),
        levels_wide=_fixed(part.levels_wide),
        starts=_fixed(part.tile_starts),
        level_starts=_fixed(part.level_starts),
        wide=_fixed(part.wide),
        value_starts=_fixed(part.value_starts[:-1]),
        n_levels=_fixed(np.diff(part.value_starts)),
        n_below=_fixed(n_below),
        tile=tile,
    )
    return block, _fixed(part.values)


def joined(layer: Layer, genes: Sequence[int]) -> LevelLayer:
    """Copy some genes of a layer, in the order given, into a matrix of their own."""
    parts = [layer.block(gene, gene + 1) for gene in genes]
    lengths = [part.n_nonzero for part in parts]
    starts = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    spans = [slice(int(part.gene_starts[0]), int(part.gene_starts[1])) for part in parts]
    value_starts = np.concatenate([[0], np.cumsum([len(part.values_of(0)) for part in parts])]).astype(np.int64)
    wide = np.array([part.wide[0] for part in parts])
    narrow = [part.levels_of(0) for part in parts if not part.wide[0]]
    return replace(
        parts[0],
        n_genes=len(parts),
        gene_starts=starts,
        cells=np.concatenate([part.cells[span] for part, span in zip(parts, spans, strict=True)]),
        tile_starts=np.concatenate(
            [part.tile_starts - span.start + start for part, span, start in zip(parts, spans, starts, strict=False)]
        ),
        levels=np.concatenate([np.empty(0, dtype=np.uint16), *narrow]),
        levels_wide=np.concatenate([np.empty(0, np.uint32), *(part.levels_of(0) for part in parts if part.wide[0])]),
        level_starts=level_starts_of(starts, wide),
        wide=wide,
        value_starts=value_starts,
        values=np.concatenate([part.values_of(0) for part in parts]),
    )


def _fixed(array: NDArray[Any]) -> NDArray[Any]:
    """Return a read-only view, of the plain array of a mapped one: numba compiles for other kinds anew."""
    view = np.asarray(array).view()
    view.flags.writeable = False
    return view
