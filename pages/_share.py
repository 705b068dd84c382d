"""Menu of a card: its figure as a file, a link or a frame, its values, and the full screen.

The entries of a figure are found by their ``data-`` attributes (``assets/js/5-dialogs/permalink_tools.js``), the full
screen by ``data-fullscreen`` (``assets/js/3-maps/tools.js``). The menu is a popover of ``assets/js/1-shell/panels.js``:
arrows move within, Escape closes it and gives the focus back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dash import html

from pages._controls import icon

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dash.development.base_component import Component

TOOLS = (
    ("export", "download", "Export…", "Save as a file for a paper, with its data"),
    ("link", "link", "Copy link", "Copy a link that opens this exact figure"),
    ("embed", "embed", "Embed…", "Embed in a page of your own site"),
)


def share(words: str, *, figure: str = "", panel: int = 1, more: Sequence[Component] = ()) -> Component:
    """Build the menu of a card.

    Parameters
    ----------
    words
        Short description of what is shared, for screen readers.
    figure
        Name of the figure in a permalink, see `core.views.registry.VIEWS`; empty for a table.
    panel
        Number of the panel, where a page has several of the same figure.
    more
        Further entries; see `entry` and `file`.
    """
    tools = [_tool(*tool, words) for tool in TOOLS] if figure else []
    data = {"data-figure": figure, "data-panel": str(panel), "data-words": words} if figure else {}
    return html.Details(
        [
            html.Summary(
                [html.Span("⋯", className="share-dots", **{"aria-hidden": "true"}), html.Span("Share")],  # pyright: ignore[reportArgumentType]
                className="share-button",
                **{"aria-label": f"Share: {words}"},  # pyright: ignore[reportArgumentType]
            ),
            html.Div([*tools, *more, _full_screen(words)], className="share-menu"),
        ],
        className=f"share{' figure-tools' if figure else ''}",
        **{"data-popover": "true", **data},  # pyright: ignore[reportArgumentType]
    )


def file(words: str, title: str, href: str = "", id: str | None = None) -> Component:  # noqa: A002 - the name of Dash's property
    """Build the entry of a file of the values; a callback sets the address where an id is given."""
    name: dict[str, Any] = {} if id is None else {"id": id}
    return html.A([icon("download"), html.Span(words)], href=href, title=title, className="share-entry", **name)


def entry(words: str, title: str, id: str, picture: str = "download") -> Component:  # noqa: A002 - as above
    """Build an entry that a callback answers."""
    return html.Button([icon(picture), html.Span(words)], id=id, type="button", title=title, className="share-entry")


def _tool(tool: str, picture: str, name: str, title: str, words: str) -> Component:
    return html.Button(
        [icon(picture), html.Span(name)],
        type="button",
        title=title,
        className="share-entry",
        **{"data-publish": tool, "aria-label": f"{name.rstrip('…')}: {words}"},  # pyright: ignore[reportArgumentType]
    )


def _full_screen(words: str) -> Component:
    return html.Button(
        [icon("expand"), html.Span("Full screen")],
        type="button",
        className="share-entry",
        **{"data-fullscreen": "true", "aria-label": f"Full screen: {words}"},  # pyright: ignore[reportArgumentType]
    )
