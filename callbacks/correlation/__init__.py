"""Callbacks of the page Correlation; `callbacks.shared.page` wires the address, the controls and the state.

::

    STATE -> ranking -> TABLE_SOURCE -> (browser) the table
                     -> PARTNER -> maps -> SPEC -> (browser) the maps
                                -> pair, strata, difference, matrix

Only the parts of the open tab are computed and drawn; the ranking is computed for each, as it finds gene B. `PARTNER`
holds the state and gene B, which is the strongest correlate of gene A unless the address names one.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from dash import ClientsideFunction, Input, Output, State, no_update

from callbacks.correlation import matrix, pair, ranking, strata
from callbacks.correlation.hydrate import collect, hydrate
from callbacks.shared import clientside
from callbacks.shared.page import Page, menu
from core.urls.page_queries import CorrelationQuery
from core.views.correlation.state import resolve
from pages._ids_correlation import Correlation as Id

if TYPE_CHECKING:
    from dash import Dash

    from core.services.container import Services
    from core.views.correlation.state import CorrelationView

HYDRATED = {
    "one_map": Output(Id.EMBEDDING_FIELD, "hidden"),
    "gene_b": {
        "typed": Output(Id.GENE_B, "value"),
        "chosen": Output(Id.CHOSEN_B, "data"),
        "shown": Output(Id.GENE_B_SEARCH, "data-gene"),
        "atlas": Output(Id.GENE_B_SEARCH, "data-atlas"),
    },
    "method": Output(Id.METHOD, "value"),
    "zeros": Output(Id.ZEROS, "value"),
    "by": menu(Id.BY, Id.BY_FIELD),
    "depth": Output(Id.DEPTH, "value"),
    "adjust": menu(Id.ADJUST, Id.ADJUST_FIELD),
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
    "tab": Output(Id.TAB, "data"),
}
CHOICES = {
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
    "tab": Input(Id.TAB, "data"),
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
    },
    "holds": Output(Id.HOLDS, "children"),
    "holds_note": Output(Id.HOLDS_NOTE, "children"),
}
# Above the tabs: what is to be known of the pair wherever it is spoken of.
CAUTION = {"simpson": Output(Id.SIMPSON, "children"), "replicates": Output(Id.REPLICATES, "children")}
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
    page = Page.of(app, services, Id, CorrelationQuery, resolve)
    page.register_controls(services, (HYDRATED, hydrate), (CHOICES, collect))
    page.draw(RANKING, partial(ranking.draw, services))
    page.draw_from(Id.PARTNER, CAUTION, partial(strata.caution, services))
    for tab, part, outputs in (
        ("pair", pair.maps, MAPS),
        ("pair", pair.draw, PAIR),
        ("donors", strata.draw, STRATA),
        ("groups", strata.compare, DIFFERENCE),
        ("matrix", matrix.draw, MATRIX),
    ):
        page.draw_from(Id.PARTNER, outputs, partial(part, services), wanted=partial(_is_open, tab))
    clientside.tabs(app, Id, (Id.RANKING_TAB, Id.PAIR_TAB, Id.DONORS_TAB, Id.GROUPS_TAB, Id.MATRIX_TAB))

    def matrix_csv(_n: int | None, partner: dict[str, Any] | None) -> Any:  # noqa: ANN401 - no_update has no type of its own
        view = page.view(partner["state"]) if partner else None
        return matrix.export(services, view, partner) if view and partner else no_update

    app.callback(
        output=Output(Id.MATRIX_FILE, "data"),
        inputs={"_n": Input(Id.MATRIX_EXPORT, "n_clicks"), "partner": State(Id.PARTNER, "data")},
        prevent_initial_call=True,
    )(matrix_csv)
    _register_browser(app)


def _is_open(tab: str, view: CorrelationView) -> bool:
    return view.query.tab == tab


def _register_browser(app: Dash) -> None:
    """Wire the clientside callbacks of the page."""
    clientside.maps(app, Id, "correlation", ("left", "right"))
    clientside.gene_table(app, Id, "correlation")

    def browser(name: str) -> ClientsideFunction:
        return ClientsideFunction("correlation", name)

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
