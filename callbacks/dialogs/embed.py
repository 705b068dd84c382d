"""Embed dialog: a live preview of the figure, and the HTML to copy.

::

    Embed -> Publish.EMBED -> opened -> DIALOG, HEAD
    EMBED, choices -> show -> PREVIEW, SCRIPTED, PLAIN
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dash import Input, Output, State, ctx, html, no_update
from flask import request

from core.embed import options as frame
from core.embed.options import address
from core.embed.policy import LOOPBACK, frame_ancestors
from core.embed.snippet import iframe, script
from core.urls.base_path import below
from core.urls.permalinks import read
from pages._ids import Shell
from pages._ids_dialogs import Embed as Id
from pages._ids_dialogs import Publish

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dash import Dash
    from dash.development.base_component import Component

    from core.embed.options import Options
    from core.services.container import Services

NOBODY = ("'none'",)
OURSELVES = "'self'"
SETTING = "MASLDATLAS_EMBED_ALLOWED_ORIGINS"
USUAL = (640, 480)

INPUTS = {
    "figure": Input(Publish.EMBED, "data"),
    "theme": Input(Id.THEME, "value"),
    "controls": Input(Id.CONTROLS, "value"),
    "background": Input(Id.BACKGROUND, "value"),
    "titled": Input(Id.TITLE, "value"),
    "size": Input(Id.SIZE, "value"),
    "width": Input(Id.WIDTH, "value"),
    "height": Input(Id.HEIGHT, "value"),
    "shown": State(Shell.THEME, "data"),
}
OUTPUT = {
    "preview": Output(Id.PREVIEW, "children"),
    "scripted": Output(Id.SCRIPTED, "value"),
    "plain": Output(Id.PLAIN, "value"),
    "note": Output(Id.NOTE, "children"),
    "fixed": Output(Id.WIDTH, "disabled"),
}


@dataclass(frozen=True)
class Embedded:
    """An embedded figure: view, query, options, title, and size in pixels."""

    view: str
    search: str
    options: Options
    words: str
    width: int | str
    height: int

    @property
    def url(self) -> str:
        """Address within the server."""
        return address(self.view, self.search, self.options)


def register(app: Dash, services: Services) -> None:
    """Wire the dialog."""
    ancestors = frame_ancestors(services.settings)

    def show(figure: Mapping[str, Any] | None, **chosen: Any) -> dict[str, Any]:  # noqa: ANN401 - raw values
        if not figure:
            return dict.fromkeys(OUTPUT, no_update)
        found = embedded(figure, chosen)
        home = request.url_root.rstrip("/")
        transparent = found.options.background == "transparent"

        def line(*, sized: bool) -> str:
            size = found.width, found.height
            return iframe(home + found.url, found.words, size, transparent=transparent, sized=sized)

        return {
            "preview": preview(found, str(chosen["shown"] or "light"), framed=ancestors != NOBODY),
            "scripted": f"{line(sized=True)}\n{script(home)}",
            "plain": line(sized=False),
            "note": permission_note(ancestors),
            "fixed": found.width == "100%",
        }

    app.callback(output=OUTPUT, inputs=INPUTS, prevent_initial_call=True)(show)
    app.callback(
        Output(Id.DIALOG, "is_open"),
        Output(Id.HEAD, "children"),
        Input(Publish.EMBED, "data"),
        Input(Id.CLOSE, "n_clicks"),
        prevent_initial_call=True,
    )(opened)


def opened(figure: Mapping[str, Any] | None, _clicks: int | None) -> tuple[bool, Any]:
    """Open the dialog for a figure; close it on a click."""
    if not figure or ctx.triggered_id == Id.CLOSE:
        return False, no_update
    return True, f"Embed: {figure.get('words', '')}"


def embedded(figure: Mapping[str, Any], chosen: Mapping[str, Any]) -> Embedded:
    """Read the choices of the dialog.

    Raises
    ------
    InvalidQuery
        The link of the figure cannot be read, or a choice is not valid.
    """
    link = read(str(figure.get("link", "")))
    pairs = {
        "theme": chosen["theme"],
        "controls": chosen["controls"],
        "background": chosen["background"],
        "title": "1" if chosen["titled"] else "0",
    }
    options, _ = frame.read("&".join(f"{name}={value}" for name, value in pairs.items() if value))
    fixed = chosen["size"] == "fixed"
    width = int(chosen["width"] or USUAL[0]) if fixed else "100%"
    return Embedded(
        link.figure, link.search, options, str(figure.get("words", "")), width, int(chosen["height"] or USUAL[1])
    )


def preview(found: Embedded, theme: str, *, framed: bool) -> Component:
    """Show the frame; where no site may embed figures, not even this one, show a picture."""
    if framed:
        return html.Iframe(
            src=below(found.url),
            title=f"Preview: {found.words}",
            style={"width": found.width, "height": found.height, "border": 0, "colorScheme": "normal"},
        )
    dark = found.options.theme == "dark" or (found.options.theme == "auto" and theme == "dark")
    picture = found.options.but(theme="dark" if dark else "light", controls="none", background="paper")
    return html.Img(src=below(address(found.view, found.search, picture, ".png")), alt=f"Preview: {found.words}")


def permission_note(ancestors: tuple[str, ...]) -> str:
    """State which sites may embed the figure, and how to allow another site."""
    ask = (
        f"ask the server administrator to add the address of the site to {SETTING}, for example "
        "https://lab.example.org."
    )
    if ancestors == NOBODY:
        return f"No site may embed this figure yet: {ask} A picture replaces the live preview."
    sites = [site for site in ancestors if site != OURSELVES]
    if tuple(sites) == LOOPBACK:
        return f"Development server: only pages on this machine may embed this figure. For another site, {ask}"
    return f"Pages of {', '.join(sites)} may embed this figure. For another site, {ask}"
