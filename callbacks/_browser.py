"""What the browser does alone on every page of cells, in ``assets/60-embedding.js``: the address and the two maps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dash import ClientsideFunction, Input, Output, State

from pages._ids import Shell

if TYPE_CHECKING:
    from dash import Dash

    from callbacks._selection import Ids


def register(app: Dash, ids: Ids, namespace: str) -> None:
    """Wire the functions of a page's `namespace`: the address, the painting of both maps, their zoom and hover."""

    def browser(name: str) -> ClientsideFunction:
        return ClientsideFunction(namespace, name)

    app.clientside_callback(
        browser("search"),
        Output(ids.SEARCH, "data"),
        Input(Shell.URL, "pathname"),
        Input(Shell.URL, "search"),
    )
    app.clientside_callback(
        browser("write"),
        Input(ids.STATE, "data"),
        State(ids.HYDRATED, "data"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        browser("paint"),
        Output(ids.LEFT, "figure"),
        Output(ids.RIGHT, "figure"),
        Output(ids.LEFT_FAULT, "children"),
        Output(ids.RIGHT_FAULT, "children"),
        Input(ids.SPEC, "data"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        browser("link"),
        Input(ids.LEFT, "relayoutData"),
        Input(ids.RIGHT, "relayoutData"),
        prevent_initial_call=True,
    )
    for side, graph, tooltip in (("left", ids.LEFT, ids.LEFT_HOVER), ("right", ids.RIGHT, ids.RIGHT_HOVER)):
        app.clientside_callback(
            browser(f"hover_{side}"),
            Output(tooltip, "show"),
            Output(tooltip, "bbox"),
            Output(tooltip, "children"),
            Input(graph, "hoverData"),
            prevent_initial_call=True,
        )
