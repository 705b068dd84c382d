"""Writing the layers of an atlas: gene blocks in, levels on disk out."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

from core.atlas.level_blocks import LARGEST_COUNT, TARGET_SUM, Built, InexactCounts, built, counts_of
from core.atlas.manifest import LayerInfo
from core.errors import InvalidFile
from core.ingest.durable_files import write_array
from core.ingest.level_writer import GeneColumns, LevelWriter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from concurrent.futures import Executor, Future
    from pathlib import Path

    from core.ingest.layer_rules import Planned

# Entries turned into levels at once; with their keys and the copies made on the way about 100 MB.
BLOCK_ENTRIES = 1_500_000
# Blocks that are being made, beside the one that is written.
AHEAD = 2
# Every integer up to this is a float32.
EXACT_FLOAT32 = 2**24


@dataclass(frozen=True)
class Made:
    """A block of a layer, and that of the counts as computed from it; None where they are not exactly those wanted."""

    layer: Built
    counts: Built | None


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
    per_gene, n_cells = source.per_gene, planned.blocks.profile.n_cells
    starts = np.concatenate([[0], np.cumsum(per_gene)]).astype(np.int64)
    own, others = GeneColumns(n_cells), GeneColumns(n_cells)
    with LevelWriter(layers / planned.name, int(starts[-1]), n_cells, source.dtype) as writer:
        for stop, made in _in_order(source, starts, executor):
            writer.write(made.layer)
            own.add(made.layer)
            if made.counts is not None:
                others.add(made.counts)
            report(float(starts[stop] + stop) / float(starts[-1] + len(per_gene)))
        writer.finish(starts, planned.blocks.profile.cell_sums)
    own.write(layers / planned.name / "stats.parquet", per_gene)
    has_zeros = bool(starts[-1] < n_cells * len(per_gene))
    info = _info(planned, source.dtype, int(starts[-1]), own.range(has_zeros=has_zeros))
    if counts is None or not source.computes:
        return info, None
    write_array(layers / counts.name / "cell_sums.npy", counts.blocks.profile.cell_sums)
    others.write(layers / counts.name / "stats.parquet", per_gene)
    found = _info(counts, dtype_of(counts), int(starts[-1]), others.range(has_zeros=has_zeros))
    return info, found.model_copy(update={"computed": True})


def blocks_of(starts: np.ndarray, entries: int) -> Iterator[tuple[int, int]]:
    """Consecutive ranges of genes with about `entries` nonzeros each; a single gene may exceed it."""
    n_genes = len(starts) - 1
    start = 0
    while start < n_genes:
        stop = int(np.searchsorted(starts, starts[start] + entries, side="right")) - 1
        stop = min(max(stop, start + 1), n_genes)
        yield start, stop
        start = stop


def _in_order(source: _Source, starts: np.ndarray, executor: Executor) -> Iterator[tuple[int, Made]]:
    """Make the blocks, some of them at a time, and yield each with the gene it ends before."""
    waiting: deque[tuple[int, Future[Made]]] = deque()
    try:
        for start, stop in blocks_of(starts, BLOCK_ENTRIES):
            waiting.append((stop, executor.submit(source.make, start, stop)))
            if len(waiting) > AHEAD:
                stop_before, future = waiting.popleft()
                yield stop_before, future.result()
        while waiting:
            stop_before, future = waiting.popleft()
            yield stop_before, future.result()
    finally:
        for _, future in waiting:
            future.cancel()


class _Source:
    """Blocks of one layer, transformed, and whether counts have been those computed so far."""

    def __init__(self, planned: Planned, counts: Planned | None) -> None:
        profile = planned.blocks.profile
        self._planned = planned
        self._counts = counts
        self._logged = planned.transform == "log1p_cp10k"
        self._totals = np.where(profile.cell_sums > 0, profile.cell_sums, 1.0)
        self.per_gene = per_gene(planned)
        self.dtype = np.dtype(np.float32) if self._logged else dtype_of(planned)
        self.computes = (
            counts is not None
            and planned.scale == "ln1p"
            and self.dtype == np.float32
            and counts.blocks.profile.maximum <= LARGEST_COUNT
            and np.array_equal(per_gene(counts), self.per_gene)
        )

    def make(self, start: int, stop: int) -> Made:
        """Make one block, in any thread."""
        block = _block(self._planned, start, stop)
        values, cells = block.data, block.indices.astype(np.int32, copy=False)
        starts = block.indptr.astype(np.int64)
        if self._logged:
            values = np.log1p(values / (self._totals[cells] / TARGET_SUM))
        made = built(_narrow(values, self.dtype), cells, starts, self._planned.blocks.profile.n_cells)
        return Made(made, self._computed(block, made, start, stop) if self.computes else None)

    def _computed(self, block: sparse.csc_array, made: Built, start: int, stop: int) -> Built | None:
        """Compute the counts of a block, and compare each with the one it must be."""
        assert self._counts is not None  # noqa: S101 - `computes` says so
        given = block
        if self._counts.blocks is not self._planned.blocks:
            given = _block(self._counts, start, stop)
        if np.array_equal(given.indptr, block.indptr) and np.array_equal(given.indices, block.indices):
            try:
                computed = counts_of(made.block, self._counts.blocks.profile.cell_sums, dtype_of(self._counts))
            except InexactCounts:
                computed = None
            if computed is not None and _is_equal(computed, given.data):
                return computed
        self.computes = False
        return None


def _is_equal(computed: Built, counts: np.ndarray) -> bool:
    block = computed.block
    lengths = np.diff(block.gene_starts)
    levels = block.levels + np.repeat(block.value_starts[:-1], lengths)
    return np.array_equal(block.values[levels], counts)


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
