"""The rows of ``make bench`` that are about correlation: ratios to streaming the layer, references, the cache."""

from __future__ import annotations

import os
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import psutil
from scipy import sparse, stats

from core.analysis.correlation import CorrelationParams, correlates
from core.atlas.store import Atlas
from core.compute.executor import Workers
from core.selection.masks import mask_of
from core.selection.model import Selection
from core.services.container import Services
from core.services.memoized import answer
from core.settings.settings import load
from tests.benchmarks import markers
from tests.benchmarks.rows import Row, against, one, stream, timed
from tests.stores import written

if TYPE_CHECKING:
    from core.atlas.store import Layer

N_REFERENCE = 200
REPEATS = 7
MILLION, MILLION_GENES = 1_000_000, 600


def bench(atlas: Atlas) -> list[Row]:
    """Kernels over all genes of the atlas."""
    with _workers() as workers:
        return bench_kernels(atlas, workers)


def _workers() -> closing[Workers]:
    return closing(Workers(ThreadPoolExecutor(os.cpu_count())))


def bench_kernels(atlas: Atlas, workers: Workers) -> list[Row]:
    """Kernels over all genes, against the time it takes to read the same bytes with the same workers."""
    read = stream(atlas, workers)
    rows = [read]
    layer = atlas.layer()
    share = layer.stats.n_nonzero / atlas.n_cells
    rng = np.random.default_rng(0)
    for words, target in (("30 % nonzero", 0.3), ("the densest gene", 1.0)):
        gene = int(np.argmin(np.abs(share - target)))
        for cells, mask in (
            (f"all {atlas.n_cells:,} cells", np.ones(atlas.n_cells, bool)),
            (f"30 % of {atlas.n_cells:,} cells", rng.random(atlas.n_cells) < 0.3),
        ):
            for name, task, budget in _tasks(layer, gene, mask):
                what = f"{name}, {len(share):,} genes, {cells}, query {words}"
                row = timed(what, partial(workers.over_genes, task, atlas, "expression"), repeats=REPEATS)
                rows.append(against(row, read, atlas, budget))
    return rows


def _tasks(layer: Layer, gene: int, mask: np.ndarray):
    from core.analysis import correlation

    x = layer.dense(gene)
    whole = 2 if mask.all() else 3
    yield "Pearson", partial(correlation._pearson, query=correlation.query_of_values(x, mask)), whole
    ranks = correlation.query_of_ranks(correlation.doubled_ranks(layer, gene, mask), mask)
    yield "Spearman", partial(correlation._spearman, query=ranks), whole
    yield "Pearson, zeros dropped", partial(correlation._pearson_nonzero, query=correlation.shared_query(x, mask)), 6
    levels = correlation.shared_levels(layer, gene, mask)
    yield "Spearman, zeros dropped", partial(correlation._spearman_nonzero, query=levels), 6


def bench_references(atlas: Atlas) -> list[Row]:
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
    with _workers() as workers:
        mask_of(atlas, Selection())
        call = partial(correlates, atlas, params, workers)
        ours = timed(what, call, repeats=5, scale=1e6 / len(atlas.genes), unit="µs")
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


def bench_million(atlas: Atlas) -> list[Row]:
    """The same kernels, and opening and reading, on a million cells and some genes, drawn from the atlas."""
    with tempfile.TemporaryDirectory() as scratch, _workers() as workers:
        made = written(Path(scratch), {"expression": _drawn(atlas)})
        layer = made.layer()
        size = sum(array.nbytes for array in layer.arrays) / layer.info.n_nonzero
        rows = [
            one(f"store of {made.n_cells:,} cells x {layer.n_genes:,} genes, a nonzero", size, "bytes", "≤ 5 bytes"),
            timed(
                f"open {made.n_cells:,} cells: manifest, layer, gene names", partial(_open, made.path), budget="≤ 50 ms"
            ),
        ]
        densest = int(np.argmax(layer.stats.n_nonzero))
        for words, gene in (
            ("middling", int(np.argsort(layer.stats.n_nonzero)[layer.n_genes // 2])),
            ("densest", densest),
        ):
            what = f"values of the {words} gene, {made.n_cells:,} cells"
            rows.append(timed(what, partial(layer.dense, gene), budget="≤ 10 ms"))
        return [*rows, *bench_kernels(made, workers), markers.bench_kernel(made, workers)]


def _open(path: Path) -> None:
    opened = Atlas(path)
    opened.layer()
    _ = opened.genes


def _drawn(atlas: Atlas) -> sparse.csc_array:
    """Draw a million cells with replacement, thin their counts to 70 to 100 %, and take the logarithm anew."""
    rng = np.random.default_rng(0)
    genes = np.arange(0, len(atlas.genes), max(1, len(atlas.genes) // MILLION_GENES))
    counts, totals = atlas.layer("counts"), atlas.layer("counts").cell_sums
    source = sparse.csc_array(np.stack([counts.dense(int(gene)) for gene in genes], axis=1)).tocsr()
    parts = []
    for _ in range(0, MILLION, atlas.n_cells):
        cells = rng.integers(0, atlas.n_cells, min(atlas.n_cells, MILLION))
        part, kept = source[cells], rng.uniform(0.7, 1.0, cells.size)
        lengths = np.diff(part.indptr)
        part.data = rng.binomial(part.data.astype(np.int64), np.repeat(kept, lengths)).astype(np.float64)
        part.data = np.log1p(part.data / np.repeat(np.round(totals[cells] * kept) / 1e4, lengths)).astype(np.float32)
        parts.append(part)
    return sparse.csc_array(sparse.vstack(parts))
