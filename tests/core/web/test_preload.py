"""Preloading: selection of atlases, computed results, and its end."""

import time
from threading import Event

import pytest

import app as composition
from core.services.container import Services
from core.settings.settings import load
from core.web.preload import Preload, fitting
from tests.factories import imported, tiny
from tests.redis_servers import Server, needs_redis, until


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """Return a data directory with a small, a medium and a broken atlas."""
    place = tmp_path_factory.mktemp("preload")
    for name, n_cells in (("small", 50), ("medium", 4_000), ("broken", 60)):
        imported(place / "data", tiny(place / f"{name}.h5ad", n_cells=n_cells), species="human")
    (place / "data" / "atlases" / "human" / "broken" / "layers" / "expression" / "data.npy").write_bytes(b"no array")
    return place / "data"


def warm():
    event = Event()
    event.set()
    return event


def preload(data, *, kernels=None, limit=None, redis=None, **more):
    settings = {"correlation_cache": False} if redis is None else {"cache_redis": redis}
    services = Services.of(load(data_dir=data, preload_datasets=True, **settings))
    return services, Preload(services, kernels or warm(), limit, **more)


def finished(it):
    it.start()
    until(lambda: it.over, "the end of loading")
    it._services.close()
    return it.status()


def test_which_fit(data):
    manifests = Services.of(load(data_dir=data)).catalog.manifests()
    sizes = sorted(manifest.bytes for manifest in manifests)
    assert [it.bytes for it in fitting(manifests, sum(sizes))] == sizes
    assert [it.bytes for it in fitting(manifests, sum(sizes) - 1)] == sizes[:2]
    assert fitting(manifests, sizes[0] - 1) == []


def test_everything_is_read_and_a_broken_one_is_passed_over(data):
    services, it = preload(data)
    said = finished(it)
    assert said["status"] == "ok"
    assert (said["done"], said["of"], said["left_out"]) == (3, 3, 0)
    layer = services.catalog.get("human/medium").layer()
    assert all(array.nbytes > 4096 for array in (layer.arrays[0], layer.arrays[1]))


def test_large_ones_are_left_out(data):
    services, _ = preload(data)
    medium = services.catalog.manifest("human/medium").bytes
    said = finished(preload(data, limit=medium - 1)[1])
    assert (said["status"], said["of"], said["left_out"]) == ("ok", 2, 1)


@needs_redis
def test_the_first_visitor_finds_the_answers(data):
    """What the pages ask of an atlas when they are opened was asked before."""
    from core.services.memoized import answer
    from core.views.correlation import state as correlation_state
    from core.views.markers import state as markers_state

    redis = Server().start()
    try:
        services, it = preload(data, redis=redis.url)
        assert finished(it)["status"] == "ok"
        for name in ("human/small", "human/medium"):
            view, _ = correlation_state.resolve(services, f"?atlas={name}")
            assert answer(services, view.atlas, view.params).hit
            marked, _ = markers_state.resolve(services, f"?atlas={name}")
            assert answer(services, marked.atlas, marked.params).hit
    finally:
        redis.kill()


def test_it_is_ended_in_the_middle(data, monkeypatch):
    _, it = preload(data)
    began, go = Event(), Event()

    def slowly(_atlas):
        began.set()
        assert go.wait(30)

    monkeypatch.setattr(it, "_compute", slowly)
    it.start()
    assert began.wait(30)
    assert it.status()["status"] == "loading"
    assert it.status()["done"] == 0
    assert not it.over
    it._stopped.set()
    go.set()
    until(lambda: it.over, "the end")
    it._services.close()
    assert it.status()["status"] == "stopped"


def test_it_is_ended_while_it_waits_for_the_kernels(data):
    _, it = preload(data, kernels=Event())
    it.start()
    assert it.status() == {"status": "waiting"}
    start = time.monotonic()
    it._services.close()
    assert it.over
    assert time.monotonic() - start < 5


def test_it_takes_no_longer_than_it_may(data):
    seconds = iter(range(0, 10_000, 40))
    _, it = preload(data, longest=100, clock=lambda: float(next(seconds)))
    said = finished(it)
    assert said["status"] == "stopped"
    assert said["done"] < said["of"]


def test_an_error_of_ours_does_not_keep_the_server_from_being_ready(data, monkeypatch):
    _, it = preload(data)
    monkeypatch.setattr(it, "_touch", lambda _: 1 / 0)
    assert finished(it)["status"] == "stopped"


def test_not_ready_before_it_is_over(data):
    from app import create_app

    app = create_app(load(data_dir=data, preload_datasets=True, correlation_cache=False))
    client = app.server.test_client()
    until(lambda: client.get("/readyz").json["checks"]["kernels"]["status"] == "ok", "the kernels")
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json["status"] == "starting"
    assert answer.json["checks"]["preload"] == {"status": "waiting"}
    background = app.server.extensions[composition.BACKGROUND]
    background.start()
    try:
        answer = until(lambda: (it := client.get("/readyz")).status_code == 200 and it, "readiness")
        assert answer.json["checks"]["preload"]["done"] == 3
    finally:
        background.close()


def test_off_unless_it_is_wanted(data):
    services = Services.of(load(data_dir=data))
    it = Preload(services, Event())
    it.start()
    assert it.over
    assert it.status() == {"status": "off"}
    it._services.close()
