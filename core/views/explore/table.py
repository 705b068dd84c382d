"""Table below the violins: one gene in each category of a column."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from core.analysis.distributions import summarise
from core.analysis.expression import NOT_GIVEN, expression_of
from core.figures.palette import OWN
from core.selection.masks import mask_of
from core.views.column_colors import colors_of
from core.views.provenance import of_table

if TYPE_CHECKING:
    from core.analysis.distributions import CategorySummary
    from core.analysis.expression import Expression
    from core.views.explore.state import ExploreView


@dataclass(frozen=True)
class Category:
    """One row: a category, its colour (None without a category), its cells before the filters, and its summary."""

    color: str | None
    n_before: int
    summary: CategorySummary


@dataclass(frozen=True, eq=False)
class GeneTable:
    """One gene in each category of a column; `n_selected` counts the cells of the selection."""

    view: ExploreView
    expression: Expression
    rows: list[Category]
    n_selected: int

    @property
    def provenance(self) -> dict[str, object]:
        """Provenance for the head of the CSV."""
        view = self.view
        return of_table("violin", view.atlas, view.query, {"gene": self.expression.gene, "by": view.by})


def compute(view: ExploreView) -> GeneTable:
    """Summarise the gene shown in each category of the column of the rows."""
    atlas, selection = view.atlas, view.query.selection
    expression = expression_of(atlas, view.shown_gene, view.query.layer)
    column = atlas.categorical(view.by)
    names = column.categories
    colors = dict(zip(names, colors_of(atlas, column, own=view.query.scale == OWN), strict=True))
    counts = np.bincount(column.codes + 1, minlength=len(names) + 1).tolist()
    before = dict(zip([NOT_GIVEN, *names], counts, strict=True))
    rows = [
        Category(colors.get(summary.category), before.get(summary.category, 0), summary)
        for summary in summarise(atlas, expression, view.by, selection)
        if summary.n or summary.category != NOT_GIVEN
    ]
    return GeneTable(view, expression, rows, int(mask_of(atlas, selection).sum()))
