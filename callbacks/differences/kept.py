"""Gene set that is kept from a box on the volcano, or from the table, and the ways on from there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dash import Input, Output, State, html

from core.genes.lists import joined
from core.urls.page_queries import ExploreQuery
from core.views.differences.comparison import shortlist
from pages._ids_differences import Differences as Id

if TYPE_CHECKING:
    from callbacks.shared.page import Page
    from core.figures.theme import Theme
    from core.views.differences.state import DifferencesView

Outputs = dict[str, Any]
MAX_NAME = 60
KEPT = {
    "hidden": Output(Id.KEPT_FIELD, "hidden"),
    "words": Output(Id.KEPT_WORDS, "children"),
    "score": Output(Id.KEPT_SCORE, "href"),
    "dots": Output(Id.KEPT_DOTS, "href"),
}


def register(page: Page[DifferencesView]) -> None:
    """Wire the gene set."""
    page.draw(KEPT, draw, wanted=lambda view: view.query.tab == "genes")
    for name, given in (
        ("box", Input(Id.RANKING, "selectedData")),
        ("keep", Input(Id.KEEP, "n_clicks")),
        ("drop", Input(Id.KEPT_CLEAR, "n_clicks")),
    ):
        page.app.clientside_callback(
            page.browser(name),
            Output(Id.KEPT, "data", allow_duplicate=True),
            Output(Id.KEPT_CUT, "children", allow_duplicate=True),
            given,
            prevent_initial_call=True,
        )
    page.app.clientside_callback(
        page.browser("show"),
        Output(Id.TABLE, "filterModel", allow_duplicate=True),
        Input(Id.SHOW, "value"),
        State(Id.TABLE_SOURCE, "data"),
        prevent_initial_call=True,
    )


def draw(view: DifferencesView, _theme: Theme) -> Outputs:
    """Name the genes of the set, and link to Explore."""
    genes = view.genes
    if not genes or view.why:
        return {"hidden": True, "words": "", "score": "", "dots": ""}
    a, b = view.sides.names
    where = f" in {view.query.cell_type}" if view.query.cell_type else ""
    listed, name = joined(genes), f"{a} against {b}{where}"[:MAX_NAME]
    explore = ExploreQuery(view.atlas.id, selection=view.query.selection)
    return {
        "hidden": False,
        "words": [
            html.B(f"Gene set of {len(genes):,}: " if len(genes) > 1 else "Gene set of one gene: "),
            html.I(shortlist(genes)),
        ],
        "score": explore.but(tab="sets", set_a=listed, name_a=name).address,
        "dots": explore.but(tab="dots", genes=listed).address,
    }
