"""Page for an address without a page; Dash finds the page by the name of this module."""

from __future__ import annotations

import dash
from dash import dcc, html

from core.urls.base_path import below
from pages._ids import Shell

dash.register_page(__name__, title="Not found · MASLDatlas")


def layout(**_params: str) -> html.Div:
    """Lay out the page; a callback fills in the address."""
    return html.Div(
        [
            html.P("404", className="missing-code"),
            html.H1("There is no page at this address"),
            html.P(id=Shell.MISSING, className="missing-path"),
            html.P(
                "The link may have been copied incompletely: links to a view begin with /explore and name an atlas.",
                className="lead-in",
            ),
            dcc.Link("All atlases", href=below("/"), className="btn btn-primary"),
        ],
        className="missing",
    )
