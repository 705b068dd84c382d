"""Metrics of an app: counted events, bounded labels, and the format of Prometheus."""

import json
import re
import time
import urllib.error
import urllib.request

import pytest
from dash import Input, Output
from prometheus_client import REGISTRY, generate_latest
from prometheus_client.parser import text_string_to_metric_families
from structlog.testing import capture_logs

import app as composition
from core.errors import BrokenStore, InvalidSettings, UnknownGene
from core.monitoring import gauges, status_log
from core.monitoring.metrics import Metrics
from core.monitoring.status_log import Maps, write_line
from core.services.container import Services
from core.settings.settings import load
from core.web.background import Background
from core.web.outcomes import note
from core.web.request_metrics import METHODS, callback
from tests.factories import imported, tiny
from tests.redis_servers import Server, free_port, needs_redis, until

API = "/api/v1/datasets/human/liver"
CALLBACKS = "/_dash-update-component"
FOOTER = {
    "output": "shell-footer.children",
    "outputs": {"id": "shell-footer", "property": "children"},
    "inputs": [{"id": "shell-footer", "property": "id", "value": "shell-footer"}],
    "changedPropIds": [],
}


class Measured:
    """An app with metrics, and what it would tell Prometheus."""

    def __init__(self, app):
        self.client = app.server.test_client()
        self.services = app.server.extensions[composition.EXTENSION]
        self.metrics = self.services.observer
        self.app = app

    def value(self, series, /, **labels):
        """Return the value of one series; 0 where there is none yet, as rates see it."""
        return self.metrics.registry.get_sample_value(f"masldatlas_{series}", labels) or 0

    def samples(self, series, /, **labels):
        """Return the samples of a series which have these labels, among others."""
        return [
            sample
            for family in self.metrics.registry.collect()
            for sample in family.samples
            if sample.name == f"masldatlas_{series}" and labels.items() <= sample.labels.items()
        ]

    def requests(self, kind, route, outcome="ok", **labels):
        """Return how many requests were counted, whatever their method and status."""
        found = self.samples("http_request_duration_seconds_count", kind=kind, route=route, outcome=outcome, **labels)
        return sum(sample.value for sample in found)

    def series(self):
        """Return the names and labels of all series that requests make."""
        told = ("masldatlas_http", "masldatlas_request", "masldatlas_callback", "masldatlas_errors",
                "masldatlas_question", "masldatlas_dataset", "masldatlas_correlation")  # fmt: skip
        return {
            (sample.name, tuple(sorted(sample.labels.items())))
            for family in self.metrics.registry.collect()
            if family.name.startswith(told)
            for sample in family.samples
        }


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    """Return a data directory with an atlas that is large enough to be mapped."""
    place = tmp_path_factory.mktemp("metrics")
    imported(place / "data", tiny(place / "liver.h5ad", n_cells=5_000), species="human")
    return place / "data"


@pytest.fixture
def measured(make_app, large):
    return Measured(make_app(large, metrics_enabled=True))


def test_pages_routes_files_and_health(measured):
    for path in ("/", "/explore?atlas=human/liver", "/explore", "/correlation", f"{API}/genes?q=a", "/healthz"):
        assert measured.client.get(path).status_code == 200
    measured.client.get("/assets/css/10-shell.css", buffered=True)
    assert measured.requests("page", "/") == 1
    assert measured.requests("page", "/explore") == 2
    assert measured.requests("page", "/correlation") == 1
    assert measured.requests("api", "/api/v1/datasets/<species>/<name>/genes") == 1
    assert measured.requests("health", "/healthz") == 1
    assert measured.requests("file", "/assets/<path:filename>") == 1
    assert measured.requests("page", "/", method="GET", status="200") == 1
    assert sum(sample.value for sample in measured.samples("http_request_total")) == 7
    assert measured.value("requests_in_flight") == 0


def test_requests_in_flight(measured, monkeypatch):
    """Each route counts while it answers, and no longer once it has, also where it fails."""
    seen = []

    def failing(_id):
        seen.append(measured.value("requests_in_flight"))
        raise ZeroDivisionError

    monkeypatch.setattr(measured.services.catalog, "get", failing)
    for _ in range(2):
        assert measured.client.get(f"{API}/correlations?gene=ALB").status_code == 500
    assert seen == [1, 1]
    assert measured.value("requests_in_flight") == 0


def test_methods_that_http_does_not_know_share_one_label(measured):
    paths = ("/", "/explore", "/nothing", "/healthz", "/api/v1/datasets", f"{API}/correlations", CALLBACKS)

    def brew(method, path):
        assert measured.client.open(path, method=method).status_code == 405, path

    for path in paths:
        brew("BREW", path)
    before = measured.series()
    with capture_logs() as lines:
        for number in range(200):
            brew(f"BREW{number}", paths[number % len(paths)])
    assert measured.series() == before
    found = measured.samples("http_request_total", method="other", status="405")
    assert sum(sample.value for sample in found) == len(paths) + 200
    assert {"BREW0", "BREW199"} <= {line.get("method") for line in lines}, "the log tells what was sent"


def test_the_methods_of_http_have_a_label_each(measured):
    for method in METHODS:
        measured.client.open("/healthz", method=method)
    assert {sample.labels["method"] for sample in measured.samples("http_request_total")} == METHODS
    assert len(METHODS) == 9


def test_an_exception_that_no_handler_catches(measured):
    """Such as one of a hook: the exporter counts the request all the same, once."""

    @measured.app.server.after_request
    def late(response):
        raise ZeroDivisionError

    assert measured.client.get("/api/v1/datasets").status_code == 500
    labels = {"method": "GET", "status": "500", "kind": "api", "outcome": "failed"}
    for series in ("http_request_exceptions_total", "http_request_total"):
        assert measured.value(series, **labels) == 1
    assert measured.requests("api", "/api/v1/datasets", "failed") == 1
    assert measured.value("requests_in_flight") == 0


def test_a_thousand_junk_requests_make_no_new_series(measured):
    """Neither addresses, methods, headers nor bodies of visitors become labels."""

    def junk(number):
        text = f"x{number}"
        client = measured.client
        client.get(f"/{text}")
        client.get(f"/api/{text}/{number}")
        client.get(f"/api/v1/datasets/{text}/{text}/genes?q={text}")
        client.get(f"{API}/correlations?gene={text}")
        client.get(f"{API}/{text}")
        client.get(f"/arrays/human/liver/{text}/{text}")
        client.get(f"/assets/{text}.css", buffered=True)
        client.get(f"/_dash-component-suites/{text}/x.js")
        client.open("/", method=f"X{number}", headers={"User-Agent": text, "X-Request-ID": text})
        client.post(CALLBACKS, json=FOOTER | {"output": f"{text}.children"})
        client.post(CALLBACKS, data=text)
        assert client.post(CALLBACKS, data="[" * 100_000, content_type="application/json").status_code == 400

    junk(0)
    before = measured.series()
    for number in range(1, 100):
        junk(number)
    assert measured.series() == before
    assert not [labels for _, labels in before if re.search(r"x\d", str(labels))]
    assert measured.requests("page", "other", "refused") == 100
    assert measured.value("callback_seconds_count", callback="other", outcome="refused") == 300
    assert len(before) < 500


def test_callbacks_by_what_they_write(measured):
    measured.client.get("/")
    assert measured.client.post(CALLBACKS, json=FOOTER).status_code == 200
    assert measured.value("callback_seconds_count", callback="shell-footer.children", outcome="ok") == 1
    assert measured.requests("callback", CALLBACKS) == 1
    labels = {label_of(measured.app, output) for output in measured.app.callback_map}
    assert {"explore-types.figure", "correlation-sentence.children", "markers-parts.hidden", "other"} <= labels
    assert all(re.fullmatch(r"[\w.-]{3,60}", each) for each in labels)


def label_of(app, output):
    with app.server.test_request_context(CALLBACKS, method="POST", json={"output": output}):
        return callback(app.callback_map)


def test_a_callback_that_fails_answers_200_and_is_counted(measured):
    app, client = measured.app, measured.client
    client.get("/")

    def failing(error):
        def fail(_id):
            raise error

        del app.callback_map["shell-footer.children"]
        app.callback(Output("shell-footer", "children"), Input("shell-footer", "id"))(fail)

    failing(UnknownGene("There is no such gene."))
    assert client.post(CALLBACKS, json=FOOTER).status_code == 200
    failing(ZeroDivisionError())
    assert client.post(CALLBACKS, json=FOOTER).status_code == 200
    for outcome in ("refused", "failed"):
        assert measured.value("callback_seconds_count", callback="shell-footer.children", outcome=outcome) == 1
    assert measured.value("errors_total", where="callback", kind="UnknownGene") == 1
    assert measured.value("errors_total", where="callback", kind="unexpected") == 1
    assert measured.requests("callback", CALLBACKS, "failed") == 1


def test_one_visitor_cannot_make_failures_at_will(measured):
    """Whatever a callback fails on: what one visitor has beyond five failures a minute tells of the visitor."""
    app, client = measured.app, measured.client
    client.get("/")

    def fail(_id):
        raise ZeroDivisionError

    del app.callback_map["shell-footer.children"]
    app.callback(Output("shell-footer", "children"), Input("shell-footer", "id"))(fail)

    def asked(address):
        before = [measured.requests("callback", CALLBACKS, outcome) for outcome in ("failed", "refused")]
        for _ in range(7):
            client.post(CALLBACKS, json=FOOTER, environ_base={"REMOTE_ADDR": address})
        after = [measured.requests("callback", CALLBACKS, outcome) for outcome in ("failed", "refused")]
        return [now - then for now, then in zip(after, before, strict=True)]

    assert asked("203.0.113.9") == [5, 2]
    assert asked("203.0.113.10") == [5, 2], "what fails for everybody is seen"
    assert measured.value("errors_total", where="callback", kind="unexpected") == 14


def test_what_anybody_can_ask_for_is_no_failure(measured):
    before = measured.requests("other", "/oembed", "failed")
    assert measured.client.get("/oembed?format=xml&url=x").status_code == 501
    assert measured.requests("other", "/oembed", "failed") == before
    assert measured.requests("other", "/oembed", "refused") >= 1


def test_errors_by_kind(measured):
    server, client = measured.app.server, measured.client

    @server.get("/api/v1/boom/<kind>")
    def boom(kind):
        raise {"broken": BrokenStore("It is damaged."), "bug": KeyError("x")}[kind]

    rule = "/api/v1/boom/<kind>"
    assert client.get("/api/v1/boom/broken").status_code == client.get("/api/v1/boom/bug").status_code == 500
    assert client.get(f"{API}/correlations?gene=NOTHING").status_code == 404
    assert client.post(f"{API}/correlations").status_code == 405
    assert measured.requests("api", rule, "failed") == 2
    for kind, n in (("BrokenStore", 1), ("unexpected", 1), ("UnknownGene", 1), ("InvalidQuery", 0)):
        assert measured.value("errors_total", where="api", kind=kind) == n, kind
    assert sum(sample.value for sample in errors(measured) if sample.labels["kind"] == "HTTP 405") == 1


def errors(measured):
    return [
        sample
        for family in measured.metrics.registry.collect()
        for sample in family.samples
        if sample.name == "masldatlas_errors_total"
    ]


def test_what_is_too_much_is_counted(make_app, large):
    measured = Measured(make_app(large, metrics_enabled=True, rate_limit="2/minute"))
    assert [measured.client.get("/api/v1/datasets").status_code for _ in range(5)] == [200, 200, 429, 429, 429]
    assert measured.value("errors_total", where="api", kind="TooManyRequests") == 3
    assert measured.requests("api", "/api/v1/datasets", "refused") == 3


@needs_redis
def test_questions_and_the_cache(make_app, large):
    redis = Server().start()
    try:
        measured = Measured(make_app(large, metrics_enabled=True, cache_redis=redis.url))
        for _ in range(3):
            assert measured.client.get(f"{API}/correlations?gene=ALB&method=pearson&top=1").status_code == 200
        measured.client.get(f"{API}/markers?by=Group")
        manifest = measured.services.catalog.manifest("human/liver")
        assert measured.value("questions_total", service="correlates", cache="computed") == 1
        assert measured.value("questions_total", service="correlates", cache="hit") == 2
        assert measured.value("correlation_seconds_count", method="pearson", cache="computed") == 1
        assert measured.value("correlation_seconds_count", method="pearson", cache="hit") == 2
        assert measured.value("computed_values_total") == manifest.n_cells * manifest.n_genes
        assert measured.value("dataset_questions_total", dataset="human/liver") == 4
        assert measured.value("cache_events_total", event="hits") == 2
        assert measured.value("cache_events_total", event="misses") == 2
        assert measured.value("cache_stored_bytes_total") > 100
        assert measured.value("cache_up") == 1
        redis.kill()
        assert measured.value("cache_up") == 0
        assert measured.client.get(f"{API}/correlations?gene=ALB&top=1").status_code == 200
        assert measured.value("cache_events_total", event="errors") > 0
    finally:
        redis.kill()


def test_a_cache_that_is_turned_off_is_not_away(make_app, large):
    measured = Measured(make_app(large, metrics_enabled=True, correlation_cache=False))
    assert measured.metrics.registry.get_sample_value("masldatlas_cache_up") is None


def test_atlases_and_what_is_mapped_of_them(make_app, tmp_path, large):
    measured = Measured(make_app(large, metrics_enabled=True))
    assert measured.value("atlases", state="readable") == 1
    measured.client.get(f"{API}/correlations?gene=ALB&top=1")
    found = Maps(measured.services).now()["human/liver"]
    files = measured.services.catalog.manifest("human/liver").files
    data = files["layers/expression/cells.npy"].bytes
    assert data <= found.mapped
    assert 0 < found.resident <= found.mapped


def test_the_maps_are_walked_at_most_once_in_an_interval(large, monkeypatch):
    walks, now = [], [100.0]
    monkeypatch.setattr(status_log, "mapped_atlases", lambda _: walks.append(1) or {})
    maps = Maps(Services.of(load(data_dir=large, monitoring_interval=15)), lambda: now[0])
    for seconds, walked in ((0, 1), (14, 1), (16, 2), (20, 2)):
        now[0] = 100.0 + seconds
        assert maps.now() == {}
        assert len(walks) == walked


def test_imports_and_broken_atlases(make_app, tmp_path):
    from core.atlas.import_state import ImportState, write_state

    write_state(tmp_path, ImportState(id="human/a", phase="failed", error="No."))
    write_state(tmp_path, ImportState(id="human/b", phase="waiting"))
    (tmp_path / "atlases" / "human" / "c").mkdir(parents=True)
    measured = Measured(make_app(tmp_path, metrics_enabled=True))
    assert {it: measured.value("imports", phase=it) for it in ("waiting", "importing", "failed")} == {
        "waiting": 1,
        "importing": 0,
        "failed": 1,
    }
    assert measured.value("atlases", state="broken") == 1


def test_viewers_are_people_at_pages(measured):
    for agent in ("Firefox", "Chromium", "Firefox"):
        measured.client.get("/", headers={"User-Agent": agent})
    measured.client.get(f"{API}/genes", headers={"User-Agent": "curl"})
    measured.client.get("/healthz", headers={"User-Agent": "probe"})
    assert measured.value("active_viewers") == 2


def test_the_process_and_what_it_may_use(measured):
    for name in ("process_cpu_seconds_total", "process_resident_memory_bytes", "process_open_fds"):
        assert measured.metrics.registry.get_sample_value(name) > 0
    for name in ("threads", "cpus", "memory_limit_bytes", "memory_used_bytes"):
        assert measured.value(name) > 0, name
    for place in ("data", "temporary"):
        assert 0 < measured.value("disk_free_bytes", place=place) <= measured.value("disk_size_bytes", place=place)
    until(lambda: measured.value("ready") == 1, "the kernels")
    assert measured.value("export_queue") == 0
    assert measured.value("heavy_questions", state="running") == 0


def test_the_line_before_the_browser(monkeypatch):
    import sys
    from types import ModuleType

    module = ModuleType("core.export.browser")
    module.waiting = lambda: 3
    monkeypatch.setitem(sys.modules, "core.export.browser", module)
    assert gauges.figures_waiting() == 3


def test_prometheus_can_read_it_on_a_port_of_its_own(measured):
    measured.client.get("/")
    port, close = measured.metrics.serve("127.0.0.1", 0)
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
            text = answer.read().decode()
        with pytest.raises(InvalidSettings, match=r"METRICS_PORT"):
            measured.metrics.serve("127.0.0.1", port)
    finally:
        close()
    families = {family.name: family for family in text_string_to_metric_families(text)}
    ours = [family for name, family in families.items() if name.startswith("masldatlas_")]
    assert len(ours) >= 25
    assert all(family.documentation for family in ours)
    assert "masldatlas_build_info" in families
    assert not [name for name in families if name.endswith("_created")]


def test_it_is_not_among_the_pages(make_app, large, monkeypatch):
    monkeypatch.setenv("DEBUG_METRICS", "1")  # of the exporter
    measured = Measured(make_app(large, metrics_enabled=True))
    assert measured.client.get("/metrics").status_code == 404
    assert not [rule for rule in measured.app.server.url_map.iter_rules() if "metrics" in rule.rule]


def test_without_metrics_nothing_is_counted(make_app, large):
    app = make_app(large)
    services = app.server.extensions[composition.EXTENSION]
    assert type(services.observer).__name__ == "Observer"
    assert app.server.test_client().get("/").status_code == 200
    with app.server.test_request_context():
        note(KeyError())  # an error is noted, and nobody asks


def test_two_apps_count_apart(make_app, large):
    one, two = (Measured(make_app(large, metrics_enabled=True)) for _ in range(2))
    one.client.get("/")
    one.client.post(CALLBACKS, json=FOOTER)
    one.client.get(f"{API}/correlations?gene=NOTHING")
    assert one.requests("page", "/") == one.requests("callback", CALLBACKS) == 1
    assert {sample.value for sample in one.samples("http_request_total")} == {1}
    for series in ("http_request_total", "http_request_duration_seconds_count", "callback_seconds_count"):
        assert one.samples(series)
        assert two.samples(series) == []
    two.client.get("/explore")
    assert (one.requests("page", "/explore"), two.requests("page", "/explore")) == (0, 1)
    assert b"masldatlas" not in generate_latest(REGISTRY), "nothing is in the registry of the process"


def test_measuring_costs_little(make_app, large):
    """Both are measured side by side, the best of several rounds of each."""

    def best(client):
        def once():
            start = time.thread_time()
            for _ in range(100):
                client.get("/healthz")
            return (time.thread_time() - start) / 100

        return min(once() for _ in range(5))

    plain, measured = (
        make_app(large, metrics_enabled=wanted, log_level="ERROR").server.test_client() for wanted in (False, True)
    )
    cost = best(measured) - best(plain)
    print(f"\nmetrics: {1e6 * cost:.0f} µs a request")
    assert cost < 0.0005


def test_the_line_in_the_log(large):
    services = Services.of(load(data_dir=large))
    services.catalog.get("human/liver").layer()
    with capture_logs() as lines:
        write_line(services)
    [line] = lines
    assert line["event"] == "state"
    assert line["atlases_mapped"] == 1
    assert line["mapped"] > 0
    assert line["memory_used"] > 0
    assert json.dumps(line)


def test_what_runs_beside_a_server_ends_with_it(make_app, large):
    settings = {"metrics_enabled": True, "metrics_port": free_port(), "monitoring_enabled": True}
    app = make_app(large, monitoring_interval=1, correlation_cache=False, **settings)
    background: Background = app.server.extensions[composition.BACKGROUND]
    with capture_logs() as lines:
        background.start()
        url = f"http://127.0.0.1:{settings['metrics_port']}/metrics"
        with urllib.request.urlopen(url, timeout=10) as answer:
            assert b"masldatlas_ready" in answer.read()
        until(lambda: [line for line in lines if line["event"] == "state"], "a line in the log", 10)
        background.close()
    with pytest.raises(urllib.error.URLError):
        urllib.request.urlopen(url, timeout=2)


def test_metrics_are_an_observer():
    assert issubclass(Metrics, type(Services.of(load()).observer))
