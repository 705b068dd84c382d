"""Headline of the page Markers, and its note on replicates."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dash import html

from callbacks.explore.words import MAX_WORDS
from callbacks.shared.badges import badges
from core.atlas.nouns import counted_categories, noun_of
from core.figures.theme import shortened
from core.selection.masks import mask_of
from core.selection.model import Selection
from core.views.formatting import cells_of
from core.views.formatting import count as cells_left

if TYPE_CHECKING:
    from dash.development.base_component import Component

    from core.views.markers.comparison import Comparison
    from core.views.markers.state import MarkersView


def sentence(comparison: Comparison) -> list[Component | str]:
    """State what is compared, in how many genes, cells and samples."""
    view, groups = comparison.view, comparison.groups
    atlas, n = view.atlas, groups.n
    genes = f" in {len(atlas.genes):,} genes"
    samples = "" if not groups.n_all_samples else _samples(groups.n_all_samples)
    if view.versus:
        texts = (view.query.a, view.query.b)
        selections = [shortened(Selection.from_text(text).words(), MAX_WORDS // 2) for text in texts]
        sides = [f" ({cells_of(int(size))}: {words})" for size, words in zip(groups.sizes, selections, strict=True)]
        compared: list[Component | str] = [
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
        categories = counted_categories(atlas, view.query.by, len(view.names))
        compared = [
            "Markers of ",
            html.B(categories),
            f", each against the rest,{genes}, {every}{samples and f' of {samples}'}{words}",
        ]
    return [*badges(atlas.manifest), *compared, "; Wilcoxon rank-sum"]


def replicates(comparison: Comparison) -> str:
    """State that cells are not replicates, and how many samples the cells come from."""
    view, groups = comparison.view, comparison.groups
    if groups.n_all_samples is None:
        known = " This atlas has no sample column."
    else:
        few = [
            f"{name} from {n:,} of them"
            for name, n in zip(groups.names, groups.n_samples or (), strict=True)
            if n < groups.n_all_samples and name in view.names
        ]
        behind = _samples(groups.n_all_samples)
        known = f" Cells come from {behind}." if not few else f" Cells come from {behind}; {_some(few)}."
    alone = f" {comparison.untested}" if comparison.untested else ""
    return f"{comparison.warning}{known}{alone}{'' if view.versus else _outside(comparison)}"


def count(view: MarkersView) -> str:
    """State how many cells the filters leave."""
    if view.versus:
        return "Comparing saved groups A and B. Filters do not apply here."
    return cells_left(_n_selected(view), view.atlas.n_cells)


def _outside(comparison: Comparison) -> str:
    view = comparison.view
    n, by = _n_selected(view) - comparison.groups.n, noun_of(view.atlas, view.query.by)
    return f" {cells_of(n)} without a {by} {'is' if n == 1 else 'are'} excluded." if n else ""


def _n_selected(view: MarkersView) -> int:
    return int(mask_of(view.atlas, view.query.selection).sum())


def _samples(n: int) -> str:
    return f"{n:,} sample{'' if n == 1 else 's'}"


def _some(texts: list[str], most: int = 4) -> str:
    more = f" and {len(texts) - most:,} more" if len(texts) > most else ""
    return ", ".join(shortened(text, 60) for text in texts[:most]) + more
