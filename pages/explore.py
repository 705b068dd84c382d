"""Explore: any cells, one gene. Everything that depends on an atlas comes by the callbacks of ``callbacks/explore``."""

from __future__ import annotations

from typing import Any

import dash
import dash_ag_grid as dag
from dash import dcc, html
from dash.development.base_component import Component

from pages import _controls as controls
from pages._ids import Explore

dash.register_page(__name__, path="/explore", title="Explore · MASLDatlas")

# A transparent figure, so that the skeleton behind it shows until there is a picture.
BLANK = {
    "data": [],
    "layout": {
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "xaxis": {"visible": False},
        "yaxis": {"visible": False},
        "margin": {"l": 0, "r": 0, "t": 0, "b": 0},
    },
}
CONFIG: dict[str, Any] = {"showSendToCloud": False, "displaylogo": False, "responsive": True}
MAP_CONFIG: dict[str, Any] = {
    **CONFIG,
    "scrollZoom": True,
    "doubleClick": "reset",
    "modeBarButtonsToRemove": ["select2d", "lasso2d", "autoScale2d"],
}


def layout(**_params: str) -> html.Div:
    """The page without data: the address tells the callbacks what to put into it."""
    return html.Div(
        [
            dcc.Store(id=Explore.SEARCH),
            dcc.Store(id=Explore.HYDRATED),
            dcc.Store(id=Explore.STATE),
            dcc.Store(id=Explore.SPEC),
            dcc.Store(id=Explore.CHOSEN),
            html.H1("Explore", className="visually-hidden"),
            controls.workspace(controls.rail(_question(), id=Explore.RAIL, label="Cells and gene"), _answer()),
        ],
        className="explore",
    )


def _question() -> list[Component]:
    return [
        _group(
            "Which cells",
            [
                html.P(id=Explore.COUNT, className="explore-count", **{"aria-live": "polite"}),  # pyright: ignore[reportArgumentType]
                html.Div(id=Explore.FILTERS),
                html.Div(id=Explore.MORE_FILTERS),
                _field(
                    "Ranges",
                    dcc.Dropdown(id=Explore.RANGES, multi=True, searchable=False),
                    id=Explore.RANGES_FIELD,
                    hidden=True,
                ),
                _field(
                    "More columns",
                    dcc.Dropdown(id=Explore.MORE, multi=True, placeholder="Filter by another column"),
                    id=Explore.MORE_FIELD,
                ),
                html.Button(
                    "Reset the filters", id=Explore.RESET, type="button", className="btn btn-outline-secondary btn-sm"
                ),
            ],
        ),
        _group(
            "Which gene",
            [
                html.Div(
                    [
                        html.Label("Symbol or Ensembl id", htmlFor=Explore.GENE, className="explore-label"),
                        dcc.Input(
                            id=Explore.GENE,
                            type="text",
                            placeholder="ALB, or ENSG…",
                            autoComplete="off",
                            spellCheck=False,
                            className="explore-gene",
                        ),
                        html.Ul(id=Explore.GENE_LIST, className="gene-list", hidden=True, role="listbox"),
                    ],
                    id=Explore.GENE_SEARCH,
                    className="explore-field gene-search",
                    **{"data-atlas": "", "data-gene": ""},  # pyright: ignore[reportArgumentType]
                )
            ],
        ),
        _group(
            "How",
            [
                _field("Colour the left map by", dcc.Dropdown(id=Explore.COLOR, clearable=False)),
                _field("Map of the cells", dcc.Dropdown(id=Explore.EMBEDDING, clearable=False, searchable=False)),
                _field(
                    "Split the violins by",
                    dcc.Dropdown(id=Explore.SPLIT, placeholder="Nothing"),
                    id=Explore.SPLIT_FIELD,
                ),
                _field(
                    "Layer",
                    dcc.Dropdown(id=Explore.LAYER, clearable=False, searchable=False),
                    id=Explore.LAYER_FIELD,
                    hidden=True,
                ),
            ],
        ),
    ]


def _answer() -> list[Component]:
    return [
        html.Div(id=Explore.PROBLEMS, className="explore-problems", role="status"),
        html.Div(
            [
                html.P(id=Explore.SENTENCE, className="explore-sentence", **{"aria-live": "polite"}),  # pyright: ignore[reportArgumentType]
                html.Div([_map("left"), _map("right")], className="explore-maps"),
                html.Div(
                    [
                        html.Div(
                            controls.card(
                                _violin(Explore.TYPES),
                                title=html.Span(id=Explore.TYPES_TITLE),
                                subtitle=html.Span(id=Explore.TYPES_NOTE),
                            ),
                            id=Explore.TYPES_CARD,
                        ),
                        html.Div(
                            controls.card(
                                _violin(Explore.GROUPS),
                                title=html.Span(id=Explore.GROUPS_TITLE),
                                subtitle=html.Span(id=Explore.GROUPS_NOTE),
                            ),
                            id=Explore.GROUPS_CARD,
                        ),
                    ],
                    className="explore-violins",
                ),
                html.Div(_table(), id=Explore.TABLE_CARD),
            ],
            id=Explore.ANSWER,
        ),
    ]


def _map(side: str) -> Component:
    left = side == "left"
    figure, fault, hover = (
        (Explore.LEFT, Explore.LEFT_FAULT, Explore.LEFT_HOVER)
        if left
        else (Explore.RIGHT, Explore.RIGHT_FAULT, Explore.RIGHT_HOVER)
    )
    return controls.card(
        html.Div(
            [
                html.Div(className="explore-skeleton", **{"aria-hidden": "true"}),  # pyright: ignore[reportArgumentType]
                dcc.Graph(id=figure, figure=BLANK, config=MAP_CONFIG, clear_on_unhover=True, className="explore-graph"),  # pyright: ignore[reportArgumentType]
                html.Div(id=fault, className="explore-fault", role="status"),
                dcc.Tooltip(id=hover, className="explore-tooltip", background_color="var(--raised)"),
            ],
            className="explore-map",
        ),
        title=html.Span(id=Explore.LEFT_TITLE if left else Explore.RIGHT_TITLE),
        subtitle=html.Span(id=Explore.LEFT_NOTE if left else Explore.RIGHT_NOTE),
    )


def _violin(name: Explore) -> Component:
    return dcc.Graph(id=name, figure=BLANK, config={**CONFIG, "displayModeBar": False}, className="explore-violin")  # pyright: ignore[reportArgumentType]


def _table() -> Component:
    return controls.card(
        dag.AgGrid(
            id=Explore.TABLE,
            defaultColDef={"sortable": True, "filter": True, "resizable": True},
            rowData=[],
            columnDefs=[],
            dashGridOptions={"domLayout": "autoHeight"},
            style={"height": None},
            className="explore-grid",
        ),
        title=html.Span(id=Explore.TABLE_TITLE),
        subtitle=html.Span(id=Explore.TABLE_NOTE),
        tools=html.Button(
            [controls.icon("download"), html.Span("CSV")],
            id=Explore.EXPORT,
            type="button",
            title="Download this table as CSV",
            className="btn btn-outline-secondary btn-sm",
        ),
    )


def _group(title: str, children: list[Component]) -> Component:
    return html.Section([html.H2(title, className="explore-question"), *children], className="explore-group")


def _field(label: str, control: Component, *, id: str | None = None, hidden: bool = False) -> Component:  # noqa: A002 - Dash's own word
    words = html.Label(label, htmlFor=str(getattr(control, "id", "")), className="explore-label")
    if id is None:
        return html.Div([words, control], className="explore-field")
    return html.Div([words, control], id=id, hidden=hidden, className="explore-field")
