"""What an address without a page shows; Dash picks the page by the name of this module."""

from __future__ import annotations

import dash
from dash import dcc, html

from pages._ids import Shell

dash.register_page(__name__, title="Not found · MASLDatlas")


def layout(**_params: str) -> html.Div:
    """The page without data; the callback fills in the address."""
    return html.Div(
        [
            html.P("404", className="missing-code"),
            html.H1("There is no page at this address"),
            html.P(id=Shell.MISSING, className="missing-path"),
            html.P(
                "It may have been copied incompletely: a link to a view begins with /explore and names its atlas.",
                className="lead-in",
            ),
            dcc.Link("All atlases", href="/", className="btn btn-primary"),
        ],
        className="missing",
    )
