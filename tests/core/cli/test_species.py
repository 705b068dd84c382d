"""``masldatlas species``: its tables are those of the API, and refusals are one sentence."""

import csv
import io
import json

import pytest

from tests.core.views.species.conftest import three  # noqa: F401 - a fixture
from tests.tables import body


@pytest.fixture(scope="module")
def data(three):  # noqa: F811
    return three.settings.data_dir


def rows(answer):
    code, out, err = answer
    assert (code, err) == (0, "")
    return list(csv.DictReader(io.StringIO(body(out))))


def test_the_family_of_a_gene(run):
    found = rows(run("species", "genes", "col1a1a"))
    assert [(row["gene"], row["relation"]) for row in found] == [
        ("col1a1a", "gene"),
        ("col1a1b", "paralog"),
        ("COL1A1", "n:1"),
        ("Col1a1", "n:1"),
    ]
    assert run("species", "genes", "NOPE")[0] == 2


def test_cell_types_and_the_dot_plot(run):
    match = ("--with", "mouse/liver", "--match", "Kupffer cell=mystery", "--match", "LSEC=")
    found = rows(run("species", "types", "human/liver", *match))
    assert [(row["types"], row["match"]) for row in found] == [
        ("Hepatocytes", "same name"),
        ("mystery", "edited"),
        ("", "edited"),
    ]
    found = rows(run("species", "dotplot", "human/liver", "ALB", *match))
    assert {row["cell_type"] for row in found} == {"Hepatocyte", "Kupffer cell"}
    said = json.loads(run("species", "dotplot", "human/liver", "ALB", "col1a1a", "--format", "json")[1])
    assert said["genes"] == ["ALB (human)", "col1a1a (zebrafish)"]
    code, _, err = run("species", "dotplot", "human/liver", "ALB", "--with", "mouse/nothing")
    assert (code, "mouse/nothing" in err) == (2, True)
