"""A table as an answer: JSON behind its facts, CSV, or a spreadsheet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from flask import Response

from core.tables.text import csv_pieces, json_pieces
from core.web.api.parameters import attachment

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pyarrow as pa

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def table_answer(
    table: pa.Table, facts: Mapping[str, object], rows: str, form: Literal["json", "csv", "xlsx"], filename: str
) -> Response:
    """One table in one of three forms.

    Parameters
    ----------
    facts : the head of the JSON, the comments of the CSV, and the first sheet of the spreadsheet
    rows : what the rows are: their name in the JSON, and that of their sheet
    filename : of a download, without its ending
    """
    if form == "json":
        return Response(json_pieces(facts, rows, table), mimetype="application/json")
    if form == "csv":
        answer = Response(csv_pieces(table, facts), mimetype="text/csv")
    else:
        # Twice as long to import as a table takes to write; few ask for one.
        from core.tables.xlsx import xlsx

        answer = Response(xlsx({rows: table}, facts), mimetype=XLSX)
    answer.headers["Content-Disposition"] = attachment(f"{filename}.{form}")
    return answer
