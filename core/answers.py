"""The services that are worth remembering, with the cache before them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.correlation import correlates

if TYPE_CHECKING:
    import pyarrow as pa

    from core.cache import Cached
    from core.correlation import CorrelationAsk
    from core.services import Services
    from core.store import Atlas


def correlation_table(services: Services, atlas: Atlas, ask: CorrelationAsk) -> Cached[pa.Table]:
    """The table of `core.correlation.correlates`, computed once for each atlas and question."""
    return services.cache.memo(
        "correlates", atlas.manifest.content_hash, ask, lambda: correlates(atlas, ask, services.workers)
    )
