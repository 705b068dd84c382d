"""Gene A against every other gene: the sentence, the ranking, and where the table gets its rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from dash import html

from callbacks.correlation import words
from callbacks.shared.refusals import or_words
from core.analysis.correlation import strongest
from core.analysis.correlation_matrix import MAX_GENES
from core.analysis.expression import expression_of, overview
from core.figures.correlation_ranking import ranking
from core.figures.violin import nothing
from core.selection.masks import mask_of
from core.services.memoized import correlation_table
from core.urls.page_queries import ExploreQuery
from core.views.formatting import cells_of, count

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
    found = correlation_table(services, view.atlas, view.params)
    names = found.value["gene"].to_pylist()
    r = np.asarray(found.value["r"].to_pylist(), dtype=np.float64)
    best = strongest(found.value, MAX_GENES)
    n_given = int(np.isfinite(r).sum())
    constant = len(names) - n_given
    seen = overview(view.atlas, expression_of(view.atlas, query.gene, query.layer), query.selection)
    took = f"{found.ms:,.0f} ms{', from the cache' if found.hit else ''}"
    gene_b = query.gene_b or next(iter(best), "")
    fault = "" if n_given else _constant(view, seen.n)
    left_out = f" {constant:,} that are constant in these cells have no r." if constant and n_given else ""
    return {
        "sentence": words.sentence(view, seen, n_given, took),
        "figure": ranking(names, r, theme, gene_b) if n_given else nothing(theme),
        "fault": fault,
        "ranking_note": f"{n_given:,} genes by r; choose a point to make it gene B.{left_out}" if n_given else "",
        "partner": {
            "state": view.state,
            "gene_b": gene_b,
            "top": best,
            "fault": "" if gene_b else fault or "No gene can stand as B.",
        },
        "source": {"rows": view.rows, "gene_b": gene_b, "fault": ""},
        "table_title": f"{len(names):,} genes",
        "table_note": "Ordered by |r|; a click or Enter makes a row gene B. p as if cells were independent."
        + (" Pairs that share few cells come first by chance: filter on n." if view.drop_zeros else ""),
        "export": f"{view.rows}&format=csv",
        "gene_b": {"typed": gene_b, "shown": gene_b},
    }


def _constant(view: CorrelationView, n: int) -> str:
    values = expression_of(view.atlas, view.query.gene, view.query.layer).values
    some = values[mask_of(view.atlas, view.query.selection)]
    if some.size and some.min() == some.max():
        return (
            f"{view.query.gene} has the same value, {float(some[0]):g}, in all of these {cells_of(n)}: nothing can "
            "correlate with it. Choose another gene, or more cells."
        )
    return "No gene shares enough of these cells with it. Select more cells, or keep the zero counts."


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
