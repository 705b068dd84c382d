"""Explore: cells and one gene."""

from __future__ import annotations

import dash
from dash import html

dash.register_page(__name__, path="/explore", title="Explore · MASLDatlas")


def layout(**_params: str) -> html.Div:
    """The page without data."""
    return html.Div("explore")
