"""Gene sets that are over-represented in one quadrant of a concordance of change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from core.analysis.concordance import QUADRANTS
from core.analysis.enrichment import EnrichmentOptions, facts_of
from core.analysis.gene_sources import QuadrantSource
from core.analysis.set_collections import DEFAULT
from core.services.meaning import enrichment_params
from core.services.memoized import answer
from core.views.species import concordance

if TYPE_CHECKING:
    import pyarrow as pa

    from core.services.container import Services
    from core.views.species.state import SpeciesView

COLUMNS: Final = {
    "set": "Gene set",
    "n_genes": "Listed genes",
    "n_set": "Tested genes of the set",
    "expected": "Expected",
    "fold": "Fold",
    "p": "p",
    "p_adj": "adj. p",
    "genes": "Genes",
}
__all__ = ["COLUMNS", "QUADRANTS", "quadrant_sets"]


def quadrant_sets(services: Services, view: SpeciesView, quadrant: str) -> tuple[pa.Table, str]:
    """Test the gene sets of the default collection in one quadrant.

    Returns
    -------
    The table of `core.analysis.enrichment.enrichment`, and what was tested, in a sentence.

    Raises
    ------
    InvalidQuery, NotFound
        The quadrant has no gene, or there are no gene sets.
    """
    params = concordance.compute(services, view).params
    source = QuadrantSource.of(params, quadrant)
    asked = enrichment_params(services, view.atlas, source, [DEFAULT], EnrichmentOptions.of("ora"))
    table = answer(services, view.atlas, asked).value
    facts = facts_of(table)
    note = (
        f"{facts['n_up']:,} of {facts['n_genes']:,} orthologs are {quadrant}, and agree, are opposite or differ. "
        f"{asked.collections[0].sentence}"
    )
    return table, note
