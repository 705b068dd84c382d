"""Violins of one gene in the groups that are compared."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.analysis.distributions import within_groups
from core.analysis.expression import expression_of
from core.figures.palette import categories
from core.figures.violin import Row, violin
from core.views.column_colors import colors_of
from core.views.explore.distribution import (
    BESIDE,
    BESIDE_N,
    DENSITY,
    MAX_ROWS,
    VIOLINS,
    density_table,
    paper_layout,
    summary_table,
)
from core.views.formatting import number, p_equals
from core.views.layout import Layout
from core.views.markers.comparison import Comparison, compare
from core.views.markers.state import resolve
from core.views.result import Words
from core.views.view import View

if TYPE_CHECKING:
    import pyarrow as pa

    from core.analysis.distributions import CategorySummary, Density
    from core.analysis.expression import Expression
    from core.figures.print_style import Look
    from core.figures.theme import Json, Theme
    from core.services.container import Services
    from core.views.markers.state import MarkersView
    from core.views.result import Subject


@dataclass(frozen=True, eq=False)
class MarkerViolin:
    """Distribution of a gene in every group.

    Attributes
    ----------
    drawn
        The largest groups, in their order.
    """

    comparison: Comparison
    expression: Expression
    drawn: list[tuple[CategorySummary, Density]]

    @property
    def view(self) -> MarkersView:
        """State of the page."""
        return self.comparison.view


def compute(services: Services, view: MarkersView) -> MarkerViolin:
    """Summarise the gene in every group.

    Raises
    ------
    InvalidQuery
        Nothing can be compared.
    """
    comparison = compare(services, view)
    expression = expression_of(view.atlas, comparison.gene, view.query.layer)
    found = within_groups(expression, comparison.groups)
    largest = {id(pair) for pair in sorted(found, key=lambda pair: -pair[0].n)[:MAX_ROWS]}
    return MarkerViolin(comparison, expression, [pair for pair in found if id(pair) in largest])


def draw(result: MarkerViolin, theme: Theme, width: float = 0.0, n_blocks: int = 1) -> Json:
    """Draw the violins in the colours of the whole column."""
    view, expression = result.view, result.expression
    groups = result.comparison.groups
    if view.versus:
        colors = dict(zip(groups.names, categories(groups.names), strict=True))
    else:
        column = view.atlas.categorical(view.query.by)
        colors = dict(zip(column.categories, colors_of(view.atlas, column), strict=True))
    rows = [Row(summary, density, colors[summary.category]) for summary, density in result.drawn]
    return violin(
        rows,
        expression.unit,
        theme,
        expressing=not expression.signed,
        gene=expression.gene,
        width=width,
        n_blocks=n_blocks,
    )


def words(result: MarkerViolin) -> Words:
    """Describe the violins, and state the numbers of the gene in the category shown."""
    gene, view = result.expression.gene, result.view
    n_groups = len(result.comparison.groups.names)
    left = f"The {len(result.drawn)} largest of {n_groups:,}. " if len(result.drawn) < n_groups else ""
    return Words(
        f"{gene} in {view.whom}",
        f"{VIOLINS} {BESIDE_N if result.expression.signed else BESIDE}",
        f"Medians and quartiles of {gene} were computed over all cells of a group, zeros included. {DENSITY} "
        f"{result.comparison.tested} {result.comparison.caution}",
        {**result.comparison.compared, "gene": gene},
        f"{left}{_numbers(result)}",
        f"{gene} expression in {result.comparison.nouns}",
    )


def subject(result: MarkerViolin) -> Subject:
    """Name the data of the violins."""
    return result.comparison.subject


def tables(result: MarkerViolin) -> dict[str, pa.Table]:
    """Return quartiles and outlines of the rows that are drawn."""
    summaries = [summary for summary, _ in result.drawn]
    return {"summary": summary_table(summaries), "density": density_table(result.drawn)}


def layout(result: MarkerViolin, look: Look) -> Layout:
    """Lay the violins out so that no two names overlap."""
    return paper_layout(look, lambda width, n_blocks: draw(result, look.colors, width, n_blocks))


def _numbers(result: MarkerViolin) -> str:
    """Rank, score and test of the gene in the category shown."""
    rows, view = result.comparison.rows, result.view
    at = rows["gene"].to_pylist().index(result.expression.gene)
    row = {name: rows[name][at].as_py() for name in rows.column_names}
    category, against = view.query.category, "the other" if view.versus else "the rest"
    if math.isnan(row["score"]):
        return f"Constant in these cells: it has no score in {category}."
    score, auc, fold = number(row["score"], 1), number(row["auc"]), number(row["log2fc"], 2)
    note = f" ({row['why']})" if row["why"] else ""
    share = "above 0 in" if result.expression.signed else "expressed by"
    return (
        f"In {category} against {against}: rank {at + 1:,} of {rows.num_rows:,}, score {score}, AUC {auc}, "
        f"log2FC {fold}, {share} {row['pct_in']:.1f}% and {row['pct_out']:.1f}%, {p_equals(row['p'])}{note}."
    )


VIEW = View(resolve, compute, draw, words, subject, tables, layout)
