"""Reading the parameters of an address, and writing answers: what all routes of the API share."""

from __future__ import annotations

import re
import unicodedata
from typing import Literal
from urllib.parse import quote

import orjson
from flask import Response, request

from core.errors import InvalidQuery
from core.selection.model import MAX_TEXT, PARAMETERS, Selection
from core.urls.page_queries import LIMITS

# The parameters of a selection, for the `many` of `only`.
SELECTION = PARAMETERS
_UNFIT_FOR_A_FILE_NAME = re.compile(r"[^\w.+-]+")


def only(*known: str, many: tuple[str, ...] = ()) -> None:
    """Refuse parameters that an address does not take, that are repeated but for `many`, or that are overlong."""
    takes_all = (*known, *many)
    unknown = sorted(set(request.args) - set(takes_all))
    if unknown:
        takes = f"This address takes {', '.join(takes_all)}." if takes_all else "This address takes no parameters."
        raise InvalidQuery(f"The parameter {unknown[0][:60]!r} is not known here.", takes)
    for name, values in request.args.lists():
        if len(values) > 1 and name not in many:
            raise InvalidQuery(f"The parameter {name!r} is given {len(values):,} times.", "Give it once.")
        limit = LIMITS.get(name, MAX_TEXT)
        if max(map(len, values)) > limit:
            raise InvalidQuery(
                f"The parameter {name[:40]!r} is {max(map(len, values)):,} characters long; {limit:,} is the limit."
            )


def selection() -> Selection:
    """The selection that an address names with ``where``, ``range``, ``expr``, ``lasso`` and ``exclude``."""
    return Selection.of_parameters({name: request.args.getlist(name) for name in SELECTION})


def required(name: str) -> str:
    """A parameter that must be there."""
    value = request.args.get(name, "")
    if not value:
        raise InvalidQuery(f"The parameter {name!r} is missing.", f"Add {name}=… to the address.")
    return value


def whole(name: str, default: int, low: int, high: int) -> int:
    """A whole number within bounds."""
    text = request.args.get(name)
    if text is None:
        return default
    if not text.isascii() or not text.isdigit() or not low <= int(text) <= high:
        raise InvalidQuery(f"{name}={text[:40]!r} is not a whole number from {low:,} to {high:,}.", "Correct it.")
    return int(text)


def chosen_format(*, spreadsheet: bool = False) -> Literal["json", "csv", "xlsx"]:
    """The parameter ``format``; json unless given. A spreadsheet only where an address makes one."""
    text = request.args.get("format", "json")
    if text == "json" or text == "csv":  # noqa: PLR1714 - narrows the type
        return text
    if spreadsheet and text == "xlsx":
        return text
    raise InvalidQuery(
        f"format={text[:40]!r} is not known.", f"Use json{', csv or xlsx' if spreadsheet else ' or csv'}."
    )


def flag(name: str) -> bool:
    """A parameter that is true or false; false unless given."""
    text = request.args.get(name, "false").lower()
    if text not in ("true", "false", "1", "0"):
        raise InvalidQuery(f"{name}={text[:40]!r} is neither true nor false.", "Write true or false.")
    return text in ("true", "1")


def json(body: object) -> Response:
    """A JSON answer; arrays and NaN (as null) included."""
    return Response(orjson.dumps(body, option=orjson.OPT_SERIALIZE_NUMPY), mimetype="application/json")


def attachment(filename: str) -> str:
    """The header that names a download (RFC 6266): in ASCII for old programs, and as it is."""
    name = _UNFIT_FOR_A_FILE_NAME.sub("_", filename)
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    exact = "" if plain == name else f"; filename*=UTF-8''{quote(name, safe='')}"
    return f'attachment; filename="{plain}"{exact}'
