"""Writing one layer: gene blocks in, value-sorted CSC on disk out."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from scipy import sparse

from core.atlas.manifest import LayerInfo
from core.errors import InvalidFile
from core.ingest.durable_files import NpyWriter, write_array, write_table
from core.ingest.sorting import sort_genes
from core.kernels.summary import gene_summary

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from concurrent.futures import Executor
    from pathlib import Path

    from core.ingest.layer_rules import Planned

# Entries sorted at once; with their keys and the copies made on the way about 150 MB.
BLOCK_ENTRIES = 3_000_000
TARGET_SUM = 1e4
# Every integer up to this is a float32.
EXACT_FLOAT32 = 2**24


def write_layer(planned: Planned, directory: Path, executor: Executor, report: Callable[[float], None]) -> LayerInfo:
    """Write `data`, `indices`, `indptr`, `cell_sums` and `stats` of one layer.

    Parameters
    ----------
    planned
        What to write and how to transform it.
    directory
        ``layers/<name>`` of the store; must not exist.
    executor
        Sorts pieces of a block.
    report
        Called with the fraction done.

    Returns
    -------
    The facts of the layer. Values are float32; counts above 2**24 are float64, so that they stay exact.

    Notes
    -----
    log1p(CP10k) is ``log(1 + count * 1e4 / total)``, where total is the sum of the cell over every gene of the matrix
    (scanpy's ``normalize_total(target_sum=1e4)`` followed by ``log1p``), computed in float64 and stored as float32.
    """
    profile = planned.blocks.profile
    per_gene = profile.per_gene if planned.columns is None else profile.per_gene[planned.columns]
    indptr = np.concatenate([[0], np.cumsum(per_gene)]).astype(np.int64)
    logged = planned.transform == "log1p_cp10k"
    dtype = _dtype(planned, logged=logged)
    totals = np.where(profile.cell_sums > 0, profile.cell_sums, 1.0)
    means, variances, ties = [], [], []
    low, high = (0.0, 0.0) if indptr[-1] < profile.n_cells * len(per_gene) else (np.inf, -np.inf)
    with ExitStack() as files:
        data = files.enter_context(NpyWriter(directory / "data.npy", dtype, int(indptr[-1])))
        indices = files.enter_context(NpyWriter(directory / "indices.npy", np.dtype(np.int32), int(indptr[-1])))
        for start, stop in blocks_of(indptr, BLOCK_ENTRIES):
            block = _block(planned, start, stop)
            values, cells = block.data, block.indices
            if logged:
                values = np.log1p(values / (totals[cells] / TARGET_SUM))
            here = indptr[start : stop + 1] - indptr[start]
            values, cells = sort_genes(_narrow(values, dtype), cells.astype(np.int32, copy=False), here, executor)
            data.write(values)
            indices.write(cells)
            mean, variance, tie_term = gene_summary(values, here, profile.n_cells)
            means.append(mean)
            variances.append(variance)
            ties.append(tie_term)
            if values.size:
                low, high = min(low, float(values.min())), max(high, float(values.max()))
            report(stop / len(per_gene))
    write_array(directory / "indptr.npy", indptr)
    write_array(directory / "cell_sums.npy", profile.cell_sums)
    stats = {
        "n_nonzero": per_gene,
        "mean": np.concatenate(means),
        "variance": np.concatenate(variances),
        "tie_term": np.concatenate(ties),
    }
    write_table(directory / "stats.parquet", pa.table({name: pa.array(column) for name, column in stats.items()}))
    return LayerInfo(
        name=planned.name,
        dtype="float32" if dtype == np.float32 else "float64",
        unit=planned.unit,
        rule=planned.rule,
        integers=profile.integers and not logged,
        n_nonzero=int(indptr[-1]),
        minimum=low,
        maximum=high,
        scale=planned.scale,
    )


def blocks_of(indptr: np.ndarray, entries: int) -> Iterator[tuple[int, int]]:
    """Consecutive ranges of genes with about `entries` nonzeros each; a single gene may exceed it."""
    n_genes = len(indptr) - 1
    start = 0
    while start < n_genes:
        stop = int(np.searchsorted(indptr, indptr[start] + entries, side="right")) - 1
        stop = min(max(stop, start + 1), n_genes)
        yield start, stop
        start = stop


def _block(planned: Planned, start: int, stop: int) -> sparse.csc_array:
    if planned.columns is None:
        return planned.blocks.block(start, stop)
    columns = planned.columns[start:stop]
    cuts = np.flatnonzero(np.diff(columns) != 1) + 1
    runs = [planned.blocks.block(int(run[0]), int(run[-1]) + 1) for run in np.split(columns, cuts)]
    return sparse.csc_array(sparse.hstack(runs, format="csc"))


def _dtype(planned: Planned, *, logged: bool) -> np.dtype:
    profile = planned.blocks.profile
    largest = max(abs(profile.minimum), abs(profile.maximum))
    if logged:
        return np.dtype(np.float32)
    if profile.integers:
        return np.dtype(np.float32 if largest <= EXACT_FLOAT32 else np.float64)
    if largest > float(np.finfo(np.float32).max):
        raise InvalidFile(
            f"The layer {planned.name!r} has values up to {largest:g}, which cannot be expression values.",
            "Check the matrix.",
        )
    return np.dtype(np.float32)


def _narrow(values: np.ndarray, dtype: np.dtype) -> np.ndarray:
    """Convert values to the layer's dtype; a value that would underflow to zero keeps the smallest magnitude."""
    narrow = values.astype(dtype, copy=False)
    lost = narrow == 0
    if lost.any():
        narrow[lost] = np.copysign(np.finfo(dtype).smallest_subnormal, values[lost])
    return narrow
