"""What the page says about what it shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dash import html

from callbacks.shared.badges import badges
from core.figures.theme import shortened
from core.views.formatting import cells_of

if TYPE_CHECKING:
    from dash.development.base_component import Component

    from core.analysis.expression import Expression, Overview
    from core.views.explore.state import ExploreView

MAX_WORDS = 180


def sentence(view: ExploreView, expression: Expression, found: Overview, milliseconds: float) -> list[Component | str]:
    """What is shown, over which cells, and how long it took."""
    atlas, selection = view.atlas, view.query.selection
    badge = badges(atlas.manifest)
    gene = html.I(expression.gene)
    words = "" if selection.is_all else f" ({shortened(selection.words(), MAX_WORDS)})"
    if not found.n:
        return [
            *badge,
            "No cell is left",
            words,
            ". Remove a filter, or reset them all: ",
            gene,
            " is there when cells are.",
        ]
    every = "the one cell" if found.n == 1 else f"all {cells_of(found.n)}"
    cells = every if found.n == atlas.n_cells else f"{found.n:,} of {cells_of(atlas.n_cells)}"
    samples = "" if not found.n_samples else f" of {found.n_samples:,} sample{'s' if found.n_samples > 1 else ''}"
    unit = expression.unit if expression.unit.startswith(expression.layer) else f"{expression.layer} {expression.unit}"
    return [
        *badge,
        gene,
        f" in {cells}{samples}{words}: ",
        html.B(f"{found.pct_expressing:.1f} % express it"),
        f"; {unit} · {milliseconds:.0f} ms",
    ]
