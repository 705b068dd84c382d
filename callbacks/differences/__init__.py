"""Callbacks of the page Differences; `callbacks.shared.page` wires the address, the controls and the state.

::

    STATE -> (browser) COMPARED -> overview (a row of it chooses the cell type)
          -> genes -> TABLE_SOURCE -> (browser) the table
          -> (browser) SECOND_ASKED -> second opinion -> SECOND_SOURCE -> (browser) its columns of the table
          -> gene
          -> enrichment, activity, samples or composition, as the tab says
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from dash import Input, Output, State

from callbacks.differences import activity, composition, enrichment, genes, meaning_controls, overview, samples, second
from callbacks.differences.hydrate import collect, hydrate
from callbacks.shared import clientside
from callbacks.shared.page import Page, menu
from core.urls.page_queries import DifferencesQuery
from core.views.differences.state import resolve
from pages._ids_differences import Differences as Id
from pages._progress import ProgressIds

if TYPE_CHECKING:
    from dash import Dash

    from core.services.container import Services

HYDRATED = {
    "mode": {
        "options": Output(Id.MODE, "options"),
        "value": Output(Id.MODE, "value"),
        "help": Output(Id.MODE_HELP, "children"),
    },
    "by": menu(Id.BY, Id.BY_FIELD),
    "one": menu(Id.ONE, Id.ONE_FIELD),
    "two": menu(Id.TWO, Id.TWO_FIELD),
    "covariates": menu(Id.COVARIATES, Id.COVARIATES_FIELD),
    "paired": menu(Id.PAIRED, Id.PAIRED_FIELD),
    "cell_type": menu(Id.CELL_TYPE, Id.CELL_TYPE_FIELD),
    "method": {"options": Output(Id.METHOD, "options"), "value": Output(Id.METHOD, "value")},
    "second": Output(Id.SECOND, "value"),
    "color": {"options": Output(Id.COLOR, "options"), "value": Output(Id.COLOR, "value")},
    "tab": Output(Id.TAB, "data"),
    "min_cells": Output(Id.MIN_CELLS, "value"),
    "min_counts": Output(Id.MIN_COUNTS, "value"),
    "meaning": meaning_controls.HYDRATED,
    "fdr": {"options": Output(Id.FDR, "options"), "value": Output(Id.FDR, "value")},
    "min_change": {"options": Output(Id.CHANGE, "options"), "value": Output(Id.CHANGE, "value")},
    "kept": Output(Id.KEPT, "data"),
}
CHOICES = {
    "mode": Input(Id.MODE, "value"),
    "by": Input(Id.BY, "value"),
    "one": Input(Id.ONE, "value"),
    "two": Input(Id.TWO, "value"),
    "covariates": Input(Id.COVARIATES, "value"),
    "paired": Input(Id.PAIRED, "value"),
    "min_cells": Input(Id.MIN_CELLS, "value"),
    "min_counts": Input(Id.MIN_COUNTS, "value"),
    "method": Input(Id.METHOD, "value"),
    "second": Input(Id.SECOND, "value"),
    "cell_type": Input(Id.CELL_TYPE, "value"),
    "gene": Input(Id.CHOSEN, "data"),
    "color": Input(Id.COLOR, "value"),
    "tab": Input(Id.TAB, "data"),
    "fdr": Input(Id.FDR, "value"),
    "min_change": Input(Id.CHANGE, "value"),
    "genes": Input(Id.KEPT, "data"),
    "layer": Input(Id.LAYER, "value"),
    "meaning": meaning_controls.CHOICES,
}
OVERVIEW = {
    "count": Output(Id.COUNT, "children"),
    "markers": Output(Id.MARKERS, "href"),
    "hidden": Output(Id.PARTS, "hidden"),
    "no_overview": Output(Id.OVERVIEW_CARD, "hidden"),
    "sentence": Output(Id.SENTENCE, "children"),
    "replicates": Output(Id.REPLICATES, "children"),
    "rows": Output(Id.OVERVIEW, "rowData"),
    "title": Output(Id.OVERVIEW_TITLE, "children"),
    "note": Output(Id.OVERVIEW_NOTE, "children"),
    "csv": Output(Id.OVERVIEW_CSV, "href"),
}
OPEN = {"row": Output(Id.OVERVIEW, "selectedRows"), "no_second": Output(Id.SECOND_FIELD, "hidden")}
# The panels in the order of `pages._differences_tabs.TABS`.
PANELS = (Id.GENES_TAB, Id.ENRICHMENT_TAB, Id.ACTIVITY_TAB, Id.SAMPLES_TAB, Id.COMPOSITION_TAB)


def register(app: Dash, services: Services) -> None:
    """Wire the page."""
    page = Page.of(app, services, Id, DifferencesQuery, resolve)
    page.register_controls(services, (HYDRATED, partial(hydrate, services)), (CHOICES, partial(collect, services)))
    page.draw(OVERVIEW, partial(overview.draw, services), progress=ProgressIds.of(Id), store=Id.COMPARED)
    page.draw(OPEN, overview.mark)
    for name, store in (("compared", Id.COMPARED), ("second_asked", Id.SECOND_ASKED)):
        app.clientside_callback(
            page.browser(name),
            Output(store, "data"),
            Input(Id.STATE, "data"),
            State(store, "data"),
            prevent_initial_call=True,
        )
    app.clientside_callback(page.browser("overview"), Input(Id.OVERVIEW, "rowData"), prevent_initial_call=True)
    for tab in (genes, second, enrichment, activity, samples, composition):
        tab.register(page, services)
    clientside.tabs(app, Id, PANELS)
