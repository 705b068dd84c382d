"""Explore: raw values in, figures out. Each part is a pure function; this wires them.

::

    address -> SEARCH -> hydrate -> controls -> collect -> STATE -> draw_maps      -> SPEC -> (browser) both maps
                                                                 -> draw_violins
                                                                 -> draw_table
                                                                 -> (browser) the address
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from dash import ALL, ClientsideFunction, Input, Output, State, no_update

from callbacks.explore import maps, table, violins
from callbacks.explore.hydrate import collect, hydrate, more_filters
from callbacks.explore.view import View, resolve
from core.figures.theme import theme_of
from pages._ids import Explore, Shell

if TYPE_CHECKING:
    from dash import Dash

    from core.services import Services

ALL_FILTERS = {"type": Explore.FILTER, "column": ALL}
HYDRATED = {
    "hydrated": Output(Explore.HYDRATED, "data"),
    "problems": Output(Explore.PROBLEMS, "children"),
    "no_answer": Output(Explore.ANSWER, "hidden"),
    "filters": Output(Explore.FILTERS, "children"),
    "more_filters": Output(Explore.MORE_FILTERS, "children"),
    "more": {
        "options": Output(Explore.MORE, "options"),
        "value": Output(Explore.MORE, "value"),
        "hidden": Output(Explore.MORE_FIELD, "hidden"),
    },
    "ranges": {
        "options": Output(Explore.RANGES, "options"),
        "value": Output(Explore.RANGES, "value"),
        "hidden": Output(Explore.RANGES_FIELD, "hidden"),
    },
    "gene": {
        "typed": Output(Explore.GENE, "value"),
        "chosen": Output(Explore.CHOSEN, "data"),
        "shown": Output(Explore.GENE_SEARCH, "data-gene"),
        "atlas": Output(Explore.GENE_SEARCH, "data-atlas"),
    },
    "color": {"options": Output(Explore.COLOR, "options"), "value": Output(Explore.COLOR, "value")},
    "embedding": {"options": Output(Explore.EMBEDDING, "options"), "value": Output(Explore.EMBEDDING, "value")},
    "split": {
        "options": Output(Explore.SPLIT, "options"),
        "value": Output(Explore.SPLIT, "value"),
        "hidden": Output(Explore.SPLIT_FIELD, "hidden"),
    },
    "layer": {
        "options": Output(Explore.LAYER, "options"),
        "value": Output(Explore.LAYER, "value"),
        "hidden": Output(Explore.LAYER_FIELD, "hidden"),
    },
}
CONTROLS = {
    "choices": {
        "gene": Input(Explore.CHOSEN, "data"),
        "color": Input(Explore.COLOR, "value"),
        "embedding": Input(Explore.EMBEDDING, "value"),
        "split": Input(Explore.SPLIT, "value"),
        "layer": Input(Explore.LAYER, "value"),
    },
    "filters": Input(ALL_FILTERS, "value"),
    "columns": State(ALL_FILTERS, "id"),
    "ranges": Input(Explore.RANGES, "value"),
    "hydrated": State(Explore.HYDRATED, "data"),
    "shown": State(Explore.STATE, "data"),
}
MAPS = {
    "sentence": Output(Explore.SENTENCE, "children"),
    "count": Output(Explore.COUNT, "children"),
    "spec": Output(Explore.SPEC, "data"),
    "left_title": Output(Explore.LEFT_TITLE, "children"),
    "left_note": Output(Explore.LEFT_NOTE, "children"),
    "right_title": Output(Explore.RIGHT_TITLE, "children"),
    "right_note": Output(Explore.RIGHT_NOTE, "children"),
}
VIOLINS = {
    "types": {
        "figure": Output(Explore.TYPES, "figure"),
        "height": Output(Explore.TYPES, "style"),
        "hidden": Output(Explore.TYPES_CARD, "hidden"),
        "title": Output(Explore.TYPES_TITLE, "children"),
        "note": Output(Explore.TYPES_NOTE, "children"),
    },
    "groups": {
        "figure": Output(Explore.GROUPS, "figure"),
        "height": Output(Explore.GROUPS, "style"),
        "hidden": Output(Explore.GROUPS_CARD, "hidden"),
        "title": Output(Explore.GROUPS_TITLE, "children"),
        "note": Output(Explore.GROUPS_NOTE, "children"),
    },
}
TABLE = {
    "hidden": Output(Explore.TABLE_CARD, "hidden"),
    "rows": Output(Explore.TABLE, "rowData"),
    "columns": Output(Explore.TABLE, "columnDefs"),
    "title": Output(Explore.TABLE_TITLE, "children"),
    "note": Output(Explore.TABLE_NOTE, "children"),
    "options": Output(Explore.TABLE, "dashGridOptions"),
    "height": Output(Explore.TABLE, "style"),
    "file": Output(Explore.TABLE, "csvExportParams"),
}
DRAWN = {"state": Input(Explore.STATE, "data"), "theme": Input(Shell.THEME, "data")}


def register(app: Dash, services: Services) -> None:
    """Wire the page."""
    catalog = services.catalog

    def follow(search: dict[str, Any] | None) -> dict[str, Any]:
        return hydrate(*resolve(catalog, (search or {}).get("search") or ""), at=time.time_ns())

    def gather(
        choices: dict[str, str | None],
        filters: list[list[str] | None],
        columns: list[dict[str, str]],
        ranges: list[str] | None,
        hydrated: dict[str, Any] | None,
        shown: str | None,
    ) -> str | Any:  # noqa: ANN401 - no_update has no type of its own
        state = collect(hydrated, choices, _by_column(columns, filters), ranges)
        return no_update if state is None or state == shown else state

    def add_filters(
        more: list[str] | None,
        filters: list[list[str] | None],
        columns: list[dict[str, str]],
        hydrated: dict[str, Any] | None,
    ) -> Any:  # noqa: ANN401 - a list of components or no_update
        return more_filters(catalog, hydrated, more, _by_column(columns, filters))

    def reset(_n: int | None, columns: list[dict[str, str]]) -> dict[str, Any]:
        return {"filters": [[] for _ in columns], "ranges": []}

    def view_of(state: str | None) -> View | None:
        return resolve(catalog, state)[0] if state else None

    def draw_maps(state: str | None, theme: str | None) -> Any:  # noqa: ANN401
        view = view_of(state)
        return maps.draw(view, theme_of(theme)) if view else dict.fromkeys(MAPS, no_update)

    def draw_violins(state: str | None, theme: str | None) -> Any:  # noqa: ANN401
        view = view_of(state)
        nothing = {name: dict.fromkeys(outputs, no_update) for name, outputs in VIOLINS.items()}
        return violins.draw(view, theme_of(theme)) if view else nothing

    def draw_table(state: str | None, theme: str | None) -> Any:  # noqa: ANN401
        view = view_of(state)
        return table.draw(view, theme_of(theme)) if view else dict.fromkeys(TABLE, no_update)

    app.callback(output=HYDRATED, inputs={"search": Input(Explore.SEARCH, "data")}, prevent_initial_call=True)(follow)
    app.callback(output=Output(Explore.STATE, "data"), inputs=CONTROLS)(gather)
    app.callback(
        output=Output(Explore.MORE_FILTERS, "children", allow_duplicate=True),
        inputs={
            "more": Input(Explore.MORE, "value"),
            "filters": State(ALL_FILTERS, "value"),
            "columns": State(ALL_FILTERS, "id"),
            "hydrated": State(Explore.HYDRATED, "data"),
        },
        prevent_initial_call=True,
    )(add_filters)
    app.callback(
        output={
            "filters": Output(ALL_FILTERS, "value", allow_duplicate=True),
            "ranges": Output(Explore.RANGES, "value", allow_duplicate=True),
        },
        inputs={"_n": Input(Explore.RESET, "n_clicks"), "columns": State(ALL_FILTERS, "id")},
        prevent_initial_call=True,
    )(reset)
    app.callback(output=MAPS, inputs=DRAWN)(draw_maps)
    app.callback(output=VIOLINS, inputs=DRAWN)(draw_violins)
    app.callback(output=TABLE, inputs=DRAWN)(draw_table)
    _register_browser(app)


def _register_browser(app: Dash) -> None:
    """What the browser does alone, in ``assets/60-embedding.js``."""

    def browser(name: str) -> ClientsideFunction:
        return ClientsideFunction("explore", name)

    app.clientside_callback(
        browser("search"),
        Output(Explore.SEARCH, "data"),
        Input(Shell.URL, "pathname"),
        Input(Shell.URL, "search"),
    )
    app.clientside_callback(
        browser("write"),
        Input(Explore.STATE, "data"),
        State(Explore.HYDRATED, "data"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        browser("paint"),
        Output(Explore.LEFT, "figure"),
        Output(Explore.RIGHT, "figure"),
        Output(Explore.LEFT_FAULT, "children"),
        Output(Explore.RIGHT_FAULT, "children"),
        Input(Explore.SPEC, "data"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        browser("link"),
        Input(Explore.LEFT, "relayoutData"),
        Input(Explore.RIGHT, "relayoutData"),
        prevent_initial_call=True,
    )
    for side, graph, tooltip in (
        ("left", Explore.LEFT, Explore.LEFT_HOVER),
        ("right", Explore.RIGHT, Explore.RIGHT_HOVER),
    ):
        app.clientside_callback(
            browser(f"hover_{side}"),
            Output(tooltip, "show"),
            Output(tooltip, "bbox"),
            Output(tooltip, "children"),
            Input(graph, "hoverData"),
            prevent_initial_call=True,
        )
    app.clientside_callback(
        browser("export_csv"),
        Output(Explore.TABLE, "exportDataAsCsv"),
        Input(Explore.EXPORT, "n_clicks"),
        prevent_initial_call=True,
    )


def _by_column(columns: list[dict[str, str]], filters: list[list[str] | None]) -> dict[str, list[str] | None]:
    return {column["column"]: values for column, values in zip(columns, filters, strict=True)}
