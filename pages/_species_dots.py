"""Tab Dot plot of the page Species: genes in the matching cell types of several atlases."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dash import dcc, html

from pages import _controls as controls
from pages import _tables as tables
from pages._ids_species import Species as Id
from pages._share import file, share

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dash.development.base_component import Component


def panel() -> Sequence[Component]:
    """Build the panel without data."""
    return [
        dcc.Store(id=Id.DOTS_DRAWN),
        html.Div(id=Id.DOTS_UNKNOWN, role="status"),
        html.Div([_plot(), _table()], className="correlation-row correlation-pair"),
    ]


def _plot() -> Component:
    plot = tables.plot(
        Id.DOTS, Id.DOTS_FAULT, ("Dot plot:", Id.DOTS_TITLE, Id.DOTS_NOTE), class_name="markers-wide", scrolls=True
    )
    return controls.card(
        plot,
        title=html.Span(id=Id.DOTS_TITLE),
        subtitle=html.Span(id=Id.DOTS_NOTE),
        tools=share("dot plot", figure="species_dots", more=[file("CSV", "The numbers of this plot", id=Id.DOTS_CSV)]),
    )


def _table() -> Component:
    numbers = html.Div(
        id=Id.DOTS_TABLE,
        className="species-scroll",
        tabIndex=0,
        role="region",
        **{"aria-label": "Numbers of the dot plot"},  # pyright: ignore[reportArgumentType]
    )
    return controls.card(numbers, title="Numbers of the dot plot", subtitle=html.Span(id=Id.DOTS_TABLE_NOTE))
