"""The dialog of a figure for a page of another site: how it looks there, and the lines of HTML to copy."""

from __future__ import annotations

from typing import TYPE_CHECKING

import dash_bootstrap_components as dbc
from dash import dcc, html

from pages._controls import icon
from pages._ids import Embed as Id

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dash.development.base_component import Component

SMALL = "btn btn-outline-secondary btn-sm"
THEMES = {"auto": "That of the visitor", "light": "Light", "dark": "Dark"}
CONTROLS = {"none": "Nothing", "gene": "The gene", "full": "All that the figure has"}
BACKGROUNDS = {"paper": "That of the theme", "transparent": "Transparent"}
SIZES = {"responsive": "As wide as the page", "fixed": "Fixed"}
# The narrowest frame in which a figure can be read, and what few pages exceed.
WIDTHS, HEIGHTS = (280, 1600), (200, 2400)
WIDTH, HEIGHT = 640, 480


def dialog() -> Component:
    """The dialog, closed."""
    close = html.Button(
        icon("close"),
        id=Id.CLOSE,
        type="button",
        className="icon-button",
        **{"aria-label": "Close"},  # pyright: ignore[reportArgumentType]
    )
    head = html.Div([html.H2("Embed", id=Id.HEAD, className="publish-title"), close], className="publish-head")
    return dbc.Modal(
        [head, html.Div([_choices(), _shown()], className="publish-body")],
        id=Id.DIALOG,
        is_open=False,
        size="xl",
        fullscreen="md-down",
        scrollable=True,
        labelledby=Id.HEAD,
        class_name="publish",
    )


def _choices() -> Component:
    return html.Div(
        [
            _menu("Theme", Id.THEME, THEMES),
            _menu("A visitor may change", Id.CONTROLS, CONTROLS),
            _menu("Background", Id.BACKGROUND, BACKGROUNDS),
            dbc.Checkbox(id=Id.TITLE, label="Title above the figure", value=True, class_name="publish-check"),
            _menu("Width", Id.SIZE, SIZES),
            html.Div(
                [
                    _number("Width in pixels", Id.WIDTH, WIDTHS, WIDTH),
                    _number("Height in pixels", Id.HEIGHT, HEIGHTS, HEIGHT),
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
            *_text(
                "With a script of 1 kB that gives it its height",
                Id.SCRIPTED,
                "lines with the script",
            ),
            *_text("Of a fixed height, without a script", Id.PLAIN, "line without a script"),
        ],
        className="publish-shown",
    )


def _text(label: str, name: Id, what: str) -> Sequence[Component]:
    copy = html.Button(
        [icon("copy"), html.Span("Copy")],
        type="button",
        className=SMALL,
        **{"data-copy": name, "aria-label": f"Copy the {what}"},  # pyright: ignore[reportArgumentType]
    )
    return [
        html.Div([html.Label(label, htmlFor=name, className="explore-label"), copy], className="publish-text"),
        dcc.Textarea(id=name, readOnly=True, className="publish-words embed-lines"),
    ]


def _menu(label: str, name: Id, options: Mapping[str, str]) -> Component:
    return html.Div(
        [
            html.Label(label, htmlFor=name, className="explore-label"),
            dbc.Select(
                id=name,
                options=[{"value": key, "label": words} for key, words in options.items()],  # pyright: ignore[reportArgumentType]
                value=next(iter(options)),
                size="sm",
            ),
        ],
        className="publish-field",
    )


def _number(label: str, name: Id, ends: tuple[int, int], value: int) -> Component:
    return html.Div(
        [
            html.Label(label, htmlFor=name, className="explore-label"),
            # Each value loads the preview anew: it waits for the end of the typing.
            dbc.Input(id=name, type="number", min=ends[0], max=ends[1], step=1, value=value, size="sm", debounce=True),
        ],
        className="publish-field",
    )
