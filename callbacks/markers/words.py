"""What the page says about what it shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dash import html

from callbacks.explore.words import MAX_WORDS
from callbacks.shared.badges import badges
from core.analysis.contrasts import NOT_REPLICATES
from core.figures.theme import shortened
from core.selection.masks import mask_of
from core.selection.model import Selection
from core.views.formatting import cells_of
from core.views.formatting import count as cells_left

if TYPE_CHECKING:
    from dash.development.base_component import Component

    from core.analysis.contrasts import Groups
    from core.views.markers.state import MarkersView


def sentence(view: MarkersView, groups: Groups, took: str) -> list[Component | str]:
    """What is compared, in how many genes and cells, how, and how long it took."""
    atlas = view.atlas
    badge = badges(atlas.manifest)
    genes = f" in {len(atlas.genes):,} genes"
    n = groups.n
    samples = "" if not groups.n_all_samples else _samples(groups.n_all_samples)
    if view.versus:
        texts = (view.query.a, view.query.b)
        told = [shortened(Selection.from_text(text).words(), MAX_WORDS // 2) for text in texts]
        sides = [f" ({cells_of(int(size))}: {words})" for size, words in zip(groups.sizes, told, strict=True)]
        what: list[Component | str] = [
            html.B("A"),
            sides[0],
            " against ",
            html.B("B"),
            sides[1],
            genes,
            samples and f", {samples}",
        ]
    else:
        kept = view.query.selection
        words = "" if kept.is_all else f" ({shortened(kept.words(), MAX_WORDS)})"
        every = f"all {cells_of(n)}" if n == atlas.n_cells else cells_of(n)
        categories = f"{len(view.names):,} categories of {view.query.by}"
        what = [
            "Markers of ",
            html.B(categories),
            f", each against the rest,{genes}, {every}{samples and f' of {samples}'}{words}",
        ]
    return [*badge, *what, f"; Wilcoxon rank-sum, {took}"]


def replicates(view: MarkersView, groups: Groups) -> str:
    """What p does not say, and who is behind the cells."""
    if groups.n_all_samples is None:
        known = " This atlas names no samples."
    else:
        few = [
            f"{name} in {_samples(n)}"
            for name, n in zip(groups.names, groups.n_samples or (), strict=True)
            if n < groups.n_all_samples and name in view.names
        ]
        behind = _samples(groups.n_all_samples)
        known = f" They come from {behind}." if not few else f" They come from {behind}; {_some(few)}."
    lonely = [name for name, n in zip(groups.names, groups.sizes, strict=True) if n == 1]
    alone = f" Without rows, for a single cell each: {_some(lonely)}." if lonely else ""
    outside = "" if view.versus else _outside(view, groups)
    return f"{NOT_REPLICATES}{known}{alone}{outside}"


def count(view: MarkersView) -> str:
    """What stands above the filters."""
    if view.versus:
        return "A and B are compared as they are kept; filters do not change them."
    return cells_left(_n_selected(view), view.atlas.n_cells)


def _outside(view: MarkersView, groups: Groups) -> str:
    n = _n_selected(view) - groups.n
    return f" {cells_of(n)} without a {view.query.by} take no part." if n else ""


def _n_selected(view: MarkersView) -> int:
    return int(mask_of(view.atlas, view.query.selection).sum())


def _samples(n: int) -> str:
    return f"{n:,} sample{'' if n == 1 else 's'}"


def _some(texts: list[str], most: int = 4) -> str:
    more = f" and {len(texts) - most:,} more" if len(texts) > most else ""
    return ", ".join(shortened(text, 60) for text in texts[:most]) + more
