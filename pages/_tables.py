"""Tables of genes and the plots beside them, for the pages Correlation and Markers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import dash_ag_grid as dag
from dash import dcc, html

from pages import _controls as controls
from pages._fields import BLANK, CONFIG
from pages._ids_correlation import Correlation
from pages._ids_differences import Differences
from pages._ids_explore import Explore
from pages._ids_markers import Markers
from pages._ids_meaning import Meaning
from pages._ids_species import Species

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dash.development.base_component import Component

Ids: TypeAlias = type[Correlation] | type[Markers] | type[Differences]
Id: TypeAlias = Correlation | Markers | Explore | Differences | Meaning | Species

# What all tables (AG Grid) have in common, and the defaults of their columns.
GRID: dict[str, Any] = {
    "animateRows": False,
    "rowHeight": 32,
    "headerHeight": 36,
    "suppressMovableColumns": True,
    # Arrows go from cell to cell; thousands of cells are no stops of Tab.
    "tabToNextCell": {"function": "leaveTable(params)"},
}
COLUMN: dict[str, Any] = {
    "sortable": True,
    "filter": True,
    "resizable": True,
    "wrapHeaderText": True,
    "autoHeaderHeight": True,
}
SMALL = "btn btn-outline-secondary btn-sm"
# The column of symbols, which stays while the others scroll.
GENE: dict[str, Any] = {
    "field": "gene",
    "headerName": "Gene",
    "tooltipField": "gene",
    "filter": "agTextColumnFilter",
    "minWidth": 100,
    "width": 116,
    "pinned": "left",
    "cellClass": "correlation-gene",
}
# The id of a gene beside its symbol: two genes may share the symbol. Shown where an id is not the symbol itself.
GENE_ID: dict[str, Any] = {
    "field": "id",
    "headerName": "Id",
    "headerTooltip": "Name of the gene in the index of the file",
    "tooltipField": "id",
    "filter": "agTextColumnFilter",
    "minWidth": 90,
    "flex": 1,
    "hide": True,
}
# As in sentences: digits down to 0.001, powers of ten below.
P = (
    "params.value == null ? '–' : params.value < 1e-300 ? '≈ 0' : "
    "params.value < 1e-3 ? d3.format('.2~e')(params.value) : d3.format('.3~r')(params.value)"
)


def plot(graph: Id, fault: Id, texts: tuple[str, Id, Id], *, class_name: str, scrolls: bool = False) -> Component:
    """Build a plot with a place for a message.

    Parameters
    ----------
    texts
        Kind of plot, and the ids of its title and of its note; see `pages._controls.figure`.
    scrolls
        Whether it scrolls within its card, then by keyboard too.
    """
    kind, title, note = texts
    shown = dcc.Graph(id=graph, figure=BLANK, config={**CONFIG, "displayModeBar": False}, className="correlation-graph")  # pyright: ignore[reportArgumentType]
    return html.Div(
        [
            html.Div(className="correlation-skeleton", **{"aria-hidden": "true"}),  # pyright: ignore[reportArgumentType]
            controls.figure(shown, kind, title, note),
            html.Div(id=fault, className="correlation-fault", role="status"),
        ],
        className=f"correlation-plot {class_name}",
        **({"tabIndex": 0, "role": "region", "aria-labelledby": title} if scrolls else {}),  # pyright: ignore[reportArgumentType]
    )


def genes(ids: Ids, columns: Sequence[dict[str, Any]]) -> list[Component]:
    """Build a table of genes with a search; a row can be selected."""
    quick = html.Div(
        [
            html.Label("Find", htmlFor=ids.QUICK, className="visually-hidden"),
            dcc.Input(
                id=ids.QUICK,
                type="search",
                placeholder="Find a gene in the table",
                autoComplete="off",
                spellCheck=False,
                className="correlation-quick",
            ),
            html.Button("Clear all filters", id=ids.CLEAR, type="button", className=SMALL),
        ],
        className="correlation-buttons",
    )
    grid = dag.AgGrid(
        id=ids.TABLE,
        columnDefs=columns,
        defaultColDef=COLUMN,
        rowData=[],
        getRowId="params.data.gene",
        dashGridOptions={
            **GRID,
            "rowSelection": {"mode": "singleRow", "checkboxes": False, "enableClickSelection": False},
        },
        className="explore-grid correlation-grid",
        style={"height": "430px"},
    )
    return [quick, html.Div(id=ids.TABLE_FAULT, className="correlation-fault", role="status"), grid]


def number(field: str, name: str, show: str, tip: str, width: int = 78) -> dict[str, Any]:
    """Build a column of numbers; missing values are sorted last in both directions."""
    return {
        "field": field,
        "headerName": name,
        "headerTooltip": tip,
        "type": "rightAligned",
        "minWidth": width,
        "flex": 1,
        "filter": "agNumberColumnFilter",
        "valueFormatter": {"function": show},
        "comparator": {"function": "missingLast(valueA, valueB, isDescending)"},
    }
