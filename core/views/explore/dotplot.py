"""A list of genes in every category: as dots, and as a heatmap."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.analysis.dotplot import DotPlotParams, dots
from core.errors import InvalidQuery
from core.figures.dotplot import dotplot
from core.figures.gene_grid import Grid, least_size
from core.figures.heatmap import heatmap
from core.genes.examples import example_gene, known_markers
from core.genes.lists import at_least_one, look_up
from core.views.explore.state import resolve
from core.views.result import Figure, Subject, Words, finished, sure

if TYPE_CHECKING:
    import pyarrow as pa

    from core.figures.print_style import Look
    from core.figures.theme import Json, Theme
    from core.genes.lists import GeneList
    from core.services.container import Services
    from core.views.explore.state import ExploreView

# Of a figure of single dots: more would keep a browser busy for many seconds.
MAX_DOTS = 20_000
DOTS_NOTE = "Area: % of the cells that express it. Colour: mean over all cells of the category, zeros included."
HEATMAP_NOTE = (
    "Colour: the category's mean minus the average of the categories, over their standard deviation; colours end at "
    "2.5. Empty: the same in all categories."
)
MAX_NAMED = 5


def draw(services: Services, search: str, look: Look) -> Figure:
    """The pasted list, or markers that everybody knows, as dots.

    Raises
    ------
    InvalidQuery
        Something in the address or in the list means nothing here, or no cell is left.
    """
    return _drawn(services, search, look, "dotplot")


def draw_heatmap(services: Services, search: str, look: Look) -> Figure:
    """The same genes, each for itself; see `draw` for what it raises."""
    return _drawn(services, search, look, "heatmap")


def _drawn(services: Services, search: str, look: Look, name: str) -> Figure:
    view, problems = resolve(services, search)
    if view is None:
        raise InvalidQuery("There is no atlas to draw.", "Import one: masldatlas import FILE.")
    notes = sure(problems)
    listed = look_up(view.atlas.genes, view.query.genes)
    if listed.unknown:
        names = ", ".join(repr(name[:40]) for name, _ in listed.unknown[:MAX_NAMED])
        notes = (*notes, f"Of the list, {len(listed.unknown):,} are no genes of {view.atlas.id}: {names}.")
    params = ask_of(view, listed)
    table, unit = dots(view.atlas, params), view.atlas.layer(params.layer).info.unit
    grid = Grid.of(table)
    if not grid.labels:
        raise InvalidQuery("No cell is left by the filters.", "Remove one, or reset them all.")
    parts = f"{params.by}{f' and {params.split}' if params.split else ''}"
    n = len(params.genes)
    words = Words(
        f"{n:,} gene{'' if n == 1 else 's'} by {parts}",
        DOTS_NOTE if name == "dotplot" else HEATMAP_NOTE,
        f"For each gene and category of {parts}: the percentage of cells with a value above zero, and the mean "
        "over all cells of the category, zeros included.",
        {"genes": list(params.genes), "by": params.by, **({"split": params.split} if params.split else {})},
    )
    subject = Subject(name, view.atlas, view.query, view.state, layer=params.layer, notes=notes)
    theme = look.colours
    figure = dots_of(table, grid, unit, theme) if name == "dotplot" else heatmap(table, unit, theme)
    least = least_size(grid, figure["layout"]["height"])
    return finished(subject, figure, {"dotplot": table}, words, look, least)


def ask_of(view: ExploreView, listed: GeneList) -> DotPlotParams:
    """What the address asks: the list, or known markers, by the column of the rows."""
    atlas, query = view.atlas, view.query
    genes = at_least_one(listed).genes if query.genes.strip() else tuple(known_markers(atlas))
    split = query.split if query.split != view.by else ""
    return DotPlotParams.of(
        atlas, genes or (example_gene(atlas),), view.by, split, query.layer, selection=query.selection
    )


def dots_of(table: pa.Table, grid: Grid, unit: str, theme: Theme) -> Json:
    """The figure; InvalidQuery where it would have more dots than can be drawn."""
    n = int((grid.n_expressing > 0).sum())
    if n > MAX_DOTS:
        raise InvalidQuery(
            f"{n:,} dots are more than the {MAX_DOTS:,} that are drawn.",
            "Give fewer genes, choose a column with fewer categories, or read the heatmap below.",
        )
    return dotplot(table, unit, theme)
