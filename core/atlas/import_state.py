"""Files to import, and the state of imports: one small file each, so that any process can show it.

An import that succeeded has no file: the atlas itself is the state. One that failed keeps its file, so that a broken
drop-in is neither forgotten nor tried again and again.
"""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias

import orjson
from pydantic import BaseModel, ConfigDict, ValidationError

from core.atlas.integrity import stamp
from core.atlas.paths import AtlasId, Places

if TYPE_CHECKING:
    pass

Phase: TypeAlias = Literal["waiting", "importing", "failed", "removed"]
MIN_INTERVAL = 0.25


class ImportState(BaseModel):
    """Progress of one import.

    `fraction` runs from 0 to 1; `step` describes the current work; `error` is one sentence when it failed;
    `file`, `bytes` and `mtime_ns` tell which version of which file this is about (empty and 0 for a demo atlas).
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: str
    phase: Phase
    kind: Literal["file", "demo"] = "file"
    title: str = ""
    fraction: float = 0.0
    step: str = ""
    error: str = ""
    file: str = ""
    bytes: int = 0
    mtime_ns: int = 0
    pid: int = 0
    updated: float = 0.0

    def about(self, path: Path) -> bool:
        """Tell whether this state is about the file as it is now."""
        return (self.file, self.bytes, self.mtime_ns) == (str(path), *stamp(path))


def read_states(data: Path) -> list[ImportState]:
    """All states: those being imported, those that wait in the order in which they came, and the others."""
    states: list[ImportState] = []
    for path in sorted(Places(data).imports.glob("*__*.json")):
        try:
            states.append(ImportState.model_validate_json(path.read_bytes()))
        except (OSError, ValidationError):
            # Another process has just deleted it, or a crash cut it: then nothing is known of that import.
            continue
    order = {"importing": 0, "waiting": 1, "failed": 2, "removed": 3}
    return sorted(
        states, key=lambda state: (order[state.phase], state.updated if state.phase == "waiting" else 0.0, state.id)
    )


def read_state(data: Path, atlas: AtlasId) -> ImportState | None:
    """Read the state of one import; None when there is none."""
    return next((state for state in read_states(data) if state.id == str(atlas)), None)


def write_state(data: Path, state: ImportState) -> None:
    """Replace the state of one import; a reader sees the old one or the new one, never half."""
    path = Places(data).state(AtlasId.parse(state.id))
    path.parent.mkdir(parents=True, exist_ok=True)
    stamped = state.model_copy(update={"updated": time.time(), "pid": os.getpid()})
    draft = path.with_suffix(f".{os.getpid()}.tmp")
    # JSON holds no lone surrogates, and a sentence may quote the name of a file that is not UTF-8.
    fields = {
        name: value.encode(errors="backslashreplace").decode() if isinstance(value, str) else value
        for name, value in stamped.model_dump().items()
    }
    draft.write_bytes(orjson.dumps(fields))
    draft.replace(path)


def clear_state(data: Path, atlas: AtlasId) -> None:
    """Delete the state of one import."""
    Places(data).state(atlas).unlink(missing_ok=True)


class Tracker:
    """Reports of one import, written to its state file at most four times a second."""

    def __init__(self, data: Path, state: ImportState) -> None:
        self._data = data
        self._state = state
        self._last = 0.0

    def __call__(self, step: str, fraction: float) -> None:
        """Record a step and the fraction done."""
        now = time.monotonic()
        if now - self._last < MIN_INTERVAL and step == self._state.step:
            return
        self._last = now
        self._state = self._state.model_copy(update={"phase": "importing", "step": step, "fraction": fraction})
        write_state(self._data, self._state)

    def failed(self, error: str) -> None:
        """Record the reason of a failure."""
        write_state(self._data, self._state.model_copy(update={"phase": "failed", "error": error}))
