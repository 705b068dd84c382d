"""Embed dialog: a preview of the figure on another site, and the lines of HTML to copy."""

from __future__ import annotations

from typing import TYPE_CHECKING

import dash_bootstrap_components as dbc
from dash import html

from pages import _dialog
from pages._dialog import menu, number, text
from pages._ids_dialogs import Embed as Id

if TYPE_CHECKING:
    from dash.development.base_component import Component

LINES = "publish-words embed-lines"
THEMES = {"auto": "Follow visitor’s system", "light": "Light", "dark": "Dark"}
CONTROLS = {"none": "None", "gene": "Gene", "full": "All"}
BACKGROUNDS = {"paper": "Theme", "transparent": "Transparent"}
SIZES = {"responsive": "Full width", "fixed": "Fixed"}
# From the narrowest frame in which a figure can be read to more than most pages have.
WIDTHS, HEIGHTS = (280, 1600, 1), (200, 2400, 1)
WIDTH, HEIGHT = 640, 480


def dialog() -> Component:
    """Build the closed dialog."""
    return _dialog.dialog("Embed", (Id.DIALOG, Id.HEAD, Id.CLOSE), _choices(), _shown())


def _choices() -> Component:
    return html.Div(
        [
            menu("Theme", Id.THEME, THEMES),
            menu("Visitor controls", Id.CONTROLS, CONTROLS),
            menu("Background", Id.BACKGROUND, BACKGROUNDS),
            dbc.Checkbox(id=Id.TITLE, label="Title above the figure", value=True, class_name="publish-check"),
            menu("Width", Id.SIZE, SIZES),
            # Each change reloads the preview, so a value is taken when typing has ended.
            html.Div(
                [
                    number("Width in pixels", Id.WIDTH, WIDTHS, WIDTH, debounce=True),
                    number("Height in pixels", Id.HEIGHT, HEIGHTS, HEIGHT, debounce=True),
                ],
                className="publish-row",
            ),
            html.P(id=Id.NOTE, className="publish-warning"),
        ],
        className="publish-choices",
    )


def _shown() -> Component:
    return html.Div(
        [
            html.H3("Preview", className="publish-part"),
            html.Div(id=Id.PREVIEW, className="publish-preview embed-preview"),
            *text("Auto-height (adds a 1 kB script)", Id.SCRIPTED, "lines with the script", LINES),
            *text("Fixed height, without a script", Id.PLAIN, "line without a script", LINES),
        ],
        className="publish-shown",
    )
