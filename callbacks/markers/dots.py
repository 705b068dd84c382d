"""The best genes of every category, as dots and as a heatmap."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core.views.markers.best_genes import DOTS_NOTE, HEATMAP_NOTE, best, table_of

from callbacks.shared.refusals import or_words
from core.analysis.dotplot import dots_of_groups
from core.figures.dotplot import dotplot
from core.figures.gene_grid import Grid, least_width
from core.figures.heatmap import heatmap
from core.views.markers.state import ONE

if TYPE_CHECKING:
    from core.figures.theme import Theme
    from core.services.container import Services
    from core.views.markers.state import MarkersView

Outputs = dict[str, Any]
# Pixels that the legend of sizes takes side by side.
LEAST = 620


def draw(services: Services, view: MarkersView, theme: Theme, blank: Outputs) -> Outputs:
    """Both figures, and where their genes are to be had."""
    few = {"top": str(view.top), **({"category": view.query.category} if view.query.whose == ONE else {})}
    common = {"csv": view.api(**few, format="csv"), "xlsx": view.api(**few, format="xlsx")}

    def refused(why: str) -> Outputs:
        card = {"figure": blank, "size": {}, "fault": why, "title": "", "note": ""}
        return {"dots": card | {"title": "Dot plot"}, "heatmap": card | {"title": "Heatmap"}}

    return {**common, **or_words(lambda: _drawn(services, view, theme), refused)}


def _drawn(services: Services, view: MarkersView, theme: Theme) -> Outputs:
    table, groups = table_of(services, view)
    genes, how = best(view, table, groups)
    found = dots_of_groups(view.atlas, genes, view.query.layer, groups)
    unit = view.atlas.layer(view.query.layer).info.unit
    width = max(least_width(Grid.of(found)), LEAST)

    def card(figure: Outputs, title: str, note: str) -> Outputs:
        size = {"height": f"{figure['layout']['height']}px", "minWidth": f"{width}px"}
        return {"figure": figure, "size": size, "fault": "", "title": title, "note": note}

    return {
        "dots": card(
            dotplot(found, unit, theme, standardise=True),
            f"Best genes of {view.whom}",
            f"{how}. {DOTS_NOTE}",
        ),
        "heatmap": card(
            heatmap(found, unit, theme),
            "The same genes as a heatmap",
            HEATMAP_NOTE,
        ),
    }
