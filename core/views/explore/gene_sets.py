"""Gene sets of the page Explore: mounted sets, genes without information, and the address of the scores."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from core.analysis.gene_set_scores import MOUNTED, used
from core.genes.lists import joined
from core.selection.masks import mask_of
from core.urls.base_path import below
from core.urls.page_queries import to_search

if TYPE_CHECKING:
    from core.views.explore.set_violin import SetScores


def mounted_text(key: str) -> str:
    """Return the text that names a mounted set in the place of a list of genes."""
    return f"{MOUNTED}{key}"


def silent_genes(scored: SetScores) -> list[str]:
    """Return the genes of a set on which no score rests: unexpressed, or the same in every cell."""
    kept = set(used(scored.view.atlas, scored.params))
    return [gene for gene in scored.params.genes if gene not in kept]


def n_without_score(scored: SetScores) -> int:
    """Count the selected cells without a score."""
    mask = mask_of(scored.view.atlas, scored.view.query.selection)
    return int(np.isnan(scored.scores.values[mask]).sum())


def csv_address(scored: SetScores) -> str:
    """Return the address of the same scores over the API; a mounted set is named, as it may be too long to list."""
    view, params = scored.view, scored.params
    text = view.set_text(scored.letter).strip()
    genes = text if text.startswith(MOUNTED) else joined(params.genes)
    named = {"genes": genes, "method": params.method, "layer": params.layer, "format": "csv"}
    query = to_search([*named.items(), *view.query.selection.pairs()])
    return below(f"/api/v1/datasets/{view.atlas.id}/score{query}")
