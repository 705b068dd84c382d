"""Computations end at the border of a block once their client has disconnected."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from core.atlas.catalog import Catalog
from core.cache.single_flight import SingleFlight
from core.compute.abandonment import Abandoned, client_gone
from core.compute.executor import Workers
from tests.core.web.conftest import imported, tiny


@pytest.fixture
def atlas(tmp_path):
    data = tmp_path / "data"
    source = tiny(data.parent / "liver.h5ad", n_cells=50, genes=[f"G{at}" for at in range(80)])
    imported(data, source, species="human", name="liver")
    return Catalog(data).get("human/liver")


@pytest.fixture
def workers():
    made = Workers(ThreadPoolExecutor(2))
    yield made
    made.close()


def test_blocks_that_have_not_begun_are_dropped(atlas, workers):
    begun = []

    def task(_layer, start, _stop):
        begun.append(start)
        time.sleep(0.05)

    token = client_gone.set(lambda: len(begun) > 2)
    try:
        with pytest.raises(Abandoned):
            workers.over_genes(task, atlas, "expression", 40)
    finally:
        client_gone.reset(token)
    time.sleep(0.2)
    assert 2 < len(begun) < 12


def test_whoever_stays_gets_the_answer(atlas, workers):
    """Another client waits for the same answer: it computes what the first one has left."""
    flight, left = SingleFlight(), threading.Event()
    calls, answers = [], []

    def compute():
        calls.append(threading.current_thread().name)
        return workers.over_genes(lambda *_: time.sleep(0.02) or 1, atlas, "expression", 40)

    def leaves():
        client_gone.set(left.is_set)
        with pytest.raises(Abandoned):
            flight.join("key", compute, lambda: None)

    def stays():
        answers.append(flight.join("key", compute, left.set))

    first = threading.Thread(target=leaves, name="leaves")
    first.start()
    while not calls:
        time.sleep(0.01)
    second = threading.Thread(target=stays, name="stays")
    second.start()
    first.join(10)
    second.join(10)
    assert calls == ["leaves", "stays"]
    [(values, fetched)] = answers
    assert sum(values) == 40
    assert fetched


def test_an_error_ends_the_other_blocks(atlas, workers):
    begun = []

    def task(_layer, start, _stop):
        begun.append(start)
        time.sleep(0.02)
        raise TimeoutError("of the task itself")

    with pytest.raises(TimeoutError, match="of the task itself"):
        workers.over_genes(task, atlas, "expression", 40)
    time.sleep(0.1)
    assert len(begun) < 10
