"""Gene A against gene B, cell by cell."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from core.analysis.correlation import strongest
from core.analysis.gene_pair import pair, pair_values
from core.analysis.provenance import n_samples_of
from core.errors import InvalidQuery
from core.figures.gene_scatter import MAX_POINTS, scatter
from core.services.memoized import answer
from core.views import formatting as told
from core.views.correlation.state import resolve
from core.views.result import Figure, Subject, Words, finished, sure

if TYPE_CHECKING:
    from core.figures.print_style import Look
    from core.services.container import Services
    from core.views.correlation.state import CorrelationView


def draw(services: Services, search: str, look: Look) -> Figure:
    """The scatter with its line; without a gene B, A against its strongest correlate.

    Raises
    ------
    InvalidQuery
        Something in the address means nothing here, or there is no pair of values to draw.
    """
    view, problems = resolve(services, search)
    if view is None:
        raise InvalidQuery("There is no atlas to draw.", "Import one: masldatlas import FILE.")
    notes = sure(problems)
    atlas = view.atlas
    view = with_b(services, view)
    params = view.pair(view.query.gene_b)
    found, values = pair(atlas, params), pair_values(atlas, params)
    if not found.n:
        raise InvalidQuery(
            f"No selected cell has both {params.gene_a} and {params.gene_b} above zero.", "Keep the zero counts."
        )
    used = np.flatnonzero(values.used)
    x, y = values.x[used], values.y[used]
    names = (params.gene_a, params.gene_b)
    figure = scatter(x, y, names, found, atlas.layer(params.layer).info.unit, look.colours)
    for trace in figure["data"]:
        trace["type"] = "scatter" if trace["type"] == "scattergl" else trace["type"]
    line = found.line
    cells = atlas.cells()
    tables = {
        "cells": pa.table({"cell": [cells[at] for at in used.tolist()], names[0]: x, names[1]: y}),
        "line": pa.table({names[0]: line.x, names[1]: line.y, "ci_low": line.low, "ci_high": line.high}),
    }
    method = told.METHODS[params.method]
    ci = told.interval(found.ci_low, found.ci_high)
    said = f"{method} r {told.number(found.r)} (95 % interval {ci}), {told.p_equals(found.p)}, n {found.n:,} cells"
    marks = "Points are cells" if found.n <= MAX_POINTS else "The colour counts cells, on a logarithmic scale"
    dropped = f" {found.n_selected - found.n:,} cells with a zero are left out." if params.drop_zeros else ""
    words = Words(
        f"{names[0]} and {names[1]}",
        f"{marks}; line: least squares with its 95 % band. {said}.{dropped}",
        f"{method} correlation over cells"
        f"{', only those in which both genes are nonzero' if params.drop_zeros else ''}: "
        f"{said}. {told.NOT_REPLICATES}",
        {
            "gene": params.gene_a,
            "gene_b": params.gene_b,
            "method": params.method,
            "drop_zeros": params.drop_zeros,
            "r": found.r,
            "ci_low": found.ci_low,
            "ci_high": found.ci_high,
            "p": found.p,
        },
    )
    selection = view.query.selection
    subject = Subject(
        "scatter", atlas, view.query, view.query.search(), params.layer, found.n, n_samples_of(atlas, selection), notes
    )
    return finished(subject, figure, tables, words, look)


def with_b(services: Services, view: CorrelationView) -> CorrelationView:
    """The same view with a gene B."""
    if view.query.gene_b:
        return view
    best = strongest(answer(services, view.atlas, view.params).value, 1)
    if not best:
        raise InvalidQuery(f"No gene correlates with {view.query.gene} in these cells.", "Choose another gene.")
    return type(view)(view.atlas, view.query.but(gene_b=best[0]))
