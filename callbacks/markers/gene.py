"""The gene that is looked at, in every group."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from core.views.markers.best_genes import shown_gene, table_of
from dash import html

from callbacks.markers.ranking import explore
from callbacks.shared.refusals import or_words
from core.analysis.expression import expression_of
from core.analysis.markers import rows_of
from core.views.formatting import number, p_equals
from core.views.markers.violin import violins

if TYPE_CHECKING:
    import pyarrow as pa

    from core.figures.theme import Theme
    from core.services.container import Services
    from core.views.markers.state import MarkersView

Outputs = dict[str, Any]


def draw(services: Services, view: MarkersView, theme: Theme, blank: Outputs) -> Outputs:
    """Violins of the gene, and its numbers in the category shown."""

    def refused(why: str) -> Outputs:
        gene = view.query.gene
        return {"figure": blank, "height": {}, "fault": why, "title": gene, "note": "", "explore": explore(view, gene)}

    return or_words(lambda: _drawn(services, view, theme), refused)


def _drawn(services: Services, view: MarkersView, theme: Theme) -> Outputs:
    table, groups = table_of(services, view)
    rows = rows_of(table, groups, view.query.category)
    gene = shown_gene(view, rows)
    expression = expression_of(view.atlas, gene, view.query.layer)
    drawn, figure = violins(view, expression, groups, theme)
    left = f"The {len(drawn)} largest of {len(groups.names):,}. " if len(drawn) < len(groups.names) else ""
    return {
        "figure": figure,
        "height": {"height": f"{figure['layout']['height']}px"},
        "fault": "",
        "title": [html.I(gene), f" in {view.whom}"],
        "note": f"{left}{_numbers(view, rows, gene)}",
        "explore": explore(view, gene),
    }


def _numbers(view: MarkersView, rows: pa.Table, gene: str) -> str:
    at = rows["gene"].to_pylist().index(gene)
    row = {name: rows[name][at].as_py() for name in rows.column_names}
    category, against = view.query.category, "the other" if view.versus else "the rest"
    score, auc, fold = number(row["score"], 1), number(row["auc"]), number(row["log2fc"], 2)
    if np.isnan(row["score"]):
        return f"Constant in these cells: it has no score in {category}."
    return (
        f"In {category} against {against}: rank {at + 1:,} of {rows.num_rows:,}, score {score}, AUC {auc}, "
        f"log2FC {fold}, expressed by {row['pct_in']:.1f} % and {row['pct_out']:.1f} %, {p_equals(row['p'])}."
    )
