"""Tab AUROC, and the controls that say which two atlases and which cell type are compared."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from dash import Input, Output

from callbacks.shared.selection_controls import options
from callbacks.species.pair_card import csv_of, outputs, rows_of, shown
from callbacks.species.part import Outputs, Part
from core.errors import AtlasError
from core.views.species import type_auroc
from core.views.species.pair import pair_of
from pages._ids_species import Species as Id
from pages._species_auroc import IDS

if TYPE_CHECKING:
    from dash.development.base_component import Component

    from core.figures.theme import Json, Theme
    from core.services.container import Services
    from core.urls.page_queries import SpeciesQuery
    from core.views.result import Words
    from core.views.species.state import SpeciesView

COLUMNS: Final = {
    "cell_type": "Cell type",
    "cell_type_2": "In the second atlas",
    "auroc": "AUROC",
    "auroc_1_to_2": "AUROC, first votes",
    "auroc_2_to_1": "AUROC, second votes",
    "n": "Cells",
    "n_2": "Cells, second",
    "best": "Best match of",
    "why": "Why none",
}


def draw(services: Services, view: SpeciesView, theme: Theme) -> Outputs:
    """Draw the matrix and list its pairs, the most alike first."""

    def drawn() -> tuple[Json, Words, Component, str]:
        result = type_auroc.compute(services, view)
        ordered = result.table.sort_by([("auroc", "descending")])
        return type_auroc.draw(result, theme), type_auroc.words(result), *rows_of(ordered, COLUMNS, "AUROC of types")

    second = view.query.second or next(iter(view.query.beside), "")
    return shown(drawn, "AUROC of cell types", csv_of(view, "type_auroc", [("other", second)]), theme)


def hydrate(view: SpeciesView | None) -> Outputs:
    """Fill the menus of second atlas and cell type."""
    nothing: Outputs = {"options": [], "value": None}
    if view is None or not view.query.beside:
        return {"second": nothing, "cell_type": nothing}
    names = view.query.beside
    second: Outputs = {"options": options(names), "value": view.query.second or names[0]}
    try:
        found = pair_of(view)
    except AtlasError:  # the tabs show the error
        return {"second": second, "cell_type": nothing}
    return {"second": second, "cell_type": {"options": options(found.rows), "value": found.cell_type}}


def collect(query: SpeciesQuery, choices: Outputs) -> SpeciesQuery:
    """Put second atlas and cell type into the query; those of other atlases are left out."""
    second = str(choices.get("second") or "")
    known = second if second in query.beside else ""
    return query.but(second=known, cell_type=str(choices.get("cell_type") or "") if known == second else "")


PART = Part(
    outputs(IDS),
    draw,
    hydrated={
        "second": {"options": Output(Id.SECOND, "options"), "value": Output(Id.SECOND, "value")},
        "cell_type": {"options": Output(Id.PAIR_TYPE, "options"), "value": Output(Id.PAIR_TYPE, "value")},
    },
    hydrate=hydrate,
    choices={"second": Input(Id.SECOND, "value"), "cell_type": Input(Id.PAIR_TYPE, "value")},
    collect=collect,
)
