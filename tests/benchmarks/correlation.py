"""The rows of ``make bench`` that are about correlation: ratios to streaming the layer, references, the cache."""

from __future__ import annotations

import os
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import psutil
from numba import njit
from scipy import sparse, stats

from core.analysis.correlation import CorrelationParams, correlates, doubled_ranks, places
from core.compute.executor import Workers
from core.kernels import correlation as kernels
from core.selection.masks import mask_of
from core.selection.model import Selection
from core.services.container import Services
from core.services.memoized import answer
from core.settings.settings import load
from tests.benchmarks.rows import Row, one, timed

if TYPE_CHECKING:
    from pathlib import Path

    from core.atlas.store import Atlas, Layer

N_REFERENCE = 200
REPEATS = 7
SIZES = (10_000, 30_000, 100_000, 200_000)


@njit(nogil=True, fastmath=True)
def _sum(data, indices):
    total, places_ = 0.0, 0
    for k in range(data.size):
        total += data[k]
        places_ += indices[k]
    return total + places_


def _stream(layer: Layer, start: int, stop: int) -> float:
    span = slice(layer.indptr[start], layer.indptr[stop])
    return _sum(layer.data[span], layer.indices[span])


def bench_kernels(atlas: Atlas, workers: Workers) -> list[Row]:
    """Kernels over all genes, against the time it takes to read the same bytes with the same workers."""
    stream = timed(
        "stream the layer's bytes", lambda: workers.over_genes(_stream, atlas, "expression"), repeats=REPEATS
    )
    rows = [stream]
    layer = atlas.layer()
    share = layer.stats.n_nonzero / atlas.n_cells
    rng = np.random.default_rng(0)
    for words, target in (("30 % nonzero", 0.3), ("the densest gene", 1.0)):
        gene = int(np.argmin(np.abs(share - target)))
        for cells, mask in (
            ("all cells", np.ones(atlas.n_cells, bool)),
            ("30 % of cells", rng.random(atlas.n_cells) < 0.3),
        ):
            for name, task, budget in _tasks(layer, gene, mask):
                what = f"{name}, {len(share):,} genes, {cells}, query {words}"
                row = timed(what, partial(workers.over_genes, task, atlas, "expression"), repeats=REPEATS)
                ratio = row.median / stream.median
                rows.append(Row(what, row.median, row.low, row.high, "ms", f"{ratio:.1f}x the stream (≤ {budget}x)"))
    return rows


def _tasks(layer: Layer, gene: int, mask: np.ndarray):
    from core.analysis import correlation

    x = layer.dense(gene).astype(np.float64)
    n = int(mask.sum())
    yield "Pearson", partial(correlation._pearson, query=correlation.centred(x, mask), n_inside=n), 2
    yield "Spearman", partial(correlation._spearman, query=doubled_ranks(layer, gene, mask), n_inside=n), 3
    yield "Pearson, zeros dropped", partial(correlation._pearson_nonzero, query=np.where(mask, x, 0.0)), 8
    yield "Spearman, zeros dropped", partial(correlation._spearman_nonzero, places=places(layer, gene, mask)), 8


def bench_references(atlas: Atlas, workers: Workers) -> list[Row]:
    """The same gene against the same few genes by what one would use otherwise, on a dense copy where these need it."""
    layer = atlas.layer()
    genes = np.linspace(0, len(atlas.genes) - 1, N_REFERENCE).astype(int)
    dense = np.stack([layer.dense(int(gene)) for gene in genes], axis=1).astype(np.float64)
    x = layer.dense(int(np.argmax(layer.stats.n_nonzero))).astype(np.float64)
    columns = sparse.csc_array(dense)

    def by_pandas():
        import pandas as pd

        pd.DataFrame(dense).corrwith(pd.Series(x), method="spearman")

    def by_sparse():
        centred = x - x.mean()
        n = len(x)
        variance = np.asarray(columns.multiply(columns).sum(axis=0)) - np.asarray(columns.sum(axis=0)) ** 2 / n
        with np.errstate(all="ignore"):
            return (columns.T @ centred) / np.sqrt(variance * (centred @ centred))

    def by_numpy():
        a, b = dense - dense.mean(axis=0), x - x.mean()
        with np.errstate(all="ignore"):
            return (a.T @ b) / np.sqrt((a * a).sum(axis=0) * (b @ b))

    def by_scipy():
        with np.errstate(all="ignore"):
            for column in dense.T[:20]:
                stats.spearmanr(x, column)

    params = CorrelationParams.of(atlas, atlas.genes.names[0])
    what = "Spearman with p, CI, BH and sorting: ours, a gene"
    ours = timed(what, lambda: correlates(atlas, params, workers), repeats=5, scale=1e6 / len(atlas.genes), unit="µs")
    rows = [ours]
    for what, call, n in (
        ("Spearman: scipy.stats.spearmanr, a gene", by_scipy, 20),
        ("Spearman: pandas corrwith, a gene", by_pandas, N_REFERENCE),
        ("Pearson: dense numpy, a gene", by_numpy, N_REFERENCE),
        ("Pearson: scipy.sparse, a gene", by_sparse, N_REFERENCE),
    ):
        row = timed(what, call, repeats=3, scale=1e6 / n, unit="µs")
        rows.append(Row(row.what, row.median, row.low, row.high, "µs", f"{row.median / rows[0].median:.0f}x ours"))
    return rows


def bench_cache(atlas: Atlas, data: Path) -> list[Row]:
    """A question over HTTP the first time and later, with the embedded Redis."""
    from app import create_app

    settings = load(data_dir=data, log_level="ERROR")
    app = create_app(settings)
    services: Services = app.server.extensions["masldatlas"]
    client = app.server.test_client()
    genes = iter(atlas.genes.names)
    with closing(services.cache):
        services.cache.start()
        end = time.monotonic() + 20
        while services.cache.status()["status"] != "ok" and time.monotonic() < end:
            time.sleep(0.05)
        services.cache.flush()
        base = f"/api/v1/datasets/{atlas.id}/correlations"

        def params(gene: str, top: str = "") -> None:
            answer = client.get(f"{base}?gene={gene}{top}")
            assert answer.status_code == 200, answer.text

        known = next(genes)
        cold = timed("correlation over HTTP, all genes as JSON: cold", lambda: params(next(genes)), repeats=5)
        warm = timed("the same, cached", lambda: params(known), repeats=REPEATS)
        top = timed("the same, cached, top 100", lambda: params(known, "&top=100"), budget="≤ 20 ms", repeats=REPEATS)
        found = answer(services, atlas, CorrelationParams.of(atlas, known))
        assert found.hit
    memory = one(
        "resident memory of the process afterwards (mapped pages included)",
        psutil.Process().memory_info().rss / 1e6,
        "MB",
    )
    return [cold, warm, top, memory]


def bench_growth(workers: Workers) -> list[Row]:
    """How the cost grows with cells, on one gene set with the sparsity of the simulated liver; nothing on disk."""
    rows = []
    rng = np.random.default_rng(0)
    n_genes = 400
    for n_cells in SIZES:
        per_gene = int(0.07 * n_cells)
        cells = np.stack([rng.choice(n_cells, per_gene, replace=False) for _ in range(n_genes)]).astype(np.uint32)
        values = np.sort(np.round(rng.gamma(2, 1, cells.shape), 2) + 0.01, axis=1).astype(np.float32)
        indptr = np.arange(n_genes + 1, dtype=np.int64) * per_gene
        query = rng.permutation(np.arange(n_cells, dtype=np.int32) * 2 - (n_cells - 1)).astype(np.int32)
        r, n = np.empty(n_genes), np.empty(n_genes, dtype=np.int64)
        row = timed(
            f"Spearman, one thread, {n_cells:,} cells x {n_genes} genes, 7 % nonzero",
            partial(kernels.spearman, values.ravel(), cells.ravel(), indptr, query, n_cells, r, n),
            repeats=5,
        )
        each = row.median * 1e6 / (n_genes * per_gene)
        rows.append(Row(row.what, row.median, row.low, row.high, "ms", f"{each:.2f} ns a nonzero"))
    return rows


def bench(atlas: Atlas, data: Path) -> list[Row]:
    """All rows."""
    workers = Workers(ThreadPoolExecutor(os.cpu_count()))
    mask_of(atlas, Selection())
    try:
        return [
            *bench_kernels(atlas, workers),
            *bench_references(atlas, workers),
            *bench_cache(atlas, data),
            *bench_growth(workers),
        ]
    finally:
        workers.close()
