"""Gene programmes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

FLAT: Final = (0.0, 0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Program:
    """Genes that are expressed together, move together from cell to cell, and shift together with disease.

    Parameters
    ----------
    name
        What it is called; unique.
    symbols
        Human gene symbols, separated by white space.
    cells
        Cell types or lineages (`core.demo.cell_types.LINEAGES`) that express it.
    level
        Natural log of the typical abundance in those cells, in counts per 10,000 of the panel.
    shift
        Change of the activity, in natural log units, in Healthy, MASL, MASH and Cirrhosis.
    spread
        Standard deviation of the activity from cell to cell, in natural log units: what makes its genes correlate.
    fraction
        Share of cells in which the programme is on at all; below 1 it is a switch (the cell cycle, say), and ``shift``
        then acts on the log of that share.
    """

    name: str
    symbols: str
    cells: tuple[str, ...]
    level: float = 1.5
    shift: tuple[float, float, float, float] = FLAT
    spread: float = 0.0
    fraction: float = 1.0

    @property
    def genes(self) -> tuple[str, ...]:
        """The human symbols, in the order written."""
        return tuple(self.symbols.split())
