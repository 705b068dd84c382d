"""One atlas: what it is, where it comes from, its numbers, and downloads; ``callbacks/atlas`` fills the page."""

from __future__ import annotations

import dash
from dash import dcc, html

from pages._ids_atlas import Atlas as Id

DESCRIPTION = "One atlas: abstract, citation, methods, numbers of cells, genes and samples, and downloads."

dash.register_page(__name__, path="/atlas", title="About an atlas · MASLDatlas", description=DESCRIPTION)


def layout(**_params: str) -> html.Div:
    """Lay out the page without data."""
    return html.Div(
        [
            dcc.Store(id=Id.SHOWN),
            html.Div(id=Id.PROBLEMS, className="explore-problems", role="status"),
            html.Article(id=Id.CONTENT),
        ],
        className="about",
    )
