"""Tables as HTTP responses: JSON behind their provenance, CSV, or a spreadsheet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from flask import Response

from core.tables.text import csv_pieces, json_pieces
from core.web.api.parameters import attachment

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pyarrow as pa

    from core.services.memoized import Answer

    Form: TypeAlias = Literal["json", "csv", "xlsx"]

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def respond(answer: Answer[Any], table: pa.Table, rows: str, form: Form, filename: str, *, timing: str) -> Response:
    """Respond with the table of an answer below its provenance, and say whether it was cached.

    Parameters
    ----------
    table : rows of the answer that were asked for
    rows, form, filename : as in `table_response`
    timing : name of the computation in the header Server-Timing
    """
    response = table_response(table, answer.provenance, rows, form, filename)
    if answer.cached:
        response.headers.update(cache_headers(answer, timing))
    return response


def cache_headers(answer: Answer[Any], timing: str) -> dict[str, str]:
    """Return the headers that tell a cache hit from a miss, and what the computation cost."""
    return {"X-Cache": "hit" if answer.hit else "miss", "Server-Timing": f"{timing};dur={answer.ms:.1f}"}


def table_response(table: pa.Table, head: Mapping[str, object], rows: str, form: Form, filename: str) -> Response:
    """Write one table as JSON, CSV or a spreadsheet.

    Parameters
    ----------
    head : first keys of the JSON, comments of the CSV, first sheet of the spreadsheet
    rows : name of the rows in the JSON, and of their sheet
    filename : of a download, without its extension
    """
    if form == "json":
        return Response(json_pieces(head, rows, table), mimetype="application/json")
    if form == "csv":
        response = Response(csv_pieces(table, head), mimetype="text/csv")
    else:
        # Importing the writer takes twice as long as writing a table, and spreadsheets are rare.
        from core.tables.xlsx import xlsx

        response = Response(xlsx({rows: table}, head), mimetype=XLSX)
    response.headers["Content-Disposition"] = attachment(f"{filename}.{form}")
    return response
