"""Tab Changes of the page Species: the same contrast of one cell type in two atlases, ortholog by ortholog."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dash import html

from pages import _controls as controls
from pages import _fields as fields
from pages._ids_species import Species as Id
from pages._species_pair import cards

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dash.development.base_component import Component

# Those of `core.analysis.concordance`: the reference first.
QUADRANTS = ["up in both", "down in both", "up, then down", "down, then up"]
IDS = (
    Id.CONCORDANCE,
    Id.CONCORDANCE_FAULT,
    Id.CONCORDANCE_TITLE,
    Id.CONCORDANCE_NOTE,
    Id.CONCORDANCE_CSV,
    Id.CONCORDANCE_TABLE,
    Id.CONCORDANCE_TABLE_NOTE,
)


def panel() -> Sequence[Component]:
    """Build the panel without data."""
    sides = html.Div(
        [
            fields.field("Reference: group", fields.dropdown(id=Id.ONE, placeholder="Last group")),
            fields.field("against", fields.dropdown(id=Id.TWO, placeholder="First group")),
            fields.field("Second atlas: group", fields.dropdown(id=Id.ONE_2, placeholder="Same name")),
            fields.field("against", fields.dropdown(id=Id.TWO_2, placeholder="Same name")),
        ],
        className="species-editor",
        role="group",
        **{"aria-label": "Groups that are compared"},  # pyright: ignore[reportArgumentType]
    )
    return [*cards("concordance", "Plot of changes in two species", IDS, [sides, _designs()]), _sets()]


def _designs() -> Component:
    """Build the controls of covariates and pairing, folded."""
    none = "Nothing"
    menus = [
        fields.field("Reference: adjust for", fields.dropdown(id=Id.COVARIATES, multi=True, placeholder=none)),
        fields.field("Reference: pair by", fields.dropdown(id=Id.PAIRED, clearable=False), id=Id.PAIRED_FIELD),
        fields.field("Second atlas: adjust for", fields.dropdown(id=Id.COVARIATES_2, multi=True, placeholder=none)),
        fields.field("Second atlas: pair by", fields.dropdown(id=Id.PAIRED_2, clearable=False), id=Id.PAIRED_2_FIELD),
    ]
    return html.Details(
        [html.Summary("Covariates and pairing"), html.Div(menus, className="species-editor")],
        className="explore-look",
    )


def _sets() -> Component:
    return controls.card(
        [
            fields.field(
                "Quadrant",
                fields.dropdown(id=Id.CONCORDANCE_QUADRANT, clearable=False, options=QUADRANTS, value=QUADRANTS[0]),
            ),
            html.Div(
                id=Id.CONCORDANCE_SETS,
                className="species-scroll species-pair-scroll",
                tabIndex=0,
                role="region",
                **{"aria-label": "Gene sets of a quadrant"},  # pyright: ignore[reportArgumentType]
            ),
        ],
        title="Gene sets of a quadrant",
        subtitle=html.Span(id=Id.CONCORDANCE_SETS_NOTE),
    )
