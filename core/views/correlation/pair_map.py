"""Maps of the page Correlation: gene A or gene B in the cells whose correlation is shown."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from core.errors import NotFound
from core.figures.cell_map import embedding as cell_map
from core.urls.page_queries import ExploreQuery
from core.views.correlation.scatter import with_b
from core.views.correlation.state import resolve
from core.views.explore import embedding, embedding_layout
from core.views.explore.state import resolve as explore
from core.views.explore.tokens import GENE, GENE_B
from core.views.layout import Layout
from core.views.result import require
from core.views.view import View

if TYPE_CHECKING:
    import pyarrow as pa

    from core.figures.print_style import Look
    from core.figures.theme import Json, Theme
    from core.services.container import Services
    from core.views.correlation.state import CorrelationView
    from core.views.explore.embedding import Embedding
    from core.views.layout import Layout
    from core.views.result import Subject, Words


@dataclass(frozen=True, eq=False)
class PairMap:
    """Map of gene A or gene B, as Explore shows it."""

    view: CorrelationView
    shown: Embedding


def compute(services: Services, view: CorrelationView) -> PairMap:
    """Find the map of gene A, or on the second panel of gene B."""
    view = with_b(services, view) if view.panel > 1 else view
    query = view.query
    explored = ExploreQuery(
        atlas=view.atlas.id,
        gene=query.gene,
        gene_b=query.gene_b,
        color=GENE if view.panel == 1 else GENE_B,
        embedding=query.embedding,
        layer=query.layer,
        selection=query.selection,
    )
    shown, problems = explore(services, explored.search())
    if shown is None:
        raise NotFound(f"The atlas {view.atlas.id} is no longer there.", "Reload the page.")
    require(problems)
    return PairMap(view, embedding.compute(services, replace(shown, zoom=view.zoom)))


def draw(result: PairMap, theme: Theme) -> Json:
    """Draw the map without its cells, which the browser fetches as arrays and adds."""
    return cell_map(result.shown.plane, result.shown.panel.coloring, theme)


def words(result: PairMap) -> Words:
    """Describe what the colours mean."""
    return embedding.words(result.shown)


def subject(result: PairMap) -> Subject:
    """Name the data of the map."""
    view = result.view
    part = f"&{urlencode({'zoom': view.zoom})}" if view.zoom else ""
    return replace(embedding.subject(result.shown), query=view.query, search=f"{view.query.search()}{part}")


def tables(result: PairMap) -> dict[str, pa.Table]:
    """Return the cells that are coloured."""
    return embedding.tables(result.shown)


def layout(result: PairMap, look: Look) -> Layout:
    """Draw the map with its cells, as Explore does."""
    return embedding_layout.layout(result.shown, look)


VIEW = View(resolve, compute, draw, words, subject, tables, layout)
