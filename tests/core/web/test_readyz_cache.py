"""Status of the cache in ``/readyz``, and the end of the embedded server with the app."""

import json
import os
import re
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from contextlib import closing, contextmanager
from pathlib import Path

import flask
import psutil
import pytest

from core.cache.embedded_redis import RedisServer
from core.cache.redis_client import noted, running
from core.services.container import Services
from core.settings.settings import load
from core.web import health
from tests.redis_servers import Server, needs_redis
from tests.waiting import DEADLINE, until

ROOT = Path(__file__).parents[3]


@contextmanager
def readiness(**settings):
    """Make the routes, with warm kernels."""
    services = Services.of(load(**settings))
    kernels = health.Kernels()
    kernels.warm.set()
    server = flask.Flask("health")
    server.register_blueprint(health.blueprint(services, kernels))
    with closing(services.cache):
        client = server.test_client()
        yield lambda: client.get("/readyz").json, services


def of_cache(answer):
    return answer["status"], answer["checks"]["redis"]["status"]


@needs_redis
def test_redis_comes_and_goes(tmp_path):
    server = Server()
    try:
        with readiness(data_dir=tmp_path, cache_redis=server.url) as (readyz, services):
            assert of_cache(readyz()) == ("degraded", "degraded")
            server.start()
            assert of_cache(readyz()) == ("ready", "ok")
            assert readyz()["checks"]["redis"]["server"] == "external"
            server.kill()
            assert of_cache(readyz()) == ("degraded", "degraded")
            server.start()
            assert of_cache(readyz()) == ("ready", "ok")
            services.cache.memo("s", "ab" * 32, 1, lambda: {"r": 1})
            assert readyz()["checks"]["redis"]["counters"]["computed"] == 1
    finally:
        server.kill()


def test_without_a_cache_the_app_is_ready(tmp_path):
    with readiness(data_dir=tmp_path, correlation_cache=False) as (readyz, _):
        assert of_cache(readyz()) == ("ready", "off")
        assert readyz()["checks"]["redis"]["reason"] == "turned off"
    with readiness(data_dir=tmp_path) as (readyz, _):
        assert of_cache(readyz()) == ("ready", "off")


def test_in_secure_mode_only_whether_it_works(tmp_path):
    with readiness(data_dir=tmp_path, secure_mode=True) as (readyz, _):
        assert readyz()["checks"]["redis"] == {"status": "off"}


def fetch(url):
    try:
        with urllib.request.urlopen(url, timeout=DEADLINE) as answer:
            return json.loads(answer.read())
    except urllib.error.HTTPError as error:
        with error:
            return json.loads(error.read())


@needs_redis
@pytest.mark.parametrize(
    "end",
    [
        pytest.param(signal.SIGTERM, marks=pytest.mark.slow(representative=True)),
        pytest.param(signal.SIGINT, marks=pytest.mark.slow),
        pytest.param(signal.SIGKILL, marks=pytest.mark.slow),
    ],
)
def test_the_app_ends_what_it_starts(tmp_path, end):
    if end == signal.SIGKILL and sys.platform != "linux":
        pytest.skip("only Linux tells a process that its parent has died")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MASLDATLAS_")}
    # The process that is killed here is the server itself, not the parent that would start it again.
    environment |= {"MASLDATLAS_RESTARTS": "0"}
    command = [sys.executable, "-m", "app", "--data-dir", str(tmp_path / "data"), "serve", "--port", "0"]
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen([*command, "--no-demo", "--no-imports"], stderr=log, cwd=ROOT, env=environment)
    try:

        def address():
            assert process.poll() is None, (tmp_path / "log").read_text()
            return re.search(r"url=(http://127\.0\.0\.1:\d+)", (tmp_path / "log").read_text())

        url = until(address, "the address in the log", 4 * DEADLINE)[1]
        until(lambda: fetch(f"{url}/readyz")["checks"]["redis"]["status"] == "ok", "the cache")
        where = running(tmp_path / "data")
        assert where.pid == process.pid
        first = server_of(process.pid)
        first.kill()
        until(lambda: server_of(process.pid) not in (first, None), "the next server")
        until(lambda: fetch(f"{url}/readyz")["checks"]["redis"]["status"] == "ok", "the cache again")
        second = server_of(process.pid)
        process.send_signal(end)
        process.wait(DEADLINE)
        until(lambda: not second.is_running() or second.status() == psutil.STATUS_ZOMBIE, "the end of the server")
        if end == signal.SIGKILL:
            # Nobody could tidy up; the next one does.
            RedisServer(tmp_path / "data", 1 << 20, lambda _: None)._tidy()
        assert not where.directory.exists()
        assert noted(tmp_path / "data") is None
    finally:
        process.kill()
        process.wait()


def server_of(pid):
    """Return the server among the children of a process, once it has become one."""
    for child in psutil.Process(pid).children():
        try:
            if child.status() != psutil.STATUS_ZOMBIE and "redis" in child.name():
                return child
        except psutil.NoSuchProcess:
            continue
    return None
