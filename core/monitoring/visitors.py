"""Anonymous count of recent visitors, without cookies or stored personal data.

A visitor is the hash of IP address and user agent with a secret salt. Salt and hashes are kept in memory only. The salt
is replaced every day, so that visitors of different days cannot be linked.
"""

from __future__ import annotations

import hashlib
import secrets
import time
from threading import Lock
from typing import TYPE_CHECKING, Final

from cachetools import TTLCache

if TYPE_CHECKING:
    from collections.abc import Callable

SECONDS: Final = 300.0
SALT_SECONDS: Final = 24 * 3600.0
# Bounds the memory under a flood of addresses.
MOST: Final = 100_000


class Viewers:
    """Visitors during the last five minutes.

    Parameters
    ----------
    clock : monotonic time in seconds
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = Lock()
        self._seen: TTLCache[bytes, None] = TTLCache(MOST, SECONDS, timer=clock)
        self._salt = self._before = secrets.token_bytes(16)
        self._salted = clock()

    def record(self, address: str, agent: str) -> None:
        """Record a request of a visitor."""
        now = self._clock()
        with self._lock:
            if now - self._salted > SALT_SECONDS:
                self._before, self._salt, self._salted = self._salt, secrets.token_bytes(16), now
            # A visitor seen before and after a change of the salt counts once.
            self._seen.pop(_hashed(self._before, address, agent), None)
            viewer = _hashed(self._salt, address, agent)
            self._seen[viewer] = None
            if self._before is not self._salt and now - self._salted > SECONDS:
                self._before = self._salt

    def count(self) -> int:
        """Return the number of visitors."""
        with self._lock:
            self._seen.expire()
            return len(self._seen)


def _hashed(salt: bytes, address: str, agent: str) -> bytes:
    return hashlib.blake2b(f"{address}\n{agent}".encode(errors="replace"), key=salt, digest_size=8).digest()
