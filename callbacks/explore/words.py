"""Headline of the page Explore."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dash import html

from callbacks.shared.badges import badges
from core.figures.theme import shortened
from core.views.formatting import cells_of

if TYPE_CHECKING:
    from dash.development.base_component import Component

    from core.views.explore.state import ExploreView
    from core.views.headline import Headline

MAX_WORDS = 180


def sentence(view: ExploreView, result: Headline) -> list[Component | str]:
    """State the gene, the cells and the samples."""
    atlas, selection, expression, found = view.atlas, view.query.selection, result.expression, result.counts
    badge = badges(atlas.manifest)
    gene = html.I(expression.gene)
    words = "" if selection.is_all else f" ({shortened(selection.words(), MAX_WORDS)})"
    if not found.n:
        return [
            *badge,
            "No cells match these filters",
            words,
            ". Remove a filter, or reset the selection, to see ",
            gene,
            ".",
        ]
    every = "the one cell" if found.n == 1 else f"all {cells_of(found.n)}"
    cells = every if found.n == atlas.n_cells else f"{found.n:,} of {cells_of(atlas.n_cells)}"
    samples = "" if not found.n_samples else f" of {found.n_samples:,} sample{'s' if found.n_samples > 1 else ''}"
    unit = expression.unit if expression.unit.startswith(expression.layer) else f"{expression.layer} {expression.unit}"
    return [
        *badge,
        gene,
        f" in {cells}{samples}{words}: ",
        html.B(f"{found.pct_expressing:.1f}% {'are above 0' if expression.signed else 'express it'}"),
        f"; {unit}",
    ]
