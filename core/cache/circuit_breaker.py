"""Circuit breaker: a server that does not answer is not asked for a while, then probed once."""

from __future__ import annotations

import time
from threading import Lock
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

FIRST_PAUSE: Final = 0.5
LONGEST_PAUSE: Final = 10.0


class Breaker:
    """Breaker: closed in normal operation, open after a failure, for a pause that doubles with each failed probe.

    Each caller takes a ticket before it asks, and hands it in with the outcome. Tickets from before the last change
    are ignored, so sixteen threads that meet the same dead server make one failure, not sixteen.

    Parameters
    ----------
    clock
        Monotonic seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = Lock()
        self._ticket = 1
        self._pause = 0.0
        self._retry_at = 0.0

    @property
    def is_open(self) -> bool:
        """True after a failure that no success has followed."""
        return self._pause > 0

    def ticket(self, *, now: bool = False) -> int:
        """Return a number to ask with, or 0 during a pause.

        Parameters
        ----------
        now : ask even during a pause
        """
        with self._lock:
            if self.is_open:
                if self._clock() < self._retry_at and not now:
                    return 0
                # One probe at a time; if it never comes back, the next one may go after the same pause.
                self._retry_at = self._clock() + self._pause
            return self._ticket

    def failed(self, ticket: int) -> bool:
        """Note a failure; whether it is the one that opened the breaker."""
        with self._lock:
            if ticket != self._ticket:
                return False
            first = not self.is_open
            self._ticket += 1
            self._pause = FIRST_PAUSE if first else min(2 * self._pause, LONGEST_PAUSE)
            self._retry_at = self._clock() + self._pause
            return first

    def succeeded(self, ticket: int) -> bool:
        """Note a success; whether it is the one that closed the breaker."""
        if not self.is_open:
            return False
        with self._lock:
            if ticket != self._ticket or not self.is_open:
                return False
            self._close()
            return True

    def reset(self) -> None:
        """Close the breaker, since the server is known to answer again."""
        with self._lock:
            if self.is_open:
                self._close()

    def _close(self) -> None:
        self._ticket += 1
        self._pause = 0.0
