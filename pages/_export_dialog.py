"""Export dialog, and the parts that the shell holds for it.

A click on Export or Embed in the menu of a card (`pages._share`) puts into the store of its dialog which figure is
meant: ``{"figure", "panel", "words", "link", "at"}``, where `words` are the title of the card, `link` is the permalink
of the figure from its path on, and `at` differs from click to click. Copy link needs no dialog.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import dash_bootstrap_components as dbc
from dash import dcc, html

from pages._controls import icon
from pages._dialog import SMALL, dialog, menu, number, text
from pages._ids_dialogs import Publish as Id

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dash.development.base_component import Component

FORMS = {
    "png": "PNG (bitmap)",
    "svg": "SVG (editable)",
    "pdf": "PDF",
    "eps": "EPS",
    "csv": "CSV (plotted values)",
    "zip": "All of these, as a zip",
}
RESOLUTIONS = {"300": "300 dpi", "600": "600 dpi"}
# Columns of journals; see `core.figures.paper_sizes`.
WIDTHS = {
    "89": "89 mm, Nature, one column",
    "183": "183 mm, Nature, two columns",
    "85": "85 mm, Cell, one column",
    "114": "114 mm, Cell, one and a half",
    "174": "174 mm, Cell, two columns",
    "57": "57 mm, Science, one column",
    "121": "121 mm, Science, two columns",
    "184": "184 mm, Science, three columns",
    "180": "180 mm, two columns",
    "custom": "Custom",
}
THEMES = {"journal": "Journal", "light": "Light", "dark": "Dark"}
LEGENDS = {"auto": "Automatic", "right": "On the right", "below": "Below", "none": "None"}
GENERIC = {"default": "Arial, Helvetica"}
# Choices persist in this browser tab.
KEPT: dict[str, Any] = {"persistence": True, "persistence_type": "session"}


def page_link() -> Component:
    """Build the button that copies the address of the page."""
    return html.Button(
        icon("link"),
        type="button",
        className="icon-button",
        title="Copy a link to the current view",
        **{"data-publish": "page", "aria-label": "Copy link to this page"},  # pyright: ignore[reportArgumentType]
    )


def parts() -> Sequence[Component]:
    """Build the parts that the shell holds for every page: stores, the export dialog, the message on a copied link."""
    return [
        dcc.Store(id=Id.EXPORT),
        dcc.Store(id=Id.EMBED),
        dcc.Store(id=Id.CONTENTS),
        dcc.Store(id=Id.COLLECTION, storage_type="session"),
        html.Div(id=Id.SAID, className="visually-hidden", role="status", **{"aria-live": "polite"}),  # pyright: ignore[reportArgumentType]
        _by_hand(),
        dialog("Export", (Id.DIALOG, Id.HEAD, Id.CLOSE), _choices(), _shown()),
    ]


def _by_hand() -> Component:
    """Show the link where the browser does not let the page write to the clipboard."""
    return html.Dialog(
        html.Form(
            [
                html.Label("Copy this link manually", htmlFor=Id.BY_HAND_LINK, className="explore-label"),
                html.Div(
                    [
                        dcc.Input(id=Id.BY_HAND_LINK, type="text", readOnly=True, className="publish-link"),
                        html.Button("Close", type="submit", className=SMALL),
                    ],
                    className="publish-row",
                ),
            ],
            # Submitting a form with this method closes the dialog.
            method="dialog",
        ),
        id=Id.BY_HAND,
        className="help publish-by-hand",
        **{"aria-label": "Link to copy"},  # pyright: ignore[reportArgumentType]
    )


def _choices() -> Component:
    return html.Div(
        [
            html.Div(id=Id.NO_BROWSER, role="status"),
            html.Div(
                [menu("Format", Id.FORM, FORMS, "pdf", **KEPT), menu("Resolution", Id.DPI, RESOLUTIONS, "300", **KEPT)],
                className="publish-row",
            ),
            html.Div(
                [
                    menu("Width", Id.WIDTH, WIDTHS, "85", **KEPT),
                    number("Width in mm", Id.WIDTH_MM, (20, 500, 0.1), 120, **KEPT),
                ],
                className="publish-row",
            ),
            html.Div(
                [
                    number("Height in mm", Id.HEIGHT, (15, 700, 0.1), None, placeholder="Automatic", **KEPT),
                    number("Font size (pt)", Id.FONT_SIZE, (5, 12, 0.5), 7, **KEPT),
                ],
                className="publish-row",
            ),
            html.Div(
                [menu("Font", Id.FONT, GENERIC, "default", **KEPT), menu("Theme", Id.THEME, THEMES, "journal", **KEPT)],
                className="publish-row",
            ),
            html.Div(
                [
                    menu("Legend", Id.LEGEND, LEGENDS, "auto", **KEPT),
                    dbc.Checkbox(
                        id=Id.TITLE,
                        label="Title above the figure",
                        value=False,
                        class_name="publish-check",
                        **KEPT,  # pyright: ignore[reportArgumentType]
                    ),
                ],
                className="publish-row",
            ),
            html.Div(
                [
                    html.Button(
                        [icon("download"), html.Span("Download")],
                        id=Id.DOWNLOAD,
                        type="button",
                        className="btn btn-primary",
                    ),
                    html.Button(
                        [icon("plus"), html.Span("Add to figure set")],
                        id=Id.ADD,
                        type="button",
                        className="btn btn-outline-secondary",
                    ),
                ],
                className="publish-row publish-buttons",
            ),
            html.P(id=Id.STATUS, className="publish-status", role="status", **{"aria-live": "polite"}),  # pyright: ignore[reportArgumentType]
            html.Section(
                [
                    html.H3("Collection", className="publish-part"),
                    html.Div(id=Id.COLLECTED),
                    html.Button(
                        [icon("download"), html.Span("Download all as a zip")],
                        id=Id.BUNDLE,
                        type="button",
                        className=SMALL,
                        disabled=True,
                    ),
                ],
                **{"aria-label": "Collection"},  # pyright: ignore[reportArgumentType]
            ),
        ],
        className="publish-choices",
    )


def _shown() -> Component:
    return html.Div(
        [
            html.H3("Preview at actual size", className="publish-part"),
            html.Div(
                id=Id.PREVIEW,
                className="publish-preview",
                tabIndex=0,
                role="region",
                **{"aria-label": "Preview at actual size"},  # pyright: ignore[reportArgumentType]
            ),
            html.P(id=Id.SIZE, className="publish-size", role="status", **{"aria-live": "polite"}),  # pyright: ignore[reportArgumentType]
            *text("Figure legend", Id.LEGEND_TEXT, "legend"),
            *text("Methods", Id.METHODS_TEXT, "methods"),
        ],
        className="publish-shown",
    )
