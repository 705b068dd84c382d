"""Scores over HTTP, on the command line, and as arrays of the browser."""

import csv
import io
import json

import numpy as np
import pytest

from core.analysis.gene_set_scores import ScoreParams, cell_moments, score
from core.atlas.catalog import Catalog
from core.cli import main
from core.compute.workers import open_workers
from core.settings.settings import load
from tests.core.web.conftest import problem
from tests.factories import CELLS, N_CELLS
from tests.redis_servers import Server, needs_redis
from tests.tables import body

ADDRESS = "/api/v1/datasets/human/liver/score"
GENES = "ALB, CYP2E1, GLUL"


@pytest.fixture(scope="module")
def atlas(data):
    return Catalog(data).get("human/liver")


@pytest.fixture(scope="module")
def expected(atlas, data):
    """Return a function that computes the scores of the three genes."""
    pool = open_workers(load(data_dir=data))

    def expected(method="ulm", layer="expression", genes=("ALB", "CYP2E1", "GLUL")):
        return score(atlas, ScoreParams.of(atlas, genes, method, layer), cell_moments(atlas, layer, pool))

    yield expected
    pool.close()


@pytest.fixture
def mounted(tmp_path):
    """Return a directory of gene sets, one of them with a broken line."""
    (tmp_path / "own.gmt").write_text("LIVER\tx\tALB\tCYP2E1\tGLUL\tNOSUCHGENE\nrubbish\nLUNG\tx\tSFTPC\n")
    return tmp_path


@pytest.mark.parametrize("method", ["", "ulm", "mean_z"])
@pytest.mark.parametrize("layer", ["expression", "counts", "scaled"])
def test_every_cell_has_its_score(client, expected, method, layer):
    body = client.get(ADDRESS, query_string={"genes": f"{GENES} NOSUCHGENE", "method": method, "layer": layer}).json
    assert (body["method"], body["layer"], body["n_genes"]) == (method or "ulm", layer, 3)
    assert body["genes"] == ["ALB", "CYP2E1", "GLUL"]
    assert [it["name"] for it in body["unknown"]] == ["NOSUCHGENE"]
    assert [row["cell"] for row in body["scores"]][: len(CELLS)] == list(CELLS)
    found = np.array([np.nan if row["score"] is None else row["score"] for row in body["scores"]])
    np.testing.assert_array_equal(found, expected(method or "ulm", layer))


def test_a_cell_has_the_same_score_in_any_selection(client):
    every = {row["cell"]: row["score"] for row in client.get(ADDRESS, query_string={"genes": GENES}).json["scores"]}
    some = client.get(ADDRESS, query_string={"genes": GENES, "where": "Group=MASH"}).json
    assert some["n_cells"] == len(some["scores"]) == 30
    assert all(every[row["cell"]] == row["score"] for row in some["scores"])


@pytest.mark.parametrize("method", ["ulm", "mean_z"])
def test_both_doors_are_the_same_to_the_bit(client, data, capfd, method):
    query = {"genes": GENES, "method": method, "where": "Group=MASH"}
    answer = client.get(ADDRESS, query_string={**query, "format": "csv"})
    assert answer.headers["Content-Disposition"] == f'attachment; filename="liver_3-genes_{method}.csv"'
    options = [text for name, value in query.items() for text in (f"--{name}", value)]
    capfd.readouterr()
    with pytest.raises(SystemExit) as left:
        main(["--data-dir", str(data), "score", "human/liver", *options])
    assert left.value.code == 0
    assert capfd.readouterr().out == answer.text
    rows = list(csv.DictReader(io.StringIO(body(answer.text), newline="")))
    assert len(rows) == 30
    assert rows[0]["cell"] == CELLS[1]


@pytest.mark.parametrize(
    ("query", "status", "words"),
    [
        ({}, 400, "genes"),
        ({"genes": "NOSUCHGENE"}, 404, "NOSUCHGENE"),
        ({"genes": "ALB", "method": "gsva"}, 400, "ulm or mean_z"),
        ({"genes": "ALB", "layer": "nope"}, 400, "nope"),
        ({"genes": "ALB", "by": "Group"}, 400, "'by'"),
        ({"genes": "gmt:own/LIVER"}, 404, "no gene set 'own/LIVER' among 0"),
    ],
)
def test_what_cannot_be_asked(client, query, status, words):
    assert words in str(problem(client.get(ADDRESS, query_string=query), status))


def test_a_mounted_set_is_listed_searched_and_scored(data, make_app, mounted, expected, capfd):
    client = make_app(data, gene_sets_dir=mounted).server.test_client()
    body = client.get("/api/v1/genesets", query_string={"q": "liver"}).json
    assert body["n_sets"] == 2
    assert body["sets"] == [{"genes": "gmt:own/LIVER", "name": "LIVER", "file": "own.gmt", "n_genes": 4}]
    assert body["problems"] == ["Line 2 of own.gmt is not a gene set: name, description and genes, separated by tabs."]
    answer = client.get(ADDRESS, query_string={"genes": "gmt:own/LIVER"}).json
    np.testing.assert_array_equal([row["score"] for row in answer["scores"]], expected())
    assert [it["name"] for it in answer["unknown"]] == ["NOSUCHGENE"]
    assert "SFTPC" in problem(client.get(ADDRESS, query_string={"genes": "gmt:own/LUNG"}), 404)["detail"]
    near = problem(client.get(ADDRESS, query_string={"genes": "gmt:own/LIVR"}), 404)
    assert "own/LIVER" in str(near)


def test_the_command_line_reads_mounted_sets(data, mounted, monkeypatch, capfd, expected):
    monkeypatch.setenv("MASLDATLAS_GENE_SETS_DIR", str(mounted))
    arguments = ["--data-dir", str(data), "score", "human/liver", "--genes", "gmt:LIVER", "--format", "json"]
    with pytest.raises(SystemExit):
        main(arguments)
    out, err = capfd.readouterr()
    np.testing.assert_array_equal([row["score"] for row in json.loads(out)["scores"]], expected())
    assert "'NOSUCHGENE' is not a gene of this atlas and is omitted." in err


# ---- arrays ----


@pytest.fixture
def array(client, atlas):
    base = f"/arrays/human/liver/{atlas.manifest.content_hash}/score"
    return lambda layer, **query: client.get(f"{base}/{layer}", query_string=query)


@pytest.mark.parametrize("method", ["ulm", "mean_z"])
def test_an_array_is_exact_at_its_ends_and_within_half_a_step_between(array, expected, method):
    answer = array("expression", genes=GENES, method=method)
    assert (answer.status_code, answer.headers["X-Dtype"]) == (200, "u2")
    assert answer.headers["Cache-Control"].endswith("immutable")
    values, low, high = expected(method), float(answer.headers["X-Low"]), float(answer.headers["X-High"])
    assert (low, high) == (values.min(), values.max())
    found = low + np.frombuffer(answer.data, "<u2") * ((high - low) / 65_535)
    np.testing.assert_allclose(found, values, rtol=0, atol=0.5001 * (high - low) / 65_535)


def test_cells_without_a_score_are_nan_in_an_array_of_floats(array, atlas):
    ids = [f"ENSG{at:011d}" for at in range(len(atlas.genes))]
    assert array("expression", genes="\n".join(ids[1:])).headers["X-Dtype"] == "u2"
    every = array("expression", genes=", ".join(ids))
    assert every.status_code == 200
    values = np.frombuffer(every.data, "<f4")
    assert every.headers["X-Dtype"] == "f4"
    assert len(values) == N_CELLS
    assert np.isnan(values).all(), "the set holds all genes"


def test_arrays_that_are_refused(array, client):
    problem(array("expression"), 400)
    problem(array("expression", genes="NOSUCHGENE"), 404)
    problem(array("nope", genes="ALB"), 400)
    problem(array("expression", genes="ALB", method="gsva"), 400)
    problem(array("expression", genes="A" * 6_001), 400)
    assert array("expression", genes=("ALB " * 1_400)).status_code == 200
    problem(client.get("/arrays/human/liver/0123/score/expression", query_string={"genes": "ALB"}), 410)


def test_a_mounted_set_is_never_kept_for_ever(data, make_app, mounted, atlas):
    client = make_app(data, gene_sets_dir=mounted).server.test_client()
    address = f"/arrays/human/liver/{atlas.manifest.content_hash}/score/expression"
    answer = client.get(address, query_string={"genes": "gmt:own/LIVER"})
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-cache"


@needs_redis
def test_the_second_score_comes_from_redis_whatever_the_order_of_the_list(data, make_app):
    server = Server()
    try:
        server.start()
        app = make_app(data, cache_redis=server.url).server
        asked = [{"genes": "ALB GLUL"}, {"genes": "glul,ALB"}, {"genes": "ALB GLUL", "method": "mean_z"}]
        answers = [app.test_client().get(ADDRESS, query_string=query) for query in asked]
        assert [answer.headers["X-Cache"] for answer in answers] == ["miss", "hit", "miss"]
        assert answers[0].json["scores"] == answers[1].json["scores"]
    finally:
        server.kill()
