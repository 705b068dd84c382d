"""Single flight within a process."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event, Lock

import pytest

from core.cache.single_flight import SingleFlight
from core.errors import Cancelled, InvalidQuery
from tests.waiting import DEADLINE, until

N = 16


def together(flights, fetch, n=N):
    """Ask from n threads; the fetch goes on once all others wait."""
    waiting, lock, go = [], Lock(), Event()

    def waits():
        with lock:
            waiting.append(1)

    def slowly():
        assert go.wait(DEADLINE)
        return fetch()

    with ThreadPoolExecutor(n) as pool:
        asked = [pool.submit(flights.join, "key", slowly, waits) for _ in range(n)]
        until(lambda: len(waiting) == n - 1, "all waiting")
        go.set()
        for future in asked:
            future.exception(DEADLINE)
    return asked


def test_one_fetches_for_all():
    made = []
    flights = SingleFlight()

    def fetch():
        made.append(object())
        return made[-1]

    asked = [future.result() for future in together(flights, fetch)]
    assert len(made) == 1
    assert all(value is made[0] for value, _ in asked)
    assert sorted(led for _, led in asked) == [False] * (N - 1) + [True]
    assert len(flights) == 0


def test_an_exception_reaches_all_and_is_forgotten():
    flights = SingleFlight()
    problem = InvalidQuery("The selection holds no cell.", "Select more cells.")

    def fetch():
        raise problem

    assert all(future.exception() is problem for future in together(flights, fetch))
    assert flights.join("key", lambda: 7, lambda: None) == (7, True)


@pytest.mark.parametrize("end", [SystemExit(), Cancelled("The client has gone.")])
def test_a_thread_that_ends_lets_another_try(end):
    flights = SingleFlight()
    tries = []

    def fetch():
        tries.append(1)
        if len(tries) == 1:
            raise end
        return 5

    asked = together(flights, fetch)
    assert [future.exception() for future in asked].count(end) == 1
    assert [future.result()[0] for future in asked if not future.exception()] == [5] * (N - 1)
    assert len(tries) >= 2


def test_asking_for_the_same_within_does_not_hang():
    flights = SingleFlight()
    inner = flights.join("key", lambda: flights.join("key", lambda: 3, lambda: None), lambda: None)
    assert inner == ((3, True), True)


def test_different_keys_do_not_wait_for_each_other():
    flights = SingleFlight()
    meet = Barrier(4)

    def fetch():
        meet.wait(DEADLINE)
        return 1

    with ThreadPoolExecutor(4) as pool:
        asked = [pool.submit(flights.join, str(at), fetch, lambda: pytest.fail("waits")) for at in range(4)]
        assert [future.result(DEADLINE) for future in asked] == [(1, True)] * 4
