"""The best genes of every category, as dots and as a heatmap."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from callbacks.shared.refusals import shown_or_refusal
from core.figures.gene_grid import least_width
from core.figures.violin import nothing
from core.views.markers import dotplot
from core.views.markers.state import ONE

if TYPE_CHECKING:
    from core.figures.theme import Theme
    from core.services.container import Services
    from core.views.markers.state import MarkersView

Outputs = dict[str, Any]
# Pixels that the legend of sizes takes side by side.
LEAST = 620


def draw(services: Services, view: MarkersView, theme: Theme) -> Outputs:
    """Draw both figures, and link to the rows of their genes."""
    few = {"top": str(view.top), **({"category": view.query.category} if view.query.whose == ONE else {})}
    common = {"csv": view.api(**few, format="csv"), "xlsx": view.api(**few, format="xlsx")}

    def refused(why: str) -> Outputs:
        card = {"figure": nothing(theme), "size": {}, "fault": why, "title": "", "note": ""}
        return {"dots": card | {"title": "Dot plot"}, "heatmap": card | {"title": "Heatmap"}}

    return {**common, **shown_or_refusal(lambda: _drawn(services, view, theme), refused)}


def _drawn(services: Services, view: MarkersView, theme: Theme) -> Outputs:
    result = dotplot.compute(services, view)
    width = max(least_width(result.grid), LEAST)
    text = dotplot.words(result)

    def card(figure: Outputs, title: str, note: str) -> Outputs:
        size = {"height": f"{figure['layout']['height']}px", "minWidth": f"{width}px"}
        return {"figure": figure, "size": size, "fault": "", "title": title, "note": note}

    return {
        "dots": card(dotplot.draw(result, theme), text.title, text.note),
        "heatmap": card(
            dotplot.draw_heatmap(result, theme),
            "The same genes as a heatmap",
            dotplot.words_of_heatmap(result).note,
        ),
    }
