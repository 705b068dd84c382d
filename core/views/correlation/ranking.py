"""Gene A against every other gene, from the highest r to the lowest."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from core.analysis.correlation import strongest
from core.analysis.correlation_inference import MIN_EXPECTED
from core.analysis.correlation_matrix import MAX_GENES
from core.analysis.expression import expression_of
from core.analysis.provenance import n_samples_among
from core.atlas.nouns import counted
from core.errors import InvalidQuery
from core.figures.correlation_ranking import ranking
from core.figures.theme import escaped
from core.selection.masks import mask_of
from core.services.memoized import answer
from core.views import formatting
from core.views.correlation.state import resolve
from core.views.layout import Layout
from core.views.result import Subject, Words
from core.views.view import View, vector

if TYPE_CHECKING:
    import pyarrow as pa

    from core.arrays import F64
    from core.figures.print_style import Look
    from core.figures.theme import Json, Theme
    from core.services.container import Services
    from core.services.memoized import Answer
    from core.views.correlation.state import CorrelationView

# Pixels for the names of the ends, in a column on either side of the curve.
LEAST = (300.0, 300.0)


@dataclass(frozen=True)
class Ranking:
    """Correlations of gene A with every other gene.

    Attributes
    ----------
    answer
        The table, with the time that it took.
    gene_b
        Gene B, else the strongest correlate; empty where no gene has an r.
    correlates
        The genes with the largest absolute r, as many as a matrix takes.
    """

    view: CorrelationView
    answer: Answer[pa.Table]
    gene_b: str
    correlates: tuple[str, ...]

    @property
    def table(self) -> pa.Table:
        """One row a gene."""
        return self.answer.value

    @cached_property
    def names(self) -> list[str]:
        """The genes, in the order of the table."""
        return self.table["gene"].to_pylist()

    @cached_property
    def r(self) -> F64:
        """Their coefficients; NaN for genes that are constant in the selected cells."""
        return np.asarray(self.table["r"].to_pylist(), dtype=np.float64)

    @cached_property
    def n_given(self) -> int:
        """Number of genes with an r."""
        return int(np.isfinite(self.r).sum())


def compute(services: Services, view: CorrelationView) -> Ranking:
    """Correlate gene A with every other gene."""
    found = answer(services, view.atlas, view.params)
    correlates = tuple(strongest(found.value, MAX_GENES))
    return Ranking(view, found, view.query.gene_b or next(iter(correlates), ""), correlates)


def draw(result: Ranking, theme: Theme) -> Json:
    """Draw the ranking, gene B pointed at.

    Raises
    ------
    InvalidQuery
        No gene has an r in the selected cells.
    """
    if not result.n_given:
        raise _no_r(result.view)
    params = result.view.params
    title = f"{formatting.COEFFICIENTS[params.method]} with <i>{escaped(params.gene)}</i>"
    return ranking(result.names, result.r, theme, result.gene_b, title)


def words(result: Ranking) -> Words:
    """Describe the ranking."""
    params, n_given = result.view.params, result.n_given
    method, symbol = formatting.METHODS[params.method], formatting.COEFFICIENTS[params.method]
    constant = len(result.names) - n_given
    omitted = f" {counted(constant, 'invariant gene')} omitted." if constant else ""
    few = f" {counted(constant, 'invariant gene')} omitted." if constant else ""
    without = n_given - int(np.isfinite(np.asarray(result.table["p"].to_pylist(), dtype=np.float64)).sum())
    unsure = f" {counted(without, 'gene')} without p: detected in too few cells." if without else ""
    return Words(
        f"{params.gene} against every gene",
        f"Each point is one of {n_given:,} genes, ranked by {symbol} with {params.gene}; blue, negative; red, positive."
        f" The strongest correlates and {result.gene_b} are labelled.{omitted}",
        f"The {method} correlation of {params.gene} with every other gene was computed over cells"
        f"{', for each pair over the cells in which both genes were detected' if params.drop_zeros else ''}. P values "
        "are from the t distribution, or from a Pearson type III distribution where permuted coefficients are skewed, "
        f"and exact below ten cells; none is given where fewer than {MIN_EXPECTED} co-detections are expected by chance"
        f"{_withheld(without)}. They were adjusted by the Benjamini–Hochberg and the Bonferroni method. "
        f"{formatting.AS_IF_INDEPENDENT}",
        {
            "gene": params.gene,
            "gene_b": result.gene_b,
            "method": params.method,
            "drop_zeros": params.drop_zeros,
            "n_genes": n_given,
            "n_genes_without_p": without,
        },
        f"{n_given:,} genes ranked by r. Click a point to use it as gene B.{few}{unsure}" if n_given else "",
        f"Correlation of {params.gene} with all other genes",
    )


def _withheld(n: int) -> str:
    return f" ({n:,} {'gene' if n == 1 else 'genes'})" if n else ""


def subject(result: Ranking) -> Subject:
    """Name the data of the ranking."""
    view = result.view
    if not view.params.drop_zeros:
        return Subject(view.atlas, view.query, view.query.search(), layer=view.params.layer)
    # No pair has a cell without gene A.
    layer = view.atlas.layer(view.params.layer)
    cells = mask_of(view.atlas, view.query.selection) & (layer.dense(view.atlas.genes.resolve(view.params.gene)) != 0)
    n_samples = n_samples_among(view.atlas, cells)
    return Subject(view.atlas, view.query, view.query.search(), layer.name, int(cells.sum()), n_samples)


def tables(result: Ranking) -> dict[str, pa.Table]:
    """Return the correlations, one row a gene."""
    return {"correlations": result.table}


def layout(result: Ranking, look: Look) -> Layout:
    """Lay the ranking out so that the names of its ends have room."""
    return Layout(vector(draw(result, look.colors)), look, LEAST)


def _no_r(view: CorrelationView) -> InvalidQuery:
    """Explain why no gene has an r."""
    gene = view.query.gene
    mask = mask_of(view.atlas, view.query.selection)
    values = expression_of(view.atlas, gene, view.query.layer).values[mask]
    if values.size and values.min() == values.max():
        return InvalidQuery(
            f"{gene} has the same value, {float(values[0]):g}, in all of these {formatting.cells_of(values.size)}: "
            "nothing can correlate with it.",
            "Choose another gene, or more cells.",
        )
    return InvalidQuery("No gene shares enough of these cells with it.", "Select more cells, or keep the zero counts.")


VIEW = View(resolve, compute, draw, words, subject, tables, layout)
