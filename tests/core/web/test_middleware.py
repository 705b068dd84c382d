"""Request ids, access log, compression, and errors of routes that are not for programs."""

import gzip
import json

import brotli
import pytest
from structlog.testing import capture_logs

from tests.core.web.conftest import problem
from tests.factories import imported, tiny

LIST = "/api/v1/datasets"


def lines_of(client, address, **more):
    import structlog

    with capture_logs(processors=[structlog.contextvars.merge_contextvars]) as lines:
        answer = client.get(address, **more)
        answer.close()
    return answer, [line for line in lines if line["event"] == "request"]


@pytest.mark.parametrize("address", [LIST, "/api/v1/datasets/human/none", "/", "/healthz", "/no/such/page"])
def test_a_request_id_is_made(client, address):
    answer, (line,) = lines_of(client, address)
    assert len(answer.headers["X-Request-ID"]) == 32
    assert line["request_id"] == answer.headers["X-Request-ID"]
    assert line["status"] == answer.status_code
    assert line["path"] == address
    assert line["ms"] >= 0
    other = client.get(address)
    assert other.headers["X-Request-ID"] != answer.headers["X-Request-ID"]


def test_a_request_id_is_kept(client):
    answer, (line,) = lines_of(client, LIST, headers={"X-Request-ID": "trace-1.a_B"})
    assert answer.headers["X-Request-ID"] == line["request_id"] == "trace-1.a_B"


@pytest.mark.parametrize("proposed", ["", "a b", "x" * 65, "a;b", "<b>", "é"])
def test_a_request_id_that_is_none(client, proposed):
    answer = client.get(LIST, headers={"X-Request-ID": proposed})
    assert answer.headers["X-Request-ID"] != proposed
    assert len(answer.headers["X-Request-ID"]) == 32


def test_the_query_is_not_logged(client):
    """It may hold what somebody looks for; the path says enough."""
    _, (line,) = lines_of(client, f"{LIST}/human/liver/genes?q=SECRET")
    assert "SECRET" not in json.dumps(line)


@pytest.mark.parametrize("address", ["/healthz", "/readyz", "/vendor/bootstrap.min.css", "/_dash-update-component"])
def test_what_comes_often_is_logged_at_debug(client, address):
    _, (line,) = lines_of(client, address)
    assert line["log_level"] == "debug"


def test_a_request_leaves_nothing_bound(client):
    import structlog

    client.get(f"{LIST}/human/liver/expression?gene=ALB&format=csv").close()
    assert structlog.contextvars.get_contextvars() == {}


@pytest.fixture(scope="module")
def large(tmp_path_factory, make_app):
    directory = tmp_path_factory.mktemp("large")
    imported(directory / "data", tiny(directory / "l.h5ad", n_cells=2_000, genes=("ALB", "APOB")), species="human")
    return make_app(directory / "data").server.test_client()


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [
        ("br", "br"),
        ("gzip", "gzip"),
        ("gzip, deflate, br, zstd", "br"),
        ("identity", None),
        ("zstd", None),
        (None, None),
    ],
)
@pytest.mark.parametrize("form", ["json", "csv"])
def test_large_answers_are_compressed(large, accepted, encoding, form):
    address = f"{LIST}/human/l/expression?gene=ALB&format={form}"
    plain = large.get(address)
    answer = large.get(address, headers={"Accept-Encoding": accepted} if accepted else {})
    assert answer.headers.get("Content-Encoding") == encoding
    assert "Accept-Encoding" in answer.headers["Vary"]
    unpack = {"br": brotli.decompress, "gzip": gzip.decompress, None: bytes}[encoding]
    assert unpack(answer.data) == plain.data
    assert encoding is None or len(answer.data) < len(plain.data) / 2


def test_small_answers_are_not(client):
    assert "Content-Encoding" not in client.get("/healthz", headers={"Accept-Encoding": "br"}).headers


def test_bootstrap_comes_from_here(client):
    with client.get("/vendor/bootstrap.min.css") as answer:
        assert answer.status_code == 200
        assert answer.mimetype == "text/css"
        assert b"Bootstrap" in answer.data[:200]
    for path in ("/vendor/../../__init__.py", "/vendor/..%2f..%2f__init__.py", "/vendor/none.css"):
        assert client.get(path).status_code == 404


def test_a_body_that_is_too_large(client):
    answer = client.post("/_dash-update-component", data=b"x" * (6 << 20), content_type="application/json")
    assert answer.status_code == 413


def test_errors_of_pages_stay_pages(client):
    answer = client.post("/")
    assert answer.status_code == 405
    assert answer.mimetype == "text/html"
    assert problem(client.post(LIST), 405)


def test_two_apps_do_not_share(data, make_app, tmp_path):
    one, other = make_app(data).server.test_client(), make_app(tmp_path).server.test_client()
    assert len(one.get(LIST).json["datasets"]) == 1
    assert other.get(LIST).json["datasets"] == []
    assert one.get(f"{LIST}/human/liver").status_code == 200
    assert other.get(f"{LIST}/human/liver").status_code == 404
