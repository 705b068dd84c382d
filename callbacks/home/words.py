"""Numbers and states of atlases and imports as text."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from callbacks.home.snapshot import Snapshot
    from core.atlas.import_state import ImportState

KILO = 1_000


def size(n_bytes: int) -> str:
    """Write a size in decimal units, as file managers do: ``12.4 MB``."""
    value = float(n_bytes)
    for unit in ("bytes", "kB", "MB", "GB"):
        if value < KILO:
            return f"{value:,.0f} {unit}" if unit == "bytes" or value >= 100 else f"{value:.1f} {unit}"  # noqa: PLR2004
        value /= KILO
    return f"{value:,.1f} TB"


def count(n: int, thing: str) -> str:
    """Write a number with its noun: ``1 atlas``, ``2 atlases``, ``1,200 cells``."""
    plural = f"{thing}es" if thing.endswith("s") else f"{thing}s"
    return f"{n:,} {thing if n == 1 else plural}"


def summary(snapshot: Snapshot, n_shown: int) -> str:
    """Summarise the atlases, the running imports and the faults."""
    atlases = snapshot.atlases
    parts: list[str] = []
    if atlases:
        n_cells = sum(atlas.manifest.n_cells for atlas in atlases)
        parts.append(f"{count(len(atlases), 'atlas')} with {count(n_cells, 'cell')}.")
    if n_shown < len(atlases):
        parts.append(f"{n_shown:,} shown.")
    if snapshot.active:
        parts.append(f"{count(len(snapshot.active), 'atlas')} being imported.")
    n_faults = len(snapshot.failed) + len(snapshot.broken)
    if n_faults:
        parts.append(f"{n_faults:,} could not be read: see below.")
    return " ".join(parts)


def progress(state: ImportState) -> str:
    """Write the state of an import: ``Waiting``, ``Importing 40%``, ``Failed``."""
    return f"Importing {percent(state)}%" if state.phase == "importing" else state.phase.capitalize()


def percent(state: ImportState) -> int:
    """Round the fraction down to a whole percentage from 0 to 100."""
    return max(0, min(100, int(state.fraction * 100)))
