"""The maps of an atlas: an embedding, or two axes of one, by the name that addresses and lassos give it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.errors import InvalidQuery

if TYPE_CHECKING:
    from core.atlas.manifest import EmbeddingInfo
    from core.atlas.store import Atlas

MAX_AXES = 3


def planes(atlas: Atlas) -> list[tuple[str, str]]:
    """List the maps to choose from, as pairs of value and label; a third axis makes three pairs of axes."""
    found: list[tuple[str, str]] = []
    for info in atlas.manifest.embeddings:
        n = min(info.dimensions, MAX_AXES)
        pairs = [(first, second) for first in range(n) for second in range(first + 1, n)]
        for first, second in pairs:
            label = info.label if len(pairs) == 1 else f"{info.label} {first + 1} and {second + 1}"
            found.append((info.key if first + second == 1 else f"{info.key}:{first + 1}-{second + 1}", label))
    return found


def plane_of(atlas: Atlas, text: str) -> tuple[EmbeddingInfo, tuple[int, int]]:
    """Read ``KEY`` or ``KEY:1-3``, the first and third axis of an embedding."""
    if text not in {value for value, _ in planes(atlas)}:
        known = [value for value, _ in planes(atlas)]
        raise InvalidQuery(f"{atlas.id} has no map {text[:80]!r}.", f"It has: {', '.join(known) or 'none'}.")
    try:
        return atlas.embedding_info(text), (0, 1)
    except InvalidQuery:
        key, _, axes = text.rpartition(":")
        first, second = axes.split("-")
        return atlas.embedding_info(key), (int(first) - 1, int(second) - 1)
