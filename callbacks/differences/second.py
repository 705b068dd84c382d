"""Second opinion: DESeq2 tests the genes of the cell type that is open too, in a process that can be cancelled."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

from dash import ClientsideFunction, Input, Output, State

from callbacks.differences.genes import rows_of
from core.errors import AtlasError, Cancelled
from core.views.differences.comparison import second_opinion
from core.views.differences.state import YES
from pages._ids_differences import Differences as Id
from pages._progress import ProgressIds

if TYPE_CHECKING:
    from callbacks.shared.page import Page
    from core.figures.theme import Theme
    from core.services.container import Services
    from core.views.differences.state import DifferencesView

Outputs = dict[str, Any]
CANCELLED: Final = "The second opinion was cancelled."
SECOND: Final = {
    "hidden": Output(Id.SECOND_CARD, "hidden"),
    "words": Output(Id.SECOND_WORDS, "children"),
    "again": Output(Id.SECOND_AGAIN, "hidden"),
    "source": Output(Id.SECOND_SOURCE, "data"),
    "methods": Output(Id.SECOND_METHODS, "children"),
}


def draw(services: Services, view: DifferencesView, _theme: Theme) -> Outputs:
    """Ask DESeq2; the sentence says what both call, and the table takes its columns."""
    none: Outputs = {"hidden": True, "words": "", "again": True, "source": None, "methods": ""}
    if view.query.second_opinion != YES:
        return none
    try:
        words, methods = second_opinion(services, view)
    except Cancelled:
        return {**none, "hidden": False, "words": CANCELLED, "again": False}
    except AtlasError as error:
        return {**none, "hidden": False, "words": str(error)}
    # The rows replace those of the same comparison without a second opinion, and no others.
    source = {"of": rows_of(view), "rows": rows_of(view, second=True)}
    return {**none, "hidden": False, "words": words, "source": source, "methods": methods}


def register(page: Page[DifferencesView], services: Services) -> None:
    """Wire the second opinion."""
    page.draw(SECOND, partial(draw, services), progress=ProgressIds.of(Id, "SECOND_"), store=Id.SECOND_ASKED)
    page.app.clientside_callback(
        ClientsideFunction("meaning", "again"),
        Input(Id.SECOND_AGAIN, "n_clicks"),
        State(Id.SECOND_ASKED, "data"),
        prevent_initial_call=True,
    )
