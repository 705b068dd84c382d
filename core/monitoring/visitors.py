"""Number of visitors of the dashboard now, without a cookie and without anything that could identify anybody later.

A visitor is the hash of address and browser with a secret salt. Salt and hashes live in memory alone; every day the
salt is replaced, after which nobody, this program included, can tell whether two days had the same visitor.
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
# What is beyond is a crowd anyway; a flood of addresses must not take the memory.
MOST: Final = 100_000


class Viewers:
    """The visitors of the last five minutes.

    Parameters
    ----------
    clock : seconds that only grow
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = Lock()
        self._seen: TTLCache[bytes, None] = TTLCache(MOST, SECONDS, timer=clock)
        self._salt = self._before = secrets.token_bytes(16)
        self._salted = clock()

    def saw(self, address: str, agent: str) -> None:
        """Note that somebody asked for something."""
        now = self._clock()
        with self._lock:
            if now - self._salted > SALT_SECONDS:
                self._before, self._salt, self._salted = self._salt, secrets.token_bytes(16), now
            # Whoever is here while the salt changes is still one person.
            self._seen.pop(_hashed(self._before, address, agent), None)
            viewer = _hashed(self._salt, address, agent)
            self._seen[viewer] = None
            if self._before is not self._salt and now - self._salted > SECONDS:
                self._before = self._salt

    def count(self) -> int:
        """Count the visitors."""
        with self._lock:
            self._seen.expire()
            return len(self._seen)


def _hashed(salt: bytes, address: str, agent: str) -> bytes:
    return hashlib.blake2b(f"{address}\n{agent}".encode(errors="replace"), key=salt, digest_size=8).digest()
