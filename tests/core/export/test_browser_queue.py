"""The line before the browser: its order, its limit, and those who leave it."""

import threading
from contextlib import ExitStack
from time import sleep

import pytest

from core.compute.abandonment import Abandoned
from core.compute.admission import visitor
from core.errors import Busy
from core.export.browser_queue import Client, Queue


class Clock:
    """Seconds that pass when they are told to."""

    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


def waiting(queue, n):
    """Wait until so many stand in the line, the one at work included."""
    for _ in range(500):
        if len(queue) == n:
            return
        sleep(0.01)
    pytest.fail(f"{len(queue)} stand in the line, not {n}")


def test_they_have_their_turn_in_order_one_at_a_time():
    queue, order, at_work = Queue(most=5), [], []

    def work(name):
        with queue.turn():
            at_work.append(name)
            assert len(at_work) == 1
            order.append(name)
            at_work.remove(name)

    with queue.turn():
        threads = []
        for name in range(5):
            threads.append(threading.Thread(target=work, args=(name,)))
            threads[-1].start()
            waiting(queue, name + 2)
        assert order == []
    for thread in threads:
        thread.join(10)
    assert order == [0, 1, 2, 3, 4]
    assert len(queue) == 0


def test_one_more_than_may_wait_is_turned_away_at_once_and_told_when_to_come_back():
    queue = Queue(most=1)
    with queue.turn():
        thread = threading.Thread(target=lambda: queue.turn().__enter__())
        thread.start()
        waiting(queue, 2)
        with pytest.raises(Busy, match="1 figures are waiting") as refused, queue.turn():
            pytest.fail("it had a turn")
        assert refused.value.status == 503
        assert refused.value.retry_after > 0
        assert len(queue) == 2
    thread.join(10)


def test_whoever_is_admitted_is_not_turned_away_between_two_figures():
    queue, several = Queue(most=0), Client(2)
    done = []

    def again():
        with queue.turn(several):
            done.append(True)

    with queue.admitted(several):
        thread = threading.Thread(target=again)
        with pytest.raises(Busy, match="is full"), queue.turn():
            pytest.fail("it had a turn")
        thread.start()
        thread.join(10)
        with queue.turn(several):
            done.append(True)
    assert done == [True, True]
    assert several.left == 0
    with queue.turn():
        done.append(True)


def rendered(queue, clock, seconds, n=20):
    """Let the queue learn how long a figure takes."""
    for _ in range(n):
        with queue.turn():
            clock.now += seconds


def test_what_cannot_be_done_in_time_is_refused_at_once_and_told_when_to_come_back():
    clock = Clock()
    queue = Queue(longest=45, clock=clock)
    rendered(queue, clock, 4.0)
    assert queue.expected(1) == pytest.approx(4.0, abs=0.1)
    one, two = Client(4), Client(4)
    with queue.admitted(one):
        assert queue.expected(4) == pytest.approx(32, abs=0.5), "they take turns"
        assert queue.expected(1) == pytest.approx(8, abs=0.5), "a single figure waits for one of the others"
        with queue.admitted(two):
            with pytest.raises(Busy, match="about 48 seconds, of which a request may take 45") as refused:
                queue.admitted(Client(4)).__enter__()
            assert refused.value.retry_after == 3
            assert "Try again in 3 seconds" in refused.value.remedy
            with queue.admitted(Client(1)):
                pass
            with queue.turn(one):
                clock.now += 4.0
            with queue.turn(two):
                clock.now += 4.0
            assert (one.left, two.left) == (3, 3)
            with queue.admitted(Client(4)):
                pass


def test_nobody_is_refused_while_the_browser_is_free():
    clock = Clock()
    queue = Queue(longest=45, clock=clock)
    rendered(queue, clock, 4.0)
    with queue.admitted(Client(96)), queue.admitted(Client(2)):
        pass


def test_one_visitor_takes_at_most_half_of_the_places():
    queue = Queue(most=4)
    with ExitStack() as stack:
        token = visitor.set("greedy")
        stack.callback(lambda: visitor.reset(token))
        for _ in range(3):
            stack.enter_context(queue.admitted(Client()))
        with pytest.raises(Busy, match="3 figures of your network address"):
            queue.admitted(Client()).__enter__()
        visitor.set("other")
        stack.enter_context(queue.admitted(Client()))


def test_whoever_has_hung_up_leaves_and_the_next_one_moves_up():
    queue, left, had = Queue(), [], []

    def gone():
        try:
            with queue.turn(gone=lambda: True):
                pytest.fail("it had a turn")
        except Abandoned:
            left.append(True)

    def stays():
        with queue.turn(gone=lambda: False):
            had.append(True)

    with queue.turn():
        threads = [threading.Thread(target=gone), threading.Thread(target=stays)]
        for thread in threads:
            thread.start()
        threads[0].join(10)
        assert left == [True]
        waiting(queue, 2)
    threads[1].join(10)
    assert had == [True]


def test_nobody_waits_for_ever():
    clock = Clock()
    queue, refused = Queue(seconds=10, clock=clock), []

    def late():
        try:
            with queue.turn():
                pytest.fail("it had a turn")
        except Busy as error:
            refused.append(error.message)

    with queue.turn():
        thread = threading.Thread(target=late)
        thread.start()
        waiting(queue, 2)
        clock.now = 11.0
        thread.join(10)
        assert refused == ["The figure waited longer than 10 seconds for the browser."]
        assert len(queue) == 1


def test_a_failure_gives_the_turn_back():
    queue = Queue()
    with pytest.raises(ValueError, match="no figure"), queue.turn():
        raise ValueError("no figure")
    assert len(queue) == 0
