"""A list of genes in every category: as dots, and as a heatmap."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from callbacks.shared.gene_lists import unknown
from callbacks.shared.refusals import or_words
from core.figures.gene_grid import Grid, least_width
from core.figures.violin import nothing
from core.genes.lists import look_up
from core.urls.page_queries import to_search
from core.views.explore import dotplot

if TYPE_CHECKING:
    from core.analysis.dotplot import DotPlotParams
    from core.figures.theme import Json, Theme
    from core.views.explore.state import ExploreView

Outputs = dict[str, Any]


def draw(view: ExploreView, theme: Theme) -> Outputs:
    """Draw the pasted list, or known markers, as dots and as a heatmap; name what of the list is no gene here."""
    text = view.query.genes
    listed = look_up(view.atlas.genes, text)
    alert = unknown(listed, text, lambda other: view.canonical.but(genes=other).address)

    def refused(why: str) -> Outputs:
        return {"dots": _blank(theme, why), "heatmap": _blank(theme), "unknown": alert, "csv": ""}

    def drawn() -> Outputs:
        result = dotplot.compute(view.services, view)
        title = dotplot.words(result).title if text.strip() else f"Known markers by {result.columns}"
        grid = result.grid
        return {
            "dots": or_words(
                lambda: _plot(dotplot.draw(result, theme), grid, title, dotplot.words(result).note),
                lambda why: _blank(theme, why),
            ),
            "heatmap": _plot(
                dotplot.draw_heatmap(result, theme),
                grid,
                f"{title}, each gene for itself",
                dotplot.words_of_heatmap(result).note,
            ),
            "unknown": alert,
            "csv": _csv(view, result.params),
        }

    return or_words(drawn, refused)


def _plot(figure: Json, grid: Grid, title: str, note: str) -> Outputs:
    size = {"height": f"{figure['layout']['height']}px", "minWidth": f"{least_width(grid)}px"}
    return {"figure": figure, "height": size, "title": title, "note": note}


def _blank(theme: Theme, why: str = "") -> Outputs:
    return {"figure": nothing(theme), "height": {}, "title": "", "note": why}


def _csv(view: ExploreView, params: DotPlotParams) -> str:
    """The address at which the API has the same numbers."""
    named = {
        "genes": ", ".join(params.genes),
        "by": params.by,
        "split": params.split,
        "layer": params.layer,
        "format": "csv",
    }
    pairs = [(name, value) for name, value in named.items() if value]
    return f"/api/v1/datasets/{view.atlas.id}/dotplot{to_search(pairs + params.selection.pairs())}"
