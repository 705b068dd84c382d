"""Tab Orthologs of the page Species: the family of one gene, and the atlases that have each of its genes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dash import html

from pages import _controls as controls
from pages._ids_species import Species as Id
from pages._share import file, share

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dash.development.base_component import Component


def panel() -> Sequence[Component]:
    """Build the panel without data."""
    return [
        controls.card(
            html.Div(id=Id.CARD, className="species-card"),
            title=html.Span(id=Id.CARD_TITLE),
            subtitle=html.Span(id=Id.CARD_NOTE),
            tools=share("orthologs", more=[file("CSV", "These genes with their evidence", id=Id.CARD_CSV)]),
        )
    ]
