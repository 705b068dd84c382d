"""Inventory of the cache: entries counted and deleted by the content hash of their atlas, and counts of events.

These functions raise redis.RedisError when Redis fails.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

from core.cache.keys import COUNTERS, VALUES

if TYPE_CHECKING:
    from collections.abc import Iterator

    import redis

SCAN_COUNT: Final = 500
# waits: for another thread or process that computes the same answer; errors: failed commands; rejected: foreign or
# damaged entries; unstorable: answers that are too large, or would not be read back unchanged.
HAPPENINGS: Final = ("hits", "misses", "computed", "waits", "errors", "rejected", "unstorable", "stored_bytes")
_GLOB = re.compile(r"([*?\[\]\\^])")


class Counts:
    """Counts of the events in `HAPPENINGS`."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._counts: dict[str, int] = {name: 0 for name in HAPPENINGS}  # noqa: C420 - typed

    def add(self, what: str, n: int = 1) -> None:
        """Count an event."""
        with self._lock:
            self._counts[what] += n

    def now(self) -> dict[str, int]:
        """Return the count of each event."""
        with self._lock:
            return dict(self._counts)


@dataclass(frozen=True)
class Census:
    """Number and bytes of the entries about one atlas."""

    entries: int
    bytes: int


def census(client: redis.Redis) -> dict[str, Census]:
    """Entries and bytes by content hash."""
    entries: Counter[str] = Counter()
    sizes: Counter[str] = Counter()
    for keys in _batches(client, f"{VALUES}*"):
        with client.pipeline(transaction=False) as pipe:
            for key in keys:
                pipe.strlen(key)
            lengths = pipe.execute(raise_on_error=False)
        for key, length in zip(keys, lengths, strict=True):
            content_hash = key.decode(errors="replace").removeprefix(VALUES).partition(":")[0]
            entries[content_hash] += 1
            sizes[content_hash] += length if isinstance(length, int) else 0
    return {content_hash: Census(n, sizes[content_hash]) for content_hash, n in entries.items()}


def flush(client: redis.Redis, content_hash: str | None = None) -> int:
    """Delete the entries of one atlas, or all of ours; how many there were."""
    whose = "" if content_hash is None else _GLOB.sub(r"\\\1", content_hash) + ":"
    pattern = f"{VALUES}{whose}*"
    return sum(int(client.unlink(*keys)) for keys in _batches(client, pattern))  # pyright: ignore[reportArgumentType] - the client is not asynchronous


def shared_counters(client: redis.Redis) -> dict[str, int]:
    """Read the counters of all processes."""
    found: Any = client.hgetall(COUNTERS)
    return {
        name.decode(): int(n)
        for name, n in found.items()
        if name.decode(errors="replace") in HAPPENINGS and n.isdigit()
    }


def _batches(client: redis.Redis, pattern: str) -> Iterator[list[bytes]]:
    """Yield matching keys, a batch at a time and each once: SCAN itself may repeat one."""
    seen: set[bytes] = set()
    cursor: Any = 0
    while True:
        found: Any = client.scan(cursor, match=pattern, count=SCAN_COUNT)
        cursor, keys = found
        fresh: list[bytes] = sorted(set(keys) - seen)
        seen.update(fresh)
        if fresh:
            yield fresh
        if not cursor:
            return
