"""Viewers: counting, expiry, and no personal data."""

from core.monitoring import visitors as module
from core.monitoring.visitors import SALT_SECONDS, SECONDS, Viewers


class Clock:
    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


def test_for_five_minutes():
    clock = Clock()
    viewers = Viewers(clock)
    viewers.record("10.0.0.1", "Firefox")
    viewers.record("10.0.0.1", "Firefox")
    viewers.record("10.0.0.1", "Chromium")
    viewers.record("10.0.0.2", "Firefox")
    assert viewers.count() == 3
    clock.now += SECONDS - 1
    viewers.record("10.0.0.1", "Firefox")
    clock.now += 2
    assert viewers.count() == 1
    clock.now += SECONDS + 1
    assert viewers.count() == 0


def test_a_new_salt_makes_nobody_two():
    clock = Clock()
    viewers = Viewers(clock)
    clock.now += SALT_SECONDS - 1
    viewers.record("10.0.0.1", "Firefox")
    before = dict(viewers._seen)
    clock.now += 2
    viewers.record("10.0.0.1", "Firefox")
    assert viewers.count() == 1
    assert before.keys().isdisjoint(viewers._seen), "the hash of yesterday says nothing today"
    clock.now += SECONDS + 1
    viewers.record("10.0.0.2", "Firefox")
    assert viewers._before == viewers._salt, "the salt of yesterday is forgotten"


def test_neither_address_nor_agent_is_kept():
    viewers = Viewers()
    viewers.record("10.11.12.13", "Netscape")
    assert b"10.11.12.13" not in repr(vars(viewers)).encode()
    assert "Netscape" not in repr(vars(viewers))
    other = Viewers()
    other.record("10.11.12.13", "Netscape")
    assert viewers._seen.keys().isdisjoint(other._seen)


def test_a_flood_takes_little_memory(monkeypatch):
    monkeypatch.setattr(module, "MOST", 10)
    viewers = Viewers()
    for number in range(100):
        viewers.record(f"10.0.0.{number}", "\ud800 surrogate")
    assert viewers.count() == 10
