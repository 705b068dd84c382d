"""Callbacks of the page Explore; `callbacks.shared.page` wires the address, the controls and the state.

::

    STATE -> maps -> SPEC -> (browser) the maps
          -> violins, table
          -> dots, composition, sets, zonation

Of the lower parts only the one whose tab is open is drawn.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dash import ClientsideFunction, Input, Output, State

from callbacks.explore import cell, composition, dots, maps, mounted, second_gene, sets, table, violins, zonation
from callbacks.explore.hydrate import collect, hydrate
from callbacks.shared import clientside
from callbacks.shared.page import Page, menu, unchanged
from core.urls.page_queries import ExploreQuery
from core.views.explore.state import resolve
from pages._ids_explore import Explore as Id

if TYPE_CHECKING:
    from dash import Dash

    from core.figures.theme import Theme
    from core.services.container import Services
    from core.views.explore.state import ExploreView

Outputs = dict[str, Any]
SIDES = ("left", "right", "third", "fourth")


def _of(side: str, part: str = "") -> str:
    return Id[f"{side}{part}".upper()]


HYDRATED = {
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
    "facet": menu(Id.FACET, Id.FACET_FIELD),
    "by": menu(Id.BY, Id.BY_FIELD),
    "split": menu(Id.SPLIT, Id.SPLIT_FIELD),
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
    "tab": Output(Id.TAB, "data"),
    "measure": Output(Id.MEASURE, "value"),
    "no_zonation": Output(Id.TAB_ZONATION, "hidden"),
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
CHOICES = {
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
    "tab": Input(Id.TAB, "data"),
    "measure": Input(Id.MEASURE, "value"),
    "genes": Input(Id.LISTED, "data"),
    "sets": Input(Id.SETS, "data"),
}
MAPS = {
    "sentence": Output(Id.SENTENCE, "children"),
    "count": Output(Id.COUNT, "children"),
    "spec": Output(Id.SPEC, "data"),
    "style": Output(Id.MAPS, "style"),
    "faceted": Output(Id.MAPS, "data-faceted"),
    "h5ad": {"href": Output(Id.H5AD, "href"), "title": Output(Id.H5AD, "title")},
    "about": Output(Id.ABOUT, "href"),
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
ZONATION = {"lobule": _plot(Id.LOBULE, Id.LOBULE_TITLE, Id.LOBULE_NOTE)}
CELL = {
    "hidden": Output(Id.CELL_CARD, "hidden"),
    "title": Output(Id.CELL_TITLE, "children"),
    "body": Output(Id.CELL_BODY, "children"),
}
# Parts below the maps: their tab, their outputs, and what draws them.
BELOW = {
    "violins": ("violins", VIOLINS, violins.draw),
    "table": ("violins", TABLE, table.draw),
    "dots": ("dots", DOTS, dots.draw),
    "composition": ("composition", COMPOSITION, composition.draw),
    "sets": ("sets", SETS, sets.draw),
    "zonation": ("zonation", ZONATION, zonation.draw),
}


def register(app: Dash, services: Services) -> None:
    """Wire the page."""
    page = Page.of(app, services, Id, ExploreQuery, resolve)
    page.register_controls(services, (HYDRATED, hydrate), (CHOICES, collect))
    page.draw(MAPS, maps.draw)
    # One callback: each costs the browser a tenth of a second, whatever it answers.
    page.draw_from(Id.LATER, {name: outputs for name, (_, outputs, _draw) in BELOW.items()}, _below)

    def show_cell(index: int | None, state: str | None) -> Any:  # noqa: ANN401 - nested as the outputs are
        view = page.view(state) if state else None
        return cell.draw(view, index) if view else unchanged(CELL)

    app.callback(
        output=CELL,
        inputs={
            "index": Input(Id.CELL, "data"),
            "state": State(Id.STATE, "data"),
        },
    )(show_cell)
    mounted.register(app, services)
    second_gene.register(app, services)
    _register_browser(app)


def _below(view: ExploreView, _state: Outputs, theme: Theme) -> Outputs:
    """Draw what the open tab shows; the others stay as they are."""
    return {
        name: draw(view, theme) if view.query.tab == tab else unchanged(outputs)
        for name, (tab, outputs, draw) in BELOW.items()
    }


def _register_browser(app: Dash) -> None:
    """Wire the clientside callbacks of the page."""

    def browser(name: str) -> ClientsideFunction:
        return ClientsideFunction("explore", name)

    clientside.maps(app, Id, "explore", SIDES)
    # What stands below the maps would take a second of the browser before they are drawn.
    app.clientside_callback(
        browser("later"), Output(Id.LATER, "data"), Input(Id.STATE, "data"), prevent_initial_call=True
    )
    app.clientside_callback(
        browser("export_csv"),
        Output(Id.TABLE, "exportDataAsCsv"),
        Input(Id.EXPORT, "n_clicks"),
        prevent_initial_call=True,
    )
    clientside.tabs(app, Id, (Id.VIOLINS_TAB, Id.DOTS_TAB, Id.COMPOSITION_TAB, Id.SETS_TAB, Id.ZONATION_TAB))
    app.clientside_callback(
        browser("close_cell"),
        Output(Id.CELL, "data"),
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
