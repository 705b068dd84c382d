"""A list of genes against itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from core.analysis.correlation import strongest
from core.analysis.correlation_matrix import MAX_GENES, GeneMatrix, gene_matrix
from core.errors import InvalidQuery
from core.figures.correlation_matrix import heatmap
from core.genes.lists import look_up
from core.services.memoized import answer
from core.views import formatting as told
from core.views.correlation.state import resolve
from core.views.result import Figure, Subject, Words, finished, sure

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.figures.print_style import Look
    from core.services.container import Services
    from core.views.correlation.state import CorrelationView

MAX_NAMED = 5


def draw(services: Services, search: str, look: Look) -> Figure:
    """The clustered matrix of the list, or of A and its strongest correlates.

    Raises
    ------
    InvalidQuery
        Something in the address or in the list means nothing here, or there are fewer than two genes.
    """
    view, problems = resolve(services, search)
    if view is None:
        raise InvalidQuery("There is no atlas to draw.", "Import one: masldatlas import FILE.")
    notes = sure(problems)
    query = view.query
    best: Sequence[str] = ()
    if not query.genes:
        best = strongest(answer(services, view.atlas, view.params).value, MAX_GENES)
    found = matrix_of(view, best)
    unknown = look_up(view.atlas.genes, query.genes).unknown
    if unknown:
        names = ", ".join(repr(name[:40]) for name, _ in unknown[:MAX_NAMED])
        notes = (*notes, f"Of the list, {len(unknown):,} are no genes of {view.atlas.id}: {names}.")
    method = told.METHODS[view.params.method]
    constant = int(np.isnan(np.diag(found.r)).sum())
    left = f" {constant:,} genes constant in these cells stand last, empty." if constant else ""
    what = "A list of genes" if query.genes else f"{query.gene} and its {len(found.genes) - 1} strongest correlates"
    words = Words(
        f"{what}, against each other",
        f"Each field is the {method} correlation of two of {len(found.genes):,} genes; blue is negative, red positive, "
        f"genes in the order of average linkage on 1 − r.{left}",
        f"{method} correlation over cells of each pair of genes"
        f"{', over the cells in which both are nonzero' if view.drop_zeros else ''}; hierarchical clustering with "
        f"average linkage on 1 − r, leaves ordered optimally. {told.NOT_REPLICATES}",
        {
            "genes": list(found.genes),
            "method": view.params.method,
            "drop_zeros": view.drop_zeros,
            **({} if query.genes else {"gene": query.gene, "top_n": view.top}),
        },
    )
    subject = Subject("matrix", view.atlas, query, query.search(), layer=query.layer, notes=notes)
    figure = heatmap(found, look.colours)
    # Its fields are squares: on narrow paper, a figure of the page's height would be mostly empty.
    figure["layout"]["height"] = min(figure["layout"]["height"], round(look.pixels(look.width)))
    return finished(subject, figure, {"matrix": table_of(found)}, words, look)


def matrix_of(view: CorrelationView, best: Sequence[str], fault: str = "") -> GeneMatrix:
    """The matrix of the list, or of A and its strongest correlates.

    Parameters
    ----------
    best : correlates of A, the strongest first
    fault : why there are none

    Raises
    ------
    InvalidQuery
        There are fewer than two genes.
    """
    if view.query.genes:
        genes = look_up(view.atlas.genes, view.query.genes).genes
        if len(genes) < 2:  # noqa: PLR2004 - nothing to pair
            n = "None" if not genes else "Only one"
            raise InvalidQuery(f"{n} of the list is a gene of this atlas; a matrix needs two.", "Change the list.")
    else:
        if not best:
            raise InvalidQuery(fault or "There are no correlates to show.")
        genes = (view.query.gene, *best[: view.top])
    return gene_matrix(view.atlas, view.matrix(tuple(genes)))


def table_of(found: GeneMatrix) -> pa.Table:
    """The coefficients at full precision: one row a gene, one column a gene."""
    return pa.table({"gene": pa.array(found.genes), **dict(zip(found.genes, found.r, strict=True))})
