"""Dot plot and heatmap of a list of genes in every category."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.analysis.dotplot import DotPlotParams
from core.atlas.nouns import counted, noun_of, plural
from core.errors import EmptySelection, InvalidQuery
from core.figures.dotplot import dotplot
from core.figures.heatmap import heatmap
from core.genes.examples import example_gene, known_markers, liver_markers
from core.genes.lists import at_least_one, look_up
from core.services.memoized import answer
from core.views.explore.state import resolve
from core.views.gene_grid import DOTS_SHARE, Z_LEGEND, GeneGrid, grid_layout, tables
from core.views.result import Subject, Words, unknown_genes
from core.views.view import View

if TYPE_CHECKING:
    from collections.abc import Callable

    import pyarrow as pa

    from core.atlas.manifest import LayerInfo
    from core.figures.print_style import Look
    from core.figures.theme import Json, Theme
    from core.genes.lists import GeneList
    from core.services.container import Services
    from core.views.explore.state import ExploreView
    from core.views.layout import Layout

# Maximum number of dots: more would block a browser for many seconds.
MAX_DOTS = 20_000
DOTS_NOTE = "Dot size: percentage of cells {above}. Colour: mean expression, zeros included."
MEANS_NOTE = "Colour: mean expression, zeros included."
HEATMAP_NOTE = "Colour: z-score of mean expression across rows, capped at ±2.5. Blank: no variation."


@dataclass(frozen=True, eq=False)
class DotPlot(GeneGrid):
    """List of genes in every category of a column.

    Attributes
    ----------
    listed
        The list of the address, looked up in the atlas.
    table
        One row a gene and category.
    """

    view: ExploreView
    listed: GeneList
    params: DotPlotParams
    table: pa.Table

    @property
    def info(self) -> LayerInfo:
        """Layer of the values."""
        return self.view.atlas.layer(self.params.layer).info

    @property
    def columns(self) -> str:
        """The columns, for a title."""
        names = [noun_of(self.view.atlas, name) for name in (self.params.by, self.params.split) if name]
        return " and ".join(names)

    @property
    def nouns(self) -> str:
        """The columns as nouns, for a legend."""
        split = self.params.split
        return noun_of(self.view.atlas, self.params.by) + (f" and {noun_of(self.view.atlas, split)}" if split else "")


def compute(services: Services, view: ExploreView) -> DotPlot:
    """Summarise the pasted genes, or well-known markers, by the column of the rows.

    Raises
    ------
    InvalidQuery
        No name of the list is a gene of the atlas, or no cells match the filters.
    """
    atlas, query = view.atlas, view.query
    listed = look_up(atlas.genes, query.genes)
    genes = at_least_one(atlas.genes, listed).genes if query.genes.strip() else ()
    genes = genes or tuple(liver_markers(atlas, services.orthologs)) or tuple(known_markers(atlas))
    split = query.split if query.split != view.by else ""
    params = DotPlotParams.of(
        atlas, genes or (example_gene(atlas),), view.by, split, query.layer, selection=query.selection
    )
    result = DotPlot(view, listed, params, answer(services, atlas, params).value)
    if not result.grid.labels:
        raise EmptySelection
    return result


def draw(result: DotPlot, theme: Theme, width: float = 0.0, n_blocks: int = 0) -> Json:
    """Draw the dots.

    Raises
    ------
    InvalidQuery
        There are more dots than a browser can draw.
    """
    n = int((result.grid.n_expressing > 0).sum())
    if n > MAX_DOTS:
        raise InvalidQuery(
            f"{n:,} dots are more than the {MAX_DOTS:,} that are drawn.",
            "Give fewer genes, choose a column with fewer categories, or read the heatmap below.",
        )
    return dotplot(result.table, result.unit, theme, signed=result.signed, width=width, n_blocks=n_blocks)


def draw_heatmap(result: DotPlot, theme: Theme, width: float = 0.0, n_blocks: int = 0) -> Json:
    """Draw the same genes as fields, each gene standardised where there are three groups or more."""
    return heatmap(result.table, result.unit, theme, signed=result.signed, width=width, n_blocks=n_blocks)


def words(result: DotPlot) -> Words:
    """Describe the dots."""
    note = DOTS_NOTE.format(above="above zero" if result.signed else "expressing the gene")
    shares = DOTS_SHARE[result.signed]
    return _words(result, f"{shares}; colour, mean expression ({result.unit}) over all cells.", note)


def words_of_heatmap(result: DotPlot) -> Words:
    """Describe the heatmap."""
    if not result.is_scaled:
        note = f"{MEANS_NOTE} {result.unscaled}"
        return _words(result, f"Colour shows mean expression ({result.unit}) over all cells.", note)
    return _words(result, Z_LEGEND.format(nouns=plural(result.nouns)), HEATMAP_NOTE, z=True)


def _words(result: DotPlot, legend: str, note: str, *, z: bool = False) -> Words:
    params, n = result.params, len(result.params.genes)
    share = "" if z else "the percentage of cells with a value above zero and "
    after = f" and standardised across {plural(result.nouns)}" if z else ""
    return Words(
        f"{n:,} gene{'' if n == 1 else 's'} by {result.columns}",
        legend,
        f"For each gene and {result.nouns}, {share}the mean over all cells, zeros included, {'was' if z else 'were'} "
        f"computed{after}.",
        {"genes": list(params.genes), "by": params.by, **({"split": params.split} if params.split else {})},
        note,
        f"Expression of {counted(n, 'gene')} by {result.nouns}",
    )


def subject(result: DotPlot) -> Subject:
    """Name the data of both figures."""
    view = result.view
    notes = unknown_genes(view.atlas, result.listed)
    return Subject(view.atlas, view.query, view.state, layer=result.params.layer, notes=notes)


def layout(result: DotPlot, look: Look) -> Layout:
    """Lay the dots out for a width, so that no two names overlap."""
    return _layout(result, look, draw)


def layout_of_heatmap(result: DotPlot, look: Look) -> Layout:
    """Lay the heatmap out for a width, so that no two names overlap."""
    return _layout(result, look, draw_heatmap)


def _layout(result: DotPlot, look: Look, draw: Callable[[DotPlot, Theme, float, int], Json]) -> Layout:
    return grid_layout(
        result.grid,
        look,
        lambda width, n_blocks: draw(result, look.colors, width, n_blocks),
        lambda most: (f"Plot at most {counted(most, 'gene')}, or choose a larger width" if most else "", ()),
    )


DOTS = View(resolve, compute, draw, words, subject, tables, layout)
HEATMAP = View(resolve, compute, draw_heatmap, words_of_heatmap, subject, tables, layout_of_heatmap)
