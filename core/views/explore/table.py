"""Table below the violins: one gene in each category of a column, split as the violins are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from core.analysis.distributions import summarise
from core.analysis.expression import codes_within, expression_of
from core.figures.palette import OWN
from core.selection.masks import mask_of
from core.views.column_colors import colors_of
from core.views.provenance import of_table

if TYPE_CHECKING:
    from core.analysis.distributions import CategorySummary
    from core.analysis.expression import Expression
    from core.atlas.store import Atlas
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
    split = view.query.split if view.query.split != view.by else ""
    expression = expression_of(atlas, view.shown_gene, view.query.layer)
    column = atlas.categorical(view.by)
    names = column.categories
    colors = dict(zip(names, colors_of(atlas, column, own=view.query.scale == OWN), strict=True))
    before = _before(atlas, view.by, split)
    rows = [
        Category(colors.get(summary.category), before.get((summary.category, summary.split), 0), summary)
        for summary in summarise(atlas, expression, view.by, selection, split)
        if summary.n
    ]
    return GeneTable(view, expression, rows, int(mask_of(atlas, selection).sum()))


def _before(atlas: Atlas, by: str, split: str) -> dict[tuple[str, str], int]:
    """Count the cells of each row without any filter."""
    everything = np.ones(atlas.n_cells, dtype=np.bool_)
    outer, names = codes_within(atlas, by, everything)
    inner, seconds = codes_within(atlas, split, everything) if split else (np.zeros_like(outer), [""])
    counts = np.bincount(outer * len(seconds) + inner, minlength=len(names) * len(seconds)).tolist()
    return dict(zip([(name, second) for name in names for second in seconds], counts, strict=True))
