"""Provenance of a table that leaves a page as CSV."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.analysis.provenance import of_cells, of_layer
from core.services.provenance import of_link

if TYPE_CHECKING:
    from collections.abc import Mapping

    from core.atlas.store import Atlas
    from core.urls.page_queries import CorrelationQuery, ExploreQuery


def of_table(
    figure: str, atlas: Atlas, query: ExploreQuery | CorrelationQuery, parameters: Mapping[str, object]
) -> dict[str, object]:
    """Describe atlas, selection, layer, parameters and the permalink of the figure that shows the same numbers."""
    return {
        **of_cells(atlas, query.selection),
        **of_layer(atlas.layer(query.layer)),
        **parameters,
        **of_link(figure, query, atlas),
    }
