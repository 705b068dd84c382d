"""Tabs of Explore: dot plot of a gene list, composition of samples, gene sets, zonation."""

from __future__ import annotations

from collections.abc import Sequence

from dash import dcc, html
from dash.development.base_component import Component

from pages import _controls as controls
from pages import _fields as fields
from pages._fields import BLANK, CONFIG
from pages._ids_explore import Explore as Id
from pages._share import file, share


def dots() -> list[Component]:
    """Build the tab of a gene list: dot plot and heatmap."""
    params = html.Div(
        [
            html.Label("Genes", htmlFor=Id.LIST, className="explore-label"),
            dcc.Textarea(
                id=Id.LIST,
                placeholder="Paste 1 to 500 genes, in any format.\n\nLeave empty for liver marker genes.",
                className="explore-list",
                spellCheck=False,
            ),
            html.Button("Plot genes", id=Id.LIST_DRAW, type="button", className="btn btn-primary btn-sm"),
            html.Div(id=Id.LIST_UNKNOWN, role="status"),
        ],
        className="explore-ask",
    )
    return [
        html.Div(
            [
                params,
                html.Div(
                    [
                        _plot(
                            Id.DOTS,
                            Id.DOTS_TITLE,
                            Id.DOTS_NOTE,
                            share(
                                "dot plot",
                                figure="dotplot",
                                more=[file("CSV", "All values of this plot", id=Id.DOTS_CSV)],
                            ),
                        ),
                        _plot(Id.HEATMAP, Id.HEATMAP_TITLE, Id.HEATMAP_NOTE, share("heatmap", figure="heatmap")),
                    ],
                    className="explore-stack",
                ),
            ],
            className="explore-beside",
        )
    ]


def composition() -> list[Component]:
    """Build the tab of the composition of samples."""
    return [
        html.Div(
            _plot(
                Id.BARS,
                Id.BARS_TITLE,
                Id.BARS_NOTE,
                share(
                    "composition", figure="composition", more=[file("CSV", "Fractions of all samples", id=Id.BARS_CSV)]
                ),
            ),
            className="explore-stack",
        ),
        html.Div(id=Id.BARS_TABLE),
    ]


def gene_sets() -> list[Component]:
    """Build the tab of two gene sets and their scores."""
    return [
        html.Div(
            [
                html.Div([_set("A"), _set("B"), *_score()], className="explore-ask"),
                html.Div(id=Id.SETS_SHOWN, className="explore-stack"),
            ],
            className="explore-beside",
        )
    ]


def zonation() -> list[Component]:
    """Build the tab of a gene along the lobule, which is hidden where an atlas has no zonation."""
    measures = [{"label": "Mean", "value": "mean"}, {"label": "% expressing", "value": "percent"}]
    choice = dcc.RadioItems(id=Id.MEASURE, options=measures, inline=True, className="correlation-choice")  # pyright: ignore[reportArgumentType]
    return [
        html.Div(
            [
                html.Div(choice, role="group", **{"aria-label": "Value along the lobule"}),  # pyright: ignore[reportArgumentType]
                html.Span("Split groups by, in the rail, compares conditions side by side.", className="explore-hint"),
            ],
            className="explore-tab-controls",
        ),
        html.Div(
            _plot(Id.LOBULE, Id.LOBULE_TITLE, Id.LOBULE_NOTE, share("zonation", figure="zonation")),
            className="explore-stack",
        ),
    ]


def _set(letter: str) -> Component:
    name, text = Id[f"NAME_{letter}"], Id[f"SET_{letter}"]
    return html.Div(
        [
            html.Label(f"Name of set {letter}", htmlFor=name, className="explore-label"),
            dcc.Input(id=name, type="text", placeholder=f"Gene set {letter}", maxLength=60, autoComplete="off"),
            html.Label(f"Genes of set {letter}", htmlFor=text, className="explore-label"),
            dcc.Textarea(id=text, placeholder="Paste genes, in any format", className="explore-list", spellCheck=False),
            fields.field(
                "or a gene set on this server",
                fields.dropdown(id=Id[f"MOUNTED_{letter}"], placeholder="Search by name", optionHeight="auto"),  # pyright: ignore[reportArgumentType]
                id=Id[f"MOUNTED_{letter}_FIELD"],
                hidden=True,
            ),
        ],
        className="explore-field",
    )


def _score() -> Sequence[Component]:
    methods = [
        {"label": "ULM: t of a linear model", "value": "ulm"},
        {"label": "Mean z-score", "value": "mean_z"},
    ]
    return [
        html.Div(
            dcc.RadioItems(id=Id.METHOD, options=methods, className="correlation-choice"),  # pyright: ignore[reportArgumentType]
            className="explore-field",
            role="group",
            **{"aria-label": "Score"},  # pyright: ignore[reportArgumentType]
        ),
        html.Button("Score these sets", id=Id.SETS_DRAW, type="button", className="btn btn-primary btn-sm"),
    ]


def _plot(graph: Id, title: Id, note: Id, menu: Component) -> Component:
    shown = dcc.Graph(id=graph, figure=BLANK, config={**CONFIG, "displayModeBar": False}, className="explore-wide")  # pyright: ignore[reportArgumentType]
    return controls.card(
        # A figure that needs more width than there is scrolls, by keyboard too.
        html.Div(
            controls.figure(shown, "Plot:", title, note),
            className="plot-scroll",
            tabIndex=0,
            role="region",
            **{"aria-labelledby": title},  # pyright: ignore[reportArgumentType]
        ),
        title=html.Span(id=title),
        subtitle=html.Span(id=note),
        tools=menu,
    )
