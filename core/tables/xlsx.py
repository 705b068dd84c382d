"""Tables as .xlsx: the rows of the API with every digit, behind a first sheet with their provenance."""

from __future__ import annotations

import io
import math
from typing import TYPE_CHECKING, Any

from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from core import __version__
from core.errors import InvalidQuery

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pyarrow as pa

# What a sheet of Excel holds, less its header.
MAX_ROWS = 1_048_575
# Cells of an .xlsx that a server writes while a visitor waits: about ten seconds.
MAX_CELLS = 3_000_000
ROWS_AT_ONCE = 20_000
ABOUT = "About"
WIDTHS = (26, 90)
COLUMN_WIDTH = 16


class _Exact(Worksheet):  # pyright: ignore[reportUntypedBaseClass] - xlsxwriter has no types
    """Sheet whose numbers read back as the same double, and whose texts are texts.

    xlsxwriter itself writes 16 digits, and some need 17; and it writes what begins with ``<r>`` and ends with ``</r>``
    as it is into the XML.
    """

    def _xml_number_element(self, number: float, attributes: Sequence[tuple[str, Any]] = ()) -> None:
        attr = "".join(f' {key}="{value}"' for key, value in attributes)
        self.fh.write(f"<c{attr}><v>{number!r}</v></c>")

    def _xml_rich_inline_string(self, string: str, attributes: Sequence[tuple[str, Any]] = ()) -> None:
        self._xml_inline_string(string, True, attributes)  # noqa: FBT003 - blanks are kept


def xlsx(tables: Mapping[str, pa.Table], about: Mapping[str, object]) -> bytes:
    """Write tables as sheets of a workbook, after a sheet of facts.

    Parameters
    ----------
    tables : by the name of their sheet, of at most 31 characters
    about : what the first sheet says, line by line; None is left out, a list of records becomes lines of its own

    Returns
    -------
    The file. Numbers keep every digit, NaN is an empty cell, and a text that looks like a formula stays a text.

    Raises
    ------
    InvalidQuery
        There are more rows than a sheet takes, or more cells than are written while a visitor waits.
    """
    for table in tables.values():
        if table.num_rows > MAX_ROWS or table.num_rows * table.num_columns > MAX_CELLS:
            raise InvalidQuery(
                f"{table.num_rows:,} rows are too many for a spreadsheet.", "Ask for fewer rows, or for CSV."
            )
    file = io.BytesIO()
    # Row by row into temporary files: memory does not grow with the tables.
    with Workbook(file, {"constant_memory": True}) as book:
        book.set_properties({"title": str(about.get("dataset", "")), "comments": f"MASLDatlas {__version__}"})
        bold = book.add_format({"bold": True})
        _about(_sheet(book, ABOUT), about, bold)
        for name, table in tables.items():
            _rows(_sheet(book, name), table, bold)
    return file.getvalue()


def _sheet(book: Workbook, name: str) -> Worksheet:
    return book.add_worksheet(name, worksheet_class=_Exact)


def _about(sheet: Worksheet, about: Mapping[str, object], bold: Any) -> None:  # noqa: ANN401 - xlsxwriter's own
    for column, width in enumerate(WIDTHS):
        sheet.set_column(column, column, width)
    lines = [*_lines(about), ("software", f"MASLDatlas {__version__}")]
    for row, (name, value) in enumerate(lines):
        sheet.write_string(row, 0, name, bold)
        _write(sheet, row, 1, value)


def _lines(about: Mapping[str, object]) -> list[tuple[str, object]]:
    lines: list[tuple[str, object]] = []
    for name, value in about.items():
        if isinstance(value, list | tuple):
            for entry in value:
                text = entry
                if isinstance(entry, dict):
                    text = "; ".join(f"{key}: {item}" for key, item in entry.items() if item is not None)
                lines.append((name, text))
        elif value is not None:
            lines.append((name, value))
    return lines


def _rows(sheet: Worksheet, table: pa.Table, bold: Any) -> None:  # noqa: ANN401 - xlsxwriter's own
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, table.num_columns - 1, COLUMN_WIDTH)
    for column, name in enumerate(table.column_names):
        sheet.write_string(0, column, name, bold)
    for start in range(0, table.num_rows, ROWS_AT_ONCE):
        some = table.slice(start, ROWS_AT_ONCE)
        for row, values in enumerate(zip(*(some[name].to_pylist() for name in some.column_names), strict=True)):
            for column, value in enumerate(values):
                _write(sheet, start + row + 1, column, value)
    sheet.autofilter(0, 0, max(table.num_rows, 1), table.num_columns - 1)


def _write(sheet: Worksheet, row: int, column: int, value: object) -> None:
    if isinstance(value, bool):
        sheet.write_boolean(row, column, value)
    elif isinstance(value, int | float):
        if math.isfinite(value):
            sheet.write_number(row, column, value)
        elif not math.isnan(value):
            sheet.write_string(row, column, repr(value))
    elif value is not None:
        sheet.write_string(row, column, str(value))
