"""Markers: raw values in, answers of core out. Each part is a pure function; this wires them.

::

    address -> SEARCH -> hydrate -> controls -> collect -> STATE -> draw_ranking -> TABLE_SOURCE -> (browser) the table
                                                                 |-> draw_gene
                                                                 |-> draw_dots
                                                                 -> (browser) the address
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from dash import ClientsideFunction, Input, Output, State, no_update

from callbacks.markers import dots, gene, ranking
from callbacks.markers.hydrate import collect, hydrate
from callbacks.shared import clientside
from callbacks.shared import selection_controls as shared
from core.figures.theme import theme_of
from core.figures.violin import nothing
from core.urls.page_queries import MarkersQuery
from core.views.markers.state import MarkersView, resolve
from pages._ids import Shell
from pages._ids_markers import Markers as Id

if TYPE_CHECKING:
    from collections.abc import Callable

    from dash import Dash

    from core.figures.theme import Theme
    from core.services.container import Services

HYDRATED = {
    "hydrated": Output(Id.HYDRATED, "data"),
    "problems": Output(Id.PROBLEMS, "children"),
    "no_answer": Output(Id.ANSWER, "hidden"),
    **shared.hydrated(Id),
    "mode": {
        "options": Output(Id.MODE, "options"),
        "value": Output(Id.MODE, "value"),
        "help": Output(Id.MODE_HELP, "children"),
    },
    "by": {
        "options": Output(Id.BY, "options"),
        "value": Output(Id.BY, "value"),
        "hidden": Output(Id.BY_FIELD, "hidden"),
    },
    "category": {"options": Output(Id.CATEGORY, "options"), "value": Output(Id.CATEGORY, "value")},
    "top": Output(Id.TOP, "value"),
    "whose": Output(Id.WHOSE, "value"),
}
CONTROLS = {
    "choices": {
        "mode": Input(Id.MODE, "value"),
        "by": Input(Id.BY, "value"),
        "category": Input(Id.CATEGORY, "value"),
        "gene": Input(Id.CHOSEN, "data"),
        "top_n": Input(Id.TOP, "value"),
        "whose": Input(Id.WHOSE, "value"),
        "layer": Input(Id.LAYER, "value"),
    },
    "cells": shared.inputs(Id),
    "hydrated": State(Id.HYDRATED, "data"),
    "shown": State(Id.STATE, "data"),
}
RANKING = {
    "hidden": Output(Id.PARTS, "hidden"),
    "sentence": Output(Id.SENTENCE, "children"),
    "replicates": Output(Id.REPLICATES, "children"),
    "count": Output(Id.COUNT, "children"),
    "explore": Output(Id.EXPLORE, "href"),
    "figure": Output(Id.RANKING, "figure"),
    "fault": Output(Id.RANKING_FAULT, "children"),
    "ranking_title": Output(Id.RANKING_TITLE, "children"),
    "ranking_note": Output(Id.RANKING_NOTE, "children"),
    "source": Output(Id.TABLE_SOURCE, "data"),
    "table_title": Output(Id.TABLE_TITLE, "children"),
    "table_note": Output(Id.TABLE_NOTE, "children"),
    "csv": Output(Id.CSV, "href"),
    "xlsx": Output(Id.XLSX, "href"),
    "every": Output(Id.EVERY, "href"),
    "gene": {
        "typed": Output(Id.GENE, "value", allow_duplicate=True),
        "shown": Output(Id.GENE_SEARCH, "data-gene", allow_duplicate=True),
    },
}
GENE = {
    "figure": Output(Id.VIOLIN, "figure"),
    "height": Output(Id.VIOLIN, "style"),
    "fault": Output(Id.VIOLIN_FAULT, "children"),
    "title": Output(Id.VIOLIN_TITLE, "children"),
    "note": Output(Id.VIOLIN_NOTE, "children"),
    "explore": Output(Id.GENE_EXPLORE, "href"),
}
DOTS = {
    "csv": Output(Id.TOP_CSV, "href"),
    "xlsx": Output(Id.TOP_XLSX, "href"),
    "dots": {
        "figure": Output(Id.DOTS, "figure"),
        "size": Output(Id.DOTS, "style"),
        "fault": Output(Id.DOTS_FAULT, "children"),
        "title": Output(Id.DOTS_TITLE, "children"),
        "note": Output(Id.DOTS_NOTE, "children"),
    },
    "heatmap": {
        "figure": Output(Id.HEATMAP, "figure"),
        "size": Output(Id.HEATMAP, "style"),
        "fault": Output(Id.HEATMAP_FAULT, "children"),
        "title": Output(Id.HEATMAP_TITLE, "children"),
        "note": Output(Id.HEATMAP_NOTE, "children"),
    },
}


def register(app: Dash, services: Services) -> None:
    """Wire the page."""

    def follow(search: dict[str, Any] | None) -> dict[str, Any]:
        return hydrate(*resolve(services, (search or {}).get("search") or ""), at=time.time_ns())

    def gather(
        choices: dict[str, Any],
        cells: dict[str, Any],
        hydrated: dict[str, Any] | None,
        shown: str | None,
    ) -> str | Any:  # noqa: ANN401 - no_update has no type of its own
        state = collect(services, hydrated, choices, cells, shown)
        return no_update if state is None or state == shown else state

    def drawn(part: Callable[[Services, MarkersView, Theme, dict[str, Any]], Any]) -> Callable[..., Any]:
        def draw(state: str, theme: str | None) -> Any:  # noqa: ANN401
            view, named = resolve(services, state)[0], theme_of(theme)
            return part(services, view, named, nothing(named)) if view else no_update

        return draw

    app.callback(output=HYDRATED, inputs={"search": Input(Id.SEARCH, "data")}, prevent_initial_call=True)(follow)
    app.callback(output=Output(Id.STATE, "data"), inputs=CONTROLS, prevent_initial_call=True)(gather)
    shared.register(app, services.catalog, Id, MarkersQuery)
    inputs = {"state": Input(Id.STATE, "data"), "theme": Input(Shell.THEME, "data")}
    for part, outputs in ((ranking.draw, RANKING), (gene.draw, GENE), (dots.draw, DOTS)):
        app.callback(output=outputs, inputs=inputs, prevent_initial_call=True)(drawn(part))
    _register_browser(app)


def _register_browser(app: Dash) -> None:
    """What the browser does alone, in ``assets/60-embedding.js`` and ``assets/64-markers.js``."""
    clientside.address(app, Id, "markers")

    def browser(name: str) -> ClientsideFunction:
        return ClientsideFunction("markers", name)

    app.clientside_callback(
        browser("rows"),
        Output(Id.TABLE, "rowData"),
        Output(Id.TABLE, "selectedRows"),
        Output(Id.TABLE_FAULT, "children"),
        Input(Id.TABLE_SOURCE, "data"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        browser("quick"), Input(Id.QUICK, "value"), State(Id.TABLE, "id"), prevent_initial_call=True
    )
    app.clientside_callback(
        browser("clear"),
        Output(Id.QUICK, "value"),
        Output(Id.TABLE, "filterModel"),
        Input(Id.CLEAR, "n_clicks"),
        prevent_initial_call=True,
    )
    app.clientside_callback(browser("point"), Input(Id.RANKING, "clickData"), prevent_initial_call=True)
