"""Cache of computed answers in Redis.

A value is stored under the code's version, the service's name, the atlas' content hash and the canonical text of the
question, so nothing has to be invalidated: whatever changes an answer changes its key. Identical questions at the same
time are computed once, within a process and across processes. Every question is answered, even without Redis.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from threading import Event, Lock
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar, cast

from core.cache.embedded_redis import RedisServer
from core.cache.inventory import Counts, flush
from core.cache.keys import key_of
from core.cache.redis_backend import LOCK_SECONDS, Held, Store
from core.cache.redis_client import connect, socket_url
from core.cache.serializer import Entry, Value
from core.cache.single_flight import SingleFlight

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.settings.settings import Settings

Answer = TypeVar("Answer", bound=Value)

# No single value may take more than this share of CACHE_SIZE.
LARGEST_SHARE: Final = 8
WAIT_SECONDS: Final = 30.0
FIRST_POLL: Final = 0.005
LONGEST_POLL: Final = 0.05
PUBLISH_SECONDS: Final = 1.0


@dataclass(frozen=True)
class Cached(Generic[Answer]):
    """Answer with its cache status.

    Attributes
    ----------
    value : the answer; read-only, since other threads may hold the same object
    hit : cache hit, or an answer shared with a concurrent identical question
    ms : duration of the computation in milliseconds
    """

    value: Answer
    hit: bool
    ms: float


class Cache:
    """Cache of one process.

    With `cache_redis` the cache works at once. Otherwise `start` launches an embedded server; before that, and with
    `correlation_cache` off, every answer is computed. `close` stops the embedded server.

    Parameters
    ----------
    settings : address and size of Redis, and the secret that signs entries
    clock : monotonic seconds, for pauses and limits
    lock_seconds : time after which the work of a dead process is taken over
    wait_seconds : longest wait for another process
    """

    def __init__(
        self,
        settings: Settings,
        *,
        clock: Callable[[], float] = time.monotonic,
        lock_seconds: float = LOCK_SECONDS,
        wait_seconds: float = WAIT_SECONDS,
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._lock_seconds = lock_seconds
        self._wait_seconds = wait_seconds
        self._closed = Event()
        self._flights: SingleFlight[tuple[Entry, bool]] = SingleFlight()
        self._counts = Counts()
        self._published: dict[str, int] = {}
        self._publishing = Lock()
        self._publish_at = clock()
        self._server: RedisServer | None = None
        self._store: Store | None = None
        if settings.correlation_cache and settings.cache_redis:
            self._store = self._connected(settings.cache_redis)

    def start(self) -> None:
        """Start the embedded server in the background, if one is wanted."""
        settings = self._settings
        if settings.correlation_cache and not settings.cache_redis and self._server is None:
            self._server = RedisServer(settings.data_dir, settings.cache_size, self._embedded)
            self._server.start()

    def close(self) -> None:
        """Stop the embedded server and disconnect from Redis; questions are still answered."""
        self._closed.set()
        store, self._store = self._store, None
        if store is not None:
            self._publish(store, now=True)
        if self._server is not None:
            # The server may have begun to answer just now; after this, the store is not set any more.
            self._server.close()
        for each in (store, self._store):
            if each is not None:
                each.client.close()
        self._store = None

    def memo(self, service: str, content_hash: str, params: object, compute: Callable[[], Answer]) -> Cached[Answer]:
        """Answer a question: find the answer, wait for it, or compute and keep it.

        Parameters
        ----------
        service : name of what computes
        content_hash : of the atlas
        params : the question, a frozen dataclass of primitives
        compute : returns the answer, a table or plain JSON; all waiting threads get its exceptions, which are not kept

        Raises
        ------
        TypeError
            The question has no canonical text.
        """
        key = key_of(service, content_hash, params)
        (entry, found), led = self._flights.join(
            key, lambda: self._fetch(key, compute), waits=lambda: self._counts.add("waits")
        )
        return Cached(cast("Answer", entry.value), hit=found or not led, ms=entry.ms)

    def flush(self, content_hash: str | None = None) -> int:
        """Delete the answers of one atlas, or all, and return their number. Raises redis.RedisError."""
        store = self._store
        return flush(store.client, content_hash) if store else 0

    @property
    def counters(self) -> dict[str, int]:
        """Counts of events so far in this process, by name."""
        return self._counts.now()

    def status(self) -> dict[str, Any]:
        """Report whether the cache works, ``ok``, ``degraded`` or ``off``, and the counts of events so far.

        Redis is asked now, even during a pause.
        """
        store = self._store
        server = "external" if self._settings.cache_redis else "embedded"
        status: dict[str, Any]
        if not self._settings.correlation_cache:
            status = {"status": "off", "reason": "turned off"}
        elif store is not None:
            status = {"status": "ok" if store.ping() else "degraded", "server": server}
        elif self._server is None or self._closed.is_set():
            status = {"status": "off", "reason": "not started"}
        elif self._server.binary is None:
            status = {"status": "off", "reason": self._server.reason}
        else:
            status = {"status": "degraded", "server": server, "reason": self._server.reason or "starting"}
        return {**status, "counters": self.counters}

    def _connected(self, url: str) -> Store:
        return Store(
            connect(url),
            self._settings.secret_key.get_secret_value(),
            self._settings.cache_size // LARGEST_SHARE,
            counts=self._counts,
            lock_seconds=self._lock_seconds,
            clock=self._clock,
        )

    def _embedded(self, socket: str) -> None:
        """Connect to the embedded server, which answers for the first time or again."""
        if self._closed.is_set():
            return
        store = self._store
        if store is None:
            store = self._store = self._connected(socket_url(socket))
        store.breaker.reset()

    def _fetch(self, key: str, compute: Callable[[], Value]) -> tuple[Entry, bool]:
        """Return the entry of a key, and whether the cache had it."""
        store = self._store
        if store is None:
            return self._computed(key, compute), False
        if (found := store.get(key)) is not None:
            self._counts.add("hits")
            self._publish(store)
            return found, True
        self._counts.add("misses")
        found, held = self._turn(store, key)
        if found is not None:
            return found, True
        try:
            entry = self._computed(key, compute)
            store.set(entry)
        finally:
            if held is not None:
                held.release()
        self._publish(store)
        return entry, False

    def _turn(self, store: Store, key: str) -> tuple[Entry | None, Held | None]:
        """Wait for the answer of another process, or acquire its lock; without either, compute without a lock."""
        end = self._clock() + self._wait_seconds
        while True:
            lock = store.lock(key)
            if lock is None:
                return None, None
            if isinstance(lock, Held):
                # Another process may have finished between the lookup and the lock.
                found = store.get(key)
                if found is not None:
                    lock.release()
                return (None, lock) if found is None else (found, None)
            self._counts.add("waits")
            if not self._freed(store, key, end):
                return None, None
            if (found := store.get(key)) is not None:
                return found, None

    def _freed(self, store: Store, key: str, end: float) -> bool:
        """Wait until a lock is free; False when waiting is useless."""
        delay = FIRST_POLL
        while (state := store.lock_state(key)) == "held":
            if self._clock() >= end or self._closed.wait(delay):
                return False
            delay = min(2 * delay, LONGEST_POLL)
        return state == "free"

    def _computed(self, key: str, compute: Callable[[], Value]) -> Entry:
        start = time.perf_counter()
        value = compute()
        self._counts.add("computed")
        return Entry(key=key, value=value, ms=(time.perf_counter() - start) * 1000)

    def _publish(self, store: Store, *, now: bool = False) -> None:
        """Add to the counters that all processes share, at most once a second."""
        with self._publishing:
            if self._clock() < self._publish_at and not now:
                return
            self._publish_at = self._clock() + PUBLISH_SECONDS
            counts = self.counters
            fresh = {name: n - self._published.get(name, 0) for name, n in counts.items()}
            self._published = counts
        store.publish({name: n for name, n in fresh.items() if n})
