"""Parameters of a URL, and JSON responses and file names, for all routes of the API."""

from __future__ import annotations

import math
import re
import unicodedata
from typing import TYPE_CHECKING, Literal
from urllib.parse import quote

import orjson
from flask import Response, request

from core.errors import InvalidQuery
from core.selection.model import MAX_TEXT, PARAMETERS, Selection
from core.urls.page_queries import LIMITS

if TYPE_CHECKING:
    from core.atlas.gene_index import GeneIndex

# Parameters of a selection, for the argument `many` of `only`.
SELECTION = PARAMETERS
_UNFIT_FOR_A_FILE_NAME = re.compile(r"[^\w.+-]+")


def only(*known: str, many: tuple[str, ...] = ()) -> None:
    """Reject parameters that are unknown or too long, and repeated ones except those in `many`."""
    takes_all = (*known, *many)
    unknown = sorted(set(request.args) - set(takes_all))
    if unknown:
        takes = f"This URL takes {', '.join(takes_all)}." if takes_all else "This URL takes no parameters."
        raise InvalidQuery(f"Unknown parameter {unknown[0][:60]!r}.", takes)
    for name, values in request.args.lists():
        if len(values) > 1 and name not in many:
            raise InvalidQuery(
                f"The parameter {name!r} is given {len(values):,} times.", "Give the parameter only once."
            )
        limit = LIMITS.get(name, MAX_TEXT)
        if max(map(len, values)) > limit:
            raise InvalidQuery(
                f"The parameter {name[:40]!r} is {max(map(len, values)):,} characters long; {limit:,} is the limit."
            )


def selection() -> Selection:
    """Read the selection from ``where``, ``range``, ``expr``, ``lasso`` and ``exclude``."""
    return Selection.of_parameters({name: request.args.getlist(name) for name in SELECTION})


def required(name: str) -> str:
    """Read a required parameter."""
    value = request.args.get(name, "")
    if not value:
        raise InvalidQuery(f"The parameter {name!r} is missing.", f"Add {name}=… to the URL.")
    return value


def aliases_of(genes: GeneIndex) -> dict[str, object]:
    """Say of which genes the parameters of the request are aliases: ``aliases`` with a sentence each, or nothing."""
    found = [genes.other_name(request.args[name]) for name in ("gene", "gene_b") if name in request.args]
    said = [other.sentence for other in found if other is not None and other.sure]
    return {"aliases": said} if said else {}


def whole(name: str, default: int, low: int, high: int) -> int:
    """Read a whole number within bounds."""
    text = request.args.get(name)
    if text is None:
        return default
    if not text.isascii() or not text.isdigit() or not low <= int(text) <= high:
        raise InvalidQuery(f"{name}={text[:40]!r} is not a whole number from {low:,} to {high:,}.", f"Correct {name}.")
    return int(text)


def real(name: str, default: float, low: float, high: float) -> float:
    """Read a number within bounds."""
    text = request.args.get(name)
    if text is None:
        return default
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not low <= value <= high:
        raise InvalidQuery(f"{name}={text[:40]!r} is not a number from {low:g} to {high:g}.", f"Correct {name}.")
    return value


def chosen_format(*others: Literal["xlsx", "columns"]) -> Literal["json", "csv", "xlsx", "columns"]:
    """Read the parameter ``format``, json by default; besides csv, a route may support others."""
    text = request.args.get("format", "json")
    known: dict[str, Literal["json", "csv", "xlsx", "columns"]] = {
        "json": "json",
        "csv": "csv",
        **{form: form for form in others},
    }
    if text not in known:
        *first, last = known
        raise InvalidQuery(f"Unknown format {text[:40]!r}.", f"Use {', '.join(first)} or {last}.")
    return known[text]


def flag(name: str) -> bool:
    """Read a boolean parameter, false by default."""
    text = request.args.get(name, "false").lower()
    if text not in ("true", "false", "1", "0"):
        raise InvalidQuery(f"{name}={text[:40]!r} is neither true nor false.", "Write true or false.")
    return text in ("true", "1")


def json(body: object) -> Response:
    """Create a JSON response; arrays are allowed, and NaN becomes null."""
    return Response(orjson.dumps(body, option=orjson.OPT_SERIALIZE_NUMPY), mimetype="application/json")


def attachment(filename: str) -> str:
    """Return the header Content-Disposition of a download (RFC 6266), with an ASCII fallback of the name."""
    name = _UNFIT_FOR_A_FILE_NAME.sub("_", filename)
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    exact = "" if plain == name else f"; filename*=UTF-8''{quote(name, safe='')}"
    return f'attachment; filename="{plain}"{exact}'
