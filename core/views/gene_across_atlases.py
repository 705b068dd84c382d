"""One gene in the cell types of every atlas, for the home page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core.analysis.gene_across_atlases import GeneParams, Here, find
from core.services.memoized import answer
from core.tables.text import records

if TYPE_CHECKING:
    from core.analysis.gene_across_atlases import Missing
    from core.services.container import Services

Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class Everywhere:
    """Gene in each atlas that has it, with one row a cell type; and the atlases without the gene."""

    found: list[tuple[Here, Rows]]
    missing: list[Missing]


def compute(services: Services, gene: str) -> Everywhere:
    """Look a gene up in every atlas; raises what `core.analysis.gene_across_atlases.find` does."""
    here, missing = find(services.catalog, services.orthologs, gene)
    found = [(each, records(answer(services, each.atlas, GeneParams(each.gene)).value)) for each in here]
    return Everywhere(found, missing)
