"""The breaker, on a clock of our own."""

import pytest

from core.cache.circuit_breaker import FIRST_PAUSE, LONGEST_PAUSE, Breaker


class Clock:
    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def breaker(clock):
    return Breaker(clock)


def test_closed_while_all_is_well(breaker):
    for _ in range(3):
        ticket = breaker.ticket()
        assert ticket
        assert not breaker.succeeded(ticket)
    assert not breaker.is_open


def test_a_failure_opens_it_for_a_pause(breaker, clock):
    assert breaker.failed(breaker.ticket())
    assert breaker.is_open
    assert not breaker.ticket()
    clock.now += FIRST_PAUSE - 0.01
    assert not breaker.ticket()
    clock.now += 0.02
    probe = breaker.ticket()
    assert probe
    assert not breaker.ticket(), "one probe at a time"
    assert breaker.succeeded(probe)
    assert not breaker.is_open
    assert breaker.ticket()


def test_the_pause_grows_to_a_limit(breaker, clock):
    breaker.failed(breaker.ticket())
    pause = FIRST_PAUSE
    for _ in range(8):
        clock.now += pause + 0.001
        assert not breaker.failed(breaker.ticket()), "it was open already"
        pause = min(2 * pause, LONGEST_PAUSE)
        clock.now += pause - 0.01
        assert not breaker.ticket()
        clock.now += 0.01
    assert pause == LONGEST_PAUSE


def test_sixteen_failures_at_once_are_one(breaker, clock):
    tickets = [breaker.ticket() for _ in range(16)]
    assert [breaker.failed(ticket) for ticket in tickets].count(True) == 1
    clock.now += FIRST_PAUSE + 0.001
    assert breaker.ticket()


def test_news_from_before_the_failure_count_no_more(breaker):
    slow, quick = breaker.ticket(), breaker.ticket()
    breaker.failed(quick)
    assert not breaker.succeeded(slow)
    assert breaker.is_open


def test_a_probe_that_never_comes_back_is_followed_by_another(breaker, clock):
    breaker.failed(breaker.ticket())
    clock.now += FIRST_PAUSE
    assert breaker.ticket()
    clock.now += FIRST_PAUSE
    assert breaker.ticket()


def test_it_can_be_asked_during_a_pause(breaker):
    breaker.failed(breaker.ticket())
    assert not breaker.ticket()
    assert breaker.succeeded(breaker.ticket(now=True))
    assert not breaker.is_open


def test_it_can_be_reset(breaker):
    breaker.reset()
    ticket = breaker.ticket()
    breaker.failed(ticket)
    breaker.reset()
    assert not breaker.is_open
    assert not breaker.failed(ticket), "old news"
