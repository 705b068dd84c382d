"""The dialog of a figure for a page of another site: how it looks there, and the lines of HTML to copy."""

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
THEMES = {"auto": "That of the visitor", "light": "Light", "dark": "Dark"}
CONTROLS = {"none": "Nothing", "gene": "The gene", "full": "All that the figure has"}
BACKGROUNDS = {"paper": "That of the theme", "transparent": "Transparent"}
SIZES = {"responsive": "As wide as the page", "fixed": "Fixed"}
# The narrowest frame in which a figure can be read, and what few pages exceed.
WIDTHS, HEIGHTS = (280, 1600, 1), (200, 2400, 1)
WIDTH, HEIGHT = 640, 480


def dialog() -> Component:
    """The dialog, closed."""
    return _dialog.dialog("Embed", (Id.DIALOG, Id.HEAD, Id.CLOSE), _choices(), _shown())


def _choices() -> Component:
    return html.Div(
        [
            menu("Theme", Id.THEME, THEMES),
            menu("A visitor may change", Id.CONTROLS, CONTROLS),
            menu("Background", Id.BACKGROUND, BACKGROUNDS),
            dbc.Checkbox(id=Id.TITLE, label="Title above the figure", value=True, class_name="publish-check"),
            menu("Width", Id.SIZE, SIZES),
            # Each value loads the preview anew: it waits for the end of the typing.
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
            *text("With a script of 1 kB that gives it its height", Id.SCRIPTED, "lines with the script", LINES),
            *text("Of a fixed height, without a script", Id.PLAIN, "line without a script", LINES),
        ],
        className="publish-shown",
    )
