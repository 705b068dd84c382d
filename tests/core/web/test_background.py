"""An application that is closed leaves none of its threads behind."""

import threading

import pytest

import app as composition
from core.settings.settings import browser
from tests.redis_servers import free_port, needs_redis, until

CORRELATIONS = "/api/v1/datasets/human/liver/correlations?gene=ALB"
SETTINGS = {
    "preload_datasets": True,
    "monitoring_enabled": True,
    "monitoring_interval": 1,
    "metrics_enabled": True,
}


def names_of_others(before):
    """Name the threads that were started since."""
    return sorted(thread.name for thread in threading.enumerate() if thread not in before)


@pytest.fixture
def started(make_app, data):
    """Return a function that starts an application with all its background work, and waits until it is ready."""
    opened = []

    def started(**more):
        app = make_app(data, metrics_port=free_port(), **SETTINGS, **more)
        background = app.server.extensions[composition.BACKGROUND]
        opened.append(background)
        background.start()
        client = app.server.test_client()
        until(lambda: client.get("/readyz").status_code == 200, "readiness", 120)
        return client, background

    yield started
    for background in opened:
        background.close()


def check_closed(client, background, before, wanted):
    assert client.get(CORRELATIONS).status_code == 200
    names = names_of_others(before)
    assert wanted <= {name.partition("_")[0] for name in names}
    background.close()
    # Plotly's browser is watched by a thread of its own library, which ends a moment after the browser.
    until(lambda: not [name for name in names_of_others(before) if name.startswith("checking_close")], "its watcher")
    assert names_of_others(before) == []


@needs_redis
def test_no_thread_is_left_once_an_application_is_closed(started):
    before = threading.enumerate()
    client, background = started()
    until(lambda: client.get("/readyz").json["checks"]["redis"]["status"] == "ok", "the embedded cache")
    check_closed(client, background, before, {"genes", "monitoring", "redis-server"})


@pytest.mark.skipif(browser() is None, reason="neither Chromium nor Chrome is installed here")
def test_the_browser_of_figures_ends_too(started):
    before = threading.enumerate()
    client, background = started(correlation_cache=False)
    answer = client.get("/api/v1/figures/ranking.svg?atlas=human/liver&gene=ALB")
    assert answer.status_code == 200, answer.text
    check_closed(client, background, before, {"genes", "monitoring", "figures"})


def test_closing_while_kernels_are_compiled_stops_after_the_present_one(make_app, data, monkeypatch):
    from core.kernels import warm_up

    before = threading.enumerate()
    began, go_on, called = threading.Event(), threading.Event(), []

    def slow():
        began.set()
        go_on.wait()

    monkeypatch.setattr(warm_up, "_calls", lambda: iter([slow, lambda: called.append("next")]))
    app = make_app(data, correlation_cache=False)
    assert began.wait(10)
    threading.Timer(0.1, go_on.set).start()
    app.server.extensions[composition.BACKGROUND].close()
    until(lambda: names_of_others(before) == [], "the end of the threads", 5)
    assert called == []
    assert app.server.test_client().get("/readyz").json["checks"]["kernels"]["status"] == "warming"
