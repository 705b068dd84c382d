"""Names of cells, genes, columns and categories."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.ingest.matrix import text_of

if TYPE_CHECKING:
    from collections.abc import Sequence

EMPTY = "(empty)"


def label(name: object) -> str:
    """Return a name as text; one without letters is called ``(empty)``."""
    text = text_of(name)
    return text if text.strip() else EMPTY


def unique_names(names: Sequence[str], what: str, notes: list[str]) -> list[str]:
    """Append -1, -2, … to repeated names, as scanpy does, and return a note about that."""
    seen: dict[str, int] = {}
    taken = set(names)
    unique: list[str] = []
    for name in names:
        count = seen.get(name)
        if count is None:
            seen[name] = 0
            unique.append(name)
            continue
        candidate = name
        while candidate in taken:
            count += 1
            candidate = f"{name}-{count}"
        seen[name] = count
        taken.add(candidate)
        unique.append(candidate)
    n_changed = sum(new != old for new, old in zip(unique, names, strict=True))
    if n_changed:
        first = next(new for new, old in zip(unique, names, strict=True) if new != old)
        notes.append(
            f"{n_changed:,} repeated {what} name{'s' if n_changed > 1 else ''} got a number to tell them apart, "
            f"such as {first!r}."
        )
    return unique
