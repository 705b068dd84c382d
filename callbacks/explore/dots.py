"""A list of genes in every category: as dots, and as a heatmap."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from callbacks._lists import unknown
from callbacks._refused import or_words
from core.dotplot import DotAsk, dots
from core.errors import InvalidQuery
from core.expression import example_gene, known_markers
from core.figures.dotplot import dotplot
from core.figures.heatmap import heatmap
from core.figures.lattice import Grid, least_width
from core.figures.violin import nothing
from core.gene_lists import at_least_one, look_up
from core.query import to_search

if TYPE_CHECKING:
    import pyarrow as pa

    from callbacks.explore.view import View
    from core.figures.theme import Json, Theme
    from core.gene_lists import GeneList

Outputs = dict[str, Any]
# Of a figure of single dots: more would keep a browser busy for many seconds.
MAX_DOTS = 20_000
DOTS_NOTE = "Area: % of the cells that express it. Colour: mean over all cells of the category, zeros included."
HEATMAP_NOTE = (
    "Colour: the category's mean minus the average of the categories, over their standard deviation; colours end at "
    "2.5. Empty: the same in all categories."
)


def draw(view: View, theme: Theme) -> Outputs:
    """The pasted list, or markers that everybody knows; both figures, and what of the list is no gene here."""
    text = view.query.genes
    listed = look_up(view.atlas.genes, text)
    told = unknown(listed, text, lambda other: view.canonical.but(genes=other).address)

    def refused(why: str) -> Outputs:
        return {"dots": _blank(theme, why), "heatmap": _blank(theme), "unknown": told, "csv": ""}

    def drawn() -> Outputs:
        ask = _ask(view, listed)
        table, unit = dots(view.atlas, ask), view.atlas.layer(ask.layer).info.unit
        grid = Grid.of(table)
        if not grid.labels:
            raise InvalidQuery("No cell is left by the filters.", "Remove one, or reset them all.")
        words = _words(ask, pasted=bool(text.strip()))
        return {
            "dots": or_words(
                lambda: _plot(_dots(table, grid, unit, theme), grid, words, DOTS_NOTE), lambda why: _blank(theme, why)
            ),
            "heatmap": _plot(heatmap(table, unit, theme), grid, f"{words}, each gene for itself", HEATMAP_NOTE),
            "unknown": told,
            "csv": _csv(view, ask),
        }

    return or_words(drawn, refused)


def _ask(view: View, listed: GeneList) -> DotAsk:
    atlas, query = view.atlas, view.query
    genes = at_least_one(listed).genes if query.genes.strip() else tuple(known_markers(atlas))
    split = query.split if query.split != view.by else ""
    return DotAsk.of(atlas, genes or (example_gene(atlas),), view.by, split, query.layer, selection=query.selection)


def _dots(table: pa.Table, grid: Grid, unit: str, theme: Theme) -> Json:
    n = int((grid.n_expressing > 0).sum())
    if n > MAX_DOTS:
        raise InvalidQuery(
            f"{n:,} dots are more than the {MAX_DOTS:,} that are drawn.",
            "Give fewer genes, choose a column with fewer categories, or read the heatmap below.",
        )
    return dotplot(table, unit, theme)


def _plot(figure: Json, grid: Grid, title: str, note: str) -> Outputs:
    size = {"height": f"{figure['layout']['height']}px", "minWidth": f"{least_width(grid)}px"}
    return {"figure": figure, "height": size, "title": title, "note": note}


def _blank(theme: Theme, why: str = "") -> Outputs:
    return {"figure": nothing(theme), "height": {}, "title": "", "note": why}


def _words(ask: DotAsk, *, pasted: bool) -> str:
    n = len(ask.genes)
    genes = f"{n:,} gene{'' if n == 1 else 's'}" if pasted else "Known markers"
    return f"{genes} by {ask.by}{f' and {ask.split}' if ask.split else ''}"


def _csv(view: View, ask: DotAsk) -> str:
    """The address at which the API has the same numbers."""
    named = {"genes": ", ".join(ask.genes), "by": ask.by, "split": ask.split, "layer": ask.layer, "format": "csv"}
    pairs = [(name, value) for name, value in named.items() if value]
    return f"/api/v1/datasets/{view.atlas.id}/dotplot{to_search(pairs + ask.selection.pairs())}"
