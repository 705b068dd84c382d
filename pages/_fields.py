"""Parts that the pages of cells share: questions of the rail, gene search, maps. They take the ids of their page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from dash import dcc, html

from pages import _controls as controls
from pages._ids import Correlation, Explore

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dash.development.base_component import Component

Ids: TypeAlias = type[Explore] | type[Correlation]
Id: TypeAlias = Explore | Correlation

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


def group(title: str, children: Sequence[Component]) -> Component:
    """One question of the rail."""
    return html.Section([html.H2(title, className="explore-question"), *children], className="explore-group")


def field(label: str, control: Component, *, id: str | None = None, hidden: bool = False) -> Component:  # noqa: A002 - Dash's own word
    """A control below its label."""
    words = html.Label(label, htmlFor=str(getattr(control, "id", "")), className="explore-label")
    if id is None:
        return html.Div([words, control], className="explore-field")
    return html.Div([words, control], id=id, hidden=hidden, className="explore-field")


def filters(ids: Ids) -> Component:
    """Which cells: the filters of an atlas, and how many cells they leave."""
    return group(
        "Which cells",
        [
            html.P(id=ids.COUNT, className="explore-count", **{"aria-live": "polite"}),  # pyright: ignore[reportArgumentType]
            html.Div(id=ids.FILTERS),
            html.Div(id=ids.MORE_FILTERS),
            field(
                "Ranges", dcc.Dropdown(id=ids.RANGES, multi=True, searchable=False), id=ids.RANGES_FIELD, hidden=True
            ),
            field(
                "More columns",
                dcc.Dropdown(id=ids.MORE, multi=True, placeholder="Filter by another column"),
                id=ids.MORE_FIELD,
            ),
            html.Button("Reset the filters", id=ids.RESET, type="button", className="btn btn-outline-secondary btn-sm"),
        ],
    )


def gene_search(label: str, ids: tuple[Id, Id, Id, Id], *, first: bool = True) -> Component:
    """A search for a gene on the server.

    Parameters
    ----------
    ids
        Of the whole, its field, its list of suggestions, and the store that takes the choice.
    first
        Whether the key / leads here.
    """
    search, typed, suggestions, chosen = ids
    key = {"data-gene-search": "true"} if first else {}
    return html.Div(
        [
            html.Label(label, htmlFor=typed, className="explore-label"),
            dcc.Input(
                id=typed,
                type="text",
                placeholder="ALB, or ENSG…",
                autoComplete="off",
                spellCheck=False,
                className="explore-gene",
            ),
            html.Ul(id=suggestions, className="gene-list", hidden=True, role="listbox"),
        ],
        id=search,
        className="explore-field gene-search",
        **{"data-atlas": "", "data-gene": "", "data-field": typed, "data-chosen": chosen, **key},  # pyright: ignore[reportArgumentType]
    )


def map_card(ids: Ids, side: str, tools: Component | None = None) -> Component:
    """One of the two maps of the cells."""
    left = side == "left"
    figure, fault, hover = (
        (ids.LEFT, ids.LEFT_FAULT, ids.LEFT_HOVER) if left else (ids.RIGHT, ids.RIGHT_FAULT, ids.RIGHT_HOVER)
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
        title=html.Span(id=ids.LEFT_TITLE if left else ids.RIGHT_TITLE),
        subtitle=html.Span(id=ids.LEFT_NOTE if left else ids.RIGHT_NOTE),
        tools=tools,
    )
