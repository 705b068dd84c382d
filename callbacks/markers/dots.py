"""The best genes of every category, as dots and as a heatmap."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from callbacks.shared.refusals import shown_or_refusal
from core.figures.gene_grid import least_width
from core.figures.violin import nothing
from core.views.markers import dotplot
from core.views.markers.state import ONE

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.figures.theme import Json, Theme
    from core.services.container import Services
    from core.views.markers.dotplot import BestGenes
    from core.views.markers.state import MarkersView
    from core.views.result import Words

Outputs = dict[str, Any]
# Pixels that the legend of sizes takes side by side.
LEAST = 620


def draw(services: Services, view: MarkersView, theme: Theme) -> Outputs:
    """Draw the dots, and link to the rows of their genes."""
    few = {"top": str(view.top), **({"category": view.query.category} if view.query.whose == ONE else {})}
    card = _card(services, view, theme, ("Dot plot", dotplot.draw, dotplot.words))
    return {"csv": view.api(**few, format="csv"), "xlsx": view.api(**few, format="xlsx"), **card}


def draw_heatmap(services: Services, view: MarkersView, theme: Theme) -> Outputs:
    """Draw the same genes as a heatmap."""
    return _card(services, view, theme, ("Heatmap", dotplot.draw_heatmap, dotplot.words_of_heatmap))


def _card(
    services: Services,
    view: MarkersView,
    theme: Theme,
    drawn: tuple[str, Callable[[BestGenes, Theme], Json], Callable[[BestGenes], Words]],
) -> Outputs:
    """Compute the genes and draw them; `drawn` are the name of the plot, what draws it, and what words it."""
    name, draw_it, words = drawn

    def shown() -> Outputs:
        result = dotplot.compute(services, view)
        figure, text = draw_it(result, theme), words(result)
        size = {
            "height": f"{figure['layout']['height']}px",
            "minWidth": f"{max(least_width(result.grid), LEAST)}px",
        }
        return {"figure": figure, "size": size, "fault": "", "title": text.title, "note": text.note}

    def refused(why: str) -> Outputs:
        return {"figure": nothing(theme), "size": {}, "fault": why, "title": name, "note": ""}

    return shown_or_refusal(shown, refused)
