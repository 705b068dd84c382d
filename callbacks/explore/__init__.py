"""Explore: raw values in, figures out. Each part is a pure function; this wires them.

::

    address -> SEARCH -> hydrate -> controls -> collect -> STATE -> draw_maps   -> SPEC -> (browser) the maps
                                                                 -> draw_violins, draw_table
                                                                 -> draw_dots, draw_composition, draw_sets
                                                                 -> (browser) the address

Of the lower parts only the one whose tab is open is drawn.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from dash import ClientsideFunction, Input, Output, State, no_update

from callbacks.explore import cell, composition, dots, maps, mounted, sets, table, violins
from callbacks.explore.hydrate import collect, hydrate
from callbacks.shared import clientside
from callbacks.shared import selection_controls as shared
from core.figures.theme import theme_of
from core.urls.page_queries import ExploreQuery
from core.views.explore.state import ExploreView, resolve
from pages._ids import Shell
from pages._ids_explore import Explore as Id

if TYPE_CHECKING:
    from collections.abc import Callable

    from dash import Dash

    from core.figures.theme import Theme
    from core.services.container import Services

SIDES = ("left", "right", "third", "fourth")


def _of(side: str, part: str = "") -> str:
    return Id[f"{side}{part}".upper()]


def _menu(menu: str, field: str) -> dict[str, Output]:
    return {
        "options": Output(menu, "options"),
        "value": Output(menu, "value"),
        "hidden": Output(field, "hidden"),
    }


HYDRATED = {
    "hydrated": Output(Id.HYDRATED, "data"),
    "problems": Output(Id.PROBLEMS, "children"),
    "no_answer": Output(Id.ANSWER, "hidden"),
    **shared.hydrated(Id),
    "gene_b": {
        "typed": Output(Id.GENE_B, "value"),
        "chosen": Output(Id.CHOSEN_B, "data"),
        "shown": Output(Id.GENE_B_SEARCH, "data-gene"),
        "atlas": Output(Id.GENE_B_SEARCH, "data-atlas"),
    },
    "colors": [
        {"options": Output(_of(side, "_color"), "options"), "value": Output(_of(side, "_color"), "value")}
        for side in SIDES
    ],
    "facet": _menu(Id.FACET, Id.FACET_FIELD),
    "by": _menu(Id.BY, Id.BY_FIELD),
    "split": _menu(Id.SPLIT, Id.SPLIT_FIELD),
    "look": {
        "scale": Output(Id.SCALE, "value"),
        "clip": Output(Id.CLIP, "value"),
        "clip_at": Output(Id.CLIP_AT, "value"),
        "order": Output(Id.ORDER, "value"),
        "size": Output(Id.SIZE, "value"),
        "opacity": Output(Id.OPACITY, "value"),
    },
    "show": Output(Id.SHOW, "value"),
    "plot": Output(Id.PLOT, "value"),
    "tab": Output(Id.TAB, "value"),
    "list": {"typed": Output(Id.LIST, "value"), "drawn": Output(Id.LISTED, "data")},
    "sets": {
        "set_a": Output(Id.SET_A, "value"),
        "set_b": Output(Id.SET_B, "value"),
        "name_a": Output(Id.NAME_A, "value"),
        "name_b": Output(Id.NAME_B, "value"),
        "method": Output(Id.METHOD, "value"),
        "drawn": Output(Id.SETS, "data"),
    },
}
CONTROLS = {
    "choices": {
        "gene": Input(Id.CHOSEN, "data"),
        "gene_b": Input(Id.CHOSEN_B, "data"),
        "color": Input(Id.LEFT_COLOR, "value"),
        "color_2": Input(Id.RIGHT_COLOR, "value"),
        "color_3": Input(Id.THIRD_COLOR, "value"),
        "color_4": Input(Id.FOURTH_COLOR, "value"),
        "embedding": Input(Id.EMBEDDING, "value"),
        "layer": Input(Id.LAYER, "value"),
        "facet": Input(Id.FACET, "value"),
        "by": Input(Id.BY, "value"),
        "split": Input(Id.SPLIT, "value"),
        "scale": Input(Id.SCALE, "value"),
        "clip": Input(Id.CLIP, "value"),
        "clip_at": Input(Id.CLIP_AT, "value"),
        "order": Input(Id.ORDER, "value"),
        "size": Input(Id.SIZE, "value"),
        "opacity": Input(Id.OPACITY, "value"),
        "show": Input(Id.SHOW, "value"),
        "plot": Input(Id.PLOT, "value"),
        "tab": Input(Id.TAB, "value"),
        "genes": Input(Id.LISTED, "data"),
        "sets": Input(Id.SETS, "data"),
    },
    "cells": shared.inputs(Id),
    "hydrated": State(Id.HYDRATED, "data"),
    "shown": State(Id.STATE, "data"),
}
MAPS = {
    "sentence": Output(Id.SENTENCE, "children"),
    "count": Output(Id.COUNT, "children"),
    "spec": Output(Id.SPEC, "data"),
    "style": Output(Id.MAPS, "style"),
    "faceted": Output(Id.MAPS, "data-faceted"),
    "add": {"href": Output(Id.ADD_MAP, "href"), "style": Output(Id.ADD_MAP, "style")},
    "cards": [
        {
            "hidden": Output(_of(side, "_card"), "hidden"),
            "title": Output(_of(side, "_title"), "children"),
            "note": Output(_of(side, "_note"), "children"),
            "legend": Output(_of(side, "_legend"), "children"),
            "close": Output(_of(side, "_close"), "href"),
        }
        for side in SIDES
    ],
    "correlate": Output(Id.CORRELATE, "href"),
}
VIOLINS = {
    "types": {
        "figure": Output(Id.TYPES, "figure"),
        "height": Output(Id.TYPES, "style"),
        "hidden": Output(Id.TYPES_CARD, "hidden"),
        "title": Output(Id.TYPES_TITLE, "children"),
        "note": Output(Id.TYPES_NOTE, "children"),
    },
    "groups": {
        "figure": Output(Id.GROUPS, "figure"),
        "height": Output(Id.GROUPS, "style"),
        "hidden": Output(Id.GROUPS_CARD, "hidden"),
        "title": Output(Id.GROUPS_TITLE, "children"),
        "note": Output(Id.GROUPS_NOTE, "children"),
    },
}
TABLE = {
    "hidden": Output(Id.TABLE_CARD, "hidden"),
    "rows": Output(Id.TABLE, "rowData"),
    "columns": Output(Id.TABLE, "columnDefs"),
    "title": Output(Id.TABLE_TITLE, "children"),
    "note": Output(Id.TABLE_NOTE, "children"),
    "options": Output(Id.TABLE, "dashGridOptions"),
    "height": Output(Id.TABLE, "style"),
    "file": Output(Id.TABLE, "csvExportParams"),
}


def _plot(graph: str, title: str, note: str) -> dict[str, Output]:
    return {
        "figure": Output(graph, "figure"),
        "height": Output(graph, "style"),
        "title": Output(title, "children"),
        "note": Output(note, "children"),
    }


DOTS = {
    "dots": _plot(Id.DOTS, Id.DOTS_TITLE, Id.DOTS_NOTE),
    "heatmap": _plot(Id.HEATMAP, Id.HEATMAP_TITLE, Id.HEATMAP_NOTE),
    "unknown": Output(Id.LIST_UNKNOWN, "children"),
    "csv": Output(Id.DOTS_CSV, "href"),
}
COMPOSITION = {
    "bars": _plot(Id.BARS, Id.BARS_TITLE, Id.BARS_NOTE),
    "table": Output(Id.BARS_TABLE, "children"),
    "csv": Output(Id.BARS_CSV, "href"),
}
SETS = {"shown": Output(Id.SETS_SHOWN, "children")}
CELL = {
    "hidden": Output(Id.CELL_CARD, "hidden"),
    "title": Output(Id.CELL_TITLE, "children"),
    "body": Output(Id.CELL_BODY, "children"),
}
# Which parts a tab draws.
TABS = {
    "violins": ((VIOLINS, violins.draw), (TABLE, table.draw)),
    "dots": ((DOTS, dots.draw),),
    "composition": ((COMPOSITION, composition.draw),),
    "sets": ((SETS, sets.draw),),
}


def register(app: Dash, services: Services) -> None:
    """Wire the page."""

    def follow(search: dict[str, Any] | None) -> dict[str, Any]:
        return hydrate(*resolve(services, (search or {}).get("search") or ""), at=time.time_ns())

    def gather(
        choices: dict[str, Any], cells: dict[str, Any], hydrated: dict[str, Any] | None, shown: str | None
    ) -> str | Any:  # noqa: ANN401 - no_update has no type of its own
        state = collect(hydrated, choices, cells)
        return no_update if state is None or state == shown else state

    app.callback(output=HYDRATED, inputs={"search": Input(Id.SEARCH, "data")}, prevent_initial_call=True)(follow)
    app.callback(output=Output(Id.STATE, "data"), inputs=CONTROLS)(gather)
    shared.register(app, services.catalog, Id, ExploreQuery)
    _register_drawing(app, services, MAPS, maps.draw, "")
    for tab, parts in TABS.items():
        for outputs, draw in parts:
            _register_drawing(app, services, outputs, draw, tab)

    def look_at(index: int | None, state: str | None) -> Any:  # noqa: ANN401
        view = resolve(services, state)[0] if state else None
        return cell.draw(view, index) if view else dict.fromkeys(CELL, no_update)

    app.callback(
        output=CELL,
        inputs={
            "index": Input(Id.CELL, "data"),
            "state": State(Id.STATE, "data"),
        },
    )(look_at)
    mounted.register(app, services)
    _register_browser(app)


def _register_drawing(
    app: Dash,
    services: Services,
    outputs: dict[str, Any],
    draw: Callable[[ExploreView, Theme], Any],
    tab: str,
) -> None:
    """Draw a part whenever the state or the theme changes; one below a tab only while that is open."""

    def drawing(state: str | None, theme: str | None) -> Any:  # noqa: ANN401
        view = resolve(services, state)[0] if state else None
        if view is None or (tab and view.query.tab != tab):
            return _unchanged(outputs)
        return draw(view, theme_of(theme))

    app.callback(output=outputs, inputs={"state": Input(Id.STATE, "data"), "theme": Input(Shell.THEME, "data")})(
        drawing
    )


def _unchanged(outputs: Any) -> Any:  # noqa: ANN401 - nested as the outputs are
    if isinstance(outputs, dict):
        return {name: _unchanged(output) for name, output in outputs.items()}
    if isinstance(outputs, list):
        return [_unchanged(output) for output in outputs]
    return no_update


def _register_browser(app: Dash) -> None:
    """What the browser does alone, in ``assets/60-embedding.js``."""

    def browser(name: str) -> ClientsideFunction:
        return ClientsideFunction("explore", name)

    clientside.address(app, Id, "explore")
    clientside.maps(app, Id, "explore", SIDES)
    app.clientside_callback(
        browser("export_csv"),
        Output(Id.TABLE, "exportDataAsCsv"),
        Input(Id.EXPORT, "n_clicks"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        browser("tabs"),
        Output(Id.VIOLINS_TAB, "hidden"),
        Output(Id.DOTS_TAB, "hidden"),
        Output(Id.COMPOSITION_TAB, "hidden"),
        Output(Id.SETS_TAB, "hidden"),
        Input(Id.TAB, "value"),
    )
    app.clientside_callback(
        browser("click"),
        Output(Id.CELL, "data"),
        *(Input(_of(side), "clickData") for side in SIDES),
        Input(Id.CELL_CLOSE, "n_clicks"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        browser("take_list"),
        Output(Id.LISTED, "data", allow_duplicate=True),
        Input(Id.LIST_DRAW, "n_clicks"),
        State(Id.LIST, "value"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        browser("take_sets"),
        Output(Id.SETS, "data", allow_duplicate=True),
        Input(Id.SETS_DRAW, "n_clicks"),
        Input(Id.METHOD, "value"),
        State(Id.SET_A, "value"),
        State(Id.SET_B, "value"),
        State(Id.NAME_A, "value"),
        State(Id.NAME_B, "value"),
        prevent_initial_call=True,
    )
