"""Tables as .xlsx, read back by openpyxl."""

import io
import math
import re
import zipfile

import hypothesis.strategies as st
import openpyxl
import pyarrow as pa
import pytest
from hypothesis import given

from core.errors import InvalidQuery
from core.tables import xlsx as spreadsheet
from core.tables.xlsx import xlsx


def read(content):
    return openpyxl.load_workbook(io.BytesIO(content))


def test_rows_come_back_as_they_were():
    table = pa.table(
        {
            "gene": ["ALB", "=1+1", "@SUM(A1)", "<r><b>&amp;</r>", "http://a.org", "1e5", " ß "],
            "score": [1.5, float("nan"), -0.1 - 0.2, 1e-308, 1 / 3, 123456789.123456789, 0.0],
            "n": [1, 2, 3, 4, 5, 6, None],
        }
    )
    book = read(xlsx({"rows": table}, {"dataset": "human/liver"}))
    header, *rows = book["rows"].values
    assert header == ("gene", "score", "n")
    assert [row[0] for row in rows] == table["gene"].to_pylist()
    assert [cell.data_type for cell in book["rows"]["A"]] == ["s"] * 8
    assert rows[1][1] is None
    assert [row[1] for row in rows if row[1] is not None] == [
        it for it in table["score"].to_pylist() if not math.isnan(it)
    ]
    assert [row[2] for row in rows] == table["n"].to_pylist()


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=20))
def test_no_digit_is_lost(values):
    # Read from the file itself: openpyxl takes what looks whole for an int.
    content = xlsx({"rows": pa.table({"x": pa.array(values, pa.float64())})}, {})
    sheet = zipfile.ZipFile(io.BytesIO(content)).read("xl/worksheets/sheet2.xml").decode()
    assert [float(it) for it in re.findall(r"<v>([^<]+)</v>", sheet)] == values


def test_the_first_sheet_says_where_they_come_from():
    about = {"dataset": "human/liver", "n": 3, "none": None, "categories": [{"category": "a", "n": 1}, {"n": 2}]}
    book = read(xlsx({"rows": pa.table({"x": [1.0]})}, about))
    assert book.sheetnames == ["About", "rows"]
    lines = list(book["About"].values)
    assert lines[:4] == [
        ("dataset", "human/liver"),
        ("n", 3),
        ("categories", "category: a; n: 1"),
        ("categories", "n: 2"),
    ]
    assert lines[4][0] == "software"


def test_infinities_are_words():
    book = read(xlsx({"rows": pa.table({"x": [float("inf"), float("-inf")]})}, {}))
    assert [row[0] for row in book["rows"].values][1:] == ["inf", "-inf"]


def test_a_table_without_rows():
    assert list(read(xlsx({"rows": pa.table({"x": pa.array([], pa.float64())})}, {}))["rows"].values) == [("x",)]


def test_too_many_rows_are_refused(monkeypatch):
    monkeypatch.setattr(spreadsheet, "MAX_CELLS", 10)
    with pytest.raises(InvalidQuery, match="11 rows are too many"):
        xlsx({"rows": pa.table({"x": list(range(11))})}, {})
