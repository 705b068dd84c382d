"""The genes of one category: the sentence, the ranking, and where the table gets its rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from core.views.markers.best_genes import shown_gene

from callbacks.markers import words
from callbacks.shared.refusals import or_words
from core.analysis.markers import rows_of
from core.errors import InvalidQuery
from core.figures.marker_ranking import ranks
from core.services.memoized import marker_table
from core.urls.page_queries import ExploreQuery

if TYPE_CHECKING:
    from core.figures.theme import Theme
    from core.services.container import Services
    from core.views.markers.state import MarkersView

Outputs = dict[str, Any]


def draw(services: Services, view: MarkersView, theme: Theme, blank: Outputs) -> Outputs:
    """Rank the genes of the category shown; where nothing can be compared, one sentence says so."""
    common = {"count": words.count(view), "explore": explore(view, view.query.gene)}
    drawn = or_words(lambda: _ranked(services, view, theme), lambda why: _refused(view, why, blank))
    return {**common, **drawn}


def explore(view: MarkersView, gene: str) -> str:
    """The address of a gene in Explore, with the same cells."""
    query = view.query
    return ExploreQuery(
        atlas=query.atlas, gene=gene, layer=query.layer, a=query.a, b=query.b, selection=query.selection
    ).address


def _ranked(services: Services, view: MarkersView, theme: Theme) -> Outputs:
    groups = view.groups
    found = marker_table(services, view.atlas, view.params)
    category = view.query.category
    rows = rows_of(found.value, groups, category)
    names, scores = rows["gene"].to_pylist(), rows["score"].to_numpy()
    n_given = int(np.isfinite(scores).sum())
    if not n_given:
        raise InvalidQuery("Every gene is constant in these cells, so none marks a category.", "Select more cells.")
    gene = shown_gene(view, rows)
    took = f"{found.ms:,.0f} ms{', from the cache' if found.hit else ''}"
    left = len(names) - n_given
    constant = f" {left:,} that are constant in these cells have no score." if left else ""
    own = {"category": category}
    return {
        "hidden": False,
        "sentence": words.sentence(view, groups, took),
        "replicates": words.replicates(view, groups),
        "figure": ranks(names, scores, theme, named=gene, n_top=view.top),
        "fault": "",
        "ranking_title": f"What marks {category}" if not view.versus else f"Higher in {category}",
        "ranking_note": f"{n_given:,} genes by score; choose a point to look at it.{constant}",
        "source": {
            "rows": view.api(**own),
            "gene": gene,
            "fault": "",
            "categories": view.options,
            "category": category,
        },
        "table_title": f"{len(names):,} genes of {category}",
        "table_note": "A click or Enter looks at a gene. Score: z of the rank sum; p as if cells were independent.",
        "csv": view.api(**own, format="csv"),
        "xlsx": view.api(**own, format="xlsx"),
        "every": view.api(format="csv"),
        "gene": {"typed": gene, "shown": gene},
    }


def _refused(view: MarkersView, why: str, blank: Outputs) -> Outputs:
    return {
        "hidden": True,
        "sentence": why,
        "replicates": "",
        "figure": blank,
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
