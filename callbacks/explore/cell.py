"""Card of the selected cell."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from dash import dcc, html

from core.views.explore import cell

if TYPE_CHECKING:
    from dash.development.base_component import Component

    from core.views.explore.state import ExploreView

Outputs = dict[str, Any]


def draw(view: ExploreView, index: int | None) -> Outputs:
    """List the annotations of a cell and its most highly expressed genes; hide the card without a cell."""
    if index is None:
        return {"hidden": True, "title": "", "body": None}
    found = cell.compute(view.services, view, index)
    facts = [(column["column"], _text(column["value"])) for column in found["columns"]]
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
    return html.Dl([part for name, value in facts for part in (html.Dt(name), html.Dd(value))], className="cell-facts")


def _genes(view: ExploreView, found: Outputs) -> Component:
    head = html.Tr(
        [
            html.Th("Gene", scope="col"),
            html.Th(str(found["unit"]), scope="col"),
            html.Th("Percentile", scope="col", title="Among cells that express the gene"),
        ]
    )
    rows = [
        html.Tr(
            [
                html.Td(
                    dcc.Link(
                        html.I(gene["gene"]), href=view.canonical.but(gene=gene["gene"]).address, title="Show this gene"
                    )
                ),
                html.Td(f"{gene['value']:.2f}"),
                html.Td(f"{gene['percentile']:.0f}"),
            ]
        )
        for gene in found["genes"]
    ]
    return html.Table([html.Thead(head), html.Tbody(rows)], className="cell-genes")


def _text(value: object) -> str:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return "not given"
    return f"{value:,.4g}" if isinstance(value, float) else str(value)
