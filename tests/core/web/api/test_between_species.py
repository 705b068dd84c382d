"""Comparisons of two atlases over HTTP and on the command line: the same bytes, planted answers, one clear sentence."""

import csv
import io
import json
from urllib.parse import urlencode

import pytest
import schemathesis
from schemathesis.specs.openapi import checks

from core.cli import main
from core.services.match_verdicts import verdict
from core.web.api.openapi import document, path_of
from core.web.api.operations import OPERATIONS
from tests.core.web.conftest import problem
from tests.factories import OF_TWO, imported
from tests.references import install
from tests.tables import body
from tests.two_species import DOWN, GENES, QUERY, SHARED, TURNED, TYPES, UP, liver, name_in

ONE = "/api/v1/datasets/human/liver"
HEPATOCYTE = {"other": "mouse/liver", "cell_type": TYPES[0]}


@pytest.fixture(scope="module")
def livers(tmp_path_factory):
    """Return a data directory with a human and a mouse liver."""
    data = tmp_path_factory.mktemp("between")
    for species in ("human", "mouse"):
        path = data / species / "liver.h5ad"
        path.parent.mkdir()
        liver(species).write_h5ad(path)
        imported(data, path, species=species)
    install(data, sets={"hallmark": {"RISES": UP, "FALLS": DOWN, "TURNS": [*TURNED, "NOT_HERE"]}}, edges={})
    return data


@pytest.fixture(scope="module")
def pair_server(make_app, livers):
    """Return the server of an app on both livers."""
    return make_app(livers, correlation_cache=False).server


@pytest.fixture(scope="module")
def client(pair_server):
    """Return a client of an app on both livers."""
    return pair_server.test_client()


@pytest.fixture(scope="module")
def get(client):
    """Return a function that asks for a comparison with the human liver."""

    def get(path, **query):
        return client.get(f"{ONE}/{path}?{urlencode(query, doseq=True)}")

    return get


def printed(capfd, data, *arguments):
    capfd.readouterr()
    with pytest.raises(SystemExit) as caught:
        main(["--data-dir", str(data), *arguments])
    out, err = capfd.readouterr()
    assert caught.value.code == 0, err
    return out, err


def rows(text):
    return list(csv.DictReader(io.StringIO(body(text))))


def test_types_and_their_command(get, livers, capfd):
    found = json.loads(get("type_auroc", other="mouse/liver").data)
    assert {row["cell_type_2"] for row in found["pairs"] if row["auroc"] > 0.9 and row["cell_type"] == "LSEC"} == {
        "LSEC"
    }
    assert found["other"]["dataset"] == "mouse/liver"
    assert "small table" in found["orthologs"]
    assert found["n_genes"] == found["n_shared_genes"] == len(GENES)
    assert "MetaNeighbor" in found["methods"]
    out, _ = printed(capfd, livers, "type-auroc", "human/liver", "mouse/liver")
    assert out == get("type_auroc", other="mouse/liver", format="csv").data.decode()


def test_changes_and_their_command(get, livers, capfd):
    found = json.loads(get("concordance", **HEPATOCYTE).data)
    verdicts = {row["gene"]: row["verdict"] for row in found["genes"]}
    assert {verdicts[gene] for gene in TURNED} == {"opposite"}
    assert found["comparison"] == found["comparison_2"] == "MASH against Healthy (Group)"
    assert found["cell_type"] == found["cell_type_2"] == TYPES[0]
    assert found["counts"]["up, then down"]["opposite"] == len(TURNED)
    assert found["r"]["n"] == found["n_tested"]
    out, err = printed(capfd, livers, "concordance", "human/liver", "mouse/liver", "--cell-type", TYPES[0])
    assert err == ""
    assert out == get("concordance", **HEPATOCYTE, format="csv").data.decode()
    adjusted = {**HEPATOCYTE, "covariate": "Sex", "covariate_2": "Sex"}
    found = get("concordance", **adjusted).json
    assert (found["covariates"], found["covariates_2"], found["paired_2"]) == (["Sex"], ["Sex"], "")
    assert "(adjusted for Sex)" in found["methods"]
    arguments = ("--cell-type", TYPES[0], "--covariate", "Sex", "--covariate-2", "Sex")
    out, _ = printed(capfd, livers, "concordance", "human/liver", "mouse/liver", *arguments)
    assert out == get("concordance", **adjusted, format="csv").data.decode()


def test_a_quadrant_is_enriched_in_what_was_planted(get, livers, capfd):
    found = json.loads(get("concordance/enrichment", **HEPATOCYTE, quadrant="up, then down", min_size=5).data)
    best = found["enrichment"][0]
    assert (best["set"], best["n_genes"]) == ("TURNS", len(TURNED))
    assert best["p_adj"] < 0.001
    assert found["genes_of"].startswith("orthologs that are up, then down")
    out, _ = printed(
        capfd, livers, "concordance", "human/liver", "mouse/liver", "--cell-type", TYPES[0], "--quadrant", "up in both"
    )
    assert rows(out)[0]["set"] == "RISES"


def test_correlates_and_their_command(get, livers, capfd):
    found = json.loads(get("conserved_correlates", **HEPATOCYTE, gene=QUERY, best=18).data)
    assert (found["gene"], found["gene_2"]) == (QUERY, name_in("mouse", QUERY))
    assert {row["gene"] for row in found["genes"] if row["verdict"] == "conserved"} >= set(SHARED[1:])
    assert found["overlap"]["positive"]["p"] < 0.01
    arguments = ("conserved-correlates", "human/liver", "mouse/liver", QUERY, "--cell-type", TYPES[0], "--best", "18")
    out, _ = printed(capfd, livers, *arguments)
    assert out == get("conserved_correlates", **HEPATOCYTE, gene=QUERY, best=18, format="csv").data.decode()


def test_a_match_that_does_not_hold_is_said(livers, capfd):
    arguments = ("--cell-type", TYPES[0], "--cell-type-2", TYPES[1], "--best", "5")
    _, err = printed(capfd, livers, "conserved-correlates", "human/liver", "mouse/liver", QUERY, *arguments)
    said = f"of {TYPES[0]} and {TYPES[1]} is below 0.9: they may not be the same cell type."
    assert said in err
    _, err = printed(
        capfd,
        livers,
        "species",
        "dotplot",
        "human/liver",
        QUERY,
        "--match",
        f"{TYPES[0]}={TYPES[1]}",
        "--format",
        "json",
    )
    assert said in err


def test_answers_say_how_alike_the_types_are(get, client):
    for path, more in (("concordance", {}), ("conserved_correlates", {"gene": QUERY})):
        found = get(path, **HEPATOCYTE, **more).json
        assert (found["auroc"] > 0.9, found["match_warning"], found["bound"]) == (True, "", 0.9)
        found = get(path, **HEPATOCYTE, **more, cell_type_2=TYPES[1]).json
        assert found["auroc"] < 0.9
        assert "may not be the same cell type" in found["match_warning"]
    assert "auroc" not in get("conserved_correlates", other="mouse/liver", gene=QUERY).json
    query = {"atlas": "human/liver", "gene": QUERY, "match": f"{TYPES[0]}={TYPES[1]}"}
    found = client.get("/api/v1/species/dotplot", query_string=query).json
    assert [each.startswith("mouse/liver: AUROC 0.") for each in found["below_auroc"]] == [True]
    assert {row["cell_type"] for row in found["dotplot"] if row["warning"]} == {TYPES[0]}
    del query["gene"]
    found = client.get("/api/v1/species/types", query_string=query).json
    assert [bool(row["warning"]) for row in found["types"]] == [True, False, False]


def test_the_verdict_of_a_match(get):
    import pyarrow as pa

    found = pa.Table.from_pylist(json.loads(get("type_auroc", other="mouse/liver").data)["pairs"])
    assert verdict(found, TYPES[:1], TYPES[:1]).sentence == ""
    assert not verdict(found, TYPES[:1], TYPES[:1]).below
    assert verdict(found, TYPES[:1], TYPES[:2]).below
    unknown = verdict(found, ["nothing"], TYPES[:1])
    assert not unknown.below
    assert "is not known" in unknown.sentence


@pytest.mark.parametrize(
    ("path", "query", "status", "words"),
    [
        ("type_auroc", {}, 400, "'other' is missing"),
        ("type_auroc", {"other": "human/liver"}, 400, "compared with itself"),
        ("type_auroc", {"other": "mouse/none"}, 404, "mouse/none"),
        ("concordance", {**HEPATOCYTE, "cell_type": "Neuron"}, 404, "There is no cell type 'Neuron'"),
        ("concordance", {**HEPATOCYTE, "fdr": "2"}, 400, "fdr"),
        ("concordance", {**HEPATOCYTE, "covariate_2": "Nothing"}, 404, "Nothing"),
        ("concordance", {**HEPATOCYTE, "paired": "Group"}, 400, "so it cannot pair"),
        ("concordance", {**HEPATOCYTE, "paired_2": "Donor", "paired": "Donor"}, 400, "partner by Donor"),
        ("concordance/enrichment", {**HEPATOCYTE, "quadrant": "sideways"}, 400, "There is no quadrant"),
        ("concordance/enrichment", {**HEPATOCYTE, "quadrant": "up in both", "collection": "none"}, 404, "'none'"),
        ("conserved_correlates", {**HEPATOCYTE, "gene": "NOPE"}, 404, "NOPE"),
        ("conserved_correlates", {**HEPATOCYTE, "gene": QUERY, "best": "0"}, 400, "best"),
        ("conserved_correlates", {**HEPATOCYTE, "gene": QUERY, "gene_2": "NOPE"}, 404, "NOPE"),
    ],
)
def test_what_cannot_be_compared_is_one_clear_sentence(get, path, query, status, words):
    found = problem(get(path, **query), status)
    assert words in found["detail"]


@pytest.mark.parametrize("figure", OF_TWO)
def test_figures_leave_as_data_and_as_frames(client, figure):
    query = urlencode({"atlas": "human/liver", "others": "mouse/liver", "gene": QUERY})
    data = client.get(f"/api/v1/figures/{figure}.csv?{query}")
    assert data.status_code == 200, data.text
    assert "mouse/liver" in data.text
    about = client.get(f"/api/v1/figures/{figure}/about?{query}")
    assert about.json["facts"]["parameters"]["other"] == "mouse/liver"
    frame = client.get(f"/embed/v1/{figure}?{query}")
    assert frame.status_code == 200, frame.text


ASKED = {"other": "mouse/liver", "cell_type": TYPES[0], "gene": QUERY, "quadrant": "up in both", "best": "18"}


@pytest.mark.parametrize("operation", [it for it in OPERATIONS if "other" in it.needs], ids=lambda it: it.rule)
def test_answers_are_what_the_schema_says(client, pair_server, operation):
    asked = {name: ASKED[name] for name in operation.takes if name in ASKED}
    path = operation.rule.replace("<species>", "human").replace("<name>", "liver")
    for form in operation.formats:
        answer = client.get(path, query_string=asked | {"format": form})
        assert answer.status_code == 200, answer.text
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", pair_server)
    case = schema[path_of(operation.rule)]["GET"].Case(
        path_parameters={"species": "human", "name": "liver"}, query=asked, headers={"Accept-Encoding": "identity"}
    )
    case.call_and_validate(excluded_checks=[checks.positive_data_acceptance])
    for parameter in document()["paths"][path_of(operation.rule)]["get"]["parameters"]:
        if "maximum" in parameter["schema"]:
            over = asked | {parameter["name"]: parameter["schema"]["maximum"] + 1}
            problem(client.get(path, query_string=over), 400)
