"""The rows of ``make bench`` that are about lists of genes: ULM beside decoupler, dot plots, compositions."""

from __future__ import annotations

import time
import warnings
from contextlib import closing
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import numpy as np
import pandas as pd
from scipy import sparse

from app import create_app
from core.analysis.composition import CompositionParams, composition
from core.analysis.dotplot import DotPlotParams, dots
from core.analysis.gene_set_scores import ScoreParams, cell_moments, score
from core.compute.workers import open_workers
from core.settings.settings import load
from core.system.logs import configure
from tests.benchmarks.rows import Row, one, timed
from tests.core.ingest._build import matrix_of

if TYPE_CHECKING:
    from pathlib import Path

    from core.atlas.store import Atlas

N_SET = 50
N_LIST = 100
# decoupler makes its matrix dense; a tenth of the cells tells enough.
N_REFERENCE = 10_000


def bench(atlas: Atlas, data: Path) -> list[Row]:
    """All of them, with the workers that the server would have."""
    with closing(open_workers(load(data_dir=data))) as workers:
        genes = np.sort(np.random.default_rng(0).choice(len(atlas.genes), N_SET, replace=False))
        params = ScoreParams.of(atlas, [atlas.genes.names[gene] for gene in genes])
        what = f"ULM of {N_SET} genes in every cell"
        rows = [
            timed(
                f"{what}, first", lambda: score(atlas, params, cell_moments(atlas, params.layer, workers)), repeats=5
            ),
        ]
        moments = cell_moments(atlas, params.layer, workers)
        rows.append(timed(f"{what}, another set", lambda: score(atlas, params, moments), budget="≤ 20 ms"))
        other = ScoreParams.of(atlas, params.genes, "mean_z")
        rows.append(timed(f"mean z of {N_SET} genes in every cell", lambda: score(atlas, other)))
        rows.append(_recolour(atlas, data, params.genes))
        rows += _decoupler(atlas, genes, score(atlas, params, moments))
    listed = [atlas.genes.names[at] for at in range(0, len(atlas.genes), max(1, len(atlas.genes) // N_LIST))][:N_LIST]
    if "cell_type" in atlas.manifest.roles:
        dotted = DotPlotParams.of(atlas, listed)
        rows.append(timed(f"dot plot of {len(listed)} genes by {dotted.by}", lambda: dots(atlas, dotted)))
        if "sample" in atlas.manifest.roles:
            composed = CompositionParams.of(atlas)
            rows.append(timed(f"{composed.by} in each {composed.sample}", lambda: composition(atlas, composed)))
    return rows


def _recolour(atlas: Atlas, data: Path, genes: tuple[str, ...]) -> Row:
    """What a map is coloured by, over HTTP, with no cache but the process' own."""
    settings = load(data_dir=data, log_level="ERROR", correlation_cache=False)
    configure(settings)
    client = create_app(settings).server.test_client()
    query = urlencode({"genes": ",".join(genes)})
    address = f"/arrays/{atlas.id}/{atlas.manifest.content_hash}/score/expression?{query}"
    size = len(client.get(address, headers={"Accept-Encoding": "br"}).data)
    return timed(
        f"recolour by a score: time of the server; {size / 1e3:,.0f} kB", lambda: client.get(address), budget="≤ 20 ms"
    )


def _decoupler(atlas: Atlas, genes: np.ndarray, scores: np.ndarray) -> list[Row]:
    """decoupler on some of the cells, and how far its scores are from ours."""
    import anndata

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import decoupler

    layer = atlas.layer()
    cells = np.sort(np.random.default_rng(1).choice(atlas.n_cells, min(N_REFERENCE, atlas.n_cells), replace=False))
    matrix = matrix_of(layer)
    # Genes that no cell of the atlas expresses are none of ours; those silent in this part of it are.
    expressed = np.flatnonzero(np.diff(layer.gene_starts))
    part = sparse.csr_matrix(matrix.tocsr()[cells][:, expressed])
    adata = anndata.AnnData(part.astype(np.float64))
    adata.var_names = [atlas.genes.names[gene] for gene in expressed]
    net = pd.DataFrame({"source": "set", "target": [atlas.genes.names[gene] for gene in genes], "weight": 1.0})
    seconds = 0.0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        # The first call compiles.
        for _ in range(2):
            start = time.perf_counter()
            decoupler.mt.ulm(adata, net, tmin=1, empty=False)
            seconds = time.perf_counter() - start
    away = float(np.nanmax(np.abs(adata.obsm["score_ulm"]["set"].to_numpy() - scores[cells])))
    return [
        one(f"the same by decoupler, {len(cells):,} of the cells", seconds * 1e3, "ms"),
        one("largest difference of the two", away, "t", "≤ 1e-6"),
    ]
