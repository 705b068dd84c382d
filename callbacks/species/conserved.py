"""Tab Correlates: the correlates of a gene and of its ortholog."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from dash import Input, Output

from callbacks.species.pair_card import csv_of, outputs, rows_of, shown
from callbacks.species.part import Outputs, Part
from core.views.species import conserved_correlates
from core.views.species.pair_query import best_of
from pages._ids_species import Species as Id
from pages._species_conserved import IDS

if TYPE_CHECKING:
    from dash.development.base_component import Component

    from core.figures.theme import Json, Theme
    from core.services.container import Services
    from core.urls.page_queries import SpeciesQuery
    from core.views.result import Words
    from core.views.species.state import SpeciesView

COLUMNS: Final = {
    "gene": "Gene",
    "gene_2": "Ortholog",
    "r": "r",
    "ci_low": "from",
    "ci_high": "to",
    "r_2": "r, second",
    "ci_low_2": "from",
    "ci_high_2": "to",
    "rank": "Rank",
    "rank_2": "Rank, second",
    "verdict": "Verdict",
}


def draw(services: Services, view: SpeciesView, theme: Theme) -> Outputs:
    """Draw r in both species and list the orthologs, conserved ones first."""
    address = ""

    def drawn() -> tuple[Json, Words, Component, str]:
        nonlocal address
        result = conserved_correlates.compute(services, view)
        one, other = result.params.correlation, result.params.correlation_2
        pairs = [("other", result.pair.second.id), ("gene", one.gene), ("gene_2", other.gene)]
        pairs += [("cell_type", result.pair.cell_type), *(("cell_type_2", name) for name in result.pair.types_2)]
        address = csv_of(view, "conserved_correlates", [*pairs, ("best", str(result.params.best))])
        table = rows_of(result.table, COLUMNS, "Correlates in two species")
        return conserved_correlates.draw(result, theme), conserved_correlates.words(result), *table

    found = shown(drawn, "Conserved correlates", "", theme)
    return {**found, "csv": address}


def hydrate(view: SpeciesView | None) -> Outputs:
    """Fill the number of correlates."""
    return {"best": best_of(view.query) if view else None}


def collect(query: SpeciesQuery, choices: Outputs) -> SpeciesQuery:
    """Put the number of correlates into the query."""
    return query.but(best=str(choices.get("best") or ""))


PART = Part(
    outputs(IDS),
    draw,
    hydrated={"best": Output(Id.BEST, "value")},
    hydrate=hydrate,
    choices={"best": Input(Id.BEST, "value")},
    collect=collect,
)
