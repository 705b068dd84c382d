"""The rows of ``make bench`` that are about differences between donors, and about what they mean."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pyarrow.compute as pc

from core.analysis.activity import ActivityOptions, activity
from core.analysis.design import DesignParams
from core.analysis.differences import DifferencesParams, differences
from core.analysis.differences_overview import OverviewParams, overview
from core.analysis.enrichment import EnrichmentOptions, enrichment
from core.analysis.gene_rankings import Ranking
from core.analysis.pseudobulk import sizes_of, sums_of
from core.analysis.set_collections import Described, SetCollection
from core.analysis.sides import Sides
from core.cache import in_process
from core.compute.executor import Workers
from core.kernels.warm_up import warm_up
from core.stats import deseq2
from tests.benchmarks.rows import Row, timed
from tests.references import network

if TYPE_CHECKING:
    from core.atlas.store import Atlas

# As large as Hallmark, Reactome, WikiPathways and GO biological process together, and as CollecTRI and PROGENy.
N_SETS, N_SOURCES, N_TARGETS = 6_000, 1_186, 36
N_PATHWAYS, N_OF_PATHWAY = 14, 500


def bench(atlas: Atlas) -> list[Row]:
    """All rows; sums and everything else are computed anew each time."""
    warm_up()
    params = DifferencesParams.of(atlas, DesignParams.of(atlas, Sides.of(atlas)))
    units = params.design.units
    sizes = sizes_of(atlas, units, params.by_type)
    n_types, n_units = sizes.cells.shape
    largest = sizes.types[int(sizes.cells.sum(axis=1).argmax())]
    one = DifferencesParams.of(atlas, params.design, cell_type=largest)
    with closing(Workers(ThreadPoolExecutor(os.cpu_count()))) as workers:

        def sums() -> None:
            sums_of(atlas, units, params.by_type, workers)

        def of_all() -> None:
            overview(atlas, OverviewParams(params), workers)

        what = f"sums of {n_types} cell types, {len(atlas.genes):,} genes x {n_units} samples"
        rows = [timed(what, sums, budget="≤ 500 ms", repeats=5, prepare=in_process._results.clear)]
        table = differences(atlas, one, workers)
        n_tested = int(pc.sum(pc.is_finite(table["p"])).as_py())
        what = f"differences in one cell type, {n_tested:,} genes tested, sums known"
        rows.append(timed(what, lambda: differences(atlas, one, workers), budget="≤ 300 ms", repeats=5))
        what = f"overview of {n_types} cell types: sums, differences and composition"
        rows.append(timed(what, of_all, budget="≤ 2,000 ms", repeats=3, prepare=in_process._results.clear))
        if deseq2.version():
            second = OverviewParams(replace(params, second_opinion=True))
            what = f"overview of {n_types} cell types with the second opinion (DESeq2)"
            rows.append(timed(what, lambda: overview(atlas, second, workers), budget="≤ 15 s", repeats=1))
    # Budgets are for the clock of a machine of its own; CPU time says what part of the clock's is ours.
    return [
        replace(row, budget=f"{row.budget}; {row.cpu:,.0f} ms of CPU")
        for row in (*rows, *_meaning(Ranking.of_table(table)))
    ]


def _meaning(ranking: Ranking) -> list[Row]:
    """Enrichment and activity of one list, in sets and networks that are drawn: real ones have to be fetched."""
    rng = np.random.default_rng(0)
    genes = np.array(ranking.genes, dtype=object)

    def drawn(n: int) -> tuple[str, ...]:
        return tuple(genes[rng.choice(len(genes), n, replace=False)])

    sets = {f"set {at}": drawn(int(n)) for at, n in enumerate(rng.geometric(1 / 60, N_SETS).clip(10, 500))}
    collection = SetCollection("drawn", sets, Described.of("drawn", "Drawn.", {}))
    options = EnrichmentOptions.of(min_change=0.1, fdr=1.0)
    factors, pathways = (
        network("drawn", [(f"source {at}", gene, sign) for at in range(n) for gene, sign in _signed(rng, drawn(size))])
        for n, size in ((N_SOURCES, N_TARGETS), (N_PATHWAYS, N_OF_PATHWAY))
    )

    def activities() -> None:
        for each in (factors, pathways):
            activity(ranking, each, ActivityOptions.of(each))

    of = f"{len(genes):,} genes tested"
    found = timed(
        f"over-representation in {N_SETS:,} sets, {of}",
        lambda: enrichment(ranking, [collection], options),
        budget="≤ 1,000 ms",
        repeats=5,
    )
    what = f"activity of {N_SOURCES:,} factors (ULM) and {N_PATHWAYS} pathways (MLM), {of}"
    return [found, timed(what, activities, budget="≤ 500 ms", repeats=5)]


def _signed(rng: np.random.Generator, genes: tuple[str, ...]) -> list[tuple[str, float]]:
    return list(zip(genes, rng.choice([-1.0, 1.0], len(genes)).tolist(), strict=True))
