"""Making blocks of levels: from entries in any of the orders that files have them in, and of counts from expression."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from core.atlas.level_layer import LevelLayer, fixed, is_wide, level_starts_of, one_tile, tiles_of
from core.kernels import levels as kernels
from core.kernels.tiles import NARROW_LEVELS

if TYPE_CHECKING:
    from core.arrays import F64, I32, I64, Floats, Mask
    from core.atlas.level_layer import U16, U32

    Shares = tuple[U16, I64, U16, U32, I64, Mask, F64, I64]

# Counts that are computed may have this many different values in a gene, and so be this large.
LARGEST_COUNT: Final = NARROW_LEVELS - 1
TARGET_SUM: Final = 1e4
# A product that lies so close to a whole number is that number on every machine.
NEAR: Final = 0.25

_SIGN, _ALL = np.uint32(0x8000_0000), np.uint32(0xFFFF_FFFF)
_LOW, _SHIFT = np.uint64(0xFFFF_FFFF), np.uint64(32)


@dataclass(frozen=True)
class Built:
    """A block of genes, and how many nonzeros each of its levels has, uint32 in the order of its values."""

    block: LevelLayer
    counts: U32


def built(values: Floats, cells: I32, starts: I64, n_cells: int) -> Built:
    """Build a block from the nonzeros of some genes, those of a gene in the order of the cells.

    Parameters
    ----------
    values : (n,) float32 or float64, finite and not zero
    cells : (n,) int32, ascending within each gene
    starts : (n_genes + 1,) int64, beginning with 0
    n_cells : number of cells

    Notes
    -----
    A float32 and its place in the gene fit one 64-bit integer whose order is that of the values: the bits of a float
    compare like an integer once negatives are flipped. numpy sorts integers with vector instructions, several times
    faster than indirectly.
    """
    if values.dtype == np.float32:
        keys = _keys(values, starts)
        _sort_genes(keys, starts)
        return _numbered(_values(keys), (keys & _LOW).astype(np.uint32), cells, starts, n_cells)
    places = np.empty(values.size, dtype=np.uint32)
    ascending = np.empty_like(values)
    for gene in range(len(starts) - 1):
        span = slice(int(starts[gene]), int(starts[gene + 1]))
        order = np.argsort(values[span], kind="stable")
        places[span] = order
        ascending[span] = values[span][order]
    return _numbered(ascending, places, cells, starts, n_cells)


def built_from_sorted(ascending: Floats, cells: I32, starts: I64, n_cells: int) -> Built:
    """Build a block from nonzeros in ascending order of value within each gene, as in version 1 of the store."""
    within = _within(starts)
    keys = (cells.astype(np.uint64) << _SHIFT) | within
    _sort_genes(keys, starts)
    places = np.empty(cells.size, dtype=np.uint32)
    before = np.repeat(starts[:-1], np.diff(starts))
    places[before + (keys & _LOW).astype(np.int64)] = within
    return _numbered(ascending, places, (keys >> _SHIFT).astype(np.int32), starts, n_cells)


class InexactCounts(ValueError):
    """Counts cannot be computed from these values."""


def shares_of(expression: LevelLayer) -> Shares:
    """Return a block of log1p(CP10k) as kernels of counts take it, with the share of a total that each level means."""
    at = expression.value_starts
    return (
        expression.cells,
        expression.tile_starts,
        expression.levels,
        expression.levels_wide,
        expression.level_starts,
        expression.wide,
        np.expm1(expression.values[at[0] : at[-1]].astype(np.float64)) / TARGET_SUM,
        at - at[0],
    )


def counts_of(expression: LevelLayer, totals: F64, dtype: np.dtype[Any]) -> Built:
    """Compute the counts from log1p(CP10k): round(expm1(value) * total / 10,000).

    Parameters
    ----------
    expression : a block
    totals : (n_cells,) float64, sum of the counts of each cell
    dtype : of the values

    Raises
    ------
    InexactCounts
        A product is no whole number, or one below 1 or above `LARGEST_COUNT`.
    """
    start, n = int(expression.gene_starts[0]), expression.n_nonzero
    levels = np.empty(n, dtype=np.uint16)
    values, n_of_level = np.empty(n, dtype=dtype), np.empty(n, dtype=np.uint32)
    starts = expression.gene_starts - start
    given = shares_of(expression)
    first, far = kernels.count_block(*given, totals, LARGEST_COUNT, levels, values, n_of_level)
    if far >= NEAR:
        raise InexactCounts("the expression is not log1p(CP10k) of counts")
    made = LevelLayer(
        n_cells=expression.n_cells,
        n_genes=expression.n_genes,
        dtype=np.dtype(dtype),
        gene_starts=fixed(starts),
        cells=expression.cells[start : start + n],
        tile_starts=fixed(expression.tile_starts - start),
        levels=fixed(levels),
        levels_wide=fixed(np.empty(0, dtype=np.uint32)),
        level_starts=fixed(starts[:-1].copy()),
        wide=fixed(np.zeros(expression.n_genes, dtype=bool)),
        value_starts=fixed(first),
        values=fixed(values[: first[-1]].copy()),
    )
    return Built(made, n_of_level[: first[-1]].copy())


def _numbered(ascending: Floats, places: U32, cells: I32, starts: I64, n_cells: int) -> Built:
    levels, counts = np.empty(cells.size, dtype=np.uint32), np.empty(cells.size, dtype=np.uint32)
    values = np.empty_like(ascending)
    first = kernels.build(ascending, places, starts, levels, values, counts)
    n_genes = len(starts) - 1
    if tiles_of(n_cells) == 1:
        tiles = one_tile(starts)
    else:
        tiles = np.empty((n_genes, tiles_of(n_cells) + 1), dtype=np.int64)
        kernels.tile_borders(cells, starts, tiles)
    wide = is_wide(first)
    widely = np.repeat(wide, np.diff(starts)) if wide.any() else None
    block = LevelLayer(
        n_cells=n_cells,
        n_genes=n_genes,
        dtype=ascending.dtype,
        gene_starts=fixed(starts.copy()),
        # The low 16 bits of each.
        cells=fixed(cells.astype(np.uint16)),
        tile_starts=fixed(tiles),
        levels=fixed((levels if widely is None else levels[~widely]).astype(np.uint16)),
        levels_wide=fixed(np.empty(0, dtype=np.uint32) if widely is None else levels[widely]),
        level_starts=fixed(level_starts_of(starts, wide)),
        wide=fixed(wide),
        value_starts=fixed(first),
        values=fixed(values[: first[-1]].copy()),
    )
    return Built(block, counts[: first[-1]].copy())


def _within(starts: I64) -> np.ndarray:
    """Place of each nonzero in its gene, uint64."""
    n = int(starts[-1])
    return (np.arange(n, dtype=np.int64) - np.repeat(starts[:-1], np.diff(starts))).astype(np.uint64)


def _keys(values: Floats, starts: I64) -> np.ndarray:
    bits = values.view(np.uint32)
    ordered = np.where(bits & _SIGN, bits ^ _ALL, bits | _SIGN)
    return (ordered.astype(np.uint64) << _SHIFT) | _within(starts)


def _values(keys: np.ndarray) -> Floats:
    ordered = (keys >> _SHIFT).astype(np.uint32)
    return np.where(ordered & _SIGN, ordered ^ _SIGN, ordered ^ _ALL).view(np.float32)


def _sort_genes(keys: np.ndarray, starts: I64) -> None:
    for gene in range(len(starts) - 1):
        keys[starts[gene] : starts[gene + 1]].sort()
