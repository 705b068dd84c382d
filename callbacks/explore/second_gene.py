"""A second gene opens its blend at once, with a note that offers to undo it; menus of colours name the genes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dash import Input, Output, State, no_update

from callbacks.explore.hydrate import colors
from core.urls.page_queries import ExploreQuery
from core.views.explore.tokens import BLEND, GENE_B, NONE
from pages._ids import Shell
from pages._ids_explore import Explore as Id

if TYPE_CHECKING:
    from dash import Dash

    from core.services.container import Services

SHOWN = {"gene": "First gene", "gene_b": "Second gene"}
SIDES = (Id.LEFT_COLOR, Id.RIGHT_COLOR, Id.THIRD_COLOR, Id.FOURTH_COLOR)


def opened(gene_b: str | None, hydrated: dict[str, Any] | None, shown: list[str | None]) -> tuple[Any, Any, Any]:
    """Return the colours of the second and third map, and the note, for a second gene that was just chosen.

    The blend takes the third map where there is none yet, else the second. Nothing changes where a map shows the second
    gene already, or where the gene comes from an address.
    """
    unchanged = (no_update, no_update, no_update)
    if not gene_b or not hydrated or {GENE_B, BLEND} & set(shown):
        return unchanged
    if ExploreQuery.parse(hydrated["search"]).gene_b == gene_b:
        return unchanged
    is_free = (shown[2] or NONE) == NONE
    note = {
        "title": f"{gene_b} is blended",
        "detail": f"{'The third' if is_free else 'The second'} map shows both genes.",
        "undo": True,
    }
    return (no_update, BLEND, note) if is_free else (BLEND, no_update, note)


def shown(query: ExploreQuery) -> list[dict[str, str]]:
    """Return the options of the menu of the violins: both genes, by their symbols."""
    return [{"value": name, "label": getattr(query, name) or words} for name, words in SHOWN.items()]


def register(app: Dash, services: Services) -> None:
    """Wire the second gene and the menus of colours."""

    def open_blend(gene_b: str | None, hydrated: dict[str, Any] | None, *shown: str | None) -> tuple[Any, Any, Any]:
        return opened(gene_b, hydrated, list(shown))

    app.callback(
        Output(Id.RIGHT_COLOR, "value", allow_duplicate=True),
        Output(Id.THIRD_COLOR, "value", allow_duplicate=True),
        Output(Shell.ERROR, "data", allow_duplicate=True),
        Input(Id.CHOSEN_B, "data"),
        State(Id.HYDRATED, "data"),
        *(State(side, "value") for side in SIDES),
        prevent_initial_call=True,
    )(open_blend)

    def name_genes(state: str | None, hydrated: dict[str, Any] | None) -> list[Any]:
        if not state or not hydrated or hydrated.get("blocked"):
            return [no_update] * (len(SIDES) + 1)
        query = ExploreQuery.parse(state)
        return [*colors(services.catalog.get(query.atlas), query), shown(query)]

    app.callback(
        [
            *(Output(side, "options", allow_duplicate=True) for side in SIDES),
            Output(Id.SHOW, "options"),
        ],
        Input(Id.STATE, "data"),
        State(Id.HYDRATED, "data"),
        prevent_initial_call=True,
    )(name_genes)
