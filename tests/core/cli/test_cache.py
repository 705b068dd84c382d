"""``masldatlas cache``: info and flush, with an external and an embedded server."""

import json
import re
from contextlib import closing
from functools import partial

import pytest
import redis

from core.atlas.manifest import SCHEMA_VERSION, Manifest, SourceInfo
from core.cache.cache import Cache
from core.cache.keys import VALUES
from core.cache.redis_client import ServerAddress, note
from core.settings.settings import load
from tests.redis_servers import Server, needs_redis, until

pytestmark = needs_redis


@pytest.fixture(scope="module")
def shared():
    server = Server().start()
    yield server
    server.kill()


@pytest.fixture
def server(shared, monkeypatch):
    with closing(redis.Redis.from_url(shared.url)) as client:
        client.flushall()
    monkeypatch.setenv("MASLDATLAS_CACHE_REDIS", shared.url)
    return shared


def atlas(data, name):
    """Write the manifest of an atlas, which is all that the cache asks for."""
    manifest = Manifest(
        schema_version=SCHEMA_VERSION,
        species="human",
        name=name,
        title=name,
        citation="",
        simulated=False,
        source=SourceInfo(file=f"{name}.h5ad", bytes=1, sha256="", mtime_ns=1),
        n_cells=1,
        n_genes=1,
        layers=(),
        embeddings=(),
        columns=(),
        roles={},
        notes=(),
        software={},
        created="",
        files={},
    ).sealed()
    place = data / "atlases" / "human" / name
    place.mkdir(parents=True)
    (place / "manifest.json").write_bytes(manifest.to_json())
    return manifest


@pytest.fixture
def run(tmp_path, run_in):
    """Return a function that runs a command and gives its exit code, stdout and stderr."""
    return partial(run_in, tmp_path)


def filled(tmp_path, *, start=False):
    """Keep seven answers of one atlas, three of another, one of an atlas that is gone."""
    cache = Cache(load(data_dir=tmp_path))
    if start:
        cache.start()
        until(lambda: cache.status()["status"] == "ok", "the embedded server")
    for content_hash, n in (
        (atlas(tmp_path, "liver").content_hash, 7),
        (atlas(tmp_path, "blood").content_hash, 3),
        ("ef" * 32, 1),
    ):
        for at in range(n):
            cache.memo("correlates", content_hash, at, lambda: {"r": 0.5})
    return cache


def test_info(server, tmp_path, run):
    filled(tmp_path).close()
    code, out, err = run("cache", "info")
    assert (code, err) == (0, "")
    assert re.search(r"^server   external, (redis|valkey) \d+\.\d+\S*, redis://127\.0\.0\.1:\d+/0$", out, re.M)
    assert re.search(r"^memory   [\d.]+ MB of no limit$", out, re.M)
    assert re.search(r"^entries  11$", out, re.M)
    assert re.search(r"^hits     0 of 11$", out, re.M)
    assert re.search(r"^  human/liver +7  [\d.]+ k?B$", out, re.M)
    assert re.search(r"^  human/blood +3  ", out, re.M)
    assert re.search(r"^  \(replaced or removed\) +1  ", out, re.M)


def test_info_as_json(server, tmp_path, run):
    with closing(filled(tmp_path)) as cache:
        cache.memo("correlates", "ef" * 32, 0, lambda: {})
    code, out, _ = run("cache", "info", "--json")
    assert code == 0
    told = json.loads(out)
    assert told["entries"] == 11
    assert {each["dataset"]: each["entries"] for each in told["datasets"]} == {
        "human/liver": 7,
        "human/blood": 3,
        "(replaced or removed)": 1,
    }
    assert told["counters"]["hits"] == 1
    assert told["counters"]["misses"] == 11
    assert told["used_bytes"] > 0
    assert all(each["bytes"] > 0 for each in told["datasets"])


def test_info_of_an_empty_server(server, run):
    code, out, _ = run("cache", "info")
    assert code == 0
    assert out.endswith("entries  0\n")


def test_flush_one_atlas(server, tmp_path, run):
    with closing(filled(tmp_path)) as cache:
        assert run("cache", "flush", "human/liver") == (0, "Deleted 7 entries of human/liver.\n", "")
        assert run("cache", "flush", "human/liver") == (0, "Deleted 0 entries of human/liver.\n", "")
        assert cache.memo("correlates", "ef" * 32, 0, lambda: {}).hit


def test_flush_everything_of_ours(server, tmp_path, run):
    with closing(redis.Redis.from_url(server.url)) as client:
        client.set("somebody else's", 1)
        client.set(f"{VALUES}planted:x", b"garbage")
        assert run("cache", "flush") == (0, "Deleted 1 entry.\n", "")
        assert client.exists("somebody else's")


def test_flush_of_an_unknown_atlas(server, tmp_path, run):
    filled(tmp_path).close()
    code, out, err = run("cache", "flush", "human/livr")
    assert (code, out) == (2, "")
    assert "human/liver" in err
    assert err.count("\n") == 1
    assert run("cache", "info")[1].count("human/liver") == 1


def test_the_server_of_a_running_app(tmp_path, run):
    cache = filled(tmp_path, start=True)
    try:
        code, out, _ = run("cache", "info", "--json")
        told = json.loads(out)
        assert (code, told["server"], told["entries"]) == (0, "embedded", 11)
        assert told["max_bytes"] == 512 << 20
        assert run("cache", "flush", "human/blood")[1] == "Deleted 3 entries of human/blood.\n"
    finally:
        cache.close()
    code, out, err = run("cache", "info")
    assert (code, out) == (2, "")
    assert err.startswith("masldatlas: No cache found: no dashboard runs on")
    assert err.count("\n") == 1


def test_a_stale_note(tmp_path, run):
    note(tmp_path, ServerAddress("/nowhere/redis.sock", 1))
    code, _, err = run("cache", "flush")
    assert code == 2
    assert "No cache found" in err


def test_turned_off(tmp_path, run, monkeypatch):
    monkeypatch.setenv("MASLDATLAS_CORRELATION_CACHE", "false")
    code, _, err = run("cache", "info")
    assert (code, err) == (
        2,
        "masldatlas: The cache is turned off. Unset MASLDATLAS_CORRELATION_CACHE to turn the cache on.\n",
    )


@pytest.mark.parametrize("command", [("info",), ("info", "--json"), ("flush",)])
def test_a_server_that_is_away(run, monkeypatch, command):
    url = Server().url.replace("//", "//somebody:secret-password@")
    monkeypatch.setenv("MASLDATLAS_CACHE_REDIS", url)
    code, out, err = run("cache", *command)
    assert (code, out) == (2, "")
    assert "does not respond correctly (ConnectionError)" in err
    assert "secret-password" not in err
    assert err.count("\n") == 1
