"""Gene A against every other gene: the headline, the ranking, and the address of the table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dash import html, no_update

from callbacks.correlation import words
from callbacks.shared.refusals import figure_or_fault, shown_or_refusal
from callbacks.shared.titles import in_italics
from core.figures.violin import nothing
from core.selection.masks import mask_of
from core.urls.page_queries import ExploreQuery
from core.views import headline
from core.views.correlation import ranking
from core.views.correlation.state import TABS
from core.views.formatting import count

if TYPE_CHECKING:
    from core.figures.theme import Theme
    from core.services.container import Services
    from core.views.correlation.state import CorrelationView

Outputs = dict[str, Any]


def draw(services: Services, view: CorrelationView, theme: Theme) -> Outputs:
    """Rank all genes; `partner` passes gene B and the strongest correlates to the parts about the pair."""
    query = view.query
    n = int(mask_of(view.atlas, query.selection).sum())
    common = {
        "count": count(n, view.atlas.n_cells),
        "explore": ExploreQuery(
            atlas=query.atlas,
            gene=query.gene,
            embedding=query.embedding,
            layer=query.layer,
            selection=query.selection,
        ).address,
    }
    ranked = shown_or_refusal(lambda: _ranked(services, view, theme), lambda why: _refused(view, why, theme))
    return {**common, **ranked}


def _ranked(services: Services, view: CorrelationView, theme: Theme) -> Outputs:
    result = ranking.compute(services, view)
    text = ranking.words(result)
    is_open = view.query.tab == TABS[0]
    figure, fault = figure_or_fault(lambda: ranking.draw(result, theme), theme) if is_open else (no_update, "")
    gene_b = result.gene_b
    few = " Genes that rest on few cells are ranked last; the column Note says so."
    return {
        "sentence": words.sentence(view, headline.compute(view.atlas, view.query), result.n_given),
        "figure": figure,
        "fault": fault,
        "ranking_title": in_italics(text.title, view.params.gene),
        "ranking_note": text.note,
        "partner": {
            "state": view.state,
            "gene_b": gene_b,
            "top": list(result.correlates),
            "fault": "" if gene_b else fault or "No gene can be used as gene B.",
        },
        "source": {"rows": view.rows, "gene_b": gene_b, "fault": ""} if is_open else no_update,
        "table_title": f"{len(result.names):,} genes",
        "table_note": f"Sorted by |r|. Select a row to use the gene as gene B. p assumes independent cells.{few}",
        "export": f"{view.rows}&format=csv",
        "gene_b": {"typed": gene_b, "shown": gene_b},
    }


def _refused(view: CorrelationView, why: str, theme: Theme) -> Outputs:
    return {
        "sentence": [html.I(view.query.gene), f": {why}"],
        "figure": nothing(theme),
        "fault": why,
        "ranking_title": [html.I(view.query.gene), " against every gene"],
        "ranking_note": "",
        "partner": {"state": view.state, "gene_b": "", "top": [], "fault": why},
        "source": {"rows": None, "gene_b": "", "fault": why},
        "table_title": "No genes",
        "table_note": "",
        "export": f"{view.rows}&format=csv",
        "gene_b": {"typed": view.query.gene_b, "shown": view.query.gene_b},
    }
