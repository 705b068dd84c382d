"""Hosts: names of this server alone are answered, whoever else's name leads to it."""

import pytest

from core.errors import InvalidSettings
from core.settings.settings import load
from core.web import server
from core.web.hosts import name_of
from tests.core.web.conftest import problem

PROXIED = {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Host": "masld.example.org", "Host": "app:8050"}


@pytest.mark.parametrize(
    "host",
    ["localhost", "localhost:8050", "LOCALHOST:1", "localhost.", "127.0.0.1:8050", "127.1.2.3", "[::1]:8050", "[::1]"],
)
@pytest.mark.parametrize("path", ["/", "/api/v1/datasets", "/healthz"])
def test_loopback_names_are_answered(client, host, path):
    assert client.get(path, headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        *("evil.example.org", "evil.example.org:8050", "localhost.evil.example.org", "10.0.0.5:8050", "[2001:db8::1]"),
        *(
            "localhost, localhost",
            "localhost,evil",
            "a b",
            "localhost:",
            "localhost:x",
            "user@localhost",
            "",
            "[::1",
            "é",
        ),
        *("localhost/", "localhost:8050:1", "0.0.0.0:8050"),
    ],
)
@pytest.mark.parametrize("path", ["/", "/api/v1/datasets", "/healthz"])
def test_other_names_are_refused(client, host, path):
    body = problem(client.get(path, headers={"Host": host}), 400)
    assert body["title"] == "Host not allowed"


def test_a_request_without_host(client):
    problem(client.get("/", environ_overrides={"HTTP_HOST": ""}), 400)


def test_names_of_the_operator(data, make_app):
    app = make_app(data, allowed_hosts="masld.example.org, Atlas.Lab.Test. [2001:db8::1]", host="10.0.0.5")
    client = app.server.test_client()
    for host in ("masld.example.org", "MASLD.example.org:443", "atlas.lab.test", "[2001:db8::1]:80", "10.0.0.5:8050"):
        assert client.get("/api/v1/datasets", headers={"Host": host}).status_code == 200, host
    body = problem(client.get("/", headers={"Host": "example.org"}), 400)
    assert "MASLDATLAS_ALLOWED_HOSTS" in body["remedy"]


def test_the_name_that_a_trusted_proxy_forwards_counts(data, make_app):
    behind = make_app(data, allowed_hosts="masld.example.org", trusted_proxies=1).server.test_client()
    assert behind.get("/", headers=PROXIED).status_code == 200
    problem(behind.get("/", headers=PROXIED | {"X-Forwarded-Host": "evil.example.org"}), 400)
    problem(behind.get("/", headers=PROXIED | {"Host": "one, two"}), 400)
    alone = make_app(data, allowed_hosts="masld.example.org").server.test_client()
    problem(alone.get("/", headers=PROXIED), 400)


@pytest.mark.parametrize("given", ["http://a.org", "a.org:8050", "*", "a_b/c", "a.org;b.org"])
def test_malformed_names(given):
    with pytest.raises(InvalidSettings, match="MASLDATLAS_ALLOWED_HOSTS holds"):
        load(allowed_hosts=given)


def test_the_name_in_a_host_header():
    assert name_of("[::1]:8050") == "::1"
    assert name_of("Lab.Test.:80") == "lab.test"
    assert name_of("a,b") is None


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "atlas.lab.test"])
def test_a_server_that_others_reach_needs_a_secret(host):
    with pytest.raises(InvalidSettings, match=r"well-known default.*openssl rand -hex 32"):
        server.run(None, load(host=host), lambda: None)
    assert not load(host=host, secret_key="x" * 40).exposed
    assert not load().exposed
