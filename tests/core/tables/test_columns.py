"""Tables as columns of bytes, and what the script of the pages reads from them."""

import base64
import json
import math
from pathlib import Path

import numpy as np
import orjson
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.tables.columns import columns_bytes
from core.tables.text import records

FIXTURE = Path(__file__).parents[2] / "js" / "fixtures" / "columns.json"
TABLE = pa.table(
    {
        "gene": ["ALB", 'odd "gene", \u0394'],
        "r": [0.1 + 0.2, math.nan],
        "single": pa.array([0.5, -1.25], pa.float32()),
        "n": pa.array([7, -3], pa.int32()),
        "wide": pa.array([2**53, 1], pa.int64()),
        "small": pa.array([1, None], pa.int8()),
        "flag": [True, False],
        "why": [None, "constant"],
    }
)


def read(body):
    """Read a body as any client may."""
    length = int.from_bytes(body[:4], "little")
    head = json.loads(body[4 : 4 + length])
    assert (4 + length) % 8 == 0
    found = {}
    for column in head["columns"]:
        if "values" in column:
            found[column["name"]] = column["values"]
        else:
            found[column["name"]] = np.frombuffer(body, f"<{column['type']}", head["rows"], 4 + length + column["at"])
    return head["facts"], found


def test_a_table_is_read_back():
    facts, found = read(columns_bytes(TABLE, {"dataset": "human/liver"}))
    assert facts == {"dataset": "human/liver"}
    assert list(found) == TABLE.column_names
    assert found["gene"] == TABLE["gene"].to_pylist()
    assert found["r"][0] == 0.1 + 0.2
    assert math.isnan(found["r"][1])
    assert found["n"].tolist() == [7, -3]
    assert found["wide"].tolist() == [2**53, 1]
    assert found["small"][0] == 1
    assert math.isnan(found["small"][1])
    assert found["flag"] == [True, False]
    assert found["why"] == [None, "constant"]


def test_no_rows():
    _, found = read(columns_bytes(TABLE.slice(0, 0), {}))
    assert [len(values) for values in found.values()] == [0] * TABLE.num_columns


def test_the_script_of_the_pages_reads_the_same():
    """The fixture, which ``node --test tests/js`` reads, is what is written today."""
    fixture = json.loads(FIXTURE.read_text("utf-8"))
    assert base64.b64decode(fixture["bytes"]) == columns_bytes(TABLE, {"dataset": "human/liver"})
    assert fixture["rows"] == orjson.loads(orjson.dumps(records(TABLE)))


@given(st.lists(st.tuples(st.text(max_size=5), st.floats(), st.integers(-(2**31), 2**31 - 1)), max_size=20))
def test_any_table(rows):
    names, numbers, wholes = ([row[at] for row in rows] for at in range(3))
    table = pa.table({"x": pa.array(wholes, pa.int32()), "t": pa.array(names, pa.string()), "y": pa.array(numbers)})
    _, found = read(columns_bytes(table.set_column(2, "y", pa.array(numbers, pa.float64())), {}))
    assert found["t"] == names
    assert found["x"].tolist() == wholes
    np.testing.assert_array_equal(found["y"], numbers)


@pytest.mark.parametrize("kind", [pa.uint32(), pa.uint64()])
def test_unsigned_numbers_are_exact(kind):
    _, found = read(columns_bytes(pa.table({"n": pa.array([0, 2**32 - 1], kind)}), {}))
    assert found["n"].tolist() == [0, 2**32 - 1]
