"""Plots and small tables of the page Differences."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import dash_ag_grid as dag
from dash import html

from pages import _controls as controls
from pages import _tables as tables
from pages._ids_differences import Differences as Id
from pages._share import share

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dash.development.base_component import Component

WHOLE = "params.value == null ? '–' : d3.format(',')(params.value)"


def fixed(digits: int) -> str:
    return f"params.value == null ? '–' : d3.format('.{digits}f')(params.value)"


def plot(prefix: str, kind: str, figure: str, *, words: str, class_name: str = "markers-ranking") -> Component:
    ids = [Id[f"{prefix}{part}"] for part in ("", "_FAULT", "_TITLE", "_NOTE")]
    return controls.card(
        tables.plot(ids[0], ids[1], (kind, ids[2], ids[3]), class_name=class_name),
        title=html.Span(id=ids[2]),
        subtitle=html.Span(id=ids[3]),
        tools=share(words, figure=figure),
    )


def small_grid(
    grid: Id, columns: Sequence[dict[str, Any]], *, row_id: str = "params.data.sample + params.data.side"
) -> Component:
    """Build a table of a few rows, as high as they are."""
    return dag.AgGrid(
        id=grid,
        columnDefs=columns,
        defaultColDef={"sortable": True, "resizable": True, "wrapHeaderText": True, "autoHeaderHeight": True},
        rowData=[],
        getRowId=row_id,
        dashGridOptions={
            **tables.GRID,
            "domLayout": "autoHeight",
            "rowSelection": {"mode": "singleRow", "checkboxes": False, "enableClickSelection": False},
        },
        className="explore-grid differences-grid",
        style={"height": None},
    )
