"""Documentation: the list of chapters and headings on the left, one chapter on the right.

The texts are in ``pages/docs``; ``callbacks/documentation.py`` puts them into the page.
"""

from __future__ import annotations

import dash
import dash_bootstrap_components as dbc
from dash import dcc, html

from pages import _controls as controls
from pages._ids_documentation import Documentation as Id

DESCRIPTION = "How to use MASLDatlas: first steps, every page, methods, figures, command line, API and settings."

dash.register_page(__name__, path="/documentation", title="Documentation · MASLDatlas", description=DESCRIPTION)


def layout(**_params: str) -> html.Div:
    """Return the page without its texts."""
    return html.Div(
        [
            dcc.Store(id=Id.SHOWN),
            controls.workspace(controls.rail(_contents(), id=Id.RAIL, label="Chapters"), html.Article(id=Id.ARTICLE)),
        ],
        className="documentation",
    )


def _contents() -> list[html.Div | html.P | html.Nav]:
    field = dbc.Input(id=Id.FILTER, type="search", placeholder="Search the headings", debounce=0.15, maxlength=100)
    search = html.Label(
        [controls.icon("search"), html.Span("Search the headings", className="visually-hidden"), field],
        className="search",
        **{"data-search": "true"},  # pyright: ignore[reportArgumentType]
    )
    return [
        html.Div(search, className="documentation-search"),
        html.P(id=Id.FOUND, className="documentation-found", role="status"),
        html.Nav(id=Id.LIST, className="documentation-list", **{"aria-label": "Chapters"}),  # pyright: ignore[reportArgumentType]
    ]
