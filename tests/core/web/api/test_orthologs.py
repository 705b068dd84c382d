"""``/api/v1/orthologs``, ``/api/v1/references``, and aliases wherever a gene is asked for."""

import pytest

from tests.core.web.conftest import problem
from tests.factories import imported, tiny
from tests.references import install_all

LIVER = "/api/v1/datasets/human/liver"


@pytest.fixture(scope="module")
def client(tmp_path_factory, make_app):
    """Return a client of an app with small reference data and an atlas that has SREBF1 and ABCC2."""
    data = tmp_path_factory.mktemp("orthologs")
    genes = ("SREBF1", "ABCC2", "ALB", "FASN")
    imported(data / "data", tiny(data / "liver.h5ad", genes=genes), species="human", name="liver")
    install_all(data / "data")
    return make_app(data / "data").server.test_client()


def test_orthologs_with_their_evidence(client):
    body = client.get("/api/v1/orthologs/human/ATOH1").json
    assert (body["gene"], body["species"], body["sources"]["zebrafish"]) == ("ATOH1", "human", "ZFIN (1)")
    assert [row["gene"] for row in body["orthologs"]] == ["Atoh1", "atoh1a", "atoh1b", "atoh1c"]
    text = client.get("/api/v1/orthologs/human/CYP2E1?format=csv").text
    assert "zebrafish,,,none,No zebrafish ortholog of CYP2E1 is known" in text


def test_what_is_no_gene_or_no_species(client):
    assert "not a known mouse gene" in problem(client.get("/api/v1/orthologs/mouse/Nope"), 404)["detail"]
    assert "no orthologs of 'rat'" in problem(client.get("/api/v1/orthologs/rat/Alb"), 404)["detail"]
    assert problem(client.get("/api/v1/orthologs/human/MRP2"), 404)["suggestions"] == ["ABCC2", "KLHL1", "SYCE1L"]


def test_references_of_the_server(client):
    found = {each["name"]: each for each in client.get("/api/v1/references").json["references"]}
    assert found["hallmark"]["counts"] == {"sets": 2, "genes": 5}
    assert (found["orthologs_zfin"]["kind"], found["orthologs_zfin"]["licence"]) == ("orthologs", "CC0")


def test_an_alias_is_found_and_said(client):
    by_alias = client.get(f"{LIVER}/correlations?gene=SREBP1").json
    assert (by_alias["gene"], by_alias["aliases"]) == ("SREBF1", ["SREBP1 is an alias of SREBF1."])
    plain = client.get(f"{LIVER}/correlations?gene=SREBF1").json
    assert "aliases" not in plain
    assert by_alias["correlations"] == plain["correlations"]
    assert client.get(f"{LIVER}/expression?gene=SREBP1").json["aliases"] == ["SREBP1 is an alias of SREBF1."]
    dots = client.get(f"{LIVER}/dotplot?genes=SREBP1,ALB").json
    assert (dots["genes"], dots["aliases"]) == (["SREBF1", "ALB"], ["SREBP1 is an alias of SREBF1."])
    n = client.get(f"{LIVER}/genes?q=SREBP1").json["genes"]
    assert n[0]["gene"] == "SREBF1"
    assert client.get(f"{LIVER}/genes?q=MRP2").json["genes"][0]["gene"] == "ABCC2"
    assert client.get("/api/v1/genes?q=SREBP1").json["genes"][0]["gene"] == "SREBF1"
    assert client.get("/api/v1/genes/SREBP1/atlases").json["aliases"] == ["SREBP1 is an alias of SREBF1."]


def test_an_ambiguous_alias_is_offered(client):
    said = problem(client.get(f"{LIVER}/correlations?gene=MRP2"), 404)
    assert "MRP2 is an alias of 3 genes: ABCC2, KLHL1, SYCE1L." in said["detail"]
    assert said["suggestions"] == ["ABCC2"]
    assert "3 genes" in problem(client.get("/api/v1/genes/MRP2/atlases"), 404)["detail"]
    said = problem(client.get(f"{LIVER}/expression?gene=1-Mar"), 404)
    assert "a date that a spreadsheet may have made of MARCHF1" in said["detail"]
