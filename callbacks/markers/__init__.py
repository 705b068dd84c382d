"""Callbacks of the page Markers; `callbacks.shared.page` wires the address, the controls and the state.

::

    STATE -> ranking -> TABLE_SOURCE -> (browser) the table
          -> gene
          -> dots or heatmap, as the tab says
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from dash import Input, Output

from callbacks.markers import dots, gene, ranking
from callbacks.markers.hydrate import collect, hydrate
from callbacks.shared import clientside
from callbacks.shared.page import Page, menu
from core.urls.page_queries import MarkersQuery
from core.views.markers.state import resolve
from pages._ids_markers import Markers as Id

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
    "category": {"options": Output(Id.CATEGORY, "options"), "value": Output(Id.CATEGORY, "value")},
    "top": Output(Id.TOP, "value"),
    "whose": Output(Id.WHOSE, "value"),
    "tab": Output(Id.TAB, "data"),
}
CHOICES = {
    "mode": Input(Id.MODE, "value"),
    "by": Input(Id.BY, "value"),
    "category": Input(Id.CATEGORY, "value"),
    "gene": Input(Id.CHOSEN, "data"),
    "top_n": Input(Id.TOP, "value"),
    "whose": Input(Id.WHOSE, "value"),
    "tab": Input(Id.TAB, "data"),
    "layer": Input(Id.LAYER, "value"),
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
    "figure": Output(Id.DOTS, "figure"),
    "size": Output(Id.DOTS, "style"),
    "fault": Output(Id.DOTS_FAULT, "children"),
    "title": Output(Id.DOTS_TITLE, "children"),
    "note": Output(Id.DOTS_NOTE, "children"),
}
HEATMAP = {
    "figure": Output(Id.HEATMAP, "figure"),
    "size": Output(Id.HEATMAP, "style"),
    "fault": Output(Id.HEATMAP_FAULT, "children"),
    "title": Output(Id.HEATMAP_TITLE, "children"),
    "note": Output(Id.HEATMAP_NOTE, "children"),
}


def register(app: Dash, services: Services) -> None:
    """Wire the page."""
    page = Page.of(app, services, Id, MarkersQuery, resolve)
    page.register_controls(services, (HYDRATED, hydrate), (CHOICES, partial(collect, services)))
    for part, outputs in ((ranking.draw, RANKING), (gene.draw, GENE)):
        page.draw(outputs, partial(part, services))
    page.draw(DOTS, partial(dots.draw, services), wanted=lambda view: view.query.tab == "dots")
    page.draw(HEATMAP, partial(dots.draw_heatmap, services), wanted=lambda view: view.query.tab == "heatmap")
    clientside.tabs(app, Id, (Id.DOTS_TAB, Id.HEATMAP_TAB))
    clientside.gene_table(app, Id, "markers")
