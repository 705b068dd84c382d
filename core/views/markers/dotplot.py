"""Dot plot and heatmap of the best genes of every group."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from core.analysis.dotplot import dots_of_groups
from core.figures.dotplot import dotplot
from core.figures.gene_grid import Grid
from core.figures.heatmap import heatmap
from core.views.explore.dotplot import DOTS_SHARE, Z_LEGEND, grid_layout
from core.views.layout import Layout
from core.views.markers.comparison import Comparison, compare
from core.views.markers.state import resolve
from core.views.nouns import noun_of, plural
from core.views.result import Words
from core.views.view import View

if TYPE_CHECKING:
    from collections.abc import Callable

    import pyarrow as pa

    from core.figures.print_style import Look
    from core.figures.theme import Json, Theme
    from core.services.container import Services
    from core.views.markers.state import MarkersView
    from core.views.result import Subject

DOTS_NOTE = (
    "Dot size: percentage of cells {above}. Colour: mean expression, zeros included, scaled per gene from 0 (lowest) "
    "to 1 (highest)."
)
HEATMAP_NOTE = "Colour: z-score of mean expression across the groups compared, capped at ±2.5."


@dataclass(frozen=True, eq=False)
class BestGenes:
    """The best genes of every group.

    Attributes
    ----------
    genes, chosen
        Each gene once, and one sentence on how they were chosen.
    table
        One row a gene and group.
    """

    comparison: Comparison
    genes: list[str]
    chosen: str
    table: pa.Table

    @property
    def view(self) -> MarkersView:
        """State of the page."""
        return self.comparison.view

    @cached_property
    def grid(self) -> Grid:
        """Rows and columns of the figures."""
        return Grid.of(self.table)

    @property
    def signed(self) -> bool:
        """True where a value above zero does not mean that a cell expresses the gene."""
        return self.view.atlas.layer(self.view.query.layer).info.signed

    @property
    def unit(self) -> str:
        """Unit of the mean."""
        return self.view.atlas.layer(self.view.query.layer).info.unit


def compute(services: Services, view: MarkersView) -> BestGenes:
    """Choose the best genes and summarise them in every group.

    Raises
    ------
    InvalidQuery
        Nothing can be compared, or no gene marks a group.
    """
    comparison = compare(services, view)
    genes, chosen = comparison.best()
    table = dots_of_groups(view.atlas, genes, view.query.layer, comparison.groups)
    return BestGenes(comparison, genes, chosen, table)


def draw(result: BestGenes, theme: Theme, width: float = 0.0) -> Json:
    """Draw the dots, their colours standardised in each gene."""
    return dotplot(result.table, result.unit, theme, standardise=True, signed=result.signed, width=width)


def draw_heatmap(result: BestGenes, theme: Theme, width: float = 0.0) -> Json:
    """Draw the same genes as fields, each gene standardised."""
    return heatmap(result.table, result.unit, theme, signed=result.signed, width=width)


def words(result: BestGenes) -> Words:
    """Describe the dots."""
    note = DOTS_NOTE.format(above="above zero" if result.signed else "expressing the gene")
    legend = f"{DOTS_SHARE[result.signed]}; colour, mean expression scaled from 0 to 1 per gene."
    return _words(result, legend, f"{result.chosen}. {note}")


def words_of_heatmap(result: BestGenes) -> Words:
    """Describe the heatmap."""
    nouns = "groups A and B" if result.view.versus else plural(noun_of(result.view.atlas, result.view.query.by))
    return _words(result, Z_LEGEND.format(nouns=nouns), HEATMAP_NOTE)


def _words(result: BestGenes, marks: str, note: str) -> Words:
    view, comparison = result.view, result.comparison
    return Words(
        f"Best genes of {view.whom}",
        f"{comparison.shown(len(result.genes))}. {marks}",
        f"{comparison.tested} {comparison.shown(len(result.genes))}, ranked by z-score. Means were computed over all "
        f"cells of a group, zeros included. {comparison.caution}",
        {
            **comparison.compared,
            "genes": result.genes,
            "top_n": view.top,
            "whose": view.query.whose or "each",
            "method": comparison.method,
        },
        note,
        f"Marker genes of {comparison.nouns}",
    )


def subject(result: BestGenes) -> Subject:
    """Name the data of both figures."""
    return result.comparison.subject


def tables(result: BestGenes) -> dict[str, pa.Table]:
    """Return one row a gene and group."""
    return {"dotplot": result.table}


def layout(result: BestGenes, look: Look) -> Layout:
    """Lay the dots out for a width, so that no two names overlap."""
    return _layout(result, look, draw)


def layout_of_heatmap(result: BestGenes, look: Look) -> Layout:
    """Lay the heatmap out for a width, so that no two names overlap."""
    return _layout(result, look, draw_heatmap)


def _layout(result: BestGenes, look: Look, draw: Callable[[BestGenes, Theme, float], Json]) -> Layout:
    lower = "Choose fewer genes per category, or give a height"
    return grid_layout(result.grid, look, lambda width: draw(result, look.colors, width), lower)


DOTS = View(resolve, compute, draw, words, subject, tables, layout)
HEATMAP = View(resolve, compute, draw_heatmap, words_of_heatmap, subject, tables, layout_of_heatmap)
