"""The rows of ``make bench`` that are about markers: all categories at once, and scanpy on the same cells and genes."""

from __future__ import annotations

import os
import tempfile
import time
import warnings
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse

from core.analysis.contrasts import MarkersParams
from core.analysis.marker_tests import tested
from core.analysis.markers import markers
from core.atlas.paths import Places
from core.atlas.store import COUNTS, EXPRESSION, Atlas
from core.compute.executor import Workers
from core.ingest.importer import ImportRequest, import_file
from core.kernels.warm_up import warm_up
from tests.benchmarks.rows import Row, against, one, stream, timed
from tests.core.ingest._build import matrix_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import anndata
    import pandas as pd

# As large as scanpy manages in half a minute.
N_CELLS, N_GENES = 20_000, 3_000
N_CATEGORIES = 16


def bench(atlas: Atlas) -> list[Row]:
    """All rows."""
    warm_up()
    workers = Workers(ThreadPoolExecutor(os.cpu_count()))
    params = MarkersParams.of(atlas)
    n_categories = len(params.groups(atlas).listed)
    what = f"markers of {n_categories} categories, {len(atlas.genes):,} genes, {atlas.n_cells:,} cells: the whole table"
    try:
        whole = timed(what, lambda: markers(atlas, params, workers), repeats=5)
        return [
            bench_kernel(atlas, workers),
            whole,
            _illico(f"{what}: illico", _matrix(atlas, EXPRESSION), params, whole),
            *_anchors(atlas, workers),
        ]
    finally:
        workers.close()


def _illico(what: str, adata: anndata.AnnData, params: MarkersParams, ours: Row) -> Row:
    """Rank sums alone by illico, in as many threads: no AUC, share of cells, or order of the genes."""
    from illico import asymptotic_wilcoxon

    def run() -> pd.DataFrame:
        return asymptotic_wilcoxon(
            adata, is_log1p=True, group_keys=params.by, n_threads=os.cpu_count() or 1, use_continuity=False
        )

    # Columns, as it likes best; cells without a category have no place in its groups.
    adata = adata[adata.obs[params.by].notna()].copy()
    adata.X = sparse.csc_matrix(adata.X)
    theirs = timed(what, run, repeats=3)
    return replace(theirs, budget=f"{theirs.median / ours.median:.2f}x ours")


def bench_kernel(atlas: Atlas, workers: Workers) -> Row:
    """Rank sums, sums and tests of 16 categories, against reading the layer; without making a table of them."""
    codes = np.random.default_rng(0).integers(0, N_CATEGORIES, atlas.n_cells).astype(np.uint8)
    sizes = np.bincount(codes, minlength=N_CATEGORIES).astype(np.int64)
    what = f"tests of {N_CATEGORIES} categories, {len(atlas.genes):,} genes, {atlas.n_cells:,} cells"
    task = partial(tested, codes=codes, sizes=sizes)
    row = timed(what, lambda: workers.over_genes(task, atlas, EXPRESSION), repeats=5)
    return against(row, stream(atlas, workers), atlas, 3)


def _anchors(atlas: Atlas, workers: Workers) -> list[Row]:
    with tempfile.TemporaryDirectory() as scratch:
        small = _part(atlas, Path(scratch))
        params = MarkersParams.of(small)
        names = params.groups(small).names
        what = f"markers of {len(names)} categories, {len(small.genes):,} genes, {small.n_cells:,} cells"
        ours = timed(f"{what}: ours", lambda: markers(small, params, workers), repeats=5)
        table = markers(small, params, workers)
        adata = _matrix(small, EXPRESSION)
        illico = _illico(f"{what}: illico", adata, params, ours)
        start = time.perf_counter()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import scanpy as sc

            sc.tl.rank_genes_groups(
                adata, params.by, groups=list(names), method="wilcoxon", tie_correct=True, pts=True, use_raw=False
            )
        took = (time.perf_counter() - start) * 1e3
        found = adata.uns["rank_genes_groups"]
        theirs = {(name, gene): float(score) for name in names for gene, score in _scores(found, name)}
        columns = (table[name].to_pylist() for name in ("category", "gene", "score"))
        away = [abs(score - theirs[name, gene]) for name, gene, score in zip(*columns, strict=True)]
    rounding = f"≤ {np.spacing(np.float32(max(map(abs, theirs.values())))) / 2:.2g}"
    return [
        ours,
        illico,
        one(f"{what}: scanpy", took, "ms", f"{took / ours.median:.0f}x ours"),
        one("largest difference of the scores; scanpy's are 32 bits", float(np.nanmax(away)), "", rounding),
    ]


def _scores(found: Mapping[str, Any], name: str) -> Iterator[tuple[str, float]]:
    return zip(found["names"][name], found["scores"][name], strict=True)


def _part(atlas: Atlas, scratch: Path) -> Atlas:
    """Some cells and genes of an atlas, imported anew."""
    rng = np.random.default_rng(0)
    adata = _matrix(atlas, COUNTS)
    cells = np.sort(rng.choice(adata.n_obs, min(N_CELLS, adata.n_obs), replace=False))
    genes = np.sort(rng.choice(adata.n_vars, min(N_GENES, adata.n_vars), replace=False))
    adata = adata[cells, genes].copy()
    adata.obsm["X_umap"] = np.zeros((adata.n_obs, 2), dtype=np.float32)
    adata.write_h5ad(scratch / "part.h5ad")
    made = import_file(ImportRequest(scratch / "part.h5ad", species="other"), scratch / "data", lambda *_: None)
    return Atlas(Places(scratch / "data").store(made))


def _matrix(atlas: Atlas, layer: str) -> anndata.AnnData:
    import anndata
    import pandas as pd

    opened = atlas.layer(layer)
    matrix = matrix_of(opened)
    column = atlas.categorical(MarkersParams.of(atlas).by)
    obs = pd.DataFrame({column.name: pd.Categorical.from_codes(column.codes, column.categories)})
    obs.index = obs.index.astype(str)
    return anndata.AnnData(sparse.csr_matrix(matrix), obs, pd.DataFrame(index=atlas.genes.names))
