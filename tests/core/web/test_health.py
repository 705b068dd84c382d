"""``/healthz`` and ``/readyz`` with an intermittent Redis, and start and stop of the real server."""

import csv
import io
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Event

import numpy as np
import orjson
import pytest
from structlog.testing import capture_logs

from core.analysis.correlation import CorrelationParams, correlates
from core.atlas.catalog import Catalog
from core.compute.executor import Workers
from core.genes.ids import with_ids
from core.services.container import Services
from core.settings.settings import load
from core.tables.text import records
from core.web import health
from tests.factories import GENES, imported, tiny
from tests.redis_servers import free_port
from tests.tables import body as table_of
from tests.waiting import DEADLINE, until

ROOT = Path(__file__).parents[3]


@contextmanager
def running(command, **more):
    """Start a process of the tests, and end it whatever happens."""
    process = subprocess.Popen(command, **more)
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        for pipe in (process.stdout, process.stderr):
            if pipe:
                pipe.close()


def test_alive(client):
    answer = client.get("/healthz")
    assert (answer.status_code, answer.text) == (200, "ok\n")
    assert answer.headers["Cache-Control"] == "no-store"
    assert client.head("/healthz").status_code == 200


def readiness(settings, **state):
    """Make the two routes with kernels in a given state."""
    import flask

    kernels = health.Kernels()
    kernels.error = state.get("error", "")
    if state.get("warm"):
        kernels.warm.set()
    server = flask.Flask("health")
    server.register_blueprint(health.blueprint(Services.of(settings), kernels))
    return kernels, server.test_client()


def test_from_starting_to_ready(data):
    kernels, client = readiness(load(data_dir=data))
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json["status"] == "starting"
    assert answer.json["checks"]["kernels"] == {"status": "warming"}
    assert answer.headers["Cache-Control"] == "no-store"
    kernels.warm.set()
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json["status"] == "ready"
    checks = answer.json["checks"]
    assert checks.pop("redis")["status"] == "off"
    assert checks == {"catalogue": {"status": "ok", "atlases": 1, "broken": 0}, "kernels": {"status": "ok"}}
    assert answer.json["version"]


def test_the_version_is_a_secret_in_secure_mode(data):
    _, client = readiness(load(data_dir=data, secure_mode=True), warm=True)
    assert "version" not in client.get("/readyz").json


def test_kernels_that_do_not_compile(data, monkeypatch):
    from core.kernels import warm_up as module

    def fail():
        raise RuntimeError("no locator available")

    monkeypatch.setattr(module, "warm_up", fail)
    kernels, client = readiness(load(data_dir=data))
    with capture_logs() as lines:
        kernels.start(Services.of(load(data_dir=data)))
        until(lambda: lines, "the line in the log")
    assert lines[0]["exc_info"]
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json["status"] == "failed"
    assert answer.json["checks"]["kernels"] == {"status": "failed"}


def test_a_broken_store_is_counted(tmp_path):
    imported(tmp_path / "data", tiny(tmp_path / "a.h5ad", n_cells=8), species="human")
    imported(tmp_path / "data", tmp_path / "a.h5ad", species="mouse")
    _, client = readiness(load(data_dir=tmp_path / "data"), warm=True)
    manifest = tmp_path / "data" / "atlases" / "mouse" / "a" / "manifest.json"
    whole = manifest.read_bytes()
    manifest.write_bytes(whole[:100])
    answer = client.get("/readyz")
    assert answer.status_code == 200, "the others can still be explored"
    assert answer.json["status"] == "degraded"
    assert answer.json["checks"]["catalogue"] == {"status": "degraded", "atlases": 1, "broken": 1}
    manifest.write_bytes(whole)
    assert client.get("/readyz").json["status"] == "ready"


@contextmanager
def redis_server(port):
    command = ["redis-server", "--save", "", "--appendonly", "no", "--port", str(port), "--bind", "127.0.0.1"]
    with running(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:

        def answers():
            assert process.poll() is None, "redis-server ended by itself"
            try:
                with closing(socket.create_connection(("127.0.0.1", port), timeout=1)) as connection:
                    connection.sendall(b"PING\r\n")
                    return connection.recv(16).startswith(b"+PONG")
            except OSError:
                return False

        until(answers, "redis-server")
        yield process


def timed_status(client):
    start = time.perf_counter()
    answer = client.get("/readyz")
    return answer.json["status"], answer.json["checks"]["redis"]["status"], time.perf_counter() - start


@pytest.mark.skipif(shutil.which("redis-server") is None, reason="redis-server is not on PATH")
def test_redis_comes_and_goes(data):
    port = free_port()
    _, client = readiness(load(data_dir=data, cache_redis=f"redis://127.0.0.1:{port}/0"), warm=True)
    assert timed_status(client)[:2] == ("degraded", "degraded")
    with redis_server(port) as process:
        assert timed_status(client)[:2] == ("ready", "ok")
        process.kill()
        process.wait()
        overall, redis, seconds = timed_status(client)
        assert (overall, redis) == ("degraded", "degraded")
        assert seconds < 1
    with redis_server(port):
        assert timed_status(client)[:2] == ("ready", "ok")


def test_a_redis_that_does_not_answer(data):
    with closing(socket.create_server(("127.0.0.1", 0))) as silent:
        url = f"redis://user:secret-password@127.0.0.1:{silent.getsockname()[1]}/0"
        _, client = readiness(load(data_dir=data, cache_redis=url), warm=True)
        overall, redis, seconds = timed_status(client)
        assert (overall, redis) == ("degraded", "degraded")
        assert seconds < 1
        assert "secret-password" not in client.get("/readyz").text


# --- the real server -------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def environment():
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MASLDATLAS_")}
    return kept | {"PYTHONUNBUFFERED": "1", "MASLDATLAS_REFERENCES_FETCH": "false"}


@contextmanager
def serving(data, environment, *options, log):
    """Serve on a free port; yield the process, its address and how long it took to the first answer."""
    command = [sys.executable, "-m", "app", "--data-dir", str(data), "serve", "--port", "0", "--no-demo", *options]
    start = time.perf_counter()
    with log.open("wb") as stderr, running(command, stderr=stderr, cwd=ROOT, env=environment) as process:

        def address():
            assert process.poll() is None, log.read_text()
            return re.search(r"url=(http://127\.0\.0\.1:[1-9]\d+)", log.read_text())

        url = until(address, "the address in the log")[1]
        assert fetch(f"{url}/healthz")[0] == 200
        yield process, url, time.perf_counter() - start


def fetch(url):
    try:
        with urllib.request.urlopen(url, timeout=DEADLINE) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()


@pytest.fixture(scope="module")
def big(tmp_path_factory):
    """Return a data directory whose CSV of one gene is larger than any socket buffer."""
    directory = tmp_path_factory.mktemp("big")
    path = tiny(directory / "big.h5ad", cells=[f"{at:0300d}" for at in range(20_000)], genes=("ALB", "APOB"))
    imported(directory / "data", path, species="human")
    return directory / "data"


@pytest.mark.slow(representative=True)
def test_the_first_answer_and_many_at_once(data, environment, tmp_path, record_property):
    with serving(data, environment, log=tmp_path / "log") as (process, url, seconds):
        record_property("seconds_to_first_200", round(seconds, 2))
        print(f"process start to first 200: {seconds:.2f} s")
        assert seconds < 15, "the budget is 3 s; this is for a machine under load"
        assert fetch(f"{url}/")[0] == 200
        atlas = Catalog(data).get("human/liver")
        expected = {
            (gene, layer): atlas.layer(layer).dense(atlas.genes.resolve(gene))
            for gene in GENES
            for layer in ("expression", "counts")
        }

        def params(number):
            (gene, layer), values = list(expected.items())[number % len(expected)]
            query = urllib.parse.urlencode({"gene": gene, "layer": layer, "format": "csv" if number % 2 else "json"})
            status, body = fetch(f"{url}/api/v1/datasets/human/liver/expression?{query}")
            assert status == 200
            if number % 2:
                found = [value for _, value in list(csv.reader(io.StringIO(table_of(body.decode()), newline="")))[1:]]
            else:
                answer = json.loads(body)
                assert answer["gene"] == gene
                found = answer["expression"]
            if number % 5 == 0:
                assert fetch(f"{url}/api/v1/datasets/human/none")[0] == 404
                assert fetch(f"{url}/api/v1/datasets/human/liver/genes?q=ALB&limit=1")[0] == 200
            return np.array_equal(np.array(found, dtype=np.float32), values)

        with ThreadPoolExecutor(16) as pool:
            assert all(pool.map(params, range(160)))
        process.send_signal(signal.SIGTERM)
        assert process.wait(DEADLINE) == 0
    assert "Traceback" not in (tmp_path / "log").read_text()


@pytest.mark.parametrize(
    "signal_",
    [
        pytest.param(signal.SIGTERM, marks=pytest.mark.slow(representative=True)),
        pytest.param(signal.SIGINT, marks=pytest.mark.slow),
    ],
)
def test_a_download_is_finished_before_the_end(big, environment, tmp_path, signal_):
    """A slow reader, requests that wait for a thread, and an idle connection, when the signal comes."""
    with serving(big, environment, log=tmp_path / "log") as (process, url, _):
        host, port = url.removeprefix("http://").split(":")
        path = "/api/v1/datasets/human/big/expression?gene=ALB&format=csv"
        whole = fetch(url + path)[1]
        assert len(whole) > 6_000_000
        begun, go = Event(), Event()

        def slowly():
            with closing(socket.socket()) as connection:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
                connection.connect((host, int(port)))
                connection.settimeout(DEADLINE)
                connection.sendall(f"GET {path} HTTP/1.0\r\nHost: {host}\r\n\r\n".encode())
                pieces = [connection.recv(4096)]
                begun.set()
                assert go.wait(DEADLINE)
                while piece := connection.recv(1 << 16):
                    pieces.append(piece)
            return b"".join(pieces).partition(b"\r\n\r\n")[2]

        with closing(socket.create_connection((host, int(port)))), ThreadPoolExecutor(32) as pool:
            slow = pool.submit(slowly)
            assert begun.wait(DEADLINE)
            # More than there are threads: some of them wait in the queue.
            opened = []
            for _ in range(24):
                connection = socket.create_connection((host, int(port)), timeout=DEADLINE)
                connection.sendall(f"GET {path} HTTP/1.0\r\nHost: {host}\r\n\r\n".encode())
                opened.append(connection)
            process.send_signal(signal_)
            # Stopping shows in that nobody is let in any more, while those inside are served.
            until(lambda: not connects(host, int(port)), "the end of listening")
            assert process.poll() is None
            go.set()

            def rest(connection):
                with closing(connection):
                    pieces = []
                    while piece := connection.recv(1 << 20):
                        pieces.append(piece)
                return b"".join(pieces).partition(b"\r\n\r\n")[2]

            assert slow.result(DEADLINE) == whole
            for answer in pool.map(rest, opened):
                assert len(answer) == len(whole)
            assert process.wait(DEADLINE) == 0
    assert "finished=True" in (tmp_path / "log").read_text()


def connects(host, port):
    try:
        socket.create_connection((host, port), timeout=1).close()
    except OSError:
        return False
    return True


@pytest.mark.slow(representative=True)
def test_the_web_process_stays_light(data, environment):
    """Scanpy and anndata take seconds to import and run parallel kernels."""
    program = f"""
import sys
from app import create_app
from core.settings.settings import load
client = create_app(load(data_dir={str(data)!r})).server.test_client()
base = "/api/v1/datasets"
assert client.get(base).status_code == 200
digest = client.get(base + "/human/liver").json["content_hash"]
for path in ("/", base + "/human/liver/genes?q=a", base + "/human/liver/expression?gene=ALB",
             base + "/human/liver/expression?gene=ALB&format=csv", base + "/human/liver/cells/0",
             base + "/human/liver/cells?cell=cell30", "/readyz", "/healthz"):
    assert client.get(path).status_code in (200, 503), path
for path in ("embedding/X_umap", "gene/expression?gene=ALB", "column?name=Group", "column?name=score",
             "mask?where=Group=MASH"):
    assert client.get("/arrays/human/liver/" + digest + "/" + path).status_code == 200, path
print(*sorted({{name.partition(".")[0] for name in sys.modules}}))
"""
    command = [sys.executable, "-W", "error", "-c", program]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    loaded = set(done.stdout.split())
    heavy = {"scanpy", "anndata", "h5py", "umap", "sklearn", "matplotlib", "decoupler", "pydeseq2", "dask"}
    assert loaded & (heavy | {"datashader", "xarray"}) == set()
    assert {"app", "core", "numba"} <= loaded


@pytest.mark.slow(representative=True)
def test_a_large_atlas_has_its_drawing_prepared(data, environment):
    """In the background, and only where an atlas is above the limit: 60 cells here."""
    program = f"""
import sys, threading
from core.web.health import Kernels
from core.services.container import Services
from core.settings.settings import load

for limit, wanted in ((60, False), (59, True)):
    Kernels().start(Services.of(load(data_dir={str(data)!r}, raster_above=limit)))
    for thread in threading.enumerate():
        if thread.name == "warm-kernels":
            thread.join()
    assert ("datashader" in sys.modules) == wanted
"""
    command = [sys.executable, "-W", "error", "-c", program]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.skipif(shutil.which("redis-server") is None, reason="redis-server is not on PATH")
@pytest.mark.slow(representative=True)
def test_sixteen_askers_through_waitress_while_redis_is_killed_and_comes_back(data, environment, tmp_path):
    """Different and identical questions at once: right, computed once each, and none lost when Redis goes."""
    atlas = Catalog(data).get("human/liver")
    asks = [(gene, method) for gene in GENES[:8] for method in ("spearman", "pearson")]
    pool = Workers(ThreadPoolExecutor(1))
    tables = {params: correlates(atlas, CorrelationParams.of(atlas, *params), pool) for params in asks}
    right = {params: records(with_ids(table, atlas.genes)) for params, table in tables.items()}
    right = {params: json.loads(orjson.dumps(rows)) for params, rows in right.items()}
    pool.close()
    port = free_port()
    environment = environment | {"MASLDATLAS_CACHE_REDIS": f"redis://127.0.0.1:{port}/0"}
    with serving(data, environment, log=tmp_path / "log") as (process, url, _):

        def params(number):
            gene, method = asks[number % len(asks)]
            query = urllib.parse.urlencode({"gene": gene, "method": method})
            status, body = fetch(f"{url}/api/v1/datasets/human/liver/correlations?{query}")
            return status == 200 and json.loads(body)["correlations"] == right[gene, method]

        def redis():
            return json.loads(fetch(f"{url}/readyz")[1])["checks"]["redis"]

        with ThreadPoolExecutor(16) as askers:
            with redis_server(port) as server:
                until(lambda: redis()["status"] == "ok", "the cache")
                assert all(askers.map(params, range(160)))
                assert redis()["counters"]["computed"] == len(asks)
                during = askers.map(params, range(160))
                server.kill()
                server.wait()
                assert all(during)
            assert all(askers.map(params, range(80)))
            assert redis()["status"] == "degraded"
            with redis_server(port):
                until(lambda: redis()["status"] == "ok", "the cache, once Redis is back")
                assert all(askers.map(params, range(160)))
        process.send_signal(signal.SIGTERM)
        assert process.wait(DEADLINE) == 0
    assert "Traceback" not in (tmp_path / "log").read_text()


def test_pandas_is_whole_before_the_first_request(data, environment):
    """Else Plotly meets half of it while another request has Arrow import it: a first visitor saw that error."""
    program = f"""
import sys
from app import create_app
from core.settings.settings import load
assert "pandas" not in sys.modules
create_app(load(data_dir={str(data)!r}))
assert "pandas" in sys.modules
"""
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
