"""Content of an exported file, by its format."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import orjson

from core.errors import InvalidQuery
from core.export import metadata
from core.export.browser import Caller, shared
from core.export.eps import eps, without_transparency
from core.tables.text import csv_pieces

if TYPE_CHECKING:
    from core.figures.print_style import Look
    from core.views.result import Figure

FORMS = ("csv", "json", "svg", "png", "pdf", "eps", "zip")
PAPER = ("svg", "png", "pdf", "eps", "zip")
MEDIA = {
    "csv": "text/csv",
    "json": "application/json",
    "svg": "image/svg+xml",
    "png": "image/png",
    "pdf": "application/pdf",
    "eps": "application/postscript",
    "zip": "application/zip",
}
# Maps of more cells become an image in print formats: a point of a vector takes a hundred bytes.
MOST_POINTS = 3_000
# Limits of the canvas of Chromium.
MAX_SIDE, MAX_PIXELS = 16_000, 150_000_000


def form_of(name: str) -> str:
    """Return the format of a file name; raises InvalidQuery for an unknown extension."""
    form = name.rpartition(".")[2].lower() if "." in name else ""
    if form not in FORMS:
        raise InvalidQuery(f"The extension of {name[-80:]!r} is not a known format.", f"Use .{', .'.join(FORMS)}.")
    return form


def file_bytes(drawn: Figure, form: str, browser: Caller | None = None) -> bytes:
    """Return the content of a file of one format; see `core.export.bundle.export_bytes` for a zip.

    Raises
    ------
    Unavailable
        A figure for paper is asked for, and there is no browser to draw it.
    InvalidQuery
        It would have too many pixels.
    """
    if form == "csv":
        return "".join(csv_pieces(next(iter(drawn.tables.values())), drawn.facts)).encode()
    if form == "json":
        return orjson.dumps(
            {**drawn.figure, "masldatlas": drawn.facts}, option=orjson.OPT_INDENT_2 | orjson.OPT_SERIALIZE_NUMPY
        )
    return print_bytes(drawn, form, browser or Caller(shared()))


def print_bytes(drawn: Figure, form: str, browser: Caller) -> bytes:
    """Render a figure as SVG, PNG, PDF or EPS; see `file_bytes` for exceptions."""
    look = drawn.look
    # Plotly would otherwise generate random ids.
    data = [{**trace, "uid": f"t{at}"} for at, trace in enumerate(drawn.figure["data"])]
    figure = {**drawn.figure, "data": data}
    if form == "svg":
        return metadata.in_svg(browser.draw(figure, "svg"), drawn)
    if form == "pdf":
        return metadata.in_pdf(browser.draw(figure, "pdf"), drawn)
    if form == "eps":
        pdf = metadata.in_pdf(browser.draw(without_transparency(figure, look.colors.paper), "pdf"), drawn)
        return eps(pdf, drawn, metadata.paper(drawn), metadata.facts_json(drawn))
    scale = look.scale * look.dpi / metadata.DPI
    width, height = (drawn.figure["layout"][side] * scale for side in ("width", "height"))
    if max(width, height) > MAX_SIDE or width * height > MAX_PIXELS:
        raise InvalidQuery(
            f"An image of {width:,.0f} by {height:,.0f} pixels is too large.",
            "Choose a lower resolution or a smaller size.",
        )
    return metadata.in_png(browser.draw(figure, "png", scale), drawn, look)


def paper_look(look: Look, form: str) -> Look:
    """Adapt a look to a format: in print formats the points of a large map become an image."""
    return replace(look, most_points=MOST_POINTS) if form in PAPER else look
