"""The frame around all pages."""

from __future__ import annotations

import dash
from dash import dcc, html

from pages._ids import Shell


def layout() -> html.Div:
    """The frame; Dash puts the page into its container."""
    return html.Div([dcc.Location(id=Shell.URL, refresh=False), dash.page_container])
