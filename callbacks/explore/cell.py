"""The card of the cell that was clicked."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from dash import dcc, html

from core.analysis.cell_profile import CellParams
from core.services.memoized import answer

if TYPE_CHECKING:
    from dash.development.base_component import Component

    from core.views.explore.state import ExploreView

Outputs = dict[str, Any]


def draw(view: ExploreView, index: int | None) -> Outputs:
    """What is known of a cell, and the genes it expresses most; hidden when none was clicked."""
    if index is None:
        return {"hidden": True, "title": "", "body": None}
    found: Outputs = answer(view.services, view.atlas, CellParams.of(view.atlas, index, view.query.layer)).value
    facts = [(it["column"], _said(it["value"])) for it in found["columns"]]
    if found["total_counts"] is not None:
        facts += [
            ("total counts", f"{found['total_counts']:,.0f}"),
            ("genes expressed", f"{found['n_genes_expressed']:,}"),
        ]
    return {
        "hidden": False,
        "title": str(found["cell"]),
        "body": html.Div([_facts(facts), _genes(view, found)], className="cell-card"),
    }


def _facts(facts: list[tuple[str, str]]) -> Component:
    return html.Dl([part for name, said in facts for part in (html.Dt(name), html.Dd(said))], className="cell-facts")


def _genes(view: ExploreView, found: Outputs) -> Component:
    head = html.Tr(
        [
            html.Th("Gene", scope="col"),
            html.Th(str(found["unit"]), scope="col"),
            html.Th("Percentile", scope="col", title="Among the cells that express the gene"),
        ]
    )
    rows = [
        html.Tr(
            [
                html.Td(
                    dcc.Link(
                        html.I(it["gene"]), href=view.canonical.but(gene=it["gene"]).address, title="Show this gene"
                    )
                ),
                html.Td(f"{it['value']:.2f}"),
                html.Td(f"{it['percentile']:.0f}"),
            ]
        )
        for it in found["genes"]
    ]
    return html.Table([html.Thead(head), html.Tbody(rows)], className="cell-genes")


def _said(value: object) -> str:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return "not given"
    return f"{value:,.4g}" if isinstance(value, float) else str(value)
