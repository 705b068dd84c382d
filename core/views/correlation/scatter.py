"""Gene A against gene B, cell by cell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from core.analysis.donor_level import donor_means
from core.analysis.gene_pair import pair, pair_values
from core.analysis.provenance import n_samples_among
from core.atlas.nouns import counted, plural, sample_noun
from core.errors import InvalidQuery
from core.figures.gene_scatter import MAX_POINTS, scatter
from core.views import formatting
from core.views.correlation.state import correlates_of, resolve
from core.views.result import Subject, Words
from core.views.view import View

if TYPE_CHECKING:
    from core.analysis.donor_level import DonorMeans
    from core.analysis.gene_pair import Pair, PairParams
    from core.arrays import F64, I64
    from core.atlas.store import Atlas
    from core.figures.theme import Json, Theme
    from core.services.container import Services
    from core.views.correlation.state import CorrelationView


@dataclass(frozen=True, eq=False)
class Scatter:
    """Two genes in the cells that count.

    Attributes
    ----------
    found
        Their correlation, its line, and how often both are seen.
    used
        Numbers of the cells that count.
    x, y
        Values of gene A and gene B in these cells.
    donors
        The correlation over samples, or the reason why there is none.
    """

    view: CorrelationView
    params: PairParams
    found: Pair
    used: I64
    x: F64
    y: F64
    donors: DonorMeans | str

    @property
    def names(self) -> tuple[str, str]:
        """Gene A and gene B."""
        return self.params.gene_a, self.params.gene_b

    @property
    def constant(self) -> list[str]:
        """The genes that have one value only in these cells."""
        both = zip(self.names, (self.x, self.y), strict=True)
        return [name for name, values in both if not values.size or float(np.ptp(values)) == 0]

    @property
    def warning(self) -> str:
        """One sentence where the cells can be drawn, but have no r; else empty."""
        if not self.found.n or not self.constant:
            return ""
        cells = formatting.cells_of(self.found.n)
        return f"{' and '.join(self.constant)} has one value only in these {cells}: there is no r."


def compute(services: Services, view: CorrelationView) -> Scatter:
    """Correlate gene A with gene B, by default its strongest correlate."""
    view = with_b(services, view)
    params = view.pair(view.query.gene_b)
    values = pair_values(view.atlas, params)
    used = np.flatnonzero(values.used)
    found = pair(view.atlas, params)
    return Scatter(view, params, found, used, values.x[used], values.y[used], _donors(view.atlas, params))


def _donors(atlas: Atlas, params: PairParams) -> DonorMeans | str:
    """Correlate over samples; a sentence where that cannot be done."""
    try:
        return donor_means(atlas, params)
    except InvalidQuery as error:
        return error.message


def draw(result: Scatter, theme: Theme) -> Json:
    """Draw the cells and the line of least squares.

    Raises
    ------
    InvalidQuery
        No selected cell has both genes.
    """
    if not result.found.n:
        first, second = result.names
        raise InvalidQuery(f"No selected cell has both {first} and {second} above zero.", "Keep the zero counts.")
    unit = result.view.atlas.layer(result.params.layer).info.unit
    return scatter(result.x, result.y, result.names, result.found, unit, theme)


def words(result: Scatter) -> Words:
    """Describe the scatter and state r."""
    params, found = result.params, result.found
    method, symbol = formatting.METHODS[params.method], formatting.COEFFICIENTS[params.method]
    few = found.n <= MAX_POINTS
    marks = "Each point is a cell" if few else "Colour shows the number of cells on a logarithmic scale"
    n_left = found.n_selected - found.n
    dropped = f" {counted(n_left, 'cell')} with a zero not shown." if params.drop_zeros and n_left else ""
    return Words(
        f"{params.gene_a} and {params.gene_b}",
        f"{marks}; line, least-squares fit with 95% confidence band. {symbol} = {_estimate(found.r, found)} across "
        f"cells{_over_samples(result)}.{dropped}",
        f"The {method} correlation of {params.gene_a} and {params.gene_b} was computed over cells"
        f"{' in which both genes were detected' if params.drop_zeros else ''}, with a 95% confidence interval by "
        f"Fisher’s z-transformation{_samples_method(result)}.",
        {
            "gene": params.gene_a,
            "gene_b": params.gene_b,
            "method": params.method,
            "drop_zeros": params.drop_zeros,
            "r": found.r,
            "ci_low": found.ci_low,
            "ci_high": found.ci_high,
            "p": found.p,
            "why": found.why,
            **({} if isinstance(result.donors, str) else _of_donors(result.donors)),
        },
        f"{method}; {'points are cells' if few else 'colour counts cells'}; line: least squares with its 95% band."
        f"{dropped}",
        f"Expression of {params.gene_a} and {params.gene_b} in single cells",
    )


def _estimate(r: float, found: Pair | DonorMeans) -> str:
    """Write a coefficient with its interval, where it has one."""
    interval = formatting.interval(found.ci_low, found.ci_high)
    return formatting.number(r) if interval == "–" else f"{formatting.number(r)} (95% CI, {interval})"


def _over_samples(result: Scatter) -> str:
    """Write the correlation over samples as the end of a sentence, or why there is none."""
    donors, noun = result.donors, plural(sample_noun(result.view.atlas))
    if isinstance(donors, str):
        return f"; no P value over {noun}: {donors.removesuffix('.')}"
    p = formatting.p_equals(donors.p).replace("p", "P", 1)
    return f" and {_estimate(donors.r, donors)} across {donors.n:,} {noun}, {p}"


def _samples_method(result: Scatter) -> str:
    """Say how the samples were correlated."""
    donors = result.donors
    if isinstance(donors, str):
        return ""
    exact = "an exact permutation P value" if donors.exact else "its P value"
    return f", and across {plural(sample_noun(result.view.atlas))} ({donors.measure}), with {exact}"


def in_cells(found: Pair) -> str:
    """Put the correlation over cells into words: r, interval and n; p would count every cell as a replicate."""
    ci = formatting.interval(found.ci_low, found.ci_high)
    why = f" ({found.why})" if found.why else ""
    return f"r {formatting.number(found.r)} (95% interval {ci}), n {found.n:,} cells{why}"


def over_donors(donors: DonorMeans | str) -> str:
    """Put the correlation over samples into words, or the reason why there is none."""
    if isinstance(donors, str):
        return f"no p over donors: {donors.removesuffix('.')}"
    ci = formatting.interval(donors.ci_low, donors.ci_high)
    interval = "no interval" if ci == "–" else f"95% interval {ci}"
    exact = "exact " if donors.exact else ""
    return (
        f"over {donors.n} samples ({donors.measure}) r {formatting.number(donors.r)} ({interval}), "
        f"{exact}{formatting.p_equals(donors.p)}"
    )


def _of_donors(donors: DonorMeans) -> dict[str, object]:
    return {
        "donors_r": donors.r,
        "donors_ci_low": donors.ci_low,
        "donors_ci_high": donors.ci_high,
        "donors_p": donors.p,
        "donors_n": donors.n,
        "donors_measure": donors.measure,
    }


def subject(result: Scatter) -> Subject:
    """Name the data of the scatter."""
    view = result.view
    cells = np.zeros(view.atlas.n_cells, dtype=bool)
    cells[result.used] = True
    n_samples = n_samples_among(view.atlas, cells)
    return Subject(view.atlas, view.query, view.query.search(), result.params.layer, result.found.n, n_samples)


def tables(result: Scatter) -> dict[str, pa.Table]:
    """Return both genes in every cell that is drawn, and the line."""
    cells, line = result.view.atlas.cells(), result.found.line
    first, second = result.names
    return {
        "cells": pa.table({"cell": [cells[at] for at in result.used.tolist()], first: result.x, second: result.y}),
        "line": pa.table({first: line.x, second: line.y, "ci_low": line.low, "ci_high": line.high}),
    }


def with_b(services: Services, view: CorrelationView) -> CorrelationView:
    """Complete the view with a gene B, the strongest correlate of A unless there is one."""
    if view.query.gene_b:
        return view
    best = correlates_of(services, view)
    if not best:
        raise InvalidQuery(f"No gene correlates with {view.query.gene} in these cells.", "Choose another gene.")
    return view.with_gene_b(best[0])


VIEW = View(resolve, compute, draw, words, subject, tables)
