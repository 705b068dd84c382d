"""``masldatlas markers`` and ``masldatlas compare``.

That their CSV is the API's, tests/core/web/api/test_markers.py shows.
"""

import csv
import io
import json

import pytest

from core.analysis.markers import COLUMNS
from tests.factories import GENES, imported, tiny
from tests.tables import body, with_id


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """Return a data directory with human/liver."""
    data = tmp_path_factory.mktemp("markers")
    imported(data, tiny(data / "files" / "liver.h5ad"), species="human")
    return data


def rows(answer):
    code, out, err = answer
    assert (code, err) == (0, "")
    return list(csv.DictReader(io.StringIO(body(out))))


def test_all_genes_of_all_categories(run):
    found = rows(run("markers", "human/liver"))
    assert list(found[0]) == with_id(COLUMNS)
    assert found[0]["id"] == found[0]["gene"], "the file has symbols alone in its index"
    assert len(found) == 3 * len(GENES)
    scores = [float(row["score"]) for row in found if row["category"] == "Hepatocyte"]
    assert scores == sorted(scores, reverse=True)


def test_some_rows(run):
    found = rows(
        run("markers", "human/liver", "--by", "Group", "--category", "MASH", "--top", "2", "--layer", "counts")
    )
    assert [row["category"] for row in found] == ["MASH", "MASH"]
    every = rows(run("markers", "human/liver", "--by", "Group", "--layer", "counts"))
    assert found == [row for row in every if row["category"] == "MASH"][:2]


def test_json(run):
    code, out, _ = run("markers", "human/liver", "--format", "json", "--top", "1", "--where", "Group=MASH")
    body = json.loads(out)
    assert code == 0
    assert (body["by"], body["selection"], body["n_cells"]) == ("CellType", "Group is MASH", 30)
    assert [row["category"] for row in body["markers"]] == [entry["category"] for entry in body["categories"]]


def test_a_against_b(run):
    found = rows(run("compare", "human/liver", "where=Group=MASH", "where=Group=Healthy", "--top", "3"))
    assert [row["category"] for row in found] == ["A"] * 3 + ["B"] * 3
    mash = rows(run("markers", "human/liver", "--by", "Group", "--category", "MASH", "--top", "3"))
    assert [row["score"] for row in found[:3]] == [row["score"] for row in mash]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("markers", "human/liver", "--category", "Hepatocytes"), "Did you mean Hepatocyte"),
        (("markers", "human/liver", "--by", "Stage"), "Stage"),
        (("markers", "human/liver", "--where", "CellType=Hepatocyte"), "has only 'Hepatocyte'"),
        (("markers", "human/liver", "--top", "0"), "--top"),
        (("markers", "human/nothing"), "nothing"),
        (("compare", "human/liver", "where=Group=MASH", "where=Group=MASH"), "30 cells are both in A"),
        (("compare", "human/liver", "Group=MASH", "where=Group=Healthy"), "Group"),
    ],
)
def test_what_cannot_be_asked_is_one_line_and_exit_2(run, arguments, words):
    code, out, err = run(*arguments)
    assert (code, out) == (2, "")
    assert len(err.strip().splitlines()) == 1
    assert words in err
