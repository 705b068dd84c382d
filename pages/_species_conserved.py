"""Tab Correlates of the page Species: the correlates of a gene and of its ortholog."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dash import dcc, html

from pages import _fields as fields
from pages._ids_species import Species as Id
from pages._species_pair import cards

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dash.development.base_component import Component

IDS = (
    Id.CONSERVED,
    Id.CONSERVED_FAULT,
    Id.CONSERVED_TITLE,
    Id.CONSERVED_NOTE,
    Id.CONSERVED_CSV,
    Id.CONSERVED_TABLE,
    Id.CONSERVED_TABLE_NOTE,
)


def panel() -> Sequence[Component]:
    """Build the panel without data."""
    best = html.Div(
        [
            fields.field(
                "Best correlates that are compared",
                dcc.Input(id=Id.BEST, type="number", min=1, max=2000, step=1, debounce=True, className="markers-top"),
            )
        ],
        className="species-editor",
    )
    return cards("conserved_correlates", "Plot of correlates in two species", IDS, [best])
