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

from dash import ClientsideFunction, Input, Output, State, no_update

from callbacks import _browser
from callbacks import _selection as shared
from callbacks.explore import maps, table, violins
from callbacks.explore.hydrate import collect, hydrate
from callbacks.explore.view import View, resolve
from core.figures.theme import theme_of
from pages._ids import Explore, Shell

if TYPE_CHECKING:
    from dash import Dash

    from core.services import Services

ALL_FILTERS = shared.every_filter(Explore)
HYDRATED = {
    "hydrated": Output(Explore.HYDRATED, "data"),
    "problems": Output(Explore.PROBLEMS, "children"),
    "no_answer": Output(Explore.ANSWER, "hidden"),
    **shared.hydrated(Explore),
    "color": {"options": Output(Explore.COLOR, "options"), "value": Output(Explore.COLOR, "value")},
    "split": {
        "options": Output(Explore.SPLIT, "options"),
        "value": Output(Explore.SPLIT, "value"),
        "hidden": Output(Explore.SPLIT_FIELD, "hidden"),
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
    "correlate": Output(Explore.CORRELATE, "href"),
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
        state = collect(hydrated, choices, shared.by_column(columns, filters), ranges)
        return no_update if state is None or state == shown else state

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
    shared.register(app, catalog, Explore)
    app.callback(output=MAPS, inputs=DRAWN)(draw_maps)
    app.callback(output=VIOLINS, inputs=DRAWN)(draw_violins)
    app.callback(output=TABLE, inputs=DRAWN)(draw_table)
    _register_browser(app)


def _register_browser(app: Dash) -> None:
    """What the browser does alone, in ``assets/60-embedding.js``."""
    _browser.register(app, Explore, "explore")
    app.clientside_callback(
        ClientsideFunction("explore", "export_csv"),
        Output(Explore.TABLE, "exportDataAsCsv"),
        Input(Explore.EXPORT, "n_clicks"),
        prevent_initial_call=True,
    )
