"""Violins of one gene in the groups that are compared."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.analysis.distributions import within_groups
from core.analysis.expression import expression_of
from core.analysis.markers import rows_of
from core.figures.palette import categories
from core.figures.violin import Row, violin
from core.views.explore.violin import MAX_ROWS, density_table, least_size, summary_table
from core.views.markers.best_genes import compared, resolved, shown_gene, subject_of, table_of
from core.views.result import Figure, Words, finished

if TYPE_CHECKING:
    from core.analysis.contrasts import Groups
    from core.analysis.distributions import CategorySummary, Density
    from core.analysis.expression import Expression
    from core.figures.print_style import Look
    from core.figures.theme import Json, Theme
    from core.services.container import Services
    from core.views.markers.state import MarkersView


Summed = list[tuple["CategorySummary", "Density"]]


def draw_violin(services: Services, search: str, look: Look) -> Figure:
    """The gene that is looked at, in every group.

    Raises
    ------
    InvalidQuery
        Something in the address means nothing here, or nothing can be compared.
    """
    view, notes = resolved(services, search)
    table, groups = table_of(services, view)
    gene = shown_gene(view, rows_of(table, groups, view.query.category))
    expression = expression_of(view.atlas, gene, view.query.layer)
    found, figure = violins(view, expression, groups, look.colours)
    words = Words(
        f"{gene} in {view.whom}",
        "Width: density of the cells, each row to a maximum of its own; bar: quartiles; dot: median. Beside each name "
        "its number of cells and the percentage with a value above zero.",
        f"{gene} in {view.whom}: quartiles and medians over all cells of a row, zeros included; Gaussian kernel "
        "density with Scott's bandwidth, cut at the smallest and largest value.",
        {**compared(view), "gene": gene},
    )
    tables = {"summary": summary_table([it for it, _ in found]), "density": density_table(found)}
    return finished(subject_of("marker_violin", view, groups, notes), figure, tables, words, look, least_size(figure))


def violins(view: MarkersView, expression: Expression, groups: Groups, theme: Theme) -> tuple[Summed, Json]:
    """The largest groups that are drawn, and their violins."""
    found = within_groups(expression, groups)
    largest = {id(pair) for pair in sorted(found, key=lambda pair: -pair[0].n)[:MAX_ROWS]}
    every = groups.names if view.versus else view.atlas.categorical(view.query.by).categories
    colours = dict(zip(every, categories(every), strict=True))
    drawn = [pair for pair in found if id(pair) in largest]
    rows = [Row(*pair, colours[pair[0].category]) for pair in drawn]
    return drawn, violin(rows, f"{expression.gene} · {expression.unit}", theme)
