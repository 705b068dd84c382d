"""What the page says about what it shows."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from dash import html

from callbacks._origin import badges
from callbacks.explore.words import MAX_WORDS, cells_of
from core.figures.theme import shortened

if TYPE_CHECKING:
    from dash.development.base_component import Component

    from callbacks.correlation.view import View
    from core.expression import Overview

Words = "list[Component | str]"
TINY = 1e-300
SMALL = 1e-3
METHODS = {"spearman": "Spearman", "pearson": "Pearson"}
NOT_REPLICATES = "Cells are not replicates: p over cells speaks of these very cells, not of other donors."


def number(value: float, digits: int = 3) -> str:
    """A coefficient; a dash for what does not exist."""
    return "–" if math.isnan(value) else f"{value:.{digits}f}".replace("-", "−")


def interval(low: float, high: float) -> str:
    """A 95 % interval."""
    return "–" if math.isnan(low) or math.isnan(high) else f"{number(low)} to {number(high)}"


def p_value(p: float) -> str:
    """``0.024``, ``3e-12``, ``< 1e-300``."""
    if math.isnan(p):
        return "–"
    if p < TINY:
        return "< 1e-300"
    return f"{p:.3f}" if p >= SMALL else f"{p:.1e}".replace("e-0", "e-")


def p_equals(p: float) -> str:
    """``p = 0.024``, ``p < 1e-300``."""
    words = p_value(p)
    return f"p {words}" if words.startswith("<") else f"p = {words}"


def sentence(view: View, found: Overview, n_genes: int, took: str) -> list[Component | str]:
    """Gene A against how many genes, in which cells, how."""
    atlas, selection = view.atlas, view.query.selection
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
        f" in {every}{samples}{kept}, {METHODS[view.query.method]}{zeros}, {took}",
    ]
