"""Explore: any cells, one gene. Everything that depends on an atlas comes by the callbacks of ``callbacks/explore``."""

from __future__ import annotations

import dash
import dash_ag_grid as dag
from dash import dcc, html
from dash.development.base_component import Component

from pages import _controls as controls
from pages import _fields as fields
from pages._fields import BLANK, CONFIG
from pages._ids import Explore

dash.register_page(__name__, path="/explore", title="Explore · MASLDatlas")


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
        fields.filters(Explore),
        fields.group(
            "Which gene",
            [
                fields.gene_search(
                    "Symbol or Ensembl id",
                    (Explore.GENE_SEARCH, Explore.GENE, Explore.GENE_LIST, Explore.CHOSEN),
                )
            ],
        ),
        fields.group(
            "How",
            [
                fields.field("Colour the left map by", dcc.Dropdown(id=Explore.COLOR, clearable=False)),
                fields.field("Map of the cells", dcc.Dropdown(id=Explore.EMBEDDING, clearable=False, searchable=False)),
                fields.field(
                    "Split the violins by",
                    dcc.Dropdown(id=Explore.SPLIT, placeholder="Nothing"),
                    id=Explore.SPLIT_FIELD,
                ),
                fields.field(
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
                html.Div(
                    [fields.map_card(Explore, "left"), fields.map_card(Explore, "right", _correlate())],
                    className="explore-maps",
                ),
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


def _correlate() -> Component:
    return dcc.Link(
        "Correlate",
        id=Explore.CORRELATE,
        href="/correlation",
        title="This gene against all others, in the same cells",
        className="btn btn-outline-secondary btn-sm",
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
