"""Parts that the tabs Enrichment and Activity of the page Differences share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import dash_ag_grid as dag
from dash import dcc, html

from pages import _controls as controls
from pages import _tables as tables
from pages._ids_meaning import Meaning as Id
from pages._share import share

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dash.development.base_component import Component

YES = "params.value ? 'yes' : ''"


def stores() -> list[Component]:
    """Build the stores of both tabs."""
    return [dcc.Store(id=name) for name in (Id.DONE, Id.SETS_SOURCE, Id.GENE_SET, Id.SOURCE)]


def plot(prefix: str, kind: str, figure: str, *, words: str, class_name: str = "markers-violin") -> Component:
    """Build the card of a plot whose ids begin with `prefix`."""
    graph, fault, title, note = (Id[f"{prefix}{part}"] for part in ("", "_FAULT", "_TITLE", "_NOTE"))
    return controls.card(
        tables.plot(graph, fault, (kind, title, note), class_name=class_name),
        title=html.Span(id=title),
        subtitle=html.Span(id=note),
        tools=share(words, figure=figure),
    )


def grid(name: Id, columns: Sequence[dict[str, Any]], row_id: str) -> Component:
    """Build a table in which a row can be chosen."""
    return dag.AgGrid(
        id=name,
        columnDefs=columns,
        defaultColDef=tables.COLUMN,
        rowData=[],
        getRowId=row_id,
        dashGridOptions={
            **tables.GRID,
            "rowSelection": {"mode": "singleRow", "checkboxes": False, "enableClickSelection": False},
        },
        className="explore-grid correlation-grid",
        style={"height": "430px"},
    )


def text(field: str, name: str, width: int, *, flex: int = 1, show: str = "", pinned: str = "") -> dict[str, Any]:
    """Build a column of texts."""
    return {
        "field": field,
        "headerName": name,
        "tooltipField": field,
        "filter": "agTextColumnFilter",
        "minWidth": width,
        **({"width": width, "pinned": pinned} if pinned else {"flex": flex}),
        **({"valueFormatter": {"function": show}} if show else {}),
    }


def gene() -> dict[str, Any]:
    """Build the column of the gene."""
    return {**text("gene", "Gene", 110, pinned="left"), "cellClass": "correlation-gene"}


def methods(paragraph: Id) -> Component:
    """Build the paragraph for a methods section, folded."""
    return html.Details(
        [html.Summary("Methods paragraph"), html.P(id=paragraph, className="correlation-help")],
        className="explore-look",
    )
