"""Tables as text: the one way in which the API and the command line write them, so that both say the same.

Numbers are written with as many digits as it takes to read the same number back; NaN is an empty field in CSV and null in
JSON.
"""

from __future__ import annotations

import csv
import io
import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa

ROWS_AT_ONCE = 20_000


def records(table: pa.Table) -> list[dict[str, object]]:
    """One dictionary a row, in the order of the table's columns; ready for orjson, which writes NaN as null."""
    names = table.column_names
    columns = (table[name].to_pylist() for name in names)
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]


def csv_lines(table: pa.Table) -> Iterator[str]:
    """CSV with a header, in pieces of some thousand lines."""
    columns = [_texts(table[name].to_pylist()) for name in table.column_names]
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(table.column_names)
    for number, row in enumerate(zip(*columns, strict=True), start=1):
        writer.writerow(row)
        if number % ROWS_AT_ONCE == 0:
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue()


def _texts(values: list[object]) -> list[object]:
    return ["" if value is None or (isinstance(value, float) and math.isnan(value)) else _text(value) for value in values]


def _text(value: object) -> object:
    # repr of a float is the shortest text that reads back as the same double.
    return repr(value) if isinstance(value, float) else value
