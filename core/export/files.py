"""A drawn view as the bytes of a file, by its extension."""

from __future__ import annotations

import io
import platform
import zipfile
from dataclasses import replace
from importlib.metadata import version
from typing import TYPE_CHECKING

import orjson

from core.errors import InvalidQuery
from core.export import provenance
from core.export.browser import shared
from core.tables import csv_pieces

if TYPE_CHECKING:
    from collections.abc import Mapping

    from core.export.browser import Browser
    from core.figures.journal import Look
    from core.views.drawn import Drawn

FORMS = ("csv", "json", "svg", "png", "pdf", "zip")
PAPER = ("svg", "png", "pdf", "zip")
# Maps of more cells become a picture within a file for paper: each point of a vector takes a hundred bytes.
MOST_POINTS = 3_000
# What Chromium paints on.
MAX_SIDE, MAX_PIXELS = 16_000, 150_000_000
# A zip that says when it was made would be another one each time.
EPOCH = (1980, 1, 1, 0, 0, 0)
PACKAGES = ("masldatlas", "numpy", "numba", "pyarrow", "plotly", "kaleido")


def form_of(name: str) -> str:
    """The format that the name of a file asks for; InvalidQuery if none is known."""
    form = name.rpartition(".")[2].lower() if "." in name else ""
    if form not in FORMS:
        raise InvalidQuery(f"The extension of {name[-80:]!r} is no format.", f"Use .{', .'.join(FORMS)}.")
    return form


def written(drawn: Drawn, form: str, browser: Browser | None = None) -> bytes:
    """The bytes of a file.

    Raises
    ------
    Unavailable
        A figure for paper is asked for, and there is no browser to draw it.
    InvalidQuery
        It would have too many pixels.
    """
    if form == "csv":
        return "".join(csv_pieces(next(iter(drawn.tables.values())))).encode()
    if form == "json":
        return orjson.dumps(
            {**drawn.figure, "masldatlas": drawn.facts}, option=orjson.OPT_INDENT_2 | orjson.OPT_SERIALIZE_NUMPY
        )
    drawing = browser or shared()
    if form == "zip":
        return _zip(drawn, drawing)
    return _on_paper(drawn, form, drawing)


def _on_paper(drawn: Drawn, form: str, browser: Browser) -> bytes:
    look = drawn.look
    # What Plotly would name by chance.
    data = [{**trace, "uid": f"t{at}"} for at, trace in enumerate(drawn.figure["data"])]
    figure = {**drawn.figure, "data": data}
    if form == "svg":
        return provenance.in_svg(browser.draw(figure, "svg"), drawn)
    if form == "pdf":
        return provenance.in_pdf(browser.draw(figure, "pdf"), drawn)
    scale = look.scale * look.dpi / provenance.DPI
    width, height = (drawn.figure["layout"][side] * scale for side in ("width", "height"))
    if max(width, height) > MAX_SIDE or width * height > MAX_PIXELS:
        raise InvalidQuery(
            f"A picture of {width:,.0f} by {height:,.0f} pixels is too large to be drawn.",
            "Ask for a lower resolution, or a smaller size.",
        )
    return provenance.in_png(browser.draw(figure, "png", scale), drawn, look)


def _zip(drawn: Drawn, browser: Browser) -> bytes:
    files: dict[str, bytes] = {f"figure.{form}": _on_paper(drawn, form, browser) for form in ("svg", "pdf", "png")}
    files["figure.json"] = written(drawn, "json")
    for name, table in drawn.tables.items():
        files[f"source_data_{name}.csv"] = "".join(csv_pieces(table)).encode()
    notes = "".join(f"\n{note}\n" for note in drawn.notes)
    files |= {
        "legend.txt": f"{drawn.legend}\n{notes}".encode(),
        "methods.txt": f"{drawn.methods}\n".encode(),
        "facts.json": orjson.dumps(drawn.facts, option=orjson.OPT_INDENT_2 | orjson.OPT_SERIALIZE_NUMPY),
        "versions.txt": versions(drawn.facts).encode(),
        "CITATION.cff": citation(drawn.facts).encode(),
    }
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in files.items():
            made.writestr(zipfile.ZipInfo(name, EPOCH), content, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def versions(facts: Mapping[str, object]) -> str:
    """Of the program and of what its numbers and pictures come from, a line each."""
    simulated = "SIMULATED data\n" if facts["simulated"] else ""
    lines = [f"{name} {version(name)}" for name in PACKAGES]
    return f"{simulated}Python {platform.python_version()}\n" + "\n".join(lines) + "\n"


def citation(facts: Mapping[str, object]) -> str:
    """A citation file, of the program and of the data."""

    def quoted(text: object) -> str:
        # JSON's strings are YAML's.
        return orjson.dumps(str(text)).decode()

    mark = "SIMULATED. " if facts["simulated"] else ""
    cited = facts["citation"] or "not given in the atlas"
    title, source, notes = f"{mark}{facts['dataset_title']}", f"sha256:{facts['source_sha256']}", f"{mark}{cited}"
    return (
        "cff-version: 1.2.0\n"
        "message: If you use this figure, cite the data and the program.\n"
        "title: MASLDatlas\n"
        f"version: {quoted(facts['version'])}\n"
        "type: software\n"
        "authors:\n  - name: The authors of MASLDatlas\n"
        "references:\n"
        "  - type: data\n"
        f"    title: {quoted(title)}\n"
        "    authors:\n      - name: The authors of the data\n"
        f"    notes: {quoted(notes)}\n"
        "    identifiers:\n"
        "      - type: other\n"
        f"        value: {quoted(source)}\n"
        "        description: SHA-256 of the source file\n"
    )


def paper_look(look: Look, form: str) -> Look:
    """The same look, for a file of a format: in those for paper the points of a large map become a picture."""
    return replace(look, most_points=MOST_POINTS) if form in PAPER else look
