"""Profile of one cell over HTTP, by index and by name."""

import json

import numpy as np
import pytest

from core.atlas.catalog import Catalog
from tests.core.web.conftest import problem
from tests.factories import CELLS, N_CELLS

BASE = "/api/v1/datasets/human/liver/cells"


@pytest.fixture(scope="session")
def atlas(data):
    return Catalog(data).get("human/liver")


def card(answer):
    assert answer.status_code == 200, answer.text
    assert answer.mimetype == "application/json"
    assert answer.headers["X-Cache"] in {"hit", "miss"}
    assert answer.headers["Server-Timing"].startswith("cell;dur=")
    return json.loads(answer.data)


@pytest.mark.parametrize("cell", [*range(len(CELLS)), N_CELLS - 1])
def test_the_same_by_number_and_by_name(client, atlas, cell):
    """Whatever the name is made of."""
    name = atlas.cells()[cell]
    by_number = card(client.get(f"{BASE}/{cell}"))
    assert by_number["cell"] == name
    assert by_number["index"] == cell
    assert by_number["content_hash"] == atlas.manifest.content_hash
    assert card(client.get(BASE, query_string={"cell": name})) == by_number
    values = {row["gene"]: row["value"] for row in by_number["genes"]}
    dense = [float(atlas.layer().dense(gene)[cell]) for gene in range(len(atlas.genes))]
    assert values == {atlas.genes.names[at]: value for at, value in enumerate(dense) if value > 0}


def test_what_is_not_given_is_null(client, atlas):
    columns = {each["column"]: each["value"] for each in card(client.get(f"{BASE}/0"))["columns"]}
    assert columns["CellType"] is None
    assert columns["Sample"] == "d1"
    columns = {each["column"]: each["value"] for each in card(client.get(f"{BASE}/1"))["columns"]}
    assert columns["score"] is None
    assert card(client.get(f"{BASE}/2"))["places"] == [{"embedding": "X_umap", "place": None}]
    place = card(client.get(f"{BASE}/3"))["places"][0]["place"]
    assert place == atlas.embedding("X_umap")[3].astype(np.float64).tolist()


def test_layer_and_top(client, atlas):
    found = card(client.get(f"{BASE}/5", query_string={"layer": "scaled", "top": "2"}))
    assert found["layer"] == "scaled"
    values = np.array([atlas.layer("scaled").dense(gene)[5] for gene in range(len(atlas.genes))], np.float64)
    assert [row["value"] for row in found["genes"]] == np.sort(values)[::-1][:2].tolist()


@pytest.mark.parametrize(
    ("path", "query", "status", "words"),
    [
        (f"/{N_CELLS}", {}, 404, f"no cell {N_CELLS}"),
        ("/-1", {}, 404, "'-1' is not the index"),
        ("/¹", {}, 404, "not the index"),
        ("/AAAC-1", {}, 404, "cells?cell=NAME"),
        ("/" + "9" * 5_000, {}, 404, "not the index"),
        ("/1.0", {}, 404, "not the index"),
        ("", {}, 400, "'cell' is missing"),
        ("", {"cell": ""}, 400, "'cell' is missing"),
        ("", {"cell": "nobody"}, 404, "no cell named 'nobody'"),
        ("", {"cell": "x" * 401}, 400, "401"),
        ("/1", {"cell": "AAAC-1"}, 400, "Unknown parameter 'cell'"),
        ("/1", {"top": "0"}, 400, "top='0'"),
        ("/1", {"top": "501"}, 400, "top='501'"),
        ("/1", {"layer": "nope"}, 400, "no layer 'nope'"),
    ],
)
def test_what_is_refused(client, path, query, status, words):
    body = problem(client.get(BASE + path, query_string=query), status)
    assert words in f"{body['detail']} {body.get('remedy', '')}"


def test_no_such_atlas(client):
    problem(client.get("/api/v1/datasets/human/nope/cells/0"), 404)
