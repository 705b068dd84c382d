"""Tables as text, written the same way by the API and the command line.

A CSV begins with comments that say where it comes from; the first of them tells how many lines they are.
Numbers are written with as many digits as it takes to read the same number back; NaN is an empty field in CSV and null
in JSON.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING, cast

import orjson

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    import pyarrow as pa

ROWS_AT_ONCE = 20_000
# RFC 4180. The standard library leaves a carriage return bare, and its own reader then ends the row there.
_QUOTED = re.compile(r'[,"\r\n]')


def records(table: pa.Table) -> list[dict[str, object]]:
    """One dictionary a row, in the order of the table's columns; ready for orjson, which writes NaN as null."""
    names = table.column_names
    columns = (table[name].to_pylist() for name in names)
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]


def csv_pieces(table: pa.Table, facts: Mapping[str, object] | None = None) -> Iterator[str]:
    """CSV with a header, below its facts as comments, in pieces of some thousand lines."""
    if facts is not None:
        yield csv_comments(facts)
    rows = map(csv_line, zip(*(map(_text, table[name].to_pylist()) for name in table.column_names), strict=True))
    yield csv_line(table.column_names)
    while piece := "".join(islice(rows, ROWS_AT_ONCE)):
        yield piece


def csv_comments(facts: Mapping[str, object]) -> str:
    """Write the comments above a table: a line for each fact; None is left out."""
    lines = [f"# {name}: {_fact(value)}" for name, value in facts.items() if value is not None]
    mark = ["# SIMULATED cells for demonstration only; not from any patient or animal"]
    lines = [*(mark if facts.get("simulated") else []), *lines]
    return "\n".join([f"# The table begins below these {len(lines) + 1} lines.", *lines]) + "\n"


def json_pieces(head: Mapping[str, object], name: str, table: pa.Table) -> Iterator[str]:
    """Yield a JSON object: the facts at its head, then the rows of a table under a name, some thousands a piece."""
    yield orjson.dumps({**head, name: []}, option=orjson.OPT_SERIALIZE_NUMPY).decode().removesuffix("]}")
    for start in range(0, table.num_rows, ROWS_AT_ONCE):
        rows = orjson.dumps(records(table.slice(start, ROWS_AT_ONCE))).decode()
        yield ("," if start else "") + rows[1:-1]
    yield "]}"


def csv_line(fields: Iterable[str]) -> str:
    """One line of CSV. Names are data and are written as they are, even where a spreadsheet would see a formula."""
    return ",".join(map(_field, fields)) + "\n"


def _fact(value: object) -> str:
    if isinstance(value, bool):
        text = str(value).lower()
    elif isinstance(value, list | tuple) and all(isinstance(item, str) for item in cast("Sequence[object]", value)):
        text = ", ".join(cast("Sequence[str]", value))
    elif isinstance(value, list | tuple | dict):
        text = orjson.dumps(value, option=orjson.OPT_SERIALIZE_NUMPY).decode()
    else:
        text = str(value)
    # On one line, whatever a title holds.
    return " ".join(text.split())


def _field(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if _QUOTED.search(text) else text


def _text(value: object) -> str:
    # repr of a float is the shortest text that reads back as the same double; NaN is the one value unlike itself.
    if value is None or value != value:  # noqa: PLR0124
        return ""
    return repr(value) if isinstance(value, float) else str(value)
