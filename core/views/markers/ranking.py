"""Ranking of the genes of one category by their marker score."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from core.atlas.nouns import counted, noun_of
from core.errors import InvalidQuery
from core.figures.marker_ranking import ranks
from core.figures.theme import escaped, shortened
from core.views.layout import Layout
from core.views.markers.comparison import Comparison, compare
from core.views.markers.state import resolve
from core.views.result import Words
from core.views.view import View, vector

if TYPE_CHECKING:
    import pyarrow as pa

    from core.arrays import F64
    from core.figures.print_style import Look
    from core.figures.theme import Json, Theme
    from core.services.container import Services
    from core.views.markers.state import MarkersView
    from core.views.result import Subject

# Pixels for the names of the first genes, one below the other.
LEAST = (260.0, 300.0)
MAX_CATEGORY = 34


@dataclass(frozen=True, eq=False)
class MarkerRanking:
    """Genes by their score in the category shown."""

    comparison: Comparison

    @property
    def view(self) -> MarkersView:
        """State of the page."""
        return self.comparison.view

    @cached_property
    def names(self) -> list[str]:
        """The genes, the best first."""
        return self.comparison.rows["gene"].to_pylist()

    @cached_property
    def scores(self) -> F64:
        """Their scores; NaN for genes that are not drawn: constant, or in too few cells to mark the category."""
        scores = self.comparison.rows["score"].to_numpy()
        # These follow the others, so the scores rise again where they begin.
        return np.where(np.arange(len(scores)) < self.n_given, scores, np.nan)

    @cached_property
    def n_given(self) -> int:
        """Number of genes that are drawn."""
        scores = self.comparison.rows["score"].to_numpy()
        given = int(np.isfinite(scores).sum())
        rises = np.flatnonzero(np.diff(scores[:given]) > 0)
        return int(rises[0]) + 1 if rises.size else given

    @property
    def n_rare(self) -> int:
        """Number of genes that are higher in the category, but in too few of its cells."""
        return int(np.isfinite(self.comparison.rows["score"].to_numpy()).sum()) - self.n_given


def compute(services: Services, view: MarkersView) -> MarkerRanking:
    """Score all genes in the category shown.

    Raises
    ------
    InvalidQuery
        Nothing can be compared, or every gene is constant.
    """
    result = MarkerRanking(compare(services, view))
    if not result.n_given:
        raise InvalidQuery("Every gene is constant in these cells, so none marks a category.", "Select more cells.")
    return result


def draw(result: MarkerRanking, theme: Theme) -> Json:
    """Draw the ranking, the gene that is looked at named."""
    title = f"rank-sum z-score, {shortened(result.view.query.category, MAX_CATEGORY)}"
    return ranks(
        result.names, result.scores, theme, named=result.comparison.gene, n_top=result.view.top, title=escaped(title)
    )


def words(result: MarkerRanking) -> Words:
    """Describe the ranking and the test behind it."""
    view, comparison, n_given = result.view, result.comparison, result.n_given
    query, gene, parameters = view.query, comparison.gene, comparison.compared
    n_in = dict(view.listed).get(query.category, 0)
    if view.versus:
        title = f"Genes higher in {query.category}"
        what = f"A ({parameters['a']}) against B ({parameters['b']})"
    else:
        title = f"Marker genes of {query.category}"
        what = f"{query.category} against all other cells with a {noun_of(view.atlas, query.by)}"
    left = _left_out(result)
    out = f" Omitted: {left}." if left else ""
    return Words(
        title,
        f"Each point is one of {n_given:,} genes, ranked by the rank-sum z-score of {what} ({counted(n_in, 'cell')}); "
        f"coloured, the {view.top} highest. The highest and {gene} are labelled.{out}",
        f"{comparison.tested} {comparison.caution}",
        {**parameters, "category": query.category, "gene": gene, "top_n": view.top, "method": comparison.method},
        f"{n_given:,} genes ranked by score. Click a point to plot the gene.{out}",
        f"Genes higher in {query.category}" if view.versus else f"Marker genes of {query.category}",
    )


def _left_out(result: MarkerRanking) -> str:
    """Say which genes are not drawn."""
    n_constant = len(result.names) - result.n_given - result.n_rare
    parts = (
        (n_constant, "constant in these cells"),
        (result.n_rare, "higher here but in too few cells of the category"),
    )
    return "; ".join(f"{n:,} {what}" for n, what in parts if n)


def subject(result: MarkerRanking) -> Subject:
    """Name the data of the ranking."""
    return result.comparison.subject


def tables(result: MarkerRanking) -> dict[str, pa.Table]:
    """Return one row a gene."""
    return {"markers": result.comparison.rows}


def layout(result: MarkerRanking, look: Look) -> Layout:
    """Lay the ranking out so that the names of the first genes have room."""
    return Layout(vector(draw(result, look.colors)), look, LEAST)


VIEW = View(resolve, compute, draw, words, subject, tables, layout)
