"""Redis backend of the cache: Flask-Caching's backend behind a circuit breaker, with locks and counters.

Failures of Redis are not raised, except where documented: no answer is lost because of its cache.
"""

from __future__ import annotations

import time
from contextlib import suppress
from functools import partial
from threading import Event
from typing import TYPE_CHECKING, Any, Final, Literal

import redis
from flask_caching.backends.rediscache import RedisCache
from redis.exceptions import LockError, ResponseError

from core.cache.circuit_breaker import Breaker
from core.cache.inventory import Counts
from core.cache.keys import COUNTERS, LOCKS, VALUES
from core.cache.serializer import Entry, Rejected, SafeSerializer, Unstorable
from core.system.logs import logger
from core.system.threads import Threads

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from redis.lock import Lock


TTL_SECONDS: Final = 7 * 24 * 3600
LOCK_SECONDS: Final = 5.0
NO_SUCH_KEY: Final = -2

log = logger(__name__)


class Held:
    """Lock of one key, kept alive by a thread until it is released.

    Parameters
    ----------
    lock : acquired
    seconds : time after which the lock expires unless extended
    guard : asks Redis, unless it is known to be away
    """

    def __init__(self, lock: Lock, seconds: float, guard: Callable[[Callable[[], Any], Any], Any]) -> None:
        self._lock = lock
        self._guard = guard
        self._done = Event()
        self._threads = Threads()
        self._threads.start("cache-lock", partial(self._keep, seconds / 3), self._done.set)

    def release(self) -> None:
        """Release the lock; when Redis is away, the lock expires."""
        self._threads.close()
        # The lock may have expired, and belong to another process by now.
        with suppress(LockError):
            self._guard(self._lock.release, None)

    def _keep(self, interval: float) -> None:
        with suppress(LockError):
            while not self._done.wait(interval):
                self._guard(self._lock.reacquire, None)


class Store:
    """Store of entries in Redis.

    Parameters
    ----------
    client : from `connect`
    secret : signs entries
    limit : largest size of one value in bytes
    counts : of events
    lock_seconds : time after which the lock of a dead holder is free
    clock : for the breaker
    """

    def __init__(
        self,
        client: redis.Redis,
        secret: str,
        limit: int,
        *,
        counts: Counts | None = None,
        lock_seconds: float = LOCK_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.client = client
        self.breaker = Breaker(clock)
        self.counts = counts or Counts()
        self._lock_seconds = lock_seconds
        # The same as Flask-Caching's Cache(app) makes with CACHE_SERIALIZER, without an app.
        self._backend = RedisCache(host=client, default_timeout=TTL_SECONDS, key_prefix=VALUES)
        self._backend.serializer = SafeSerializer(secret, limit)  # pyright: ignore[reportAttributeAccessIssue] - typed as its default

    def get(self, key: str) -> Entry | None:
        """Return the entry of a key. A foreign or damaged entry is deleted, counted and logged; it counts as absent."""
        try:
            entry: Entry | None = self._guard(lambda: self._backend.get(key), None)
            if entry is None or entry.key == key:
                return entry
            raise Rejected("it belongs to another question")  # noqa: TRY301 - one place to note it
        except Rejected as error:
            self.counts.add("rejected")
            log.warning("a value in the cache is not ours; it is computed again", key=key, reason=str(error))
            self._guard(lambda: self._backend.delete(key), None)
            return None

    def set(self, entry: Entry) -> bool:
        """Store an entry; return whether it was stored."""
        try:
            kept = bool(self._guard(lambda: self._backend.set(entry.key, entry), False))  # noqa: FBT003 - what to answer
        except Unstorable as error:
            self.counts.add("unstorable")
            log.warning("an answer cannot be cached", key=entry.key, reason=str(error))
            return False
        if kept:
            self.counts.add("stored_bytes", entry.size)
        return kept

    def lock(self, key: str) -> Held | Literal["taken"] | None:
        """Acquire the lock of a key; ``"taken"`` while another process has it; None when Redis is away."""
        lock = self.client.lock(LOCKS + key, timeout=self._lock_seconds, thread_local=False)
        acquired = self._guard(lambda: lock.acquire(blocking=False), None)
        if acquired is None:
            return None
        return Held(lock, self._lock_seconds, self._guard) if acquired else "taken"

    def lock_state(self, key: str) -> Literal["held", "free", "unknown"]:
        """Report the state of a lock; one that never ends, or ends too late, was not made by this program."""
        left = self._guard(lambda: self.client.pttl(LOCKS + key), None)
        if left == NO_SUCH_KEY:
            return "free"
        return "held" if left is not None and 0 <= left <= self._lock_seconds * 1000 else "unknown"

    def ping(self) -> bool:
        """Ask Redis for an answer now, even during a pause; the result sets the breaker."""
        return self._guard(self.client.ping, False, now=True)  # noqa: FBT003 - what to answer

    def publish(self, counts: Mapping[str, int]) -> None:
        """Add to the counters that all processes share."""

        def add() -> None:
            with self.client.pipeline(transaction=False) as pipe:
                for name, n in counts.items():
                    pipe.hincrby(COUNTERS, name, n)
                pipe.execute()

        self._guard(add, None)

    def _guard(self, params: Callable[[], Any], otherwise: object, *, now: bool = False) -> Any:  # noqa: ANN401 - what Redis answers
        """Ask Redis unless it is known to be away; `otherwise` when it does not answer."""
        ticket = self.breaker.ticket(now=now)
        if not ticket:
            return otherwise
        try:
            answer = params()
        except (Rejected, Unstorable, LockError):
            self._well(ticket)
            raise
        except ResponseError as error:
            # It answers, if only to say no: out of memory, a replica, not permitted.
            self._well(ticket)
            if str(error).startswith("WRONGTYPE"):
                raise Rejected("it is not a string") from error
            self.counts.add("errors")
            log.warning("the cache refuses a command", reason=str(error))
            return otherwise
        except (redis.RedisError, OSError) as error:
            self.counts.add("errors")
            if self.breaker.failed(ticket):
                log.warning("the cache does not answer; answers are computed each time", reason=type(error).__name__)
            return otherwise
        self._well(ticket)
        return answer

    def _well(self, ticket: int) -> None:
        if self.breaker.succeeded(ticket):
            log.info("the cache answers again")
