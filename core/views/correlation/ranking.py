"""Gene A against every other gene, from the highest r to the lowest."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from core.analysis.correlation import strongest
from core.errors import InvalidQuery
from core.figures.correlation_ranking import ranking
from core.services.memoized import answer
from core.views import formatting as told
from core.views.correlation.state import resolve
from core.views.result import Figure, Subject, Words, finished, sure

if TYPE_CHECKING:
    from core.figures.print_style import Look
    from core.services.container import Services

# The names of the ends, in a column on either side of the curve.
LEAST = (300.0, 300.0)


def draw(services: Services, search: str, look: Look) -> Figure:
    """The ranking, gene B pointed at.

    Raises
    ------
    InvalidQuery
        Something in the address means nothing here, or nothing can correlate with the gene in these cells.
    """
    view, problems = resolve(services, search)
    if view is None:
        raise InvalidQuery("There is no atlas to draw.", "Import one: masldatlas import FILE.")
    notes = sure(problems)
    query, params = view.query, view.params
    table = answer(services, view.atlas, params).value
    names = table["gene"].to_pylist()
    r = np.asarray(table["r"].to_pylist(), dtype=np.float64)
    n_given = int(np.isfinite(r).sum())
    if not n_given:
        raise InvalidQuery(
            f"Nothing can correlate with {params.gene} in these cells.", "Choose another gene, or more cells."
        )
    gene_b = query.gene_b or next(iter(strongest(table, 1)), "")
    figure = ranking(names, r, look.colours, gene_b)
    figure["data"] = [{**trace, "type": "scatter"} for trace in figure["data"]]
    method = told.METHODS[params.method]
    constant = len(names) - n_given
    left = f" {constant:,} genes that are constant in these cells have no r and are left out." if constant else ""
    words = Words(
        f"{params.gene} against every gene",
        f"Each point is one of {n_given:,} genes by its {method} correlation with {params.gene}; the ends and {gene_b} "
        f"are named; blue is negative, red positive.{left}",
        f"{method} correlation over cells of {params.gene} with each other gene"
        f"{', for each pair over the cells in which both are nonzero' if params.drop_zeros else ''}; "
        f"p adjusted by Benjamini and Hochberg, and by Bonferroni. {told.NOT_REPLICATES}",
        {
            "gene": params.gene,
            "gene_b": gene_b,
            "method": params.method,
            "drop_zeros": params.drop_zeros,
            "n_genes": n_given,
        },
    )
    subject = Subject("ranking", view.atlas, query, query.search(), layer=params.layer, notes=notes)
    return finished(subject, figure, {"correlations": table}, words, look, LEAST)
