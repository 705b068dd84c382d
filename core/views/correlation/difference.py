"""Correlation of gene A and gene B in two groups, and a permutation test of the difference."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.analysis.differential_correlation import difference
from core.errors import InvalidQuery

if TYPE_CHECKING:
    from core.analysis.differential_correlation import Difference
    from core.views.correlation.state import CorrelationView


def compute(view: CorrelationView) -> Difference:
    """Compare the two groups of the view.

    Raises
    ------
    InvalidQuery
        The atlas has no groups, only one, or both groups of the view are the same.
    """
    query = view.query
    group = view.atlas.manifest.roles.get("group", "")
    if not group:
        raise InvalidQuery(f"{view.atlas.id} has no group column.", "Import the atlas again with --group COLUMN.")
    if query.one == query.two:
        if len(view.atlas.categorical(group).categories) > 1:
            raise InvalidQuery(f"Both groups are {query.one!r}.", "Choose two different groups.")
        raise InvalidQuery(f"This atlas has only one group, {query.one!r}: there is nothing to compare.")
    return difference(view.atlas, view.pair(query.gene_b), group, (query.one, query.two))
