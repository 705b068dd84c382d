"""Home: the atlases."""

from __future__ import annotations

import dash
from dash import html

dash.register_page(__name__, path="/", title="Atlases · MASLDatlas")


def layout(**_params: str) -> html.Div:
    """The page without data."""
    return html.Div("home")
