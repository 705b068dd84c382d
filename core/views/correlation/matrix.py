"""Correlation matrix of a list of genes."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from core.analysis.correlation_matrix import gene_matrix
from core.atlas.nouns import counted
from core.errors import InvalidQuery
from core.figures.correlation_matrix import heatmap
from core.figures.gene_grid import CLEAR, SLANT, UPRIGHT
from core.figures.paper_sizes import MAX_HEIGHT
from core.figures.print_style import TITLE, fitted
from core.figures.text_width import widest
from core.genes.lists import look_up
from core.views import formatting
from core.views.correlation.state import correlates_of, resolve
from core.views.layout import Layout
from core.views.result import Subject, Words, unknown_genes
from core.views.view import View, vector

if TYPE_CHECKING:
    from core.analysis.correlation_matrix import GeneMatrix
    from core.figures.print_style import Look
    from core.figures.theme import Json, Theme
    from core.genes.lists import GeneList
    from core.services.container import Services
    from core.views.correlation.state import CorrelationView

# On paper: pixels of the colour bar and its numbers, of the largest and smallest letters, of the largest field, and
# above and below the fields.
BAR, LARGEST, SMALLEST, MOST, EDGES = 84.0, 11.0, 8.0, 34.0, 30.0


@dataclass(frozen=True)
class Matrix:
    """Correlations of the genes of a list with each other.

    Attributes
    ----------
    listed
        The list of the address, looked up in the atlas; empty where the genes are A and its strongest correlates.
    """

    view: CorrelationView
    found: GeneMatrix
    listed: GeneList


def compute(services: Services, view: CorrelationView) -> Matrix:
    """Correlate the genes of the list, or A and its strongest correlates.

    Raises
    ------
    InvalidQuery
        There are fewer than two genes.
    """
    listed = look_up(view.atlas.genes, view.query.genes)
    if view.query.genes:
        genes = listed.genes
        if len(genes) < 2:  # noqa: PLR2004 - nothing to pair
            n = "None" if not genes else "Only one"
            raise InvalidQuery(f"{n} of the list is a gene of this atlas; a matrix needs two.", "Change the list.")
    else:
        best = correlates_of(services, view)
        if not best:
            raise InvalidQuery("There are no correlates to show.")
        genes = (view.query.gene, *best[: view.top])
    return Matrix(view, gene_matrix(view.atlas, view.matrix(tuple(genes))), listed)


def draw(result: Matrix, theme: Theme) -> Json:
    """Draw the clustered matrix."""
    return heatmap(result.found, theme, formatting.COEFFICIENTS[result.view.params.method])


def words(result: Matrix) -> Words:
    """Describe the matrix and name its genes."""
    view, found = result.view, result.found
    method = formatting.METHODS[view.params.method]
    constant = int(np.isnan(np.diag(found.r)).sum())
    left = f" {counted(constant, 'invariant gene')} shown last, blank." if constant else ""
    few = f" {counted(constant, 'invariant gene')} last, blank." if constant else ""
    pasted = bool(view.query.genes)
    what = "A list of genes" if pasted else f"{view.query.gene} and its {len(found.genes) - 1} strongest correlates"
    return Words(
        f"{what}, against each other",
        f"Colour shows {formatting.COEFFICIENTS[view.params.method]}; blue, negative; red, positive. Genes are ordered "
        f"by hierarchical clustering.{left}",
        f"The {method} correlation of each pair of {len(found.genes):,} genes was computed over cells"
        f"{' in which both genes were detected' if view.drop_zeros else ''}. Genes were clustered with average linkage "
        "on 1 − r and optimal leaf ordering.",
        {
            "genes": list(found.genes),
            "method": view.params.method,
            "drop_zeros": view.drop_zeros,
            **({} if pasted else {"gene": view.query.gene, "top_n": view.top}),
        },
        f"{len(found.genes):,} genes, ordered by average linkage on 1 − r.{few}",
        f"Pairwise correlation of {counted(len(found.genes), 'gene')}"
        if pasted
        else f"Pairwise correlation of {view.query.gene} and its {len(found.genes) - 1} strongest correlates",
    )


def subject(result: Matrix) -> Subject:
    """Name the data of the matrix."""
    atlas, query = result.view.atlas, result.view.query
    return Subject(atlas, query, query.search(), layer=query.layer, notes=unknown_genes(atlas, result.listed))


def tables(result: Matrix) -> dict[str, pa.Table]:
    """Return the coefficients at full precision: one row a gene, one column a gene."""
    found = result.found
    return {"matrix": pa.table({"gene": pa.array(found.genes), **dict(zip(found.genes, found.r, strict=True))})}


def layout(result: Matrix, look: Look) -> Layout:
    """Lay the matrix out as a square: on narrow paper, a figure of the page's height would be mostly empty."""
    figure = vector(draw(result, look.colors))
    if look.screen:
        figure["layout"]["height"] = min(figure["layout"]["height"], round(look.pixels(look.width)))
        return Layout(figure, look)
    n = len(result.found.genes)
    beside = widest(result.found.genes, LARGEST) + BAR
    least = n * CLEAR * SMALLEST + beside, 0.0
    paper = fitted(look, least)
    side = min(paper.pixels(paper.width) - beside, MOST * n)
    if not paper.height:
        page = paper.pixels(MAX_HEIGHT) - TITLE - EDGES - widest(result.found.genes, LARGEST)
        side = max(min(side, page), n * CLEAR * SMALLEST)
    letters = min(LARGEST, side / n / CLEAR)
    # Slanted names need more room from one to the next.
    slanted = side / n * math.sin(math.radians(SLANT)) >= CLEAR * letters
    for name in ("xaxis", "yaxis"):
        axis = figure["layout"][name]
        figure["layout"][name] = {**axis, "tickfont": {**axis["tickfont"], "size": round(letters, 2)}}
    figure["layout"]["xaxis"]["tickangle"] = -SLANT if slanted else -UPRIGHT
    figure["layout"]["height"] = round(side + widest(result.found.genes, letters) + EDGES)
    return Layout(figure, look, least, "Show fewer genes, or choose a smaller width")


VIEW = View(resolve, compute, draw, words, subject, tables, layout)
