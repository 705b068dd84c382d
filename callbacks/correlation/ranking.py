"""Gene A against every other gene: the sentence, the ranking, and where the table gets its rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dash import html

from callbacks.correlation import words
from callbacks.shared.refusals import or_words
from core.analysis.expression import expression_of, overview
from core.figures.violin import nothing
from core.selection.masks import mask_of
from core.urls.page_queries import ExploreQuery
from core.views.correlation import ranking
from core.views.formatting import count

if TYPE_CHECKING:
    from core.figures.theme import Theme
    from core.services.container import Services
    from core.views.correlation.state import CorrelationView

Outputs = dict[str, Any]


def draw(services: Services, view: CorrelationView, theme: Theme) -> Outputs:
    """Rank all genes; what the pair and the matrix are about comes along in `partner`."""
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
        "ranking_title": [html.I(query.gene), " against every gene"],
    }
    return {**common, **or_words(lambda: _ranked(services, view, theme), lambda why: _refused(view, why, theme))}


def _ranked(services: Services, view: CorrelationView, theme: Theme) -> Outputs:
    query = view.query
    result = ranking.compute(services, view)
    seen = overview(view.atlas, expression_of(view.atlas, query.gene, query.layer), query.selection)
    took = f"{result.answer.ms:,.0f} ms{', from the cache' if result.answer.hit else ''}"
    gene_b = result.gene_b
    figure, fault = or_words(lambda: (ranking.draw(result, theme), ""), lambda why: (nothing(theme), why))
    return {
        "sentence": words.sentence(view, seen, result.n_given, took),
        "figure": figure,
        "fault": fault,
        "ranking_note": ranking.words(result).note,
        "partner": {
            "state": view.state,
            "gene_b": gene_b,
            "top": result.correlates,
            "fault": "" if gene_b else fault or "No gene can stand as B.",
        },
        "source": {"rows": view.rows, "gene_b": gene_b, "fault": ""},
        "table_title": f"{len(result.names):,} genes",
        "table_note": "Ordered by |r|; a click or Enter makes a row gene B. p as if cells were independent."
        + (" Pairs that share few cells come first by chance: filter on n." if view.drop_zeros else ""),
        "export": f"{view.rows}&format=csv",
        "gene_b": {"typed": gene_b, "shown": gene_b},
    }


def _refused(view: CorrelationView, why: str, theme: Theme) -> Outputs:
    return {
        "sentence": [html.I(view.query.gene), f": {why}"],
        "figure": nothing(theme),
        "fault": why,
        "ranking_note": "",
        "partner": {"state": view.state, "gene_b": "", "top": [], "fault": why},
        "source": {"rows": None, "gene_b": "", "fault": why},
        "table_title": "No genes",
        "table_note": "",
        "export": f"{view.rows}&format=csv",
        "gene_b": {"typed": view.query.gene_b, "shown": view.query.gene_b},
    }
