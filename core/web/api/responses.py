"""Tables as HTTP responses with their provenance: JSON, CSV, a spreadsheet, or columns of bytes for browsers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from flask import Response

from core.genes.ids import with_ids
from core.tables.columns import MEDIA as COLUMNS
from core.tables.columns import columns_bytes
from core.tables.text import csv_pieces, json_pieces
from core.web.api.parameters import aliases_of, attachment

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pyarrow as pa

    from core.atlas.gene_index import GeneIndex
    from core.services.memoized import Answer

    Form: TypeAlias = Literal["json", "csv", "xlsx", "columns"]

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def respond(  # noqa: PLR0913 - each is one word of the response
    answer: Answer[Any],
    table: pa.Table,
    rows: str,
    form: Form,
    filename: str,
    *,
    timing: str,
    genes: GeneIndex | None = None,
) -> Response:
    """Respond with a table and its provenance, and with the cache status and timing in headers.

    Parameters
    ----------
    answer : of the analysis
    table : requested rows of the result
    rows, form, filename : as in `table_response`
    timing : name of the analysis in the header Server-Timing
    genes : of the atlas, where the rows are genes: their ids are added
    """
    provenance = answer.provenance
    if genes is not None:
        table, provenance = with_ids(table, genes), {**provenance, **aliases_of(genes)}
    response = table_response(table, provenance, rows, form, filename)
    if answer.cached:
        response.headers.update(cache_headers(answer, timing))
    return response


def cache_headers(answer: Answer[Any], timing: str) -> dict[str, str]:
    """Return the headers for cache status and duration of the computation."""
    return {"X-Cache": "hit" if answer.hit else "miss", "Server-Timing": f"{timing};dur={answer.ms:.1f}"}


def table_response(table: pa.Table, head: Mapping[str, object], rows: str, form: Form, filename: str) -> Response:
    """Write one table as JSON, CSV, a spreadsheet, or columns of bytes.

    Parameters
    ----------
    head : provenance: first keys of the JSON, comments of the CSV, first sheet of the spreadsheet
    rows : name of the rows in the JSON, and of their sheet
    filename : of the download, without extension
    """
    if form == "json":
        return Response(json_pieces(head, rows, table), mimetype="application/json")
    if form == "columns":
        # Not compressed: brotli takes twenty times as long as writing them, and saves little.
        return Response(columns_bytes(table, head), mimetype=COLUMNS)
    if form == "csv":
        response = Response(csv_pieces(table, head), mimetype="text/csv")
    else:
        # Imported on demand: the import takes twice as long as writing a table, and spreadsheets are rare.
        from core.tables.xlsx import xlsx

        response = Response(xlsx({rows: table}, head), mimetype=XLSX)
    response.headers["Content-Disposition"] = attachment(f"{filename}.{form}")
    return response
