"""Zip of one or several figures: files for print, source data, legends, methods, versions, citation."""

from __future__ import annotations

import io
import platform
import re
import zipfile
from importlib.metadata import version
from typing import TYPE_CHECKING

import orjson

from core.errors import InvalidQuery
from core.export.browser import Caller, shared
from core.export.eps import converter
from core.export.formats import file_bytes, print_bytes
from core.tables.text import csv_pieces

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from core.views.result import Figure

# Each figure is rendered in each print format within one request.
MOST = 24
# A time of creation would make every zip different.
EPOCH = (1980, 1, 1, 0, 0, 0)
PACKAGES = ("masldatlas", "numpy", "numba", "pyarrow", "plotly", "kaleido")
MAX_NAME = 60
_UNFIT = re.compile(r"[^A-Za-z0-9.+-]+")


def export_bytes(figures: Sequence[Figure], form: str, browser: Caller | None = None) -> bytes:
    """Return the content of a file of any format; only a zip holds more than the first figure.

    Raises
    ------
    InvalidQuery, Unavailable
        See `zip_bytes` and `core.export.formats.file_bytes`.
    """
    return zip_bytes(figures, browser) if form == "zip" else file_bytes(figures[0], form, browser)


def check_number(n: int) -> None:
    """Refuse a zip of no figure, or of too many."""
    if not 0 < n <= MOST:
        raise InvalidQuery(f"A zip cannot hold {n:,} figures.", f"Request 1 to {MOST} figures.")


def print_forms() -> tuple[str, ...]:
    """Return the print formats of a zip; EPS needs a converter."""
    return ("svg", "pdf", "png", *(("eps",) if converter() else ()))


def zip_bytes(figures: Sequence[Figure], browser: Caller | None = None) -> bytes:
    """Return the zip.

    Raises
    ------
    InvalidQuery
        There is no figure, there are too many, or one would have too many pixels.
    Unavailable
        There is no browser, or it does not draw.
    """
    check_number(len(figures))
    drawing = browser or Caller(shared())
    forms = print_forms()
    places = [""] if len(figures) == 1 else [f"{at}_{_place(drawn)}/" for at, drawn in enumerate(figures, 1)]
    files: dict[str, bytes] = {"README.txt": _read_me(figures, places, forms).encode()}
    for place, drawn in zip(places, figures, strict=True):
        files |= {f"{place}{name}": content for name, content in _files(drawn, forms, drawing).items()}
    facts = [drawn.facts for drawn in figures]
    files |= {"versions.txt": versions(facts).encode(), "CITATION.cff": citation(facts).encode()}
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as opened:
        for name, content in files.items():
            opened.writestr(zipfile.ZipInfo(name, EPOCH), content, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def _files(drawn: Figure, forms: Sequence[str], browser: Caller) -> dict[str, bytes]:
    files = {f"figure.{form}": print_bytes(drawn, form, browser) for form in forms}
    files["figure.json"] = file_bytes(drawn, "json")
    for name, table in drawn.tables.items():
        files[f"source_data_{name}.csv"] = "".join(csv_pieces(table, drawn.facts)).encode()
    notes = "".join(f"\n{note}\n" for note in drawn.notes)
    return files | {
        "legend.txt": f"{drawn.legend}\n{notes}".encode(),
        "methods.txt": f"{drawn.methods}\n".encode(),
        "facts.json": orjson.dumps(drawn.facts, option=orjson.OPT_INDENT_2 | orjson.OPT_SERIALIZE_NUMPY),
    }


def _place(drawn: Figure) -> str:
    """Return the directory of a figure, made of its name and its title."""
    mark = "SIMULATED_" if drawn.facts["simulated"] else ""
    return _UNFIT.sub("_", f"{mark}{drawn.facts['figure']}_{drawn.facts['title']}")[:MAX_NAME].strip("._")


def _read_me(figures: Sequence[Figure], places: Sequence[str], forms: Sequence[str]) -> str:
    lines = ["Figures made with MASLDatlas, and what stands behind them.", ""]
    for place, drawn in zip(places, figures, strict=True):
        lines += [f"{place or 'Here'}: {drawn.title}", f"  opens at {drawn.facts['permalink']}", ""]
    files = {
        ", ".join(f"figure.{form}" for form in forms): "the figure; each file holds its provenance",
        "figure.json": "the same for Plotly",
        "source_data_*.csv": "what is drawn, at full precision",
        "legend.txt, methods.txt": "a legend and a paragraph for the methods, to be adapted",
        "facts.json": "data, selection, parameters and permalink",
        "versions.txt, CITATION.cff": "the programs, and what to cite",
    }
    lines += [f"{names}: {words}" for names, words in files.items()]
    if "eps" not in forms:
        lines.append("There is no EPS, since the server has no poppler-utils; the PDF holds the same.")
    if any(drawn.facts["simulated"] for drawn in figures):
        lines += ["", "SIMULATED data are for demonstration only; they are not from any patient or animal."]
    return "\n".join(lines) + "\n"


def versions(facts: Sequence[Mapping[str, object]]) -> str:
    """List the versions of the program and of the packages behind numbers and figures, one a line."""
    simulated = "SIMULATED data\n" if any(each["simulated"] for each in facts) else ""
    lines = [f"{name} {version(name)}" for name in PACKAGES]
    return f"{simulated}Python {platform.python_version()}\n" + "\n".join(lines) + "\n"


def citation(facts: Sequence[Mapping[str, object]]) -> str:
    """Return a citation file for the program and the data of each atlas."""
    data = {str(each["content_hash"]): each for each in facts}
    return (
        "cff-version: 1.2.0\n"
        "message: If you use these figures, cite the data and the program.\n"
        "title: MASLDatlas\n"
        f"version: {_quoted(facts[0]['version'])}\n"
        "type: software\n"
        "authors:\n  - name: The authors of MASLDatlas\n"
        "references:\n"
    ) + "".join(map(_reference, data.values()))


def _reference(facts: Mapping[str, object]) -> str:
    mark = "SIMULATED. " if facts["simulated"] else ""
    cited = facts["citation"] or "not given in the atlas"
    title, source, notes = f"{mark}{facts['dataset_title']}", f"sha256:{facts['source_sha256']}", f"{mark}{cited}"
    return (
        "  - type: data\n"
        f"    title: {_quoted(title)}\n"
        "    authors:\n      - name: The authors of the data\n"
        f"    notes: {_quoted(notes)}\n"
        "    identifiers:\n"
        "      - type: other\n"
        f"        value: {_quoted(source)}\n"
        "        description: SHA-256 of the source file\n"
    )


def _quoted(text: object) -> str:
    # A JSON string is a valid YAML string.
    return orjson.dumps(str(text)).decode()
