"""Waiting in tests: for what another thread or process does, and no longer than it takes."""

import time

DEADLINE = 120
SHORTEST, LONGEST = 0.005, 0.05


def until(condition, what, seconds=DEADLINE):
    """Poll until a condition holds; return what it gave. What takes long to look at is looked at less often."""
    end = time.monotonic() + seconds
    while True:
        begin = time.monotonic()
        if found := condition():
            return found
        now = time.monotonic()
        assert now < end, f"{what}: not within {seconds} s"
        time.sleep(min(max(SHORTEST, 5 * (now - begin)), LONGEST))
