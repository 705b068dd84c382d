"""Views of an atlas, from an address to a figure: the pages, the command line and embedded frames share them.

A view is drawn from the address that a page writes, without a browser and without a server. What the pages do with the
same address in callbacks is theirs; which cells, which numbers and which marks is decided here, once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from core.figures.print_style import Look
from core.urls.figure_specs import PAGES
from core.urls.permalinks import read
from core.views.correlation import forest, matrix, pair_map, ranking, scatter
from core.views.explore import composition, dotplot, embedding, set_violin, violin
from core.views.markers import best_genes
from core.views.markers import ranking as marked
from core.views.markers import violin as violin_
from core.views.result import Figure

if TYPE_CHECKING:
    from core.services.container import Services

Draw: TypeAlias = "Callable[[Services, str, Look], Figure]"


@dataclass(frozen=True)
class View:
    """One figure of a page: its name in a permalink, what it shows in words, and how it is drawn.

    `draw` takes the services, the search of an address of `page`, and a look; it raises InvalidQuery where the address
    does not say what to draw.
    """

    name: str
    words: str
    draw: Draw

    @property
    def page(self) -> str:
        """The path of the page that has it."""
        return PAGES[self.name].PATH


VIEWS: dict[str, View] = {
    view.name: view
    for view in (
        View("embedding", "the cells on a map, coloured by a column, a gene, two genes or a gene set", embedding.draw),
        View("violin", "one gene in the categories of a column, as violins or boxes", violin.draw),
        View("set_violin", "the score of a gene set in the categories of a column", set_violin.draw),
        View("dotplot", "a list of genes in the categories of a column, as dots", dotplot.draw),
        View("heatmap", "the same genes in the categories of a column, each for itself", dotplot.draw_heatmap),
        View("composition", "what each sample is made of, as bars", composition.draw),
        View("scatter", "two genes cell by cell, with their correlation", scatter.draw),
        View("ranking", "one gene against every other gene, by correlation", ranking.draw),
        View("pair_map", "the cells on a map, coloured by gene A or gene B", pair_map.draw),
        View("forest", "the correlation of two genes within each category of a column", forest.draw),
        View("matrix", "a list of genes against itself, clustered", matrix.draw),
        View("markers", "the genes of one category, by how well they mark it", marked.draw),
        View("marker_violin", "one gene in each group that is compared", violin_.draw_violin),
        View("marker_dotplot", "the best genes of each group, as dots", best_genes.draw_dots),
        View("marker_heatmap", "the best genes of each group, as a heatmap", best_genes.draw_heatmap),
    )
}


def draw(services: Services, link: str, look: Look | None = None, figure: str = "") -> Figure:
    """Draw what a permalink, or any address of a page, shows.

    Raises
    ------
    InvalidQuery
        The link cannot be read, or does not say what to draw.
    """
    found = read(link, figure)
    return VIEWS[found.figure].draw(services, found.search, look or Look())
