"""Export dialog of every page: the content hashes that the browser needs, and the clientside callbacks.

::

    Export -> EXPORT -> open -> DIALOG, HEAD
    controls, EXPORT -> chosen -> (browser) preview, size, legend, methods
    Download, Add -> (browser) a file; COLLECTION -> collected -> the list

All but the content hashes happens in ``assets/js/5-dialogs/export.js``, which draws by the addresses of
``core/web/api/figures.py``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dash import ClientsideFunction, Input, Output, State

from callbacks.shell import viewed, with_viewed
from core.urls.permalinks import DIGITS
from pages._ids import Shell
from pages._ids_dialogs import Publish as Id

if TYPE_CHECKING:
    from dash import Dash

    from core.services.container import Services

CHOICES = (Id.FORM, Id.DPI, Id.WIDTH, Id.WIDTH_MM, Id.HEIGHT, Id.FONT_SIZE, Id.FONT, Id.THEME, Id.LEGEND, Id.TITLE)


def register(app: Dash, services: Services) -> None:
    """Wire the dialog."""

    def contents(pathname: str | None, _changed: str | None, search: str | None) -> dict[str, str]:
        manifests = with_viewed(services.catalog, viewed(pathname, search))
        return {manifest.id: manifest.content_hash[:DIGITS] for manifest in manifests}

    def browser(name: str) -> ClientsideFunction:
        return ClientsideFunction("publish", name)

    # The catalogue changes on the home page only; on other pages the address triggers the first call.
    app.callback(
        Output(Id.CONTENTS, "data"),
        Input(Shell.URL, "pathname"),
        Input(Shell.CATALOG, "data"),
        State(Shell.URL, "search"),
    )(contents)
    app.clientside_callback(
        browser("contents"),
        Input(Id.CONTENTS, "data"),
    )
    app.clientside_callback(
        browser("open"),
        Output(Id.DIALOG, "is_open"),
        Output(Id.HEAD, "children"),
        Output(Id.STATUS, "children"),
        Input(Id.EXPORT, "data"),
        Input(Id.CLOSE, "n_clicks"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        browser("chosen"),
        Input(Id.EXPORT, "data"),
        *(Input(name, "value") for name in CHOICES),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        browser("download"),
        Input(Id.DOWNLOAD, "n_clicks"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        browser("add"),
        Output(Id.COLLECTION, "data"),
        Input(Id.ADD, "n_clicks"),
        State(Id.COLLECTION, "data"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        browser("collected"),
        Output(Id.COLLECTED, "children"),
        Output(Id.BUNDLE, "disabled"),
        Input(Id.COLLECTION, "data"),
    )
    app.clientside_callback(
        browser("bundle"),
        Input(Id.BUNDLE, "n_clicks"),
        State(Id.COLLECTION, "data"),
        prevent_initial_call=True,
    )
