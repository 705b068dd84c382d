"""Genes against groups of cells: what dot plots and heatmaps of every page share."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from core.figures.gene_grid import Grid, arranged, closest, genes_within, is_scaled, is_within, least_size
from core.figures.paper_sizes import MAX_HEIGHT
from core.figures.print_style import TITLE, fitted
from core.views.layout import Layout
from core.views.view import vector

if TYPE_CHECKING:
    from collections.abc import Callable

    import pyarrow as pa

    from core.atlas.manifest import LayerInfo
    from core.figures.print_style import Look
    from core.figures.theme import Json

DOTS_SHARE = (
    "Dot size shows the percentage of cells expressing the gene",
    "Dot size shows the percentage of cells above 0",
)
Z_LEGEND = "Colour shows the z-score of mean expression across {nouns}, capped at ±2.5; blank, no variation."
# Points to which the letters of a list too high for a page are reduced: those beside its rows have 5 then.
SMALLEST = 6.0
# Two means are always one standard deviation from their middle.
UNSCALED = "With only {n}, scaling would make all genes look alike, so means are shown."


class GeneGrid:
    """Table of genes by groups of cells, and how figures read it.

    Subclasses give `table`, one row a gene and group as `core.analysis.dotplot` makes it, and `info`.
    """

    table: pa.Table

    @property
    def info(self) -> LayerInfo:
        """Layer of the values."""
        raise NotImplementedError

    @cached_property
    def grid(self) -> Grid:
        """Rows and columns of the figures."""
        return Grid.of(self.table)

    @property
    def signed(self) -> bool:
        """True where a value above zero does not mean that a cell expresses the gene."""
        return self.info.signed

    @property
    def unit(self) -> str:
        """Unit of the mean."""
        return self.info.unit

    @property
    def is_scaled(self) -> bool:
        """True where there are groups enough to scale each gene over them."""
        return is_scaled(self.grid)

    @property
    def unscaled(self) -> str:
        """Sentence that says why means are shown where scaled values are expected; empty where they are scaled."""
        n = len(self.grid.labels)
        return "" if self.is_scaled else UNSCALED.format(n="one group" if n == 1 else "two groups")


def tables(result: GeneGrid) -> dict[str, pa.Table]:
    """Return one row a gene and group."""
    return {"dotplot": result.table}


def grid_layout(
    grid: Grid,
    look: Look,
    draw: Callable[[float, int], Json],
    lower: Callable[[int], tuple[str, tuple[tuple[str, str], ...]]],
) -> Layout:
    """Lay out genes against groups so that no two names overlap, and a long list in blocks side by side.

    Where no height is asked for and the list is too high for a page, rows stand closer and letters are smaller, if that
    makes it fit.

    Parameters
    ----------
    draw : takes the width in pixels and the number of blocks
    lower : takes how many genes fit on a page, and gives `Layout.lower` and `Layout.fitting`
    """
    if look.screen:
        # A narrower frame scrolls.
        least = least_size(grid)
        return Layout(vector(draw(max(look.pixels(look.width), least[0]), 0)), look, least)
    room = look.pixels(look.width), look.pixels(look.height or MAX_HEIGHT) - TITLE * look.title
    chosen = arranged(grid, *room)
    small = replace(look, font_size=min(look.font_size, SMALLEST))
    tight = small.pixels(look.width), small.pixels(look.height or MAX_HEIGHT) - TITLE
    closer = None if look.height or is_within(chosen, *room) else closest(grid, *tight)
    if closer:
        chosen, look = closer, replace(look, height=MAX_HEIGHT)
    least = least_size(chosen)
    # Names are placed for the letters that the figure will have.
    paper = fitted(look, least)
    remedy, fitting = lower(max(genes_within(grid, *room), genes_within(grid, *tight, close=True)))
    return Layout(vector(draw(paper.pixels(paper.width), chosen.n_blocks)), look, least, remedy, fitting=fitting)
