"""One gene in the cell types of every atlas, for the home page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core.analysis.gene_across_atlases import GeneParams, Here, find
from core.genes.aliases import explained
from core.services.memoized import answer
from core.tables.text import records

if TYPE_CHECKING:
    from core.analysis.gene_across_atlases import Missing
    from core.services.container import Services

Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class Everywhere:
    """Gene in each atlas that has it, with one row a cell type; and the atlases without the gene.

    `note` says of which gene the name is an alias; empty where an atlas has a gene of that name.
    """

    found: list[tuple[Here, Rows]]
    missing: list[Missing]
    note: str = ""


def compute(services: Services, gene: str) -> Everywhere:
    """Look a gene up in every atlas; raises what `core.analysis.gene_across_atlases.find` does."""
    here, missing = find(services.catalog, services.orthologs, gene)
    found = [(each, records(answer(services, each.atlas, GeneParams(each.gene)).value)) for each in here]
    is_named = any(each.atlas.genes.knows(gene) for each in here)
    return Everywhere(found, missing, "" if is_named else explained(gene, services.orthologs.names))
