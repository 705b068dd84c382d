"""The rows of ``make bench`` that are about differences between samples, and what they mean.

Sums, one cell type, the overview, and the second opinion where crest-sc is installed; enrichment and activity of one
cell type in the collections that lie in ``genesets`` beside the real data, where these are at hand.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from core.analysis.activity import ActivityOptions, activity
from core.analysis.design import DesignParams
from core.analysis.differences import DifferencesParams, differences
from core.analysis.differences_overview import OverviewParams, overview
from core.analysis.enrichment import EnrichmentOptions, enrichment
from core.analysis.gene_rankings import Ranking
from core.analysis.pseudobulk import sizes_of, sums_of
from core.analysis.sides import Sides
from core.compute.executor import Workers
from core.stats import deseq2
from tests.benchmarks.rows import Row, timed
from tests.references import collection, gmt, network

if TYPE_CHECKING:
    import pyarrow as pa

    from core.atlas.store import Atlas

FILES = (
    ("reactome", "reactome_human_msigdb_v7.2.gmt"), ("wikipathways", "wikipathways_human_msigdb_v7.2.gmt"),
    ("go_bp", "go_bp_human_enrichr2021.gmt"),
)  # fmt: skip


def bench(atlas: Atlas) -> list[Row]:
    """All rows."""
    workers = Workers(ThreadPoolExecutor(os.cpu_count()))
    try:
        every = DifferencesParams.of(atlas, DesignParams.of(atlas, Sides.of(atlas)))
        sizes = sizes_of(atlas, every.design.units, every.by_type)
        largest = replace(every, cell_type=sizes.types[int(np.argmax(sizes.cells.sum(axis=1)))])
        n_types, n_samples = sizes.cells.shape
        table = differences(atlas, largest, workers)
        n_tested = int(np.isfinite(table["p"].to_numpy()).sum())
        of_one, of_all = f"of one type, {n_tested:,} genes x {n_samples} samples", f"of {n_types} types: the overview"
        rows = [
            timed(
                f"sums of {n_types} types x {n_samples} samples, {atlas.n_cells:,} cells",
                # The sums themselves are remembered.
                lambda: sums_of.__wrapped__(atlas, every.design.units, every.by_type, workers),
                budget="≤ 500 ms",
                repeats=5,
            ),
            timed(f"differences {of_one}", lambda: differences(atlas, largest, workers), budget="≤ 300 ms", repeats=5),
            timed(
                f"differences {of_all}",
                lambda: overview(atlas, OverviewParams(every), workers),
                budget="≤ 2 s",
                repeats=3,
            ),
        ]
        if deseq2.version():
            second = OverviewParams(replace(every, second_opinion=True))
            what = f"differences {of_all}, with the second opinion"
            rows.append(timed(what, lambda: overview(atlas, second, workers), budget="≤ 15 s", repeats=1))
        return rows + _meaning(table)
    finally:
        workers.close()


def _meaning(table: pa.Table) -> list[Row]:
    folder = Path(os.environ.get("MASLDATLAS_TEST_DATA", "../shared/data")).parent / "genesets"
    if not folder.is_dir():
        return []
    hallmark = pd.read_csv(folder / "hallmark_human_biomas.csv").groupby("source")["target"]
    sets = [
        collection("hallmark", {name: genes.tolist() for name, genes in hallmark}),
        *(collection(name, gmt(folder / file)) for name, file in FILES),
    ]
    edges = pd.read_csv(folder / "collectri_human_biomas.csv")
    factors = network("collectri", zip(edges["source"], edges["target"], edges["weight"], strict=True))
    ranking = Ranking.of_table(table)
    n_sets = sum(len(each.sets) for each in sets)
    # Of the bench nothing was planted in every cell type: the list is the first 5 % of the genes.
    ora = EnrichmentOptions.of("ora", fdr=1.0, min_change=float(np.nanquantile(np.abs(ranking.log2fc), 0.95)))
    return [
        timed(
            f"over-representation in {n_sets:,} sets", lambda: enrichment(ranking, sets, ora), budget="≤ 1 s", repeats=5
        ),
        timed(
            f"GSEA of {n_sets:,} sets, in a process",
            lambda: enrichment(ranking, sets, EnrichmentOptions.of("gsea")),
            budget="≤ 8 s",
            repeats=1,
        ),
        timed(
            f"activity of {edges['source'].nunique():,} factors (ULM)",
            lambda: activity(ranking, factors, ActivityOptions("ulm")),
            budget="≤ 500 ms",
            repeats=5,
        ),
    ]
