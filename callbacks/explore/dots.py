"""A list of genes in every category: as dots, and as a heatmap."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from callbacks.shared.gene_lists import unknown
from callbacks.shared.refusals import or_words
from core.analysis.dotplot import DotPlotParams, dots
from core.errors import InvalidQuery
from core.figures.gene_grid import Grid, least_width
from core.figures.heatmap import heatmap
from core.figures.violin import nothing
from core.genes.lists import look_up
from core.urls.page_queries import to_search
from core.views.explore.dotplot import DOTS_NOTE, HEATMAP_NOTE, ask_of, dots_of

if TYPE_CHECKING:
    from core.figures.theme import Json, Theme
    from core.views.explore.state import ExploreView

Outputs = dict[str, Any]


def draw(view: ExploreView, theme: Theme) -> Outputs:
    """The pasted list, or markers that everybody knows; both figures, and what of the list is no gene here."""
    text = view.query.genes
    listed = look_up(view.atlas.genes, text)
    told = unknown(listed, text, lambda other: view.canonical.but(genes=other).address)

    def refused(why: str) -> Outputs:
        return {"dots": _blank(theme, why), "heatmap": _blank(theme), "unknown": told, "csv": ""}

    def drawn() -> Outputs:
        params = ask_of(view, listed)
        table, unit = dots(view.atlas, params), view.atlas.layer(params.layer).info.unit
        grid = Grid.of(table)
        if not grid.labels:
            raise InvalidQuery("No cell is left by the filters.", "Remove one, or reset them all.")
        words = _words(params, pasted=bool(text.strip()))
        return {
            "dots": or_words(
                lambda: _plot(dots_of(table, grid, unit, theme), grid, words, DOTS_NOTE), lambda why: _blank(theme, why)
            ),
            "heatmap": _plot(heatmap(table, unit, theme), grid, f"{words}, each gene for itself", HEATMAP_NOTE),
            "unknown": told,
            "csv": _csv(view, params),
        }

    return or_words(drawn, refused)


def _plot(figure: Json, grid: Grid, title: str, note: str) -> Outputs:
    size = {"height": f"{figure['layout']['height']}px", "minWidth": f"{least_width(grid)}px"}
    return {"figure": figure, "height": size, "title": title, "note": note}


def _blank(theme: Theme, why: str = "") -> Outputs:
    return {"figure": nothing(theme), "height": {}, "title": "", "note": why}


def _words(params: DotPlotParams, *, pasted: bool) -> str:
    n = len(params.genes)
    genes = f"{n:,} gene{'' if n == 1 else 's'}" if pasted else "Known markers"
    return f"{genes} by {params.by}{f' and {params.split}' if params.split else ''}"


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
