"""Callbacks of the page Differences; `callbacks.shared.page` wires the address, the controls and the state.

::

    STATE -> overview (a row of it chooses the cell type)
          -> genes -> TABLE_SOURCE -> (browser) the table
          -> gene
          -> samples or composition, as the tab says
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from dash import Input, Output

from callbacks.differences import overview, parts
from callbacks.differences.hydrate import collect, hydrate
from callbacks.shared import clientside
from callbacks.shared.page import Page, menu
from core.urls.page_queries import DifferencesQuery
from core.views.differences.state import resolve
from pages._ids_differences import Differences as Id

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
    "color": {"options": Output(Id.COLOR, "options"), "value": Output(Id.COLOR, "value")},
    "tab": Output(Id.TAB, "data"),
}
CHOICES = {
    "mode": Input(Id.MODE, "value"),
    "by": Input(Id.BY, "value"),
    "one": Input(Id.ONE, "value"),
    "two": Input(Id.TWO, "value"),
    "covariates": Input(Id.COVARIATES, "value"),
    "paired": Input(Id.PAIRED, "value"),
    "method": Input(Id.METHOD, "value"),
    "cell_type": Input(Id.CELL_TYPE, "value"),
    "gene": Input(Id.CHOSEN, "data"),
    "color": Input(Id.COLOR, "value"),
    "tab": Input(Id.TAB, "data"),
    "layer": Input(Id.LAYER, "value"),
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
GENES = {
    "figure": Output(Id.RANKING, "figure"),
    "fault": Output(Id.RANKING_FAULT, "children"),
    "title": Output(Id.RANKING_TITLE, "children"),
    "note": Output(Id.RANKING_NOTE, "children"),
    "ma": {
        "figure": Output(Id.MA, "figure"),
        "fault": Output(Id.MA_FAULT, "children"),
        "title": Output(Id.MA_TITLE, "children"),
        "note": Output(Id.MA_NOTE, "children"),
    },
    "methods": Output(Id.METHODS, "children"),
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
}
SAMPLES = {
    "rows": Output(Id.SAMPLES, "rowData"),
    "title": Output(Id.SAMPLES_TITLE, "children"),
    "note": Output(Id.SAMPLES_NOTE, "children"),
    "pca": {
        "figure": Output(Id.PCA, "figure"),
        "fault": Output(Id.PCA_FAULT, "children"),
        "title": Output(Id.PCA_TITLE, "children"),
        "note": Output(Id.PCA_NOTE, "children"),
    },
    "associations": Output(Id.ASSOCIATIONS, "rowData"),
}
COMPOSITION = {
    "figure": Output(Id.SHARES, "figure"),
    "height": Output(Id.SHARES, "style"),
    "fault": Output(Id.SHARES_FAULT, "children"),
    "title": Output(Id.SHARES_TITLE, "children"),
    "note": Output(Id.SHARES_NOTE, "children"),
    "rows": Output(Id.SHARES_TABLE, "rowData"),
    "csv": Output(Id.SHARES_CSV, "href"),
}


def register(app: Dash, services: Services) -> None:
    """Wire the page."""
    page = Page.of(app, services, Id, DifferencesQuery, resolve)
    page.register_controls(services, (HYDRATED, hydrate), (CHOICES, partial(collect, services)))
    page.draw(OVERVIEW, partial(overview.draw, services))
    for tab, part, outputs in (
        ("genes", parts.genes, GENES),
        ("genes", parts.gene, GENE),
        ("samples", parts.samples, SAMPLES),
        ("composition", parts.composition, COMPOSITION),
    ):
        page.draw(outputs, partial(part, services), wanted=lambda view, tab=tab: view.query.tab == tab)
    clientside.tabs(app, Id.TAB, (Id.GENES_TAB, Id.SAMPLES_TAB, Id.COMPOSITION_TAB))
    clientside.gene_table(app, Id, "differences")
