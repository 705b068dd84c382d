"""The dashboards: their form, and that a real Prometheus that scrapes the real app has data for every panel.

Redis is real, and so are the errors; what the exporters of the stack would answer comes from ``exporters.txt``.
"""

import json
import math
import os
import re
import shutil
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import yaml

from tests.factories import imported, tiny
from tests.redis_servers import Server, free_port, needs_redis, until

ROOT = Path(__file__).parents[2]
DASHBOARDS = sorted((ROOT / "deploy" / "grafana" / "dashboards").glob("*.json"))
PROVISIONING = ROOT / "deploy" / "grafana" / "provisioning"
EXPORTERS = Path(__file__).parent / "exporters.txt"
TITLES = ["1 Application overview", "2 Cache performance", "3 System resources", "4 Error tracking", "5 User analytics"]
# Units of Grafana that the panels use; it shows anything else as a suffix.
UNITS = {"none", "short", "s", "bytes", "Bps", "ops", "reqps", "percentunit"}
ADDRESS = "127.0.0.1"

# The real app with two mistakes of a program, which it has none of to show: one that is handled, and one that is not.
PROGRAM = """
from flask import request
from app import create_app, serve
from core.settings.settings import load
settings = load()
app = create_app(settings)
@app.server.get("/api/v1/mistake")
def mistake():
    raise RuntimeError("as a test wants it")
@app.server.after_request
def late(response):
    if request.path == "/api/v1/late":
        raise RuntimeError("as a test wants it")
    return response
serve(settings, app)
"""


def panels(path):
    return [panel for panel in json.loads(path.read_text())["panels"] if panel["type"] != "row"]


def queries():
    return [
        (path.stem, panel["title"], target["expr"])
        for path in DASHBOARDS
        for panel in panels(path)
        for target in panel["targets"]
    ]


def test_the_five_of_the_issue():
    boards = [json.loads(path.read_text()) for path in DASHBOARDS]
    assert [board["title"] for board in boards] == TITLES
    assert len({board["uid"] for board in boards}) == len(boards)


@pytest.mark.parametrize("path", DASHBOARDS, ids=lambda path: path.stem)
def test_the_form_of_a_dashboard(path):
    board = json.loads(path.read_text())
    [source] = yaml.safe_load((PROVISIONING / "datasources" / "prometheus.yml").read_text())["datasources"]
    assert board["schemaVersion"] >= 36
    assert board["editable"] is False
    assert board["description"]
    ids = [panel["id"] for panel in board["panels"]]
    assert len(set(ids)) == len(ids)
    taken = set()
    for panel in board["panels"]:
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert max(x for x, _ in cells) < 24
        assert not cells & taken, f"{panel['title']} lies on another panel"
        taken |= cells
    shown = panels(path)
    assert len(shown) >= 10
    for panel in shown:
        assert len(panel["description"]) > 10, panel["title"]
        assert panel["fieldConfig"]["defaults"]["unit"] in UNITS, panel["title"]
        assert panel["datasource"] == {"type": "prometheus", "uid": source["uid"]}
        assert panel["targets"], panel["title"]
        assert [target["refId"] for target in panel["targets"]] == list("ABCD"[: len(panel["targets"])])
        for target in panel["targets"]:
            assert target["expr"]
            assert target["datasource"]["uid"] == source["uid"]


def test_they_lie_where_grafana_looks():
    [provider] = yaml.safe_load((PROVISIONING / "dashboards" / "masldatlas.yml").read_text())["providers"]
    compose = yaml.safe_load((ROOT / "deploy" / "docker-compose.prod-ultra.yml").read_text())
    mounted = dict(it.split(":")[:2] for it in compose["services"]["grafana"]["volumes"])
    assert mounted["./grafana/dashboards"] == provider["options"]["path"]
    assert mounted["./grafana/provisioning"] == "/etc/grafana/provisioning"


# --- with everything that is real ------------------------------------------------------------------------------------


@contextmanager
def running(command, log, **more):
    with log.open("wb") as said:
        process = subprocess.Popen(command, stdout=said, stderr=said, **more)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextmanager
def exporters():
    """Serve the text of the exporters on a free port, whatever the path."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            body = EXPORTERS.read_bytes()
            self.send_response(200)
            self.send_header("Content-Type", "text/plain; version=0.0.4")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer((ADDRESS, 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"{ADDRESS}:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def scraping(app, exporter, own):
    """Make a configuration of the deployed one: every second, and other addresses."""
    text = (ROOT / "deploy" / "prometheus" / "prometheus.yml").read_text()
    text = re.sub(r"(interval: |timeout: )1[05]s", r"\g<1>1s", text)
    for name in ("redis-exporter:9121", "node-exporter:9100", "cadvisor:8080", "traefik:8082", "alertmanager:9093"):
        assert name in text
        text = text.replace(name, exporter)
    made = yaml.safe_load(text.replace("localhost:9090", own))
    made["rule_files"] = [str(ROOT / "deploy" / "prometheus" / "alerts.yml")]
    del made["alerting"]
    job = next(job for job in made["scrape_configs"] if job["job_name"] == "masldatlas")
    [found] = job.pop("dns_sd_configs")
    assert found["names"] == ["app"]
    assert found["port"] == 9100
    job["static_configs"] = [{"targets": [app]}]
    return yaml.safe_dump(made)


def fetch(url, body=None, source=ADDRESS):
    """Ask; return the status."""
    parts = urllib.parse.urlsplit(url)
    connection = HTTPConnection(parts.hostname, parts.port, timeout=30, source_address=(source, 0))
    try:
        path = f"{parts.path}?{parts.query}" if parts.query else parts.path
        if body is None:
            connection.request("GET", path)
        else:
            connection.request("POST", path, json.dumps(body), {"Content-Type": "application/json"})
        answer = connection.getresponse()
        answer.read()
        return answer.status
    finally:
        connection.close()


FOOTER = {
    "output": "shell-footer.children",
    "outputs": {"id": "shell-footer", "property": "children"},
    "inputs": [{"id": "shell-footer", "property": "id", "value": "shell-footer"}],
    "changedPropIds": [],
}


def visit(url, number, digest):
    """Do once all that the panels tell of: pages, callbacks, questions old and new, and everything that goes wrong."""
    api = f"{url}/api/v1/datasets/human/liver"
    new = urllib.parse.quote(f"score:{-9 - number}:9")
    asked = {
        f"{url}/": 200,
        f"{url}/explore": 200,
        f"{url}/nothing/here": 404,
        f"{url}/healthz": 200,
        f"{api}/correlations?gene=ALB&top=3": 200,
        f"{api}/correlations?gene=ALB&method=pearson&top=3": 200,
        f"{api}/correlations?gene=ALB&top=3&range={new}": 200,
        f"{api}/correlations?gene=ALB&method=pearson&top=3&range={new}": 200,
        f"{api}/markers?by=Group&top=3": 200,
        f"{api}/correlations?gene=NOTHING": 404,
        f"{url}/api/v1/mistake": 500,
        f"{url}/api/v1/late": 500,
        f"{url}/arrays/human/liver/{digest}/embedding/X_umap": 200,
    }
    for address, status in asked.items():
        # Whoever asks the API is somebody else each time, and so stays below the limit.
        source = f"127.0.1.{number + 1}" if "/api/" in address else ADDRESS
        assert fetch(address, source=source) == status, address
    assert fetch(f"{url}/_dash-update-component", FOOTER) == 200
    assert fetch(f"{url}/_dash-update-component", {}) == 400
    # But for one, who asks too much.
    assert {fetch(f"{url}/api/v1/datasets", source="127.0.0.2") for _ in range(12)} <= {200, 429}


@pytest.fixture(scope="module")
def prometheus(tmp_path_factory):
    """Start everything, visit for some seconds, and return a function that asks Prometheus."""
    place = tmp_path_factory.mktemp("dashboards")
    # Large enough to be mapped: files of a page or less are read.
    imported(place / "data", tiny(place / "liver.h5ad", n_cells=5_000), species="human")
    redis = Server().start()
    port, metrics, own = free_port(), free_port(), f"{ADDRESS}:{free_port()}"
    settings = {
        "DATA_DIR": place / "data",
        "PORT": port,
        "METRICS_ENABLED": "true",
        "METRICS_PORT": metrics,
        "MONITORING_INTERVAL": 1,
        "RATE_LIMIT": "15/minute",
        "CACHE_REDIS": redis.url,
        "LOG_LEVEL": "WARNING",
    }
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MASLDATLAS_")}
    environment |= {f"MASLDATLAS_{name}": str(value) for name, value in settings.items()}
    url = f"http://{ADDRESS}:{port}"
    with (
        ExitStack() as ending,
        exporters() as exporter,
        running([sys.executable, "-c", PROGRAM], place / "app.log", cwd=ROOT, env=environment) as app,
    ):
        ending.callback(redis.kill)
        (place / "prometheus.yml").write_text(scraping(f"{ADDRESS}:{metrics}", exporter, own))
        command = ["prometheus", f"--config.file={place}/prometheus.yml", f"--storage.tsdb.path={place}/tsdb"]
        command += [f"--web.listen-address={own}", "--log.level=warn"]
        with running(command, place / "prometheus.log"):

            def answers(address):
                assert app.poll() is None, (place / "app.log").read_text()
                try:
                    return fetch(address) == 200
                except OSError:
                    return False

            until(lambda: answers(f"{url}/readyz"), "the app", 60)
            until(lambda: answers(f"http://{own}/-/ready"), "Prometheus", 60)
            with urllib.request.urlopen(f"{url}/api/v1/datasets/human/liver") as answer:
                digest = json.load(answer)["content_hash"]
            end, number = time.monotonic() + 6, 0
            while time.monotonic() < end or number < 6:
                visit(url, number, digest)
                number += 1
                time.sleep(0.4)

            def params(expression):
                body = urllib.parse.urlencode({"query": expression}).encode()
                try:
                    with urllib.request.urlopen(f"http://{own}/api/v1/query", body, timeout=30) as answer:
                        return json.load(answer)["data"]["result"]
                except urllib.error.HTTPError as error:
                    raise AssertionError(f"{expression}: {error.read().decode()}") from error

            yield params


needs_prometheus = pytest.mark.skipif(shutil.which("prometheus") is None, reason="prometheus is not on PATH")


@needs_prometheus
@needs_redis
def test_every_query_of_every_panel_returns_data(prometheus):
    def data_of(query):
        expression = query[2].replace("$__rate_interval", "20s").replace("$instance", ".*")
        assert "$" not in expression.replace("$1", ""), query
        return [row for row in prometheus(expression) if not math.isnan(float(row["value"][1]))]

    every = queries()
    assert len(every) > 90
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(data_of, every))
    assert [query for query, rows in zip(every, found, strict=True) if not rows] == []
    assert data_of(("", "", "nothing_of_the_kind")) == [], "a query without data is seen"


@needs_prometheus
@needs_redis
def test_every_series_of_the_app_that_an_alert_asks_for_exists(prometheus):
    """With its labels: a name that is misspelt would never fire."""
    text = (ROOT / "deploy" / "prometheus" / "alerts.yml").read_text()
    asked = {match.group() for match in re.finditer(r"masldatlas_[a-z_]+(\{[^{}]*\})?", text)}
    assert len(asked) > 8
    assert [selector for selector in sorted(asked) if not prometheus(selector)] == []


@needs_prometheus
@needs_redis
def test_the_series_of_the_guide_exist(prometheus):
    guide = (ROOT / "deploy" / "README.md").read_text()
    section = guide.partition("\n## Metrics\n")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| (`.*?) \|", section, re.M)
    told = {name for row in rows for name in re.findall(r"`(\w+)`", row)}
    assert len(told) > 15
    missing = [name for name in sorted(told) if not prometheus(f'{{__name__=~"masldatlas_{name}(_count)?"}}')]
    assert missing == []


@needs_prometheus
@needs_redis
def test_what_happened_is_what_is_told(prometheus):
    def value(expression):
        [row] = prometheus(expression)
        return float(row["value"][1])

    assert value('min(up{job!="alertmanager"})') == 1
    assert value('count(count by (instance) (redis_up{instance=~"redis-cache|redis-broker"}))') == 2
    for kind in ("unexpected", "UnknownGene"):
        assert value(f'masldatlas_errors_total{{kind="{kind}"}}') > 3
    assert value('masldatlas_errors_total{kind="TooManyRequests", where="api"}') > 0
    assert value('masldatlas_callback_seconds_count{callback="shell-footer.children", outcome="ok"}') > 3
    assert value('masldatlas_http_request_duration_seconds_count{route="/explore", status="200"}') > 3
    assert value('masldatlas_http_request_exceptions_total{kind="api", method="GET", status="500"}') > 3
    assert value("sum(masldatlas_http_request_total) - sum(masldatlas_http_request_duration_seconds_count)") == 0
    assert value("masldatlas_active_viewers") == 1, "a visitor of the API alone looks at no page"
    assert value('sum(masldatlas_correlation_seconds_count{cache="computed", method="pearson"})') > 3
    assert value('masldatlas_cache_events_total{event="hits"}') > 3
    assert (
        value('masldatlas_atlas_mapped_bytes{dataset="human/liver"}')
        >= value('masldatlas_atlas_resident_bytes{dataset="human/liver"}')
        >= 0
    )
