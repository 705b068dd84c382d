"""The services that are worth remembering, with the cache before them."""

from __future__ import annotations

import time
from collections import OrderedDict
from threading import Lock
from typing import TYPE_CHECKING, TypeVar

import pyarrow as pa

from core.cell import cell_card
from core.correlation import correlates
from core.genesets import cell_moments, score
from core.markers import markers
from core.observer import Asked
from core.selection import mask_of
from core.serializer import Value
from core.whereabouts import by_cell_type

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.cache import Cached
    from core.cell import CellAsk
    from core.contrasts import Ask
    from core.correlation import CorrelationAsk
    from core.genesets import ScoreAsk
    from core.services import Services
    from core.store import Atlas
    from core.whereabouts import GeneAsk

Answer = TypeVar("Answer", bound=Value)

# Moments of the cells that were needed last: 16 bytes a cell, and every score of a layer needs them.
MAX_KEPT = 4
_moments: OrderedDict[tuple[str, str], pa.Table] = OrderedDict()
_lock = Lock()


def correlation_table(services: Services, atlas: Atlas, ask: CorrelationAsk) -> Cached[pa.Table]:
    """The table of `core.correlation.correlates`, computed once for each atlas and question."""
    start = time.perf_counter()
    found = services.cache.memo(
        "correlates", atlas.manifest.content_hash, ask, lambda: correlates(atlas, ask, services.workers)
    )
    seconds = time.perf_counter() - start
    n_values = 0 if found.hit else int(mask_of(atlas, ask.selection).sum()) * atlas.manifest.n_genes
    services.observer.asked(Asked("correlates", atlas.id, found.hit, seconds, ask.method, n_values))
    return found


def cell_facts(services: Services, atlas: Atlas, ask: CellAsk) -> Cached[dict[str, object]]:
    """What `core.cell.cell_card` says, computed once for each atlas and cell."""
    return _told(services, "cell", atlas, ask, lambda: cell_card(atlas, ask, services.workers))


def marker_table(services: Services, atlas: Atlas, ask: Ask) -> Cached[pa.Table]:
    """The table of `core.markers.markers`, computed once for each atlas and question."""
    return _told(services, "markers", atlas, ask, lambda: markers(atlas, ask, services.workers))


def score_values(services: Services, atlas: Atlas, ask: ScoreAsk) -> Cached[pa.Table]:
    """The scores of `core.genesets.score` in the one column ``score``, for every cell of the atlas in its order."""

    def compute() -> pa.Table:
        moments = _cell_moments(services, atlas, ask.layer) if ask.method == "ulm" else None
        return pa.table({"score": score(atlas, ask, moments)})

    return _told(services, "scores", atlas, ask, compute)


def gene_by_cell_type(services: Services, atlas: Atlas, ask: GeneAsk) -> Cached[pa.Table]:
    """The table of `core.whereabouts.by_cell_type`, computed once for each atlas and gene."""
    return _told(services, "by_cell_type", atlas, ask, lambda: by_cell_type(atlas, ask))


def _told(services: Services, service: str, atlas: Atlas, ask: object, compute: Callable[[], Answer]) -> Cached[Answer]:
    """The answer to a question about an atlas, and a word to the observer."""
    start = time.perf_counter()
    found = services.cache.memo(service, atlas.manifest.content_hash, ask, compute)
    services.observer.asked(Asked(service, atlas.id, found.hit, time.perf_counter() - start))
    return found


def _cell_moments(services: Services, atlas: Atlas, layer: str) -> pa.Table:
    key = (atlas.manifest.content_hash, layer)
    with _lock:
        if key in _moments:
            _moments.move_to_end(key)
            return _moments[key]
    found = services.cache.memo("moments", *key, lambda: cell_moments(atlas, layer, services.workers)).value
    with _lock:
        _moments[key] = found
        while len(_moments) > MAX_KEPT:
            _moments.popitem(last=False)
    return found
