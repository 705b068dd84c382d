"""Threads of the web server: visitors take turns, none holds them all, and health checks have their own."""

import threading

import pytest

from core.web.dispatcher import Dispatcher, FairQueue, Task
from core.web.proxies import client_of
from tests.redis_servers import until


class Channel:
    """A connection with one request, which waits to be let go."""

    def __init__(self, visitor, path="/"):
        self.visitor = visitor
        self.requests = [type("Request", (), {"path": path, "headers": {}})()]
        self.go, self.began, self.ended = threading.Event(), threading.Event(), threading.Event()

    def service(self):
        self.began.set()
        assert self.go.wait(20)
        self.ended.set()

    def cancel(self):
        self.ended.set()


def taken(queue, *visitors):
    for visitor in visitors:
        queue.append(Task(None, visitor, None))
    found = []
    while queue:
        found.append(queue.popleft().visitor)
    return found


def test_visitors_take_turns():
    assert "".join(taken(FairQueue(9), *"aaaabbc")) == "abcabaa"


def test_one_visitor_runs_only_so_many():
    queue = FairQueue(2)
    assert taken(queue, *"aaaab") == ["a", "b", "a"]
    assert (len(queue), bool(queue)) == (2, False)
    with pytest.raises(IndexError):
        queue.popleft()
    queue.done("a")
    assert queue.popleft().visitor == "a"
    for visitor in "aab":
        queue.done(visitor)
    assert taken(queue) == ["a"]


@pytest.fixture
def dispatcher():
    made = Dispatcher(2, lambda channel: channel.visitor)
    made.set_thread_count(4)
    yield made
    made.shutdown(timeout=5)


def test_a_greedy_visitor_leaves_threads_for_others(dispatcher):
    greedy = [Channel("greedy") for _ in range(50)]
    for each in greedy:
        dispatcher.add_task(each)
    until(lambda: sum(each.began.is_set() for each in greedy) == 2, "two of fifty")
    other = Channel("other")
    other.go.set()
    dispatcher.add_task(other)
    assert other.ended.wait(20)
    assert sum(each.began.is_set() for each in greedy) == 2
    for each in greedy:
        each.go.set()
    assert all(each.ended.wait(20) for each in greedy)


def test_health_checks_do_not_wait_for_the_others(dispatcher):
    busy = [Channel(str(at)) for at in range(8)]
    for each in busy:
        dispatcher.add_task(each)
    until(lambda: sum(each.began.is_set() for each in busy) == 4, "every thread at work")
    check = Channel("probe", "/healthz")
    check.go.set()
    dispatcher.add_task(check)
    assert check.ended.wait(20)
    for each in busy:
        each.go.set()


def test_a_flood_of_health_checks_waits_like_any_other_request(dispatcher):
    checks = [Channel("greedy", "/healthz") for _ in range(40)]
    for each in checks:
        dispatcher.add_task(each)
    until(lambda: sum(each.began.is_set() for each in checks) == 3, "one in its thread, two in the others")
    for each in checks:
        each.go.set()
    assert all(each.ended.wait(20) for each in checks)


@pytest.mark.parametrize(
    ("forwarded", "trusted", "whose"),
    [
        ("", 1, "peer"),
        ("203.0.113.9", 0, "peer"),
        ("198.51.100.1, 203.0.113.9", 1, "203.0.113.9"),
        ("198.51.100.1, 203.0.113.9", 2, "198.51.100.1"),
        ("203.0.113.9", 2, "peer"),
    ],
)
def test_the_visitor_behind_proxies(forwarded, trusted, whose):
    assert client_of("peer", forwarded, trusted) == whose
