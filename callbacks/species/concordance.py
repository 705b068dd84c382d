"""Tab Changes: the same contrast of one cell type in two atlases, and gene sets of its quadrants."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from dash import Input, Output

from callbacks.shared.refusals import shown_or_refusal
from callbacks.shared.selection_controls import options
from callbacks.species.pair_card import csv_of, outputs, rows_of, shown
from callbacks.species.part import Outputs, Part
from core.errors import AtlasError
from core.views.species import concordance
from core.views.species.pair import second_of
from core.views.species.pair_query import levels_of
from core.views.species.quadrant_sets import COLUMNS as SET_COLUMNS
from core.views.species.quadrant_sets import QUADRANTS, quadrant_sets
from pages._ids_species import Species as Id
from pages._species_concordance import IDS

if TYPE_CHECKING:
    from dash import Dash
    from dash.development.base_component import Component

    from callbacks.shared.page import Page
    from core.figures.theme import Json, Theme
    from core.services.container import Services
    from core.urls.page_queries import SpeciesQuery
    from core.views.result import Words
    from core.views.species.state import SpeciesView

COLUMNS: Final = {
    "gene": "Gene",
    "gene_2": "Ortholog",
    "verdict": "Verdict",
    "log2fc": "log2FC",
    "ci_low": "from",
    "ci_high": "to",
    "p_adj": "adj. p",
    "log2fc_2": "log2FC, second",
    "ci_low_2": "from",
    "ci_high_2": "to",
    "p_adj_2": "adj. p, second",
    "difference": "Difference",
    "difference_p_adj": "adj. p of it",
    "why": "Why not tested",
}
LEVELS: Final = {"one": Id.ONE, "two": Id.TWO, "one_2": Id.ONE_2, "two_2": Id.TWO_2}


def draw(services: Services, view: SpeciesView, theme: Theme) -> Outputs:
    """Draw the changes in both species and list the orthologs, those that agree first."""
    address = ""

    def drawn() -> tuple[Json, Words, Component, str]:
        nonlocal address
        result = concordance.compute(services, view)
        pair = result.pair
        pairs = [("other", pair.second.id), ("cell_type", pair.cell_type)]
        pairs += [("cell_type_2", name) for name in pair.types_2]
        for end, params in (("", result.params.differences), ("_2", result.params.differences_2)):
            sides = params.design.units.sides
            pairs += [(f"by{end}", sides.by), *((f"a{end}", each) for each in sides.a)]
            pairs += [(f"b{end}", each) for each in sides.b]
        address = csv_of(view, "concordance", pairs)
        table = rows_of(result.table, COLUMNS, "Changes in two species")
        return concordance.draw(result, theme), concordance.words(result), *table

    found = shown(drawn, "Concordance of change", "", theme)
    return {**found, "csv": address}


def hydrate(view: SpeciesView | None) -> Outputs:
    """Fill the menus of groups."""
    nothing: Outputs = {"options": [], "value": None}
    if view is None:
        return dict.fromkeys(LEVELS, nothing)
    own = options(levels_of(view.atlas))
    try:
        other = options(levels_of(second_of(view)))
    except AtlasError:  # the tab shows the error
        other = []
    return {
        name: {"options": other if name.endswith("_2") else own, "value": getattr(view.query, name) or None}
        for name in LEVELS
    }


def collect(query: SpeciesQuery, choices: Outputs) -> SpeciesQuery:
    """Put the groups into the query."""
    return query.but(**{name: str(choices.get(name) or "") for name in LEVELS})


def register(app: Dash, services: Services, page: Page[SpeciesView]) -> None:
    """Wire the gene sets of a quadrant, which are tested once the tab is open."""

    def sets(state: str | None, quadrant: str | None) -> Outputs:
        view = page.view(state) if state else None
        if view is None or view.query.tab != "concordance":
            return {"table": None, "note": ""}

        def given() -> Outputs:
            table, note = quadrant_sets(services, view, quadrant or QUADRANTS[0])
            return {"table": rows_of(table, SET_COLUMNS, "Gene sets")[0], "note": note}

        return shown_or_refusal(given, lambda why: {"table": None, "note": why})

    app.callback(
        output={
            "table": Output(Id.CONCORDANCE_SETS, "children"),
            "note": Output(Id.CONCORDANCE_SETS_NOTE, "children"),
        },
        inputs={"state": Input(Id.STATE, "data"), "quadrant": Input(Id.CONCORDANCE_QUADRANT, "value")},
        prevent_initial_call=True,
    )(sets)


PART = Part(
    outputs(IDS),
    draw,
    hydrated={
        name: {"options": Output(each, "options"), "value": Output(each, "value")} for name, each in LEVELS.items()
    },
    hydrate=hydrate,
    choices={name: Input(each, "value") for name, each in LEVELS.items()},
    collect=collect,
    register=register,
)
