"""Waiting in tests: for what another thread or process does, and no longer than it takes."""

import time

DEADLINE = 120


def until(condition, what, seconds=DEADLINE):
    """Poll until a condition holds; return what it gave."""
    end = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < end, f"{what}: not within {seconds} s"
        time.sleep(0.005)
    return found
