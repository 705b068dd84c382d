"""A list of genes in every category: as dots, and as a heatmap."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from callbacks.shared.gene_lists import unknown
from callbacks.shared.refusals import figure_or_fault, shown_or_refusal
from core.figures.gene_grid import least_width
from core.figures.violin import nothing
from core.genes.lists import joined, look_up
from core.urls.base_path import below
from core.urls.page_queries import to_search
from core.views.explore import dotplot

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.figures.theme import Json, Theme
    from core.views.explore.dotplot import DotPlot
    from core.views.explore.state import ExploreView

Outputs = dict[str, Any]


def draw(view: ExploreView, theme: Theme) -> Outputs:
    """Draw the pasted list, or known markers, as both figures; list the names that are no genes of the atlas."""
    text = view.query.genes
    missing = unknown(look_up(view.atlas.genes, text), text, lambda other: view.canonical.but(genes=other).address)

    def refused(why: str) -> Outputs:
        blank = {"figure": nothing(theme), "height": {}, "title": "", "note": ""}
        return {"dots": {**blank, "note": why}, "heatmap": blank, "unknown": missing, "csv": ""}

    def drawn() -> Outputs:
        result = dotplot.compute(view.services, view)
        title = dotplot.words(result).title if text.strip() else f"Known markers by {result.columns}"
        heatmap = dotplot.words_of_heatmap(result).note
        return {
            "dots": _card(result, lambda: dotplot.draw(result, theme), theme, title, dotplot.words(result).note),
            "heatmap": _card(
                result,
                lambda: dotplot.draw_heatmap(result, theme),
                theme,
                f"{title} (scaled per gene)" if result.is_scaled else title,
                heatmap,
            ),
            "unknown": missing,
            "csv": _csv(result),
        }

    return shown_or_refusal(drawn, refused)


def _card(result: DotPlot, draw: Callable[[], Json], theme: Theme, title: str, note: str) -> Outputs:
    figure, fault = figure_or_fault(draw, theme)
    if fault:
        return {"figure": figure, "height": {}, "title": "", "note": fault}
    size = {"height": f"{figure['layout']['height']}px", "minWidth": f"{least_width(result.grid)}px"}
    return {"figure": figure, "height": size, "title": title, "note": note}


def _csv(result: DotPlot) -> str:
    """Return the address of the same numbers over the API."""
    params = result.params
    named = {
        "genes": joined(params.genes),
        "by": params.by,
        "split": params.split,
        "layer": params.layer,
        "format": "csv",
    }
    pairs = [(name, value) for name, value in named.items() if value]
    return below(f"/api/v1/datasets/{result.view.atlas.id}/dotplot{to_search(pairs + params.selection.pairs())}")
