"""The rows of ``make bench`` that are about the page Species: what one of the atlases of a dot plot costs."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from core.analysis.type_profiles import ProfileParams, in_types, profiles
from core.compute.executor import Workers
from tests.benchmarks.rows import Row, timed

if TYPE_CHECKING:
    from core.atlas.store import Atlas

N_GENES = 20


def bench(atlas: Atlas) -> list[Row]:
    """Measure both rows."""
    workers = Workers(ThreadPoolExecutor(os.cpu_count()))
    by = atlas.manifest.roles["cell_type"]
    params, types = ProfileParams(by), atlas.categorical(by).categories
    size = f"{len(types)} cell types, {len(atlas.genes):,} genes, {atlas.n_cells:,} cells"
    try:
        table = profiles(atlas, params, workers)
        return [
            timed(
                f"across species, one of two atlases: profiles of {size}",
                lambda: profiles(atlas, params, workers),
                repeats=5,
                budget="< 500 ms",
            ),
            timed(
                f"across species, one of two atlases: {N_GENES} genes in {len(types)} cell types, profiles known",
                lambda: [in_types(table, atlas, by, range(N_GENES), [name]) for name in types],
                repeats=5,
                budget="< 25 ms",
            ),
        ]
    finally:
        workers.close()
