"""Numbers and states in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from callbacks.home.snapshot import Snapshot
    from core.atlas.import_state import ImportState

KILO = 1_000


def size(n_bytes: int) -> str:
    """A size in decimal units, as file managers say it: ``12.4 MB``."""
    value = float(n_bytes)
    for unit in ("bytes", "kB", "MB", "GB"):
        if value < KILO:
            return f"{value:,.0f} {unit}" if unit == "bytes" or value >= 100 else f"{value:.1f} {unit}"  # noqa: PLR2004
        value /= KILO
    return f"{value:,.1f} TB"


def count(n: int, thing: str) -> str:
    """``1 atlas``, ``2 atlases``, ``1,200 cells``."""
    plural = f"{thing}es" if thing.endswith("s") else f"{thing}s"
    return f"{n:,} {thing if n == 1 else plural}"


def summary(snapshot: Snapshot, n_shown: int) -> str:
    """One sentence on all that is there, and one on what is on its way or went wrong."""
    atlases = snapshot.atlases
    said: list[str] = []
    if atlases:
        n_cells = sum(it.manifest.n_cells for it in atlases)
        said.append(f"{count(len(atlases), 'atlas')} with {count(n_cells, 'cell')}.")
    if n_shown < len(atlases):
        said.append(f"{n_shown:,} shown.")
    if snapshot.active:
        said.append(f"{count(len(snapshot.active), 'atlas')} being imported.")
    n_faults = len(snapshot.failed) + len(snapshot.broken)
    if n_faults:
        said.append(f"{n_faults:,} could not be read: see below.")
    return " ".join(said)


def progress(state: ImportState) -> str:
    """How far an import is: ``Waiting``, ``Importing 40 %``, ``Failed``."""
    return f"Importing {percent(state)} %" if state.phase == "importing" else state.phase.capitalize()


def percent(state: ImportState) -> int:
    """The fraction as a whole number from 0 to 100; 100 only when it is."""
    return max(0, min(100, int(state.fraction * 100)))
