"""Rate limit: counted requests, refusals, and an intermittent Redis."""

import time
from contextlib import closing

import flask
import pytest
import redis

from core.compute import admission
from core.errors import InvalidSettings
from core.settings.settings import load
from core.web import rate_limit, request_costs
from tests.core.web.conftest import problem
from tests.redis_servers import Server, needs_redis, until

API = "/api/v1/datasets"
CALLBACKS = "/_dash-update-component"


@pytest.fixture
def redis_server():
    server = Server().start()
    yield server
    server.kill()


def client(make_app, data, **settings):
    return make_app(data, **settings).server.test_client()


def asked(client, n, path=API, address="10.0.0.1", **more):
    """Ask n times; return how often each status came."""
    more |= {"environ_base": {"REMOTE_ADDR": address}, "buffered": True}
    found = [client.get(path, **more).status_code for _ in range(n)]
    return {status: found.count(status) for status in sorted(set(found))}


def test_beyond_the_limit(make_app, data):
    visitor = client(make_app, data, rate_limit="5/minute")
    assert asked(visitor, 5) == {200: 5}
    answer = visitor.get(API, environ_base={"REMOTE_ADDR": "10.0.0.1"})
    body = problem(answer, 429)
    assert 1 <= int(answer.headers["Retry-After"]) <= 60
    assert body["detail"] == "Rate limit reached: 5 requests per minute."
    assert body["remedy"] == f"Try again in {answer.headers['Retry-After']} seconds."
    assert answer.headers["X-Request-ID"]
    assert answer.headers["Content-Security-Policy"]
    assert asked(visitor, 2, address="10.0.0.2") == {200: 2}, "another visitor has a count of his own"


def test_what_does_not_count(make_app, data):
    visitor = client(make_app, data, rate_limit="1/minute")
    for path in ("/healthz", "/readyz", "/assets/css/10-shell.css", "/_dash-layout", "/vendor/bootstrap.min.css",
                 "/embed/v1/embed.js"):  # fmt: skip
        assert asked(visitor, 3, path, "127.0.0.1").keys() <= {200, 503}, path
    assert asked(visitor, 2, address="127.0.0.1") == {200: 1, 429: 1}


FRAME = "/embed/v1/violin{}?atlas=human/liver&gene=ALB"


@pytest.mark.parametrize(
    ("path", "n"),
    [
        (API, 20),
        (f"{API}/human/liver/correlations?gene=ALB", 10),
        (f"{API}/human/liver/markers?by=CellType&top=3", 5),
        (FRAME.format(""), 20),
        (FRAME.format(".json"), 20),
        ("/oembed?url=http://localhost/explore", 20),
        ("/oembed?format=xml", 20),
        # What is refused at once counts as what it asks for.
        ("/api/v1/figures/violin.svg?gene=none", 4),
        ("/api/v1/figures/violin.zip?gene=none", 1),
    ],
)
def test_the_api_counts_by_what_it_costs(make_app, data, path, n):
    visitor = client(make_app, data, rate_limit="20/minute")
    found = asked(visitor, n + 1, path)
    assert found.pop(429) == 1
    assert sum(found.values()) == n
    assert asked(visitor, 1, "/") == {200: 1}, "pages have a limit of their own"


@pytest.mark.parametrize(
    ("path", "n"),
    [
        ("/explore?atlas=human/liver", 10),
        ("/no/such/page", 10),
        ("/arrays/human/liver/{digest}/embedding/X_umap", 20),
        ("/arrays/human/liver/{digest}/gene/expression?gene=ALB", 20),
        ("/arrays/human/liver/{digest}/score/expression?genes=ALB,GLUL&method=ulm", 4),
        ("/arrays/human/liver/old/raster/X_umap", 4),
    ],
)
def test_pages_and_their_arrays_count_apart(make_app, data, path, n):
    visitor = client(make_app, data, rate_limit="2/minute")
    digest = visitor.get(f"{API}/human/liver", environ_base={"REMOTE_ADDR": "10.0.0.3"}).json["content_hash"]
    found = asked(visitor, n + 1, path.format(digest=digest))
    assert found.pop(429) == 1
    assert sum(found.values()) == n
    assert asked(visitor, 1) == {200: 1}, "the API has a limit of its own"


def test_several_figures_in_one_zip_count_as_several():
    server = flask.Flask("costs")
    for path, wanted in (("/api/v1/figures.zip?figure=a&figure=b", 40), ("/api/v1/figures.zip", 20)):
        with server.test_request_context(path):
            assert request_costs.cost() == wanted
    with server.test_request_context(CALLBACKS, method="POST", data=b"x" * 250_000):
        assert (request_costs.category(), request_costs.cost()) == ("pages", 3)


def test_what_costs_more_than_the_limit_is_allowed_once(make_app, data):
    visitor = client(make_app, data, rate_limit="3/minute")
    path = "/api/v1/figures/violin.zip?gene=none"
    found = asked(visitor, 2, path)
    assert found.pop(429) == 1
    assert found.popitem()[1] == 1


def test_a_visitor_is_named_to_the_queues_while_his_request_lasts(make_app, data):
    app = make_app(data, rate_limit="50/minute")
    seen = []
    app.server.before_request(lambda: seen.append(admission.visitor.get()))
    app.server.test_client().get(API, environ_base={"REMOTE_ADDR": "2001:db8:1:2:3::4"})
    assert seen == ["2001:db8:1:2::"]
    assert admission.visitor.get() == ""


def test_callbacks_count_with_the_pages(make_app, data):
    visitor = client(make_app, data, rate_limit="2/minute")
    sent = [visitor.post(CALLBACKS, json={}).status_code for _ in range(21)]
    assert sent == [400] * 20 + [429], "refused before anything is read of them"
    assert asked(visitor, 1, address="127.0.0.1") == {200: 1}
    body = problem(visitor.post(CALLBACKS, json={}), 429)
    assert "20 requests per minute" in body["detail"]


def test_several_rates_at_once(make_app, data):
    visitor = client(make_app, data, rate_limit="3/second; 4 per 2 hours")
    assert asked(visitor, 3) == {200: 3}
    answer = visitor.get(API, environ_base={"REMOTE_ADDR": "10.0.0.1"})
    assert problem(answer, 429)["detail"].startswith("Rate limit reached: 3 requests per second.")
    assert answer.headers["Retry-After"] == "1"


@pytest.mark.parametrize(
    ("settings", "limited"),
    [
        ({}, False),
        ({"host": "localhost"}, False),
        ({"rate_limit": "200/minute"}, True),
        ({"rate_limit": "OFF"}, False),
        ({"host": "0.0.0.0"}, True),
        ({"env": "production", "secret_key": "x" * 40}, True),
        ({"env": "production", "secret_key": "x" * 40, "rate_limit": "off"}, False),
    ],
)
def test_where_it_is_on(settings, limited):
    assert load(**settings).limited is limited


def test_a_developer_is_not_limited(server):
    visitor = server.test_client()
    assert {visitor.get(API).status_code for _ in range(250)} == {200}


def test_a_malformed_rate():
    with pytest.raises(InvalidSettings, match="such as 200/minute, several as in 10/second;200/minute, or off"):
        load(rate_limit="many")


@pytest.mark.parametrize(
    ("remote", "whose"),
    [
        ("10.1.2.3", "10.1.2.3"),
        ("::ffff:10.1.2.3", "10.1.2.3"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("2001:db8:1:2::9", "2001:db8:1:2::"),
        ("fe80::1%eth0", "fe80::"),
        ("", "unknown"),
        (None, "unknown"),
        ("unix:", "unknown"),
    ],
)
def test_whom_an_address_stands_for(remote, whose):
    assert rate_limit.address(remote) == whose


@pytest.mark.parametrize(
    ("settings", "place"),
    [
        ({}, "memory://"),
        ({"cache_redis": "redis://cache:6379/0"}, "redis://cache:6379/0"),
        ({"cache_redis": "redis://cache:6379/0", "limiter_redis": "redis://broker:6379/1"}, "redis://broker:6379/1"),
        ({"limiter_redis": "unix:///run/r.sock"}, "redis+unix:///run/r.sock"),
    ],
)
def test_where_it_is_counted(settings, place):
    assert rate_limit.storage(load(**settings)) == place


def test_its_password_is_never_shown():
    settings = load(limiter_redis="redis://:hunter22222@broker:6379/1")
    assert "hunter22222" not in f"{settings!r} {settings} {settings.model_dump()}"
    assert settings.model_dump()["limiter_redis"] == "redis://***@broker:6379/1"
    with pytest.raises(InvalidSettings) as caught:
        load(limiter_redis="http://:hunter22222@broker")
    assert "hunter22222" not in str(caught.value)


@needs_redis
def test_two_servers_count_together(make_app, data, redis_server):
    settings = {"rate_limit": "10/minute", "limiter_redis": redis_server.url}
    one, two = (client(make_app, data, **settings) for _ in range(2))
    assert asked(one, 6) == {200: 6}
    assert asked(two, 6) == {200: 4, 429: 2}
    with closing(redis.Redis.from_url(redis_server.url)) as store:
        keys = [key.decode() for key in store.scan_iter()]
        assert len(keys) == 1
        assert "masldatlas" in keys[0]
        assert 0 < store.ttl(keys[0]) <= 60


@needs_redis
def test_redis_dies_and_comes_back(make_app, data, redis_server):
    """Nobody gets an error 500, the limit still holds, and is shared again when Redis is back."""
    settings = {"rate_limit": "8/minute", "limiter_redis": redis_server.url}
    one, two = (client(make_app, data, **settings) for _ in range(2))
    assert asked(one, 3) == {200: 3}
    redis_server.kill()
    start = time.perf_counter()
    assert asked(one, 10) == {200: 8, 429: 2}, "counted in memory, from the beginning"
    assert time.perf_counter() - start < 3
    assert asked(two, 2) == {200: 2}
    redis_server.start()
    # It looks for Redis again after 1, 2, 4 … seconds.
    until(lambda: asked(one, 1, address="10.0.0.9") and keys_of(redis_server), "the count in Redis")


def keys_of(server):
    with closing(redis.Redis.from_url(server.url)) as store:
        return store.keys()


@needs_redis
def test_a_redis_that_is_not_there_at_the_start(make_app, data):
    absent = Server()
    visitor = client(make_app, data, rate_limit="3/minute", limiter_redis=absent.url)
    assert asked(visitor, 5) == {200: 3, 429: 2}
