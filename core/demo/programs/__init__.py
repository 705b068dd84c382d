"""Gene programmes of the simulated liver: which genes, in which cells, moving with what.

A gene may belong to several programmes; its level in a cell type is the highest that any of them gives it. Human
symbols throughout (HGNC); `core.demo.orthologs` names them in the other species.
"""

from __future__ import annotations

from typing import Final

from core.demo.programs import hepatocyte, markers, nonparenchymal, universal
from core.demo.programs._program import Program

__all__ = ["PROGRAMS", "Program", "human_genes"]

PROGRAMS: Final[tuple[Program, ...]] = (
    *markers.MARKERS,
    *hepatocyte.PROGRAMS,
    *nonparenchymal.PROGRAMS,
    *universal.PROGRAMS,
)
"""Every programme, markers first."""


def human_genes() -> tuple[str, ...]:
    """Return the human symbols of all programmes, each once, in the order in which they are first named."""
    return tuple(dict.fromkeys(gene for program in PROGRAMS for gene in program.genes))
