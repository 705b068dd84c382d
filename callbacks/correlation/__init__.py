"""Correlation: raw values in, answers of core out. Each part is a pure function; this wires them.

::

    address -> SEARCH -> hydrate -> controls -> collect -> STATE -> draw_ranking -> TABLE_SOURCE -> (browser) the table
                                                                 |              -> PARTNER -> draw_maps -> SPEC
                                                                 |                         -> draw_pair
                                                                 |                         -> draw_strata
                                                                 |                         -> draw_difference
                                                                 |                         -> draw_matrix
                                                                 -> (browser) the address
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from dash import ClientsideFunction, Input, Output, State, no_update

from callbacks.correlation import matrix, pair, ranking, strata
from callbacks.correlation.hydrate import collect, hydrate
from callbacks.shared import clientside
from callbacks.shared import selection_controls as shared
from core.figures.theme import theme_of
from core.figures.violin import nothing
from core.urls.page_queries import CorrelationQuery
from core.views.correlation.state import CorrelationView, resolve
from pages._ids import Shell
from pages._ids_correlation import Correlation as Id

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
    "one_map": Output(Id.EMBEDDING_FIELD, "hidden"),
    "gene_b": {
        "typed": Output(Id.GENE_B, "value"),
        "chosen": Output(Id.CHOSEN_B, "data"),
        "shown": Output(Id.GENE_B_SEARCH, "data-gene"),
        "atlas": Output(Id.GENE_B_SEARCH, "data-atlas"),
    },
    "method": Output(Id.METHOD, "value"),
    "zeros": Output(Id.ZEROS, "value"),
    "by": {
        "options": Output(Id.BY, "options"),
        "value": Output(Id.BY, "value"),
        "hidden": Output(Id.BY_FIELD, "hidden"),
    },
    "depth": Output(Id.DEPTH, "value"),
    "adjust": {
        "options": Output(Id.ADJUST, "options"),
        "value": Output(Id.ADJUST, "value"),
        "hidden": Output(Id.ADJUST_FIELD, "hidden"),
    },
    "groups": {
        "options": Output(Id.ONE, "options"),
        "one": Output(Id.ONE, "value"),
        "options_too": Output(Id.TWO, "options"),
        "two": Output(Id.TWO, "value"),
        "hidden": Output(Id.GROUPS_FIELD, "hidden"),
    },
    "list": {
        "typed": Output(Id.LIST, "value"),
        "drawn": Output(Id.LISTED, "data"),
        "top": Output(Id.TOP, "value"),
    },
}
CONTROLS = {
    "choices": {
        "gene": Input(Id.CHOSEN, "data"),
        "gene_b": Input(Id.CHOSEN_B, "data"),
        "method": Input(Id.METHOD, "value"),
        "zeros": Input(Id.ZEROS, "value"),
        "layer": Input(Id.LAYER, "value"),
        "by": Input(Id.BY, "value"),
        "depth": Input(Id.DEPTH, "value"),
        "adjust": Input(Id.ADJUST, "value"),
        "embedding": Input(Id.EMBEDDING, "value"),
        "one": Input(Id.ONE, "value"),
        "two": Input(Id.TWO, "value"),
        "genes": Input(Id.LISTED, "data"),
        "top_n": Input(Id.TOP, "value"),
    },
    "cells": shared.inputs(Id),
    "hydrated": State(Id.HYDRATED, "data"),
    "shown": State(Id.STATE, "data"),
}
RANKING = {
    "sentence": Output(Id.SENTENCE, "children"),
    "count": Output(Id.COUNT, "children"),
    "explore": Output(Id.EXPLORE, "href"),
    "figure": Output(Id.RANKING, "figure"),
    "fault": Output(Id.RANKING_FAULT, "children"),
    "ranking_title": Output(Id.RANKING_TITLE, "children"),
    "ranking_note": Output(Id.RANKING_NOTE, "children"),
    "partner": Output(Id.PARTNER, "data"),
    "source": Output(Id.TABLE_SOURCE, "data"),
    "table_title": Output(Id.TABLE_TITLE, "children"),
    "table_note": Output(Id.TABLE_NOTE, "children"),
    "export": Output(Id.EXPORT, "href"),
    "gene_b": {
        "typed": Output(Id.GENE_B, "value", allow_duplicate=True),
        "shown": Output(Id.GENE_B_SEARCH, "data-gene", allow_duplicate=True),
    },
}
MAPS = {
    "spec": Output(Id.SPEC, "data"),
    "left_title": Output(Id.LEFT_TITLE, "children"),
    "left_note": Output(Id.LEFT_NOTE, "children"),
    "right_title": Output(Id.RIGHT_TITLE, "children"),
    "right_note": Output(Id.RIGHT_NOTE, "children"),
}
PAIR = {
    "figure": Output(Id.SCATTER, "figure"),
    "fault": Output(Id.SCATTER_FAULT, "children"),
    "title": Output(Id.SCATTER_TITLE, "children"),
    "note": Output(Id.SCATTER_NOTE, "children"),
    "seen": Output(Id.SEEN, "children"),
    "seen_note": Output(Id.SEEN_NOTE, "children"),
}
STRATA = {
    "forest": {
        "figure": Output(Id.FOREST, "figure"),
        "height": Output(Id.FOREST, "style"),
        "fault": Output(Id.FOREST_FAULT, "children"),
        "title": Output(Id.FOREST_TITLE, "children"),
        "note": Output(Id.FOREST_NOTE, "children"),
        "simpson": Output(Id.SIMPSON, "children"),
    },
    "holds": Output(Id.HOLDS, "children"),
    "holds_note": Output(Id.HOLDS_NOTE, "children"),
    "replicates": Output(Id.REPLICATES, "children"),
}
DIFFERENCE = {"shown": Output(Id.DIFFERENCE, "children"), "note": Output(Id.DIFFERENCE_NOTE, "children")}
MATRIX = {
    "figure": Output(Id.MATRIX, "figure"),
    "height": Output(Id.MATRIX, "style"),
    "fault": Output(Id.MATRIX_FAULT, "children"),
    "title": Output(Id.MATRIX_TITLE, "children"),
    "note": Output(Id.MATRIX_NOTE, "children"),
    "unknown": Output(Id.MATRIX_UNKNOWN, "children"),
    "shown": Output(Id.MATRIX_SHOWN, "data"),
    "no_export": Output(Id.MATRIX_EXPORT, "disabled"),
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
        state = collect(hydrated, choices, cells)
        return no_update if state is None or state == shown else state

    def view_of(state: str | None) -> CorrelationView | None:
        return resolve(services, state)[0] if state else None

    def draw_ranking(state: str | None, theme: str | None) -> Any:  # noqa: ANN401
        view, named = view_of(state), theme_of(theme)
        return ranking.draw(services, view, named, nothing(named)) if view else _unchanged(RANKING)

    def drawn(
        part: Callable[[CorrelationView, dict[str, Any], Theme], Any], outputs: dict[str, Any]
    ) -> Callable[..., Any]:
        def draw(partner: dict[str, Any] | None, theme: str | None) -> Any:  # noqa: ANN401
            view = view_of(partner["state"]) if partner else None
            return part(view, partner, theme_of(theme)) if view and partner else _unchanged(outputs)

        return draw

    def matrix_csv(_n: int | None, partner: dict[str, Any] | None) -> Any:  # noqa: ANN401
        view = view_of(partner["state"]) if partner else None
        return matrix.export(view, partner) if view and partner else no_update

    app.callback(output=HYDRATED, inputs={"search": Input(Id.SEARCH, "data")}, prevent_initial_call=True)(follow)
    app.callback(output=Output(Id.STATE, "data"), inputs=CONTROLS)(gather)
    shared.register(app, services.catalog, Id, CorrelationQuery)
    theme = {"theme": Input(Shell.THEME, "data")}
    app.callback(output=RANKING, inputs={"state": Input(Id.STATE, "data"), **theme}, prevent_initial_call=True)(
        draw_ranking
    )
    parts: list[tuple[Callable[[CorrelationView, dict[str, Any], Theme], Any], dict[str, Any]]] = [
        (lambda view, partner, it: pair.maps(view, partner["gene_b"], it), MAPS),
        (lambda view, partner, it: pair.draw(view, partner, it, nothing(it)), PAIR),
        (lambda view, partner, it: strata.draw(view, partner, it, nothing(it)), STRATA),
        (lambda view, partner, _: strata.compare(view, partner), DIFFERENCE),
        (lambda view, partner, it: matrix.draw(view, partner, it, nothing(it)), MATRIX),
    ]
    for part, outputs in parts:
        app.callback(output=outputs, inputs={"partner": Input(Id.PARTNER, "data"), **theme})(drawn(part, outputs))
    app.callback(
        output=Output(Id.MATRIX_FILE, "data"),
        inputs={"_n": Input(Id.MATRIX_EXPORT, "n_clicks"), "partner": State(Id.PARTNER, "data")},
        prevent_initial_call=True,
    )(matrix_csv)
    _register_browser(app)


def _unchanged(outputs: dict[str, Any]) -> dict[str, Any]:
    return {name: _unchanged(it) if isinstance(it, dict) else no_update for name, it in outputs.items()}


def _register_browser(app: Dash) -> None:
    """What the browser does alone, in ``assets/60-embedding.js`` and ``assets/62-correlation.js``."""
    clientside.address(app, Id, "correlation")
    clientside.maps(app, Id, "correlation", ("left", "right"))

    def browser(name: str) -> ClientsideFunction:
        return ClientsideFunction("correlation", name)

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
    app.clientside_callback(
        browser("swap"),
        Input(Id.SWAP, "n_clicks"),
        State(Id.GENE_SEARCH, "data-gene"),
        State(Id.GENE_B_SEARCH, "data-gene"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        browser("strongest"),
        Output(Id.CHOSEN_B, "data", allow_duplicate=True),
        Input(Id.STRONGEST, "n_clicks"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        browser("listed"),
        Output(Id.LISTED, "data", allow_duplicate=True),
        Output(Id.LIST, "value", allow_duplicate=True),
        Input(Id.LIST_DRAW, "n_clicks"),
        Input(Id.LIST_TOP, "n_clicks"),
        State(Id.LIST, "value"),
        prevent_initial_call=True,
    )
