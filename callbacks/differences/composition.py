"""Tab Composition: shares of the cell types, with their test."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from dash import Output

from callbacks.shared.refusals import shown_or_refusal
from core.figures.violin import nothing
from core.tables.text import records
from core.views.differences import abundance
from pages._ids_differences import Differences as Id

if TYPE_CHECKING:
    from callbacks.shared.page import Page
    from core.figures.theme import Theme
    from core.services.container import Services
    from core.views.differences.state import DifferencesView

Outputs = dict[str, Any]
COMPOSITION = {
    "figure": Output(Id.SHARES, "figure"),
    "height": Output(Id.SHARES, "style"),
    "fault": Output(Id.SHARES_FAULT, "children"),
    "title": Output(Id.SHARES_TITLE, "children"),
    "note": Output(Id.SHARES_NOTE, "children"),
    "rows": Output(Id.SHARES_TABLE, "rowData"),
    "csv": Output(Id.SHARES_CSV, "href"),
}


def register(page: Page[DifferencesView], services: Services) -> None:
    """Wire the tab."""
    page.draw(COMPOSITION, partial(draw, services), wanted=lambda view: view.query.tab == "composition")


def draw(services: Services, view: DifferencesView, theme: Theme) -> Outputs:
    """Draw the shares of the cell types, with their test."""

    def shown() -> Outputs:
        result = abundance.compute(services, view)
        figure, text = abundance.draw(result, theme), abundance.words(result)
        return {
            "figure": figure,
            "height": {"height": f"{figure['layout']['height']}px"},
            "fault": "",
            "title": text.title,
            "note": text.note,
            "rows": records(result.table),
            "csv": view.api("abundance", format="csv"),
        }

    def refused(why: str) -> Outputs:
        return {
            "figure": nothing(theme),
            "height": {},
            "fault": why,
            "title": "No composition",
            "note": "",
            "rows": [],
            "csv": "",
        }

    return shown_or_refusal(shown, refused)
