"""Our CSV files, read back: comments that say where the numbers come from, and the table below them."""

import re


def parted(text: str) -> tuple[dict[str, str], str]:
    """Part a CSV into the facts of its comments and its table; check that the first line tells how many they are."""
    text = text.removeprefix("\ufeff")
    n = int(re.match(r"# The table begins below these (\d+) lines\.\r?\n", text)[1])
    *comments, table = text.split("\n", n)
    assert all(line.startswith("# ") for line in comments)
    facts = dict(line.removeprefix("# ").split(": ", 1) for line in comments[1:] if ": " in line)
    return facts, table


def body(text: str) -> str:
    """Leave out the comments of a CSV."""
    return parted(text)[1]


def with_id(columns) -> list[str]:
    """List the columns of a table of genes as it leaves the product: the id stands behind the symbol."""
    columns = list(columns)
    at = columns.index("gene") + 1
    return [*columns[:at], "id", *columns[at:]]
