"""The maps of the page Correlation: gene A, and gene B, in the cells whose correlation is shown."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlencode

from core.errors import InvalidQuery
from core.urls.page_queries import ExploreQuery
from core.urls.permalinks import panel_of, permalink
from core.views.correlation.scatter import with_b
from core.views.correlation.state import resolve
from core.views.explore import embedding
from core.views.explore.tokens import GENE, GENE_B
from core.views.result import Figure, sure

if TYPE_CHECKING:
    from core.figures.print_style import Look
    from core.services.container import Services

NAME = "pair_map"


def draw(services: Services, search: str, look: Look) -> Figure:
    """The map of A, or of B, as Explore draws it.

    Raises
    ------
    InvalidQuery
        Something in the address means nothing here, or the atlas has no map.
    """
    view, problems = resolve(services, search)
    if view is None:
        raise InvalidQuery("There is no atlas to draw.", "Import one: masldatlas import FILE.")
    notes = sure(problems)
    number = panel_of(NAME, search)
    view = with_b(services, view) if number > 1 else view
    query = view.query
    explored = ExploreQuery(
        atlas=view.atlas.id,
        gene=query.gene,
        gene_b=query.gene_b,
        color=GENE if number == 1 else GENE_B,
        embedding=query.embedding,
        layer=query.layer,
        selection=query.selection,
    )
    zoom = parse_qs(search.lstrip("?")).get("zoom", [""])[0]
    part = f"&{urlencode({'zoom': zoom})}" if zoom else ""
    drawn = embedding.draw(services, f"{explored.search()}{part}", look)
    link = permalink(NAME, f"{query.search()}{part}", view.atlas.manifest.content_hash, number)
    return replace(
        drawn, facts={**drawn.facts, "figure": NAME, "permalink": link}, notes=tuple(dict.fromkeys(notes + drawn.notes))
    )
