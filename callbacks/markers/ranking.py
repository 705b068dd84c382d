"""The genes of one category: the headline, the ranking, and the addresses of the table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from callbacks.markers import words
from callbacks.shared.refusals import shown_or_refusal
from core.figures.violin import nothing
from core.urls.page_queries import ExploreQuery
from core.views.markers import ranking

if TYPE_CHECKING:
    from core.figures.theme import Theme
    from core.services.container import Services
    from core.views.markers.state import MarkersView

Outputs = dict[str, Any]


def draw(services: Services, view: MarkersView, theme: Theme) -> Outputs:
    """Rank the genes of the category shown; where nothing can be compared, say why."""
    common = {"count": words.count(view), "explore": explore(view, view.query.gene)}
    drawn = shown_or_refusal(lambda: _ranked(services, view, theme), lambda why: _refused(view, why, theme))
    return {**common, **drawn}


def explore(view: MarkersView, gene: str) -> str:
    """Return the address of a gene in Explore, with the same cells."""
    query = view.query
    return ExploreQuery(
        atlas=query.atlas, gene=gene, layer=query.layer, a=query.a, b=query.b, selection=query.selection
    ).address


def _ranked(services: Services, view: MarkersView, theme: Theme) -> Outputs:
    result = ranking.compute(services, view)
    text, comparison = ranking.words(result), result.comparison
    category, gene = view.query.category, comparison.gene
    own = {"category": category}
    return {
        "hidden": False,
        "sentence": words.sentence(comparison),
        "replicates": words.replicates(comparison),
        "figure": ranking.draw(result, theme),
        "fault": "",
        "ranking_title": text.title,
        "ranking_note": text.note,
        "source": {
            "rows": view.api(**own),
            "gene": gene,
            "fault": "",
            "categories": view.options,
            "category": category,
        },
        "table_title": f"{len(result.names):,} genes of {category}",
        "table_note": "Select a row to plot the gene. Score: rank-sum z; p assumes independent cells.",
        "csv": view.api(**own, format="csv"),
        "xlsx": view.api(**own, format="xlsx"),
        "every": view.api(format="csv"),
        "gene": {"typed": gene, "shown": gene},
    }


def _refused(view: MarkersView, why: str, theme: Theme) -> Outputs:
    return {
        "hidden": True,
        "sentence": why,
        "replicates": "",
        "figure": nothing(theme),
        "fault": why,
        "ranking_title": "No markers",
        "ranking_note": "",
        "source": {"rows": None, "gene": "", "fault": why, "categories": [], "category": None},
        "table_title": "No genes",
        "table_note": "",
        "csv": view.api(format="csv"),
        "xlsx": view.api(format="xlsx"),
        "every": view.api(format="csv"),
        "gene": {"typed": view.query.gene, "shown": view.query.gene},
    }
