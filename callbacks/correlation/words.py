"""Headline of the page Correlation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dash import html

from callbacks.explore.words import MAX_WORDS
from callbacks.shared.badges import badges
from core.figures.theme import shortened
from core.views.formatting import METHODS, cells_of

if TYPE_CHECKING:
    from dash.development.base_component import Component

    from core.views.correlation.state import CorrelationView
    from core.views.headline import Headline


def sentence(view: CorrelationView, result: Headline, n_genes: int) -> list[Component | str]:
    """State gene A, the number of genes, the cells and samples, and the method."""
    atlas, selection, found = view.atlas, view.query.selection, result.counts
    badge = badges(atlas.manifest)
    every = f"all {cells_of(found.n)}" if found.n == atlas.n_cells else cells_of(found.n)
    samples = "" if not found.n_samples else f" of {found.n_samples:,} sample{'s' if found.n_samples > 1 else ''}"
    kept = "" if selection.is_all else f" ({shortened(selection.words(), MAX_WORDS)})"
    zeros = ", zero counts dropped pair by pair" if view.drop_zeros else ""
    return [
        *badge,
        html.I(view.query.gene),
        " against ",
        html.B(f"{n_genes:,} genes"),
        f" in {every}{samples}{kept}, {METHODS[view.query.method]}{zeros}",
    ]
