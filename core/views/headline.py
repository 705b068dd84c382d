"""Headline of a page: gene, and numbers of selected cells and samples."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.analysis.expression import expression_of, overview
from core.atlas.embedding_axes import plane_of

if TYPE_CHECKING:
    from core.analysis.expression import Expression, Overview
    from core.atlas.store import Atlas
    from core.urls.page_queries import CorrelationQuery, ExploreQuery


@dataclass(frozen=True, eq=False)
class Headline:
    """Gene, and numbers of cells and samples of the selection."""

    expression: Expression
    counts: Overview


def compute(atlas: Atlas, query: ExploreQuery | CorrelationQuery, *, placed: bool = False) -> Headline:
    """Read the gene of a query and count what its selection holds.

    Parameters
    ----------
    placed
        Count the cells without coordinates in the embedding of the query.
    """
    expression = expression_of(atlas, query.gene, query.layer)
    key = plane_of(atlas, query.embedding)[0].key if placed and query.embedding else ""
    return Headline(expression, overview(atlas, expression, query.selection, key))
