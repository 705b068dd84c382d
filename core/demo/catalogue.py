"""Atlases of the demo, in the order in which they are prepared."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from core.atlas.import_state import ImportState
from core.atlas.paths import AtlasId

Kind: TypeAlias = Literal["real", "human", "mouse", "zebrafish", "integrated"]
N_CELLS = 20_000
SEED = 1


@dataclass(frozen=True)
class Demo:
    """One atlas of the demo: real cells, or a simulated species."""

    kind: Kind
    atlas: AtlasId
    title: str


DEMO = (
    Demo("real", AtlasId("human", "pbmc68k"), "Blood cells, 68k PBMC subset"),
    Demo("human", AtlasId("human", "masld_simulated"), "Simulated human MASLD liver"),
    Demo("mouse", AtlasId("mouse", "masld_simulated"), "Simulated mouse MASLD liver"),
    Demo("zebrafish", AtlasId("zebrafish", "masld_simulated"), "Simulated zebrafish MASLD liver"),
    Demo("integrated", AtlasId("integrated", "masld_simulated"), "Simulated MASLD liver of three species"),
)


def waiting() -> tuple[ImportState, ...]:
    """Return the imports that prepare the demo, none of which has begun."""
    return tuple(ImportState(id=str(demo.atlas), phase="waiting", kind="demo", title=demo.title) for demo in DEMO)
