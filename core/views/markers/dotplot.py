"""Dot plot and heatmap of the best genes of every group."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from core.analysis.dotplot import dots_of_groups
from core.figures.dotplot import dotplot
from core.figures.gene_grid import Grid, least_size
from core.figures.heatmap import heatmap
from core.views.layout import Layout
from core.views.markers.comparison import Comparison, compare
from core.views.markers.state import resolve
from core.views.result import Words
from core.views.view import View, vector

if TYPE_CHECKING:
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


def draw(result: BestGenes, theme: Theme) -> Json:
    """Draw the dots, their colours standardised in each gene."""
    return dotplot(result.table, result.unit, theme, standardise=True, signed=result.signed)


def draw_heatmap(result: BestGenes, theme: Theme) -> Json:
    """Draw the same genes as fields, each gene standardised."""
    return heatmap(result.table, result.unit, theme, signed=result.signed)


def words(result: BestGenes) -> Words:
    """Describe the dots."""
    note = DOTS_NOTE.format(above="above zero" if result.signed else "expressing the gene")
    return _words(result, note, f"{result.chosen}. {note}")


def words_of_heatmap(result: BestGenes) -> Words:
    """Describe the heatmap."""
    return _words(result, HEATMAP_NOTE, HEATMAP_NOTE)


def _words(result: BestGenes, marks: str, note: str) -> Words:
    view = result.view
    return Words(
        f"Best genes of {view.whom}",
        f"{result.chosen}. {marks}",
        f"{result.chosen}, by the score of {result.comparison.method}. For each gene and group the percentage of "
        "cells with a value above zero, and the mean over all of its cells, zeros included. "
        f"{result.comparison.warning}",
        {
            **result.comparison.compared,
            "genes": result.genes,
            "top_n": view.top,
            "whose": view.query.whose or "each",
            "method": result.comparison.method,
        },
        note,
    )


def subject(result: BestGenes) -> Subject:
    """Name the data of both figures."""
    return result.comparison.subject


def tables(result: BestGenes) -> dict[str, pa.Table]:
    """Return one row a gene and group."""
    return {"dotplot": result.table}


def layout(result: BestGenes, look: Look) -> Layout:
    """Lay the dots out so that no two names overlap."""
    return _layout(result, draw(result, look.colors), look)


def layout_of_heatmap(result: BestGenes, look: Look) -> Layout:
    """Lay the heatmap out so that no two names overlap."""
    return _layout(result, draw_heatmap(result, look.colors), look)


def _layout(result: BestGenes, figure: Json, look: Look) -> Layout:
    return Layout(vector(figure), look, least_size(result.grid, figure["layout"]["height"]))


DOTS = View(resolve, compute, draw, words, subject, tables, layout)
HEATMAP = View(resolve, compute, draw_heatmap, words_of_heatmap, subject, tables, layout_of_heatmap)
