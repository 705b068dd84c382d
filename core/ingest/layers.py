"""Writing the layers of an atlas: gene blocks in, levels on disk out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

from core.atlas.level_blocks import LARGEST_COUNT, TARGET_SUM, built
from core.atlas.manifest import LayerInfo
from core.errors import InvalidFile
from core.ingest.durable_files import write_array
from core.ingest.level_writer import Made, proved, write_blocks

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Executor
    from pathlib import Path

    from core.ingest.layer_rules import Planned

# Every integer up to this is a float32.
EXACT_FLOAT32 = 2**24


def write_layers(
    planned: Planned, counts: Planned | None, layers: Path, executor: Executor, report: Callable[[float], None]
) -> tuple[LayerInfo, LayerInfo | None]:
    """Write one layer, and the counts with it where they can be computed from it.

    Parameters
    ----------
    planned
        What to write and how to transform it.
    counts
        Layer of the counts that `planned` may be the log1p(CP10k) of; None where there is none.
    layers
        Directory ``layers`` of the store; it must not hold ``<name>``.
    executor
        Makes some blocks at a time.
    report
        Called with the fraction done.

    Returns
    -------
    The facts of the layer, and those of the counts where for every nonzero they are found to be
    round(expm1(value) * total / 10,000); None where they must be written by themselves. Values are float32; counts
    above 2**24 are float64, so that they stay exact.

    Notes
    -----
    log1p(CP10k) is ``log(1 + count * 1e4 / total)``, where total is the sum of the cell over every gene of the matrix
    (scanpy's ``normalize_total(target_sum=1e4)`` followed by ``log1p``), computed in float64 and stored as float32.
    """
    source = _Source(planned, counts)
    own, others = write_blocks(source, layers / planned.name, executor, report)
    n_nonzero = int(source.starts[-1])
    has_zeros = n_nonzero < source.n_cells * (len(source.starts) - 1)
    info = _info(planned, source.dtype, n_nonzero, own.range(has_zeros=has_zeros))
    if counts is None or others is None:
        return info, None
    write_array(layers / counts.name / "cell_sums.npy", counts.blocks.profile.cell_sums)
    others.write(layers / counts.name / "stats.parquet", source.starts)
    found = _info(counts, dtype_of(counts), n_nonzero, others.range(has_zeros=has_zeros))
    return info, found.model_copy(update={"computed": True})


class _Source:
    """Blocks of one layer of a file, transformed; see `core.ingest.level_writer.Source`."""

    def __init__(self, planned: Planned, counts: Planned | None) -> None:
        profile = planned.blocks.profile
        self._planned = planned
        self._counts = counts
        self._logged = planned.transform == "log1p_cp10k"
        self._totals = np.where(profile.cell_sums > 0, profile.cell_sums, 1.0)
        self.n_cells = profile.n_cells
        self.cell_sums = profile.cell_sums
        self.starts = np.concatenate([[0], np.cumsum(per_gene(planned))]).astype(np.int64)
        self.dtype = np.dtype(np.float32) if self._logged else dtype_of(planned)
        self.computes = (
            counts is not None
            and planned.scale == "ln1p"
            and self.dtype == np.float32
            and counts.blocks.profile.maximum <= LARGEST_COUNT
            and np.array_equal(per_gene(counts), np.diff(self.starts))
        )

    def make(self, start: int, stop: int) -> Made:
        block = _block(self._planned, start, stop)
        values, cells = block.data, block.indices.astype(np.int32, copy=False)
        if self._logged:
            values = np.log1p(values / (self._totals[cells] / TARGET_SUM))
        made = built(_narrow(values, self.dtype), cells, block.indptr.astype(np.int64), self.n_cells)
        if self._counts is None or not self.computes:
            return Made(made, None)
        given = block if self._counts.blocks is self._planned.blocks else _block(self._counts, start, stop)
        if not (np.array_equal(given.indptr, block.indptr) and np.array_equal(given.indices, block.indices)):
            return Made(made, None)
        return Made(made, proved(made, given.data, self._counts.blocks.profile.cell_sums, dtype_of(self._counts)))


def per_gene(planned: Planned) -> np.ndarray:
    """Nonzeros of each gene of a layer."""
    found = planned.blocks.profile.per_gene
    return found if planned.columns is None else found[planned.columns]


def dtype_of(planned: Planned) -> np.dtype:
    """Return the dtype of the values of a layer that is written as it is.

    Raises
    ------
    InvalidFile
        No dtype of the store holds them.
    """
    profile = planned.blocks.profile
    largest = max(abs(profile.minimum), abs(profile.maximum))
    if profile.integers:
        return np.dtype(np.float32 if largest <= EXACT_FLOAT32 else np.float64)
    if largest > float(np.finfo(np.float32).max):
        raise InvalidFile(
            f"The layer {planned.name!r} has values up to {largest:g}, which cannot be expression values.",
            "Check the matrix.",
        )
    return np.dtype(np.float32)


def _info(planned: Planned, dtype: np.dtype, n_nonzero: int, bounds: tuple[float, float]) -> LayerInfo:
    return LayerInfo(
        name=planned.name,
        dtype="float32" if dtype == np.float32 else "float64",
        unit=planned.unit,
        rule=planned.rule,
        integers=planned.blocks.profile.integers and planned.transform != "log1p_cp10k",
        n_nonzero=n_nonzero,
        minimum=bounds[0],
        maximum=bounds[1],
        scale=planned.scale,
    )


def _block(planned: Planned, start: int, stop: int) -> sparse.csc_array:
    if planned.columns is None:
        return planned.blocks.block(start, stop)
    columns = planned.columns[start:stop]
    cuts = np.flatnonzero(np.diff(columns) != 1) + 1
    runs = [planned.blocks.block(int(run[0]), int(run[-1]) + 1) for run in np.split(columns, cuts)]
    return sparse.csc_array(sparse.hstack(runs, format="csc"))


def _narrow(values: np.ndarray, dtype: np.dtype) -> np.ndarray:
    """Convert values to the layer's dtype; a value that would underflow to zero keeps the smallest magnitude."""
    narrow = values.astype(dtype, copy=False)
    lost = narrow == 0
    if lost.any():
        narrow[lost] = np.copysign(np.finfo(dtype).smallest_subnormal, values[lost])
    return narrow
