"""``/api/v1/species/...``, the dot plot across species in a frame, and what cannot be answered."""

import pytest

from tests.core.views.species.conftest import three  # noqa: F401 - a fixture
from tests.core.web.conftest import problem

ROOT = "/api/v1/species"


@pytest.fixture(scope="module")
def client(three, make_app):  # noqa: F811
    return make_app(three.settings.data_dir, correlation_cache=False).server.test_client()


def test_orthologs_and_paralogs(client):
    body = client.get(f"{ROOT}/orthologs?gene=COL1A1").json
    assert [row["gene"] for row in body["genes"]] == ["COL1A1", "Col1a1", "col1a1a", "col1a1b"]
    assert [row["datasets"] for row in body["genes"]][1] == "mouse/liver"
    text = client.get(f"{ROOT}/orthologs?gene=CYP2E1&format=csv").text
    assert "zebrafish,,,none,No zebrafish ortholog of CYP2E1 is known" in text
    assert "no orthologs of 'rat'" in problem(client.get(f"{ROOT}/orthologs?gene=ALB&species=rat"), 400)["detail"]
    assert "not a known" in problem(client.get(f"{ROOT}/orthologs?gene=NOPE"), 404)["detail"]


def test_matching_cell_types(client):
    body = client.get(f"{ROOT}/types?atlas=human/liver&others=mouse/liver&match=LSEC%3Dmystery").json
    assert {row["cell_type"]: (row["types"], row["match"]) for row in body["types"]} == {
        "Hepatocyte": ("Hepatocytes", "same name"),
        "Kupffer cell": ("macrophage", "same lineage"),
        "LSEC": ("mystery", "edited"),
    }
    assert body["unmatched"] == {"mouse/liver": ["LSEC"]}
    assert problem(client.get(f"{ROOT}/types?atlas=human/nothing"), 404)
    assert "cell type 'x'" in problem(client.get(f"{ROOT}/types?atlas=human/liver&match=LSEC%3Dx"), 400)["detail"]


def test_numbers_of_the_dot_plot_and_their_figure(client):
    body = client.get(f"{ROOT}/dotplot?atlas=human/liver&gene=COL1A1").json
    assert {row["symbol"] for row in body["dotplot"]} == {"COL1A1", "Col1a1", "col1a1a", "col1a1b", ""}
    assert body["simulated"] is True
    assert body["permalink"].startswith("/species?v=1&figure=species_dots&")
    assert client.get(body["permalink"]).status_code == 200
    query = body["permalink"].partition("?")[2]
    figure = client.get(f"/embed/v1/species_dots.json?{query}")
    assert figure.status_code == 200
    assert figure.json["figure"]["data"]
    assert "n = " in client.get(f"/embed/v1/species_dots?{query}").text
    csv = client.get(f"/api/v1/figures/species_dots.csv?{query}")
    assert csv.status_code == 200
    assert "col1a1b" in csv.text
    about = client.get(f"/api/v1/figures/species_dots/about?{query}").json
    assert "human/liver, 60 cells of 2 samples" in about["legend"]
