"""Tab Cell types of the page Species: which cell types match, and how; every match can be edited."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dash import dcc, html

from pages import _controls as controls
from pages import _fields as fields
from pages._ids_species import Species as Id
from pages._share import file, share
from pages._tables import SMALL

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dash.development.base_component import Component


def panel() -> Sequence[Component]:
    """Build the panel without data."""
    return [
        dcc.Store(id=Id.TYPES_DRAWN),
        controls.card(
            [
                _editor(),
                html.Div(
                    id=Id.TYPES,
                    className="species-scroll",
                    tabIndex=0,
                    role="region",
                    **{"aria-label": "Matching cell types"},  # pyright: ignore[reportArgumentType]
                ),
            ],
            title="Matching cell types",
            subtitle=html.Span(id=Id.TYPES_NOTE),
            tools=share("matching cell types", more=[file("CSV", "Every cell type and its matches", id=Id.TYPES_CSV)]),
        ),
    ]


def _editor() -> Component:
    """Build the controls that edit one match."""
    return html.Div(
        [
            fields.field("Cell type", fields.dropdown(id=Id.TYPES_ROW, clearable=False)),
            fields.field("Atlas", fields.dropdown(id=Id.TYPES_ATLAS, clearable=False)),
            fields.field("Matches", fields.dropdown(id=Id.TYPES_MATCHES, multi=True, placeholder="No match")),
            html.Div(
                [
                    html.Button("Set match", id=Id.TYPES_APPLY, type="button", className="btn btn-primary btn-sm"),
                    html.Button("Undo all edits", id=Id.TYPES_RESET, type="button", className=SMALL),
                ],
                className="species-buttons",
            ),
        ],
        className="species-editor",
        role="group",
        **{"aria-label": "Edit a match"},  # pyright: ignore[reportArgumentType]
    )
