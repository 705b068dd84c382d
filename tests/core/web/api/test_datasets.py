"""``/api/v1/datasets``: valid and invalid input, and downloads that equal the store."""

import csv
import gzip
import io
import json
from urllib.parse import quote, unquote

import brotli
import numpy as np
import pytest
from structlog.testing import capture_logs
from werkzeug.http import parse_options_header

from core.atlas.catalog import Catalog
from core.atlas.import_state import ImportState, write_state
from tests.core.web.conftest import problem
from tests.factories import CELLS, GENES, N_CELLS, imported, tiny
from tests.tables import body

ATLAS = "/api/v1/datasets/human/liver"
LAYERS = ("expression", "counts", "scaled")


@pytest.fixture(scope="session")
def atlas(data):
    return Catalog(data).get("human/liver")


def rows(answer):
    assert answer.status_code == 200, answer.text
    assert answer.mimetype == "text/csv"
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    header, *found = csv.reader(io.StringIO(body(answer.data.decode()), newline=""))
    assert header == ["cell", "expression"]
    return [cell for cell, _ in found], [value for _, value in found]


def test_the_list(client):
    answer = client.get("/api/v1/datasets")
    assert answer.status_code == 200
    assert answer.mimetype == "application/json"
    assert set(answer.json) == {"datasets", "imports", "n_failed", "n_broken"}
    (found,) = answer.json["datasets"]
    assert found["id"] == "human/liver"
    assert (found["n_cells"], found["n_genes"]) == (N_CELLS, len(GENES))
    assert found["title"] == "Liver <i>of</i> tests"
    assert found["roles"] == {"cell_type": "CellType", "group": "Group", "sample": "Sample"}
    assert set(found["layers"]) == set(LAYERS)
    assert found["simulated"] is False
    assert (answer.json["n_failed"], answer.json["n_broken"]) == (0, 0)


def test_one(client, atlas):
    found = client.get(ATLAS).json
    assert found["content_hash"] == atlas.manifest.content_hash
    assert {layer["name"]: layer["unit"] for layer in found["layers"]}.keys() == set(LAYERS)
    assert [column["name"] for column in found["columns"]] == ["CellType", "Group", "Sample", "score"]
    assert "files" not in found
    assert str(atlas.path) not in json.dumps(found), "where it lies on the server is nobody's business"


def test_genes(client):
    found = client.get(f"{ATLAS}/genes").json
    assert found["n_genes"] == len(GENES)
    assert [gene["gene"] for gene in found["genes"]] == list(GENES)
    assert [gene["gene"] for gene in client.get(f"{ATLAS}/genes?q=cyp").json["genes"]] == ["CYP2E1"]
    assert [gene["gene"] for gene in client.get(f"{ATLAS}/genes?q=ensg00000000002").json["genes"]] == ["APOA1"]
    assert {gene["gene"] for gene in client.get(f"{ATLAS}/genes?q=aLb").json["genes"]} == {"ALB", "alb"}
    assert client.get(f"{ATLAS}/genes?q=no%20such").json["genes"] == []
    assert len(client.get(f"{ATLAS}/genes?limit=3").json["genes"]) == 3
    assert len(client.get(f"{ATLAS}/genes?limit=0003").json["genes"]) == 3
    assert len(client.get(f"{ATLAS}/genes?limit=1000").json["genes"]) == len(GENES)


@pytest.mark.parametrize(
    "limit",
    ["0", "-1", "1001", "1.5", "", "many", "٣", "1e2", " 1", "000000000005999999999", "9" * 399, "²"],
)
def test_a_limit_out_of_bounds(client, limit):
    body = problem(client.get(f"{ATLAS}/genes", query_string={"limit": limit}), 400)
    assert "limit=" in body["detail"]
    assert "from 1 to 1,000" in body["detail"]


@pytest.mark.parametrize("layer", LAYERS)
@pytest.mark.parametrize("gene", GENES)
def test_json_and_csv_are_exactly_the_store(client, atlas, gene, layer):
    stored = atlas.layer(layer).dense(atlas.genes.resolve(gene))
    assert stored.dtype == np.float32
    where = {"gene": gene, "layer": layer}
    body = client.get(f"{ATLAS}/expression", query_string=where).json
    assert np.array_equal(np.array(body["expression"], dtype=np.float64).astype(np.float32), stored)
    assert body["n_cells"] == N_CELLS == len(body["cells"])
    assert body["n_expressing"] == int((stored > 0).sum())
    assert (body["gene"], body["layer"]) == (gene, layer)
    cells, values = rows(client.get(f"{ATLAS}/expression", query_string=where | {"format": "csv"}))
    assert np.array_equal(np.array(values, dtype=np.float32), stored)
    assert [float(value) for value in values] == body["expression"]
    assert cells == body["cells"] == list(atlas.cells())


def test_counts_are_the_integers_of_the_file(client):
    _, values = rows(client.get(f"{ATLAS}/expression?gene=CYP2E1&layer=counts&format=csv"))
    assert all(float(value).is_integer() for value in values)
    assert max(map(float, values)) > 1


def test_odd_cell_names_stay_what_they_are(client):
    answer = client.get(f"{ATLAS}/expression?gene=APOA1&format=csv")
    cells, _ = rows(answer)
    # Also those that a spreadsheet takes for a formula: who reads the file back must find the cells of the atlas.
    assert tuple(cells[: len(CELLS)]) == CELLS
    assert client.get(f"{ATLAS}/expression?gene=APOA1").json["cells"][: len(CELLS)] == list(CELLS)
    assert answer.headers["Content-Disposition"].startswith("attachment;")


@pytest.mark.parametrize("gene", ["ALB", "apoa1", "ApoA1", " APOA1 ", "ENSG00000000002", "ensg00000000002"])
def test_a_gene_by_any_of_its_names(client, gene):
    found = client.get(f"{ATLAS}/expression", query_string={"gene": gene}).json
    assert found["gene"] == ("ALB" if gene == "ALB" else "APOA1")


def test_a_gene_whose_case_decides(client):
    assert client.get(f"{ATLAS}/expression?gene=alb").json["gene"] == "alb"
    assert "ALB, alb" in problem(client.get(f"{ATLAS}/expression?gene=Alb"), 400)["detail"]


def test_the_default_layer(client):
    one, other = (client.get(f"{ATLAS}/expression?gene=ALB{more}").json for more in ("", "&layer="))
    assert one == other
    assert one["layer"] == "expression"
    assert one["dataset"] == "human/liver"
    assert one["simulated"] is False
    assert one["unit"]


@pytest.mark.parametrize(
    ("query", "status", "words"),
    [
        ("", 400, "'gene' is missing"),
        ("gene=", 400, "'gene' is missing"),
        ("gene=%20", 400, "1 to 100 characters"),
        (f"gene={'A' * 101}", 400, "1 to 100 characters"),
        (f"gene={'A' * 5000}", 400, "5,000 characters long; 400 is the limit"),
        (f"gene=ALB&layer={'x' * 401}", 400, "'layer' is 401 characters long"),
        ("gene=APOB", 404, '"APOB" was not found'),
        ("gene=ALB&layer=raw", 400, "no layer 'raw'"),
        ("gene=ALB&layer=../counts", 400, "no layer '../counts'"),
        ("gene=ALB&format=tsv", 400, "format 'tsv'"),
        ("gene=ALB&format=CSV", 400, "format 'CSV'"),
        ("gene=ALB&gene=alb", 400, "'gene' is given 2 times"),
        ("gene=ALB&genes=alb", 400, "Unknown parameter 'genes'"),
        ("gene=%00", 404, "was not found"),
        ("gene=%ff%fe", 404, "was not found"),
    ],
)
def test_expression_refused(client, query, status, words):
    body = problem(client.get(f"{ATLAS}/expression?{query}"), status)
    assert words in body["detail"]
    assert body["instance"] == f"{ATLAS}/expression"
    assert len(body["detail"]) < 700


def test_suggestions(client):
    body = problem(client.get(f"{ATLAS}/expression?gene=CYP2E9"), 404)
    assert body["suggestions"][0] == "CYP2E1"
    assert "CYP2E1" in body["remedy"]
    assert problem(client.get("/api/v1/datasets/human/livr"), 404)["suggestions"] == ["human/liver"]


@pytest.mark.parametrize("route", ["", "/genes", "/expression?gene=ALB"])
@pytest.mark.parametrize(
    "atlas",
    [
        "human/other",
        "rat/liver",
        "human/..",
        "../liver",
        "human/%2e%2e",
        "%2e%2e/%2e%2e",
        "human/.work",
        "human/liver%00",
        "human/liver%0a",
        "HUMAN/liver",
        "human/LIVER",
        "human/a%5c..%5cb",
        f"human/{'x' * 5000}",
        "human/%F0%9F%A6%A0",
    ],
)
def test_no_such_atlas(client, atlas, route):
    body = problem(client.get(f"/api/v1/datasets/{atlas}{route}"), 404)
    assert "There is no atlas" in body["detail"]
    assert len(body["detail"]) < 200
    assert len(body["instance"]) <= 200


def test_a_path_that_climbs(client, data):
    outside = data.parent / "secret"
    outside.mkdir(exist_ok=True)
    (outside / "manifest.json").write_text("{}")
    for path in ("human%2F..%2F..%2F..%2Fsecret", "..%2F..%2Fsecret/manifest.json", "human/..%2f..%2f..%2fsecret"):
        assert client.get(f"/api/v1/datasets/{path}").status_code == 404


@pytest.mark.parametrize(
    "address",
    [
        "/api",
        "/api/",
        "/api/v2/datasets",
        "/api/v1",
        "/api/v1/",
        "/api/v1/whatever",
        "/api/v1/datasets/",
        "/api/v1/datasets/human",
        "/api/v1/datasets/a/b/c",
        f"{ATLAS}/",
        f"{ATLAS}/genes/",
        "/api/v1/datasets/a/b/c?x=1",
        f"{ATLAS}/expression/x",
    ],
)
def test_an_address_that_is_none(client, address):
    body = problem(client.get(address, follow_redirects=True), 404)
    assert body["remedy"] == "Begin at /api/v1/datasets."


@pytest.mark.parametrize("address", ["/api/v1/datasets", ATLAS])
def test_a_parameter_that_is_none(client, address):
    body = problem(client.get(f"{address}?gene=ALB"), 400)
    assert body["remedy"] == "This URL takes no parameters."


def test_html_comes_back_as_json_only(client):
    evil = "<script>alert(1)</script>"
    addresses = [
        f"{ATLAS}/expression?gene={evil}",
        f"{ATLAS}/expression?gene=ALB&layer={evil}",
        f"{ATLAS}/genes?limit={evil}",
        f"{ATLAS}/expression?gene=ALB&format={evil}",
        f"{ATLAS}?{evil}=1",
        f"/api/{evil}",
        f"/api/v1/datasets/{evil}/{evil}",
        f"/api/v1/datasets/human/{evil}",
    ]
    for address in addresses:
        answer = client.get(address)
        assert answer.status_code in (400, 404)
        assert answer.mimetype == "application/problem+json"
        assert answer.json["detail"]


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
@pytest.mark.parametrize("address", ["/api/v1/datasets", ATLAS, f"{ATLAS}/expression?gene=ALB", "/api/v1/whatever"])
def test_reading_only(client, method, address):
    answer = client.open(address, method=method, data=b"x" * 100)
    assert problem(answer, 405)["title"] == "Method Not Allowed"
    assert {"GET", "HEAD"} <= set(answer.headers["Allow"].split(", "))


@pytest.mark.parametrize(
    "address",
    ["/api/v1/datasets", f"{ATLAS}/genes", f"{ATLAS}/expression?gene=ALB", f"{ATLAS}/expression?gene=ALB&format=csv"],
)
def test_head(client, address):
    whole, head = client.get(address), client.head(address)
    assert head.status_code == 200
    assert head.data == b""
    assert head.mimetype == whole.mimetype
    assert head.headers.get("Content-Length") == whole.headers.get("Content-Length")
    assert client.head("/api/v1/datasets/human/none").status_code == 404


def file_name(answer):
    """Read a file name as a browser does: the exact one where there is one."""
    header = answer.headers["Content-Disposition"]
    header.encode("latin-1")  # or Waitress cannot send it
    kind, options = parse_options_header(header)
    assert kind == "attachment"
    return options["filename"]


@pytest.mark.parametrize(
    ("gene", "name"),
    [
        ("ALB", "liver_ALB_expression.csv"),
        ("HLA-DRA", "liver_HLA-DRA_expression.csv"),
        ('odd "gene", name', "liver_odd_gene_name_expression.csv"),
        ("ΔNp63/p40", "liver_ΔNp63_p40_expression.csv"),
    ],
)
def test_the_name_of_the_download(client, gene, name):
    answer = client.get(f"{ATLAS}/expression?format=csv&gene={quote(gene)}")
    assert file_name(answer) == name
    plain = answer.headers["Content-Disposition"].partition('filename="')[2].partition('"')[0]
    assert plain.isascii()
    assert plain.endswith(".csv")


def test_gene_names_that_break_headers(tmp_path, make_app):
    genes = ("new\r\nSet-Cookie: a=b", "肝臓", "..", "a/../b", "=cmd()", "x" * 90)
    imported(tmp_path / "data", tiny(tmp_path / "odd.h5ad", genes=genes, n_cells=8), species="other", name="odd")
    client = make_app(tmp_path / "data").server.test_client()
    names = []
    for gene in genes:
        answer = client.get("/api/v1/datasets/other/odd/expression", query_string={"gene": gene, "format": "csv"})
        assert answer.status_code == 200, answer.text
        assert len(rows(answer)[0]) == 8
        assert "Set-Cookie" not in answer.headers
        names.append(file_name(answer))
        assert "/" not in names[-1]
    assert names[1] == "odd_肝臓_expression.csv"
    assert unquote(names[0]) == "odd_new_Set-Cookie_a_b_expression.csv"


def test_a_long_csv_is_streamed_and_complete(tmp_path, make_app):
    """More rows than are sent at once, and a last piece that is exactly full."""
    imported(tmp_path / "data", tiny(tmp_path / "long.h5ad", genes=("ALB", "APOB"), n_cells=40_000), species="human")
    client = make_app(tmp_path / "data").server.test_client()
    stored = Catalog(tmp_path / "data").get("human/long").layer("expression").dense(1)
    for encoding in ("identity", "br", "gzip"):
        address = "/api/v1/datasets/human/long/expression?gene=APOB&format=csv"
        answer = client.get(address, headers={"Accept-Encoding": encoding}, buffered=False)
        assert answer.is_streamed
        assert answer.headers.get("Content-Encoding", "identity") == encoding
        packed = answer.data
        unpack = {"identity": bytes, "br": brotli.decompress, "gzip": gzip.decompress}
        found = list(csv.reader(io.StringIO(body(unpack[encoding](packed).decode()), newline="")))
        assert len(found) == 40_001
        assert np.array_equal(np.array([value for _, value in found[1:]], dtype=np.float32), stored)


def test_two_tables_of_one_number(client):
    """The float32 in the file has one shortest form, and CSV and JSON both write that."""
    texts = rows(client.get(f"{ATLAS}/expression?gene=CYP2E1&format=csv"))[1]
    raw = client.get(f"{ATLAS}/expression?gene=CYP2E1").text
    shown = raw[raw.index('"expression":[') + len('"expression":[') : raw.rindex("]")].split(",")
    assert [np.float32(text) for text in shown] == [np.float32(text) for text in texts]
    assert max(map(len, texts)) <= 12


def test_an_unexpected_error(data, make_app, monkeypatch):
    app = make_app(data)

    def fail(self):
        raise RuntimeError("secret path /srv/x.py")

    monkeypatch.setattr(Catalog, "manifests", fail)
    with capture_logs() as lines:
        answer = app.server.test_client().get("/api/v1/datasets")
    body = problem(answer, 500)
    assert body["title"] == "Something went wrong"
    assert "secret" not in answer.text
    (line,) = [line for line in lines if line["log_level"] == "error"]
    assert line["exc_info"], "the log has the traceback"


def test_a_broken_atlas(tmp_path, make_app):
    path = tiny(tmp_path / "liver.h5ad", n_cells=8)
    imported(tmp_path / "data", path, species="human")
    imported(tmp_path / "data", path, species="human", name="good")
    store = tmp_path / "data" / "atlases" / "human" / "liver"
    (store / "manifest.json").write_text("{")
    client = make_app(tmp_path / "data").server.test_client()
    found = client.get("/api/v1/datasets").json
    assert [each["id"] for each in found["datasets"]] == ["human/good"]
    assert found["n_broken"] == 1
    assert "human/liver" not in json.dumps(found), "names are for the operator"
    assert str(tmp_path) not in json.dumps(found)
    with capture_logs() as lines:
        body = problem(client.get(ATLAS), 500)
    assert body["title"] == "Atlas not readable"
    assert "datasets check" in body["remedy"]
    assert [line["kind"] for line in lines if line["log_level"] == "error"] == ["BrokenStore"]
    # A file that is gone is found out when it is asked for.
    (tmp_path / "data" / "atlases" / "human" / "good" / "layers" / "counts" / "cell_sums.npy").unlink()
    good = "/api/v1/datasets/human/good/expression?gene=ALB"
    assert client.get(good).status_code == 200
    problem(client.get(f"{good}&layer=counts"), 500)


def test_imports_are_listed(tmp_path, make_app):
    write_state(
        tmp_path, ImportState(id="human/a", phase="failed", title="a.h5ad", error="No.", file=str(tmp_path / "a"))
    )
    write_state(tmp_path, ImportState(id="human/b", phase="removed", file=str(tmp_path / "b")))
    write_state(tmp_path, ImportState(id="human/c", phase="importing", title="c.h5ad", step="reading", fraction=0.5))
    answer = make_app(tmp_path).server.test_client().get("/api/v1/datasets")
    (found,) = answer.json["imports"]
    assert found == {"id": "human/c", "phase": "importing", "title": "c.h5ad", "fraction": 0.5, "step": "reading"}
    assert answer.json["n_failed"] == 1
    assert "human/a" not in answer.text, "names and reasons of failed imports are for the operator"
    assert "No." not in answer.text


def test_why_an_atlas_is_broken_is_for_the_operator(tmp_path, make_app):
    imported(tmp_path / "data", tiny(tmp_path / "liver.h5ad", n_cells=8), species="human")
    (tmp_path / "data" / "atlases" / "human" / "liver" / "manifest.json").write_text("{")
    public = make_app(tmp_path / "data", host="0.0.0.0").server.test_client()
    body = problem(public.get(ATLAS), 500)
    assert body["detail"] == "The atlas human/liver cannot be read."
    assert "masldatlas datasets" in body["remedy"]
