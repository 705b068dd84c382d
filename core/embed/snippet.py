"""HTML code that shows an embedded figure on another page."""

from __future__ import annotations

from html import escape

from core.embed.options import ROOT

SCRIPT = f"{ROOT}/embed.js"


def iframe(url: str, title: str, size: tuple[int | str, int], *, transparent: bool = False, sized: bool = False) -> str:
    """Return the iframe element.

    Parameters
    ----------
    url
        Of the view, whole.
    title
        What it shows, for screen readers.
    size
        Width and height: pixels, or ``100%`` for the width of what is around it.
    transparent
        A browser paints the ground of a frame whose colour scheme is not that around it.
    sized
        Whether `script` gives it its height.
    """
    style = "border:0;color-scheme:normal" if transparent else "border:0"
    mark = " data-masldatlas" if sized else ""
    return (
        f'<iframe{mark} src="{escape(url)}" title="{escape(title)}" width="{size[0]}" height="{size[1]}" '
        f'loading="lazy" style="{style}"></iframe>'
    )


def script(home: str) -> str:
    """Return the script element that adapts the height of every frame; `home` is the origin of this server."""
    return f'<script src="{escape(home)}{SCRIPT}" async></script>'
