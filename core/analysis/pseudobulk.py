"""Pseudobulk: sums of raw counts over the cells of each type in each sample."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from core.analysis.sides import NEITHER, Sides
from core.atlas.kernel_block import as_block, block_of
from core.atlas.level_blocks import TARGET_SUM
from core.atlas.store import COUNTS, MISSING
from core.cache.in_process import remembered
from core.compute.admission import heavy
from core.errors import InvalidQuery
from core.kernels.unit_sums import unit_sums
from core.selection.model import Selection

if TYPE_CHECKING:
    from core.arrays import I32, I64
    from core.atlas.store import Atlas, Layer
    from core.compute.executor import Workers


@dataclass(frozen=True)
class UnitParams:
    """Definition of the units of replication: the cells of one sample on one side, within a selection."""

    sides: Sides
    sample: str
    selection: Selection = field(default_factory=Selection)


@dataclass(frozen=True, eq=False)
class Units:
    """Units of replication, in the order of sample, then side.

    Attributes
    ----------
    codes : (n_cells,) int32, unit of each cell; n_units for a cell that takes no part
    sample : (n_units,) code of the sample
    side : (n_units,) 1 for A, 0 for B
    """

    codes: I32
    sample: I64
    side: I64

    def __len__(self) -> int:
        return len(self.sample)


@dataclass(frozen=True, eq=False)
class Sums:
    """Sums of raw counts.

    Attributes
    ----------
    counts : (n_genes, n_types, n_units) int64, exact
    expressing : (n_genes, n_types, n_units) int32, cells with a count
    """

    counts: I64
    expressing: I32


@dataclass(frozen=True, eq=False)
class UnitSizes:
    """Cells and counts of each type in each unit.

    Attributes
    ----------
    types : names of the cell types with cells; one empty name where all cells are taken together
    cells : (n_types, n_units) number of cells
    counts : (n_types, n_units) sum of all their counts
    """

    types: tuple[str, ...]
    cells: I64
    counts: I64


@remembered
def units_of(atlas: Atlas, params: UnitParams) -> Units:
    """Find the units; cells without a sample or a side take no part."""
    sides = params.sides.codes(atlas, params.selection)
    samples = atlas.categorical(params.sample).codes
    part = (sides != NEITHER) & (samples != MISSING)
    if not part.any():
        raise InvalidQuery(
            f"No cell of either side has a sample in {params.sample}.", "Choose other sides, or another column."
        )
    places = samples[part].astype(np.int64) * 2 + sides[part]
    found, inverse = np.unique(places, return_inverse=True)
    codes = np.full(atlas.n_cells, len(found), dtype=np.int32)
    codes[part] = inverse
    return Units(codes, found // 2, found % 2)


def type_codes(atlas: Atlas, cell_type: str, units: Units) -> tuple[I64, tuple[str, ...]]:
    """Find the code of the cell type of each cell, -1 for none, and the names of the types that occur.

    `cell_type` is the column; empty takes all cells as one type.
    """
    if not cell_type:
        return np.zeros(len(units.codes), dtype=np.int64), ("",)
    column = atlas.categorical(cell_type)
    part = (units.codes < len(units)) & (column.codes != MISSING)
    kept = np.flatnonzero(np.bincount(column.codes[part], minlength=len(column.categories)))
    place = np.full(len(column.categories) + 1, MISSING, dtype=np.int64)
    place[kept] = np.arange(len(kept))
    return place[column.codes], tuple(column.categories[at] for at in kept)


@remembered
def sizes_of(atlas: Atlas, params: UnitParams, cell_type: str) -> UnitSizes:
    """Count cells and counts of each type in each unit; counts are zero in an atlas without raw counts."""
    units = units_of(atlas, params)
    codes, names = type_codes(atlas, cell_type, units)
    part = (units.codes < len(units)) & (codes != MISSING)
    places, shape = codes[part] * len(units) + units.codes[part], (len(names), len(units))
    n = shape[0] * shape[1]
    cells = np.bincount(places, minlength=n).reshape(shape)
    totals = atlas.layer(COUNTS).cell_sums[part] if atlas.manifest.layer(COUNTS) else np.zeros(int(part.sum()))
    counts = np.rint(np.bincount(places, weights=totals, minlength=n)).astype(np.int64).reshape(shape)
    return UnitSizes(names, cells.astype(np.int64), counts)


def check_counts(atlas: Atlas) -> None:
    """Refuse an atlas whose raw counts are not there, or are not whole numbers."""
    info = atlas.manifest.layer(COUNTS)
    if info is None:
        raise InvalidQuery(
            f"{atlas.id} has no raw counts, so samples cannot be summed and donors cannot be compared.",
            "Import a file with raw counts in X, raw or layers['counts'].",
        )
    if not info.integers or info.minimum < 0:
        raise InvalidQuery(
            f"The counts of {atlas.id} are not whole numbers, so they are no raw counts.",
            "Import a file with the raw counts that the sequencer gave.",
        )


@remembered
def sums_of(atlas: Atlas, params: UnitParams, cell_type: str, workers: Workers) -> Sums:
    """Add up the counts of every gene by cell type and unit, in one pass over the counts.

    Raises
    ------
    InvalidQuery
        The atlas has no raw counts.
    """
    check_counts(atlas)
    return _sums(atlas, params, cell_type, workers)


@heavy(lambda atlas, params, cell_type, _: 30 * len(atlas.genes) * sizes_of(atlas, params, cell_type).cells.size)
def _sums(atlas: Atlas, params: UnitParams, cell_type: str, workers: Workers) -> Sums:
    units = units_of(atlas, params)
    types, names = type_codes(atlas, cell_type, units)
    n = len(names) * len(units)
    outside = (units.codes == len(units)) | (types == MISSING)
    codes = np.where(outside, n, types * len(units) + units.codes).astype(np.int32)
    parts = workers.over_genes(partial(_of_block, codes=codes, n=n), atlas, COUNTS)
    counts = np.concatenate([part for part, _ in parts])
    expressing = np.concatenate([part for _, part in parts])
    shape = (len(counts), len(names), len(units))
    return Sums(counts.reshape(shape), expressing.reshape(shape))


def _of_block(layer: Layer, start: int, stop: int, codes: I32, n: int) -> tuple[I64, I32]:
    sums, expressing = np.empty((stop - start, n)), np.empty((stop - start, n), dtype=np.int32)
    implied = layer.implied
    if implied is None:
        factor, weights = 0.0, np.ones(len(codes), dtype=np.float32)
        block = block_of(layer, start, stop)
    else:
        # A product lies within `level_blocks.NEAR` of a count; totals of 32 bits move it by a millionth part at most.
        factor, weights = 1.0, (implied.totals / TARGET_SUM).astype(np.float32)
        block = as_block(implied.expression.block(start, stop), signed=False)
    unit_sums(*block, factor, weights, True, codes, sums, expressing)  # noqa: FBT003 - kernels take arguments by place
    return sums.astype(np.int64), expressing
