"""``/api/v1/genes``."""

import csv
import io
import json

import pytest

from core.analysis.gene_across_atlases import GeneParams, by_cell_type
from core.atlas.catalog import Catalog
from tests.core.web.conftest import problem
from tests.factories import imported, tiny
from tests.tables import body


@pytest.fixture(scope="module")
def three(tmp_path_factory, make_app):
    """Return a client of an app on a human, a mouse and a fish."""
    data = tmp_path_factory.mktemp("genes")
    for species, genes in (
        ("human", ("APOA1", "ΔNp63/p40")),
        ("mouse", ("Apoa1", "x")),
        ("zebrafish", ("apoa1a", "apoa1b")),
    ):
        imported(data / "data", tiny(data / f"{species}.h5ad", genes=genes), species=species, name="a")
    client = make_app(data / "data").server.test_client()
    client.data = data / "data"
    return client


def test_a_gene_in_every_atlas(three):
    body = three.get("/api/v1/genes/APOA1/atlases").json
    assert body["gene"] == "APOA1"
    assert body["missing"] == []
    names = list(dict.fromkeys((row["dataset"], row["gene"], row["relation"]) for row in body["atlases"]))
    assert names == [
        ("human/a", "APOA1", "symbol"),
        ("mouse/a", "Apoa1", "ortholog"),
        ("zebrafish/a", "apoa1a", "ortholog"),
        ("zebrafish/a", "apoa1b", "ortholog"),
    ]
    expected = by_cell_type(Catalog(three.data).get("zebrafish/a"), GeneParams("apoa1b")).to_pylist()
    rows = [row for row in body["atlases"] if row["gene"] == "apoa1b"]
    assert [{name: row[name] for name in expected[0]} for row in rows] == expected


def test_csv_says_the_same(three):
    answer = three.get("/api/v1/genes/APOA1/atlases?format=csv")
    assert answer.mimetype == "text/csv"
    assert "APOA1_by_atlas.csv" in answer.headers["Content-Disposition"]
    rows = list(csv.DictReader(io.StringIO(body(answer.text))))
    told = three.get("/api/v1/genes/APOA1/atlases").json["atlases"]
    assert [{**row, "mean": float(row["mean"])} for row in rows] == [
        {name: value if name == "mean" else str(value) for name, value in row.items()} for row in told
    ]


def test_a_name_with_a_slash(three):
    body = three.get("/api/v1/genes/ΔNp63/p40/atlases").json
    assert {row["gene"] for row in body["atlases"]} == {"ΔNp63/p40"}
    assert [it["dataset"] for it in body["missing"]] == ["mouse/a", "zebrafish/a"]


def test_what_is_nowhere(three):
    body = problem(three.get("/api/v1/genes/APOA9/atlases"), 404)
    assert "APOA1" in body["suggestions"]
    problem(three.get("/api/v1/genes/APOA1/atlases?format=xml"), 400)
    problem(three.get("/api/v1/genes/APOA1/atlases?top=3"), 400)
    problem(three.get("/api/v1/genes/APOA1"), 404)
    problem(three.get(f"/api/v1/genes/{'x' * 300}/atlases"), 400)


def test_the_search(three):
    assert json.loads(three.get("/api/v1/genes?q=APOA1").data) == {
        "genes": [
            {"gene": "APOA1", "datasets": ["human/a"]},
            {"gene": "Apoa1", "datasets": ["mouse/a"]},
            {"gene": "apoa1a", "datasets": ["zebrafish/a"]},
            {"gene": "apoa1b", "datasets": ["zebrafish/a"]},
        ]
    }
    assert len(three.get("/api/v1/genes?limit=2").json["genes"]) == 2
    problem(three.get("/api/v1/genes?limit=201"), 400)
    problem(three.get("/api/v1/genes?query=a"), 400)


def test_without_atlases(tmp_path, make_app):
    client = make_app(tmp_path).server.test_client()
    assert client.get("/api/v1/genes?q=a").json == {"genes": []}
    problem(client.get("/api/v1/genes/ALB/atlases"), 404)
