"""Violins of a gene in each category of a column."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.analysis.expression import expression_of
from core.errors import InvalidQuery
from core.views.explore.distribution import BESIDE, BESIDE_N, DENSITY, Rows, paper_layout, rows_of
from core.views.explore.state import resolve
from core.views.layout import Layout
from core.views.result import Subject, Words
from core.views.view import View

if TYPE_CHECKING:
    import pyarrow as pa

    from core.analysis.expression import Expression
    from core.figures.print_style import Look
    from core.figures.theme import Json, Theme
    from core.services.container import Services
    from core.views.explore.state import ExploreView


@dataclass(frozen=True, eq=False)
class Violin:
    """Distribution of a gene in every category of a column."""

    view: ExploreView
    expression: Expression
    rows: Rows


def compute(_services: Services, view: ExploreView) -> Violin:
    """Summarise the gene by the chosen column, or on the second panel by group.

    Raises
    ------
    InvalidQuery
        There is no such column of categories.
    """
    by = rows_by(view) if view.panel == 1 else rows_by_group(view)
    if not by:
        which = "of categories for the rows" if view.panel == 1 else "of groups other than that of the first violins"
        raise InvalidQuery(f"{view.atlas.id} has no column {which}.", "Choose another figure.")
    split = view.query.split if view.query.split != by else ""
    expression = expression_of(view.atlas, view.shown_gene, view.query.layer)
    return Violin(view, expression, rows_of(view, expression, by, split, expressing=not expression.signed))


def draw(result: Violin, theme: Theme, width: float = 0.0, n_blocks: int = 1) -> Json:
    """Draw the violins, or boxes.

    Raises
    ------
    InvalidQuery
        No cells match the filters (`EmptySelection`).
    """
    return result.rows.draw(result.expression.unit, theme, result.expression.gene, width, n_blocks)


def words(result: Violin) -> Words:
    """Describe the violins."""
    rows, gene = result.rows, result.expression.gene
    density = "" if rows.boxes else f" {DENSITY}"
    methods = (
        f"Medians and quartiles of {gene} were computed over all cells of each {rows.nouns}, zeros included.{density}"
    )
    parameters = {
        "gene": gene,
        "by": rows.by,
        "split": rows.split,
        "plot": result.view.query.plot,
        "note": rows.note,
    }
    return Words(
        f"{gene} by {rows.columns}",
        f"{rows.marks} {BESIDE if rows.expressing else BESIDE_N}",
        methods,
        {name: value for name, value in parameters.items() if value},
        rows.note,
        f"{gene} expression by {rows.nouns}",
    )


def subject(result: Violin) -> Subject:
    """Name the data of the violins."""
    view = result.view
    return Subject(view.atlas, view.query, view.state, layer=result.expression.layer)


def tables(result: Violin) -> dict[str, pa.Table]:
    """Return quartiles and outlines of the rows that are drawn."""
    return result.rows.tables


def layout(result: Violin, look: Look) -> Layout:
    """Lay the violins out so that no two names overlap."""
    return paper_layout(look, lambda width, n_blocks: draw(result, look.colors, width, n_blocks))


def rows_by(view: ExploreView) -> str:
    """Return the column of the first violins: the chosen one, else the cell type; empty where there is none."""
    return view.query.by or view.atlas.manifest.roles.get("cell_type") or view.by


def rows_by_group(view: ExploreView) -> str:
    """Return the column of the second violins: the group, where the first are of another column; else empty."""
    group = view.atlas.manifest.roles.get("group", "")
    return group if group != rows_by(view) else ""


VIEW = View(resolve, compute, draw, words, subject, tables, layout)
