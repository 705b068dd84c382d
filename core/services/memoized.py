"""The services that are worth remembering, with the cache before them."""

from __future__ import annotations

import time
from threading import Lock
from typing import TYPE_CHECKING, Final, TypeVar

import pyarrow as pa
from cachetools import LRUCache, cached

from core.analysis.cell_profile import cell_card
from core.analysis.correlation import correlates
from core.analysis.gene_across_atlases import by_cell_type
from core.analysis.gene_set_scores import cell_moments, score
from core.analysis.markers import markers
from core.cache.in_process import size_of
from core.cache.serializer import Value
from core.selection.masks import mask_of
from core.services.observer import ServiceCall

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.analysis.cell_profile import CellParams
    from core.analysis.contrasts import ContrastParams
    from core.analysis.correlation import CorrelationParams
    from core.analysis.gene_across_atlases import GeneParams
    from core.analysis.gene_set_scores import ScoreParams
    from core.atlas.store import Atlas
    from core.cache.cache import Cached
    from core.services.container import Services

Answer = TypeVar("Answer", bound=Value)

# For the moments that were needed last: 16 bytes a cell, and every score of a layer needs them.
MAX_BYTES: Final = 128 << 20


def _moments_key(services: Services, atlas: Atlas, layer: str) -> tuple[str, str]:  # noqa: ARG001 - called like _cell_moments
    return atlas.manifest.content_hash, layer


def correlation_table(services: Services, atlas: Atlas, params: CorrelationParams) -> Cached[pa.Table]:
    """Compute the table of `core.analysis.correlation.correlates` once for each atlas and question."""
    start = time.perf_counter()
    found = services.cache.memo(
        "correlates", atlas.manifest.content_hash, params, lambda: correlates(atlas, params, services.workers)
    )
    seconds = time.perf_counter() - start
    n_values = 0 if found.hit else int(mask_of(atlas, params.selection).sum()) * atlas.manifest.n_genes
    services.observer.asked(ServiceCall("correlates", atlas.id, found.hit, seconds, params.method, n_values))
    return found


def cell_facts(services: Services, atlas: Atlas, params: CellParams) -> Cached[dict[str, object]]:
    """Compute the answer of `core.analysis.cell_profile.cell_card` once for each atlas and cell."""
    return _told(services, "cell", atlas, params, lambda: cell_card(atlas, params, services.workers))


def marker_table(services: Services, atlas: Atlas, params: ContrastParams) -> Cached[pa.Table]:
    """Compute the table of `core.analysis.markers.markers` once for each atlas and question."""
    return _told(services, "markers", atlas, params, lambda: markers(atlas, params, services.workers))


def score_values(services: Services, atlas: Atlas, params: ScoreParams) -> Cached[pa.Table]:
    """Score a gene set in every cell of the atlas, in its order: one column ``score``."""

    def compute() -> pa.Table:
        moments = _cell_moments(services, atlas, params.layer) if params.method == "ulm" else None
        return pa.table({"score": score(atlas, params, moments)})

    return _told(services, "scores", atlas, params, compute)


def gene_by_cell_type(services: Services, atlas: Atlas, params: GeneParams) -> Cached[pa.Table]:
    """Compute the table of `core.analysis.gene_across_atlases.by_cell_type` once for each atlas and gene."""
    return _told(services, "by_cell_type", atlas, params, lambda: by_cell_type(atlas, params))


def _told(
    services: Services, service: str, atlas: Atlas, params: object, compute: Callable[[], Answer]
) -> Cached[Answer]:
    """Answer a question about an atlas, and notify the observer."""
    start = time.perf_counter()
    found = services.cache.memo(service, atlas.manifest.content_hash, params, compute)
    services.observer.asked(ServiceCall(service, atlas.id, found.hit, time.perf_counter() - start))
    return found


@cached(LRUCache(MAX_BYTES, getsizeof=size_of), key=_moments_key, lock=Lock())
def _cell_moments(services: Services, atlas: Atlas, layer: str) -> pa.Table:
    content_hash = atlas.manifest.content_hash
    return services.cache.memo(
        "moments", content_hash, layer, lambda: cell_moments(atlas, layer, services.workers)
    ).value
