"""Reverse proxies and untrusted clients: visitor addresses, refused requests, undisclosed versions."""

import json
import platform
import socket
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import dash
import flask
import plotly
import pytest

import core
from core.errors import InvalidSettings
from core.settings.settings import load
from core.web import problems, proxies, security_txt
from core.web.server import MAX_BODY
from tests.core.web.conftest import problem

ROOT = Path(__file__).parents[3]


def behind(trusted):
    """Return a client of a small server that says who asks, and by which address."""
    server = flask.Flask("proxy")
    proxies.register(server, trusted)
    server.add_url_rule("/", view_func=lambda: [flask.request.remote_addr, flask.request.host_url])
    return server.test_client()


@pytest.mark.parametrize(
    ("trusted", "forwarded", "address"),
    [
        (0, "203.0.113.9", "127.0.0.1"),
        (1, "203.0.113.9", "203.0.113.9"),
        # The visitor wrote the first, the proxy the second.
        (1, "198.51.100.1, 203.0.113.9", "203.0.113.9"),
        (2, "198.51.100.1, 203.0.113.9", "198.51.100.1"),
        (2, "192.0.2.1, 198.51.100.1, 203.0.113.9", "198.51.100.1"),
        # Somebody has come past one of the two.
        (2, "203.0.113.9", "127.0.0.1"),
        (1, None, "127.0.0.1"),
    ],
)
def test_whose_address_counts(trusted, forwarded, address):
    headers = {} if forwarded is None else {"X-Forwarded-For": forwarded}
    assert behind(trusted).get("/", headers=headers).json == [address, "http://localhost/"]


@pytest.mark.parametrize("trusted", [0, 1, 2])
def test_scheme_and_host(trusted):
    headers = {
        "X-Forwarded-For": "192.0.2.1, 198.51.100.1",
        "X-Forwarded-Proto": "https",
        "X-Forwarded-Host": "masld.example.org",
    }
    _, url = behind(trusted).get("/", headers=headers).json
    assert url == ("https://masld.example.org/" if trusted else "http://localhost/")


def test_the_app_uses_its_setting(data, make_app):
    asked = {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "https", "X-Forwarded-Host": "masld.example.org"}
    for trusted, words in ((1, "Canonical: https://masld.example.org/.well-known/security.txt"), (0, "")):
        app = make_app(
            data, trusted_proxies=trusted, security_contact="security@example.org", allowed_hosts="masld.example.org"
        )
        text = app.server.test_client().get(security_txt.ADDRESS, headers=asked).text
        assert (words in text) if words else ("Canonical" not in text)


# --- security.txt ----------------------------------------------------------------------------------------------------


def fields(text):
    """Return the fields of a security.txt, which may each be there once here."""
    lines = [line.split(": ", 1) for line in text.splitlines()]
    assert len({name for name, _ in lines}) == len(lines)
    return dict(lines)


def test_security_txt(data, make_app):
    client = make_app(data, security_contact="security@example.org").server.test_client()
    answer = client.get("/.well-known/security.txt")
    assert answer.status_code == 200
    assert answer.mimetype == "text/plain"
    assert answer.text.endswith("\n")
    told = fields(answer.text)
    assert told["Contact"] == "mailto:security@example.org"
    left = datetime.fromisoformat(told["Expires"]) - datetime.now(UTC)
    assert 170 < left.days < 365, "RFC 9116: in the future, and less than a year"


def test_no_contact_no_security_txt(client):
    assert "contact" in problem(client.get("/.well-known/security.txt"), 404)["detail"]


def test_it_never_expires_while_it_is_served():
    server = flask.Flask("security")
    now = [datetime(2030, 12, 31, 23, 59, 59, tzinfo=UTC)]
    server.register_blueprint(
        security_txt.blueprint(load(security_contact="https://example.org/security"), lambda: now[0])
    )
    problems.register(server)
    told = fields(server.test_client().get(security_txt.ADDRESS).text)
    assert told["Expires"] == "2031-06-29T00:00:00Z"
    assert told["Contact"] == "https://example.org/security"


@pytest.mark.parametrize(
    ("given", "contact"),
    [
        ("a.b+c@lab.example.org", "mailto:a.b+c@lab.example.org"),
        ("mailto:a@b.org", "mailto:a@b.org"),
        ("https://a.org/x", "https://a.org/x"),
    ],
)
def test_contacts(given, contact):
    assert load(security_contact=given).security_contact == contact


@pytest.mark.parametrize(
    "given", ["nobody", "a@b", "http://a.org", "https://", "https://u:p@a.org", "a@b.org\nX: y", "x y"]
)
def test_no_contacts(given):
    with pytest.raises(InvalidSettings, match="MASLDATLAS_SECURITY_CONTACT"):
        load(security_contact=given)


# --- what is not told ------------------------------------------------------------------------------------------------


def test_a_discreet_page_names_no_version(data, make_app):
    versions = (dash.__version__, plotly.__version__, platform.python_version(), core.__version__)

    def config(**settings):
        text = make_app(data, **settings).server.test_client().get("/").text
        return json.loads(text.split('<script id="_dash-config" type="application/json">')[1].split("</script>")[0])

    open_, discreet = config(), config(secure_mode=True)
    assert open_["dash_version"] == dash.__version__, "else this test shows nothing"
    assert set(open_) == set(discreet)
    assert not [value for value in discreet.values() if any(version in str(value) for version in versions)]
    open_.pop("end_id")
    assert {name for name in open_ if open_[name] != discreet[name]} <= {
        "dash_version", "python_version", "plotly_version", "ddk_version"
    }  # fmt: skip


# --- the real server -------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def port(data):
    """Return the port of a server that trusts one proxy."""
    command = [sys.executable, "-m", "app", "--data-dir", str(data), "serve", "--port", "0", "--no-demo"]
    environment = {
        "MASLDATLAS_TRUSTED_PROXIES": "1", "MASLDATLAS_ALLOWED_HOSTS": "masld.example.org",
        "MASLDATLAS_SECURITY_CONTACT": "a@b.org",
        "MASLDATLAS_CORRELATION_CACHE": "false", "PATH": "/usr/bin:/bin", "HOME": str(data),
    }  # fmt: skip
    with subprocess.Popen(
        [*command, "--no-imports"], cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            for line in process.stderr:
                if "serving" in line:
                    break
            else:
                pytest.fail("the server does not start")
            yield int(line.rsplit("127.0.0.1:", 1)[1].split()[0])
        finally:
            process.kill()


def raw(port, *pieces):
    """Send bytes and return status, headers and body of the answer; the server closes."""
    with closing(socket.create_connection(("127.0.0.1", port), timeout=20)) as connection:
        for piece in pieces:
            connection.sendall(piece)
        answer = b""
        while b"\r\n\r\n" not in answer or not answer.split(b"\r\n\r\n", 1)[1]:
            received = connection.recv(65536)
            assert received, f"the server hung up after {answer!r}"
            answer += received
    head, body = answer.split(b"\r\n\r\n", 1)
    status, *lines = head.decode().split("\r\n")
    return int(status.split()[1]), {k.lower(): v for k, v in (line.split(": ", 1) for line in lines)}, body


HOST = b"Host: localhost\r\n"


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (b"POST /_dash-update-component HTTP/1.1\r\n" + HOST + b"Content-Length: %d\r\n\r\n" % (MAX_BODY + 1), 413),
        (b"POST /api/v1/datasets HTTP/1.1\r\n" + HOST + b"Content-Length: %d\r\n\r\n" % (1 << 40), 413),
        (b"GET / HTTP/1.1\r\n" + HOST + b"Cookie: " + b"x" * (1 << 19) + b"\r\n\r\n", 431),
        (b"GET / HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: nonsense\r\n\r\n", 501),
        (b"GET / HTTP/1.1\r\n" + HOST + b"Content-Length: 1, 2\r\n\r\n", 400),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400),
    ],
)
def test_refused_at_the_door(port, request_, status):
    found, headers, body = raw(port, request_)
    assert found == status
    assert headers["content-type"] == "application/problem+json"
    assert headers["x-content-type-options"] == "nosniff"
    assert "server" not in headers
    told = json.loads(body)
    assert told["status"] == status
    assert told["detail"].endswith(".")
    assert b"waitress" not in body.lower()


def test_a_body_in_pieces_is_counted_too(port):
    piece = b"40000\r\n" + b"x" * 0x40000 + b"\r\n"
    head = b"POST /_dash-update-component HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n"
    status, _, body = raw(port, head, *[piece] * (MAX_BODY // 0x40000 + 2), b"0\r\n\r\n")
    assert status == 413
    assert "5 MB" in json.loads(body)["detail"]


def test_flask_says_the_same(client):
    answer = client.post("/_dash-update-component", data=b"x" * (MAX_BODY + 1), content_type="application/json")
    problem(answer, 413)


def test_the_headers_of_a_proxy_reach_the_app(port):
    head = b"GET /.well-known/security.txt HTTP/1.1\r\n" + HOST
    forwarded = b"X-Forwarded-Proto: https\r\nX-Forwarded-Host: masld.example.org\r\n"
    status, _, body = raw(port, head + forwarded + b"\r\n")
    assert status == 200
    assert b"Canonical: https://masld.example.org/" in body


def test_a_request_that_comes_slowly_is_answered(port):
    status, _, body = raw(port, b"GET /heal", b"thz HT", b"TP/1.1\r\n", HOST, b"\r\n")
    assert (status, body) == (200, b"ok\n")
