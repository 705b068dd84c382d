"""A few compute, a few wait, the rest is told to come back."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest

from core.compute import admission as module
from core.compute.admission import Admission, heavy
from core.errors import Busy, Unavailable


def occupied(stack: ExitStack, room: Admission, needed: int = 0, visitor: str = "") -> threading.Event:
    """Let another thread, of a visitor or of nobody in particular, stay inside until the stack closes."""
    inside, leave = threading.Event(), threading.Event()

    def stay():
        if visitor:
            module.visitor.set(visitor)
        with room.enter(needed):
            inside.set()
            assert leave.wait(20)

    thread = threading.Thread(target=stay)
    thread.start()
    stack.callback(thread.join)
    stack.callback(leave.set)
    assert inside.wait(20)
    return leave


def until(said) -> None:
    deadline = threading.Event()
    for _ in range(2000):
        if said():
            return
        deadline.wait(0.005)
    raise AssertionError("it never came to it")


def test_so_many_compute_so_many_wait_and_the_rest_is_sent_away():
    room = Admission(2, 1, 10**9)
    entered = threading.Event()
    with ExitStack() as stack:
        first = occupied(stack, room)
        occupied(stack, room)
        assert (room.running, room.waiting) == (2, 0)

        def wait():
            with room.enter():
                entered.set()

        waiter = threading.Thread(target=wait)
        waiter.start()
        stack.callback(waiter.join)
        until(lambda: room.waiting == 1)
        with pytest.raises(Busy, match="3 other computations") as caught, room.enter():
            pass
        assert caught.value.retry_after > 0
        assert not entered.is_set()
        first.set()
        assert entered.wait(20)
    assert (room.running, room.waiting) == (0, 0)


def test_nobody_waits_longer_than_patience():
    room = Admission(1, 4, 10**9, patience=0.05)
    with ExitStack() as stack:
        occupied(stack, room)
        with pytest.raises(Busy, match=r"waited 0\.05 seconds in the queue"), room.enter():
            pass
        assert room.waiting == 0


def test_memory_is_shared_and_the_first_always_fits():
    room = Admission(8, 4, 1000, patience=0.05)
    with ExitStack() as stack:
        occupied(stack, room, 700)
        with room.enter(300):
            assert room.running == 2
        with pytest.raises(Busy), room.enter(301):
            pass
    with room.enter(1000):
        assert room.running == 1
    with pytest.raises(Unavailable, match="GB of memory") as caught, room.enter(1001):
        pass
    assert not isinstance(caught.value, Busy)


def test_a_thread_inside_goes_straight_in_and_an_error_gives_the_place_back():
    room = Admission(1, 0, 10**9)
    with room.enter(), room.enter():
        assert room.running == 1
    with pytest.raises(RuntimeError), room.enter():
        raise RuntimeError
    assert room.running == 0


def test_never_more_at_a_time_than_there_are_places(monkeypatch):
    room = Admission(3, 100, 10**9)
    monkeypatch.setattr(module, "admission", lambda: room)
    most, lock = [], threading.Lock()

    @heavy(lambda x: x)
    def work(x):
        with lock:
            most.append(room.running)
        threading.Event().wait(0.002)
        return 2 * x

    with ThreadPoolExecutor(24) as pool:
        assert list(pool.map(work, range(60))) == [2 * x for x in range(60)]
    assert max(most) == 3
    assert work.__name__ == "work"


def test_the_one_of_this_process_has_room_for_two():
    room = module.admission()
    with ExitStack() as stack:
        occupied(stack, room)
        with room.enter():
            assert room.running == 2


# --- Fairness between visitors ---------------------------------------------------------------------------------------


def asking(stack, room, name, order, patience=20):
    """Let another thread ask for a place on behalf of a visitor; it notes its name once it is inside, and leaves."""

    def ask():
        module.visitor.set(name)
        with room.enter():
            order.append(name)

    thread = threading.Thread(target=ask)
    before = room.waiting
    thread.start()
    stack.callback(thread.join, patience)
    until(lambda: room.waiting > before)
    return thread


def named(name):
    """Name the visitor of this thread, for a test."""
    token = module.visitor.set(name)
    return lambda: module.visitor.reset(token)


def test_one_visitor_holds_at_most_half_of_the_places():
    room, order = Admission(4, 8, 10**9), []
    with ExitStack() as waiters, ExitStack() as stack:
        leave = [occupied(stack, room, visitor="greedy") for _ in range(2)]
        asking(waiters, room, "greedy", order)
        assert (room.running, room.waiting) == (2, 1), "two places are free, and not for this visitor"
        stack.callback(named("other"))
        with room.enter():
            assert room.running == 3
        assert order == []
        leave[0].set()
        until(lambda: order == ["greedy"])


def test_one_visitor_fills_at_most_half_of_the_queue():
    room = Admission(2, 4, 10**9)
    with ExitStack() as waiters, ExitStack() as stack:
        occupied(stack, room, visitor="greedy")
        occupied(stack, room, visitor="third")
        for _ in range(2):
            asking(waiters, room, "greedy", [])
        stack.callback(named("greedy"))
        with pytest.raises(Busy, match="2 computations of your network address are already waiting"), room.enter():
            pass
        order = []
        asking(waiters, room, "other", order)
        assert room.waiting == 3


def test_whoever_computes_least_goes_first():
    room, order = Admission(2, 8, 10**9), []
    with ExitStack() as waiters, ExitStack() as stack:
        occupied(stack, room, visitor="greedy")
        third = occupied(stack, room, visitor="third")
        asking(waiters, room, "greedy", order)
        asking(waiters, room, "other", order)
        third.set()
        until(lambda: order == ["other"])


def test_a_lone_user_may_hold_every_place():
    room = Admission(2, 0, 10**9)
    with ExitStack() as stack:
        occupied(stack, room)
        with room.enter():
            assert room.running == 2
