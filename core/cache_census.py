"""What lies in the cache: counted and deleted, by the content hash of the atlas it is about.

What these functions ask of Redis may fail: they raise its RedisError.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from core.cache_store import COUNTERS, HAPPENINGS, VALUES

if TYPE_CHECKING:
    from collections.abc import Iterator

    import redis

SCAN_COUNT: Final = 500
_GLOB = re.compile(r"([*?\[\]\\^])")


@dataclass(frozen=True)
class Census:
    """How much the cache holds about one atlas."""

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
    """The counters of all processes."""
    found: Any = client.hgetall(COUNTERS)
    return {name.decode(): int(n) for name, n in found.items() if name.decode(errors="replace") in HAPPENINGS and n.isdigit()}


def _batches(client: redis.Redis, pattern: str) -> Iterator[list[bytes]]:
    """Matching keys, a batch at a time and each once: SCAN itself may repeat one."""
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
