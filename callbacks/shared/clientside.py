"""Clientside callbacks that the analysis pages share: the address, the maps, and the table of genes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dash import ClientsideFunction, Input, Output, State

from pages._ids import Shell

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dash import Dash

    from pages._ids import Ids, PageIds


def address(app: Dash, ids: PageIds, namespace: str) -> None:
    """Wire the address of a page: read when it changes, written when the state changes."""
    app.clientside_callback(
        ClientsideFunction(namespace, "search"),
        Output(ids.SEARCH, "data"),
        Input(Shell.URL, "pathname"),
        Input(Shell.URL, "search"),
    )
    app.clientside_callback(
        ClientsideFunction(namespace, "write"),
        Input(ids.STATE, "data"),
        State(ids.HYDRATED, "data"),
        prevent_initial_call=True,
    )
    if "LIMITED" in ids.__members__:
        app.clientside_callback(
            ClientsideFunction(namespace, "limit"),
            Input(ids["LIMITED"], "data"),
            prevent_initial_call=True,
        )


def maps(app: Dash, ids: Ids, namespace: str, sides: Sequence[str]) -> None:
    """Wire the maps of a page; what happens on them stays in the browser (``assets/js/3-maps``).

    Parameters
    ----------
    sides
        Names of the maps: ``left`` has the ids ``LEFT`` and ``LEFT_FAULT``.
    """
    app.clientside_callback(
        ClientsideFunction(namespace, "paint"),
        *(Output(ids[f"{side}_FAULT".upper()], "children") for side in sides),
        Input(ids["SPEC"], "data"),
        prevent_initial_call=True,
    )


def tabs(app: Dash, ids: PageIds, panels: Sequence[str]) -> None:
    """Show the panel of the open tab, whose key the store `TAB` holds; `panels` are in the order of the tabs.

    A tab that a visitor opens before the server has answered the address stays open, whatever the answer.
    """
    app.clientside_callback(
        ClientsideFunction("tabs", "show"),
        *(Output(panel, "hidden") for panel in panels),
        Input(ids["TAB"], "data"),
        State(ids.HYDRATED, "data"),
    )


def gene_table(app: Dash, ids: Ids, namespace: str, *more: Input) -> None:
    """Wire the table of genes of a page and the ranking beside it: rows, search, filters, and the gene clicked.

    Parameters
    ----------
    more
        Further inputs of the rows.
    """
    app.clientside_callback(
        ClientsideFunction(namespace, "rows"),
        Output(ids.TABLE, "rowData"),
        Output(ids.TABLE, "selectedRows"),
        Output(ids["TABLE_FAULT"], "children"),
        Input(ids["TABLE_SOURCE"], "data"),
        *more,
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction(namespace, "quick"),
        Input(ids["QUICK"], "value"),
        State(ids.TABLE, "id"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction(namespace, "clear"),
        Output(ids["QUICK"], "value"),
        Output(ids.TABLE, "filterModel"),
        Input(ids["CLEAR"], "n_clicks"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction(namespace, "point"), Input(ids["RANKING"], "clickData"), prevent_initial_call=True
    )
