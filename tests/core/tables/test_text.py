"""Tables as text: JSON in pieces is the JSON of the whole."""

import json
import math

import pyarrow as pa
import pytest

from core.tables import text
from core.tables.text import csv_pieces, json_pieces, records
from tests.tables import parted


@pytest.mark.parametrize("n", [0, 1, 3, 4, 7])
def test_json_in_pieces_is_the_whole(n, monkeypatch):
    monkeypatch.setattr(text, "ROWS_AT_ONCE", 3)
    table = pa.table(
        {
            "cell": pa.array(['a"b', "]}", "ü\n", "d", "e", "f", "g"][:n], pa.string()),
            "score": pa.array([1.5, math.nan, math.inf, -2.0, 0.1, 3e-310, 7.0][:n], pa.float64()),
        }
    )
    head = {"name": "]}", "rows_": [1, 2]}
    pieces = list(json_pieces(head, "rows", table))
    assert len(pieces) == 2 + math.ceil(n / 3)
    found = json.loads("".join(pieces))
    assert {name: found[name] for name in head} == head
    rows = [
        {k: None if isinstance(v, float) and not math.isfinite(v) else v for k, v in it.items()}
        for it in records(table)
    ]
    assert found["rows"] == rows
    assert "".join(csv_pieces(table)).count("\n") == 1 + n + (1 if n > 2 else 0)


def test_comments_are_one_line_each_and_their_number_stands_first():
    table = pa.table({"gene": ["# ALB", "B"], "r": [1.0, math.nan]})
    head = {"dataset": "human/liver", "simulated": True, "title": "two\nlines, and\r\n# a third", "none": None,
            "genes": ["ALB", "B"], "missing": [{"dataset": "x"}], "n": 3, "zeros": False}  # fmt: skip
    facts, body = parted("".join(csv_pieces(table, head)))
    assert body == "gene,r\n# ALB,1.0\nB,\n"
    assert facts == {
        "dataset": "human/liver",
        "simulated": "true",
        "title": "two lines, and # a third",
        "genes": "ALB, B",
        "missing": '[{"dataset":"x"}]',
        "n": "3",
        "zeros": "false",
    }
    assert "# SIMULATED cells" in "".join(csv_pieces(table, head))
    assert "SIMULATED" not in "".join(csv_pieces(table, {**head, "simulated": False}))
