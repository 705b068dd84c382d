"""Violins of one gene on both sides, in the cells of one type, with a dot a sample."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from core.analysis.contrasts import Groups
from core.analysis.differences import samples
from core.analysis.distributions import within_groups
from core.analysis.donor_groups import DonorMeans
from core.analysis.expression import expression_of
from core.analysis.pseudobulk import type_codes, units_of
from core.analysis.sides import A, B
from core.figures.palette import categories
from core.figures.violin import Row, violin
from core.views.differences.comparison import Comparison, compare
from core.views.differences.state import resolve
from core.views.explore.distribution import (
    BESIDE,
    BESIDE_N,
    DENSITY,
    VIOLINS,
    density_table,
    paper_layout,
    summary_table,
)
from core.views.formatting import number, p_equals
from core.views.result import Words
from core.views.view import View

if TYPE_CHECKING:
    import pyarrow as pa

    from core.analysis.distributions import CategorySummary, Density
    from core.analysis.expression import Expression
    from core.figures.print_style import Look
    from core.figures.theme import Json, Theme
    from core.services.container import Services
    from core.views.differences.state import DifferencesView
    from core.views.layout import Layout
    from core.views.result import Subject


@dataclass(frozen=True, eq=False)
class DifferencesViolin:
    """Distribution of a gene in the cells of the kept samples of each side, and the means of the samples.

    `pairs` are the places of the samples of either side that belong together; empty without pairing.
    """

    comparison: Comparison
    expression: Expression
    drawn: list[tuple[CategorySummary, Density]]
    means: tuple[DonorMeans, DonorMeans]
    pairs: tuple[tuple[int, int], ...]


def compute(services: Services, view: DifferencesView) -> DifferencesViolin:
    """Summarise the gene on both sides.

    Raises
    ------
    InvalidQuery
        The samples cannot be compared.
    """
    comparison = compare(services, view)
    atlas, params = view.atlas, view.params
    expression = expression_of(atlas, comparison.gene, view.query.layer)
    units = units_of(atlas, params.design.units)
    types, names = type_codes(atlas, params.by_type, units)
    inside = types == names.index(params.cell_type)
    rows = samples(atlas, params)
    # One more place than there are units, for the cells outside; dropped samples are outside too.
    side = np.full(len(units) + 1, 2, dtype=np.uint8)
    side[comparison.model.kept] = np.where(comparison.model.side == A, 0, 1)
    codes = np.where(inside, side[units.codes], 2).astype(np.uint8)
    sizes = np.bincount(codes, minlength=3)[:2].astype(np.int64)
    groups = Groups(codes, comparison.names, sizes, None, None)
    means: list[DonorMeans] = []
    donors: list[list[str]] = []
    for code in (A, B):
        kept = [at for at in comparison.model.kept.tolist() if rows[at].side == code]
        donors.append([rows[at].donor for at in kept])
        found = [expression.values[inside & (units.codes == at)] for at in kept]
        means.append(
            DonorMeans(
                tuple(rows[at].sample for at in kept),
                np.array([float(np.mean(values)) for values in found]),
                tuple(len(values) for values in found),
            )
        )
    pairs = tuple(
        (one, two)
        for one, donor in enumerate(donors[0])
        for two, other in enumerate(donors[1])
        if view.paired and donor == other
    )
    # Groups of many samples, such as a sex, are no pairs that lines could show.
    pairs = pairs if len(pairs) <= sum(map(len, donors)) else ()
    return DifferencesViolin(comparison, expression, within_groups(expression, groups), (means[0], means[1]), pairs)


def draw(result: DifferencesViolin, theme: Theme, width: float = 0.0) -> Json:
    """Draw the violins with a dot a sample."""
    expression = result.expression
    colors = categories(result.comparison.names)
    rows = [
        Row(summary, density, color, means)
        for (summary, density), color, means in zip(result.drawn, colors, result.means, strict=True)
    ]
    return violin(
        rows,
        expression.unit,
        theme,
        expressing=not expression.signed,
        gene=expression.gene,
        width=width,
        pairs=result.pairs,
    )


def words(result: DifferencesViolin) -> Words:
    """Describe the violins, and state the numbers of the gene."""
    comparison, gene = result.comparison, result.expression.gene
    a, b = comparison.names
    return Words(
        f"{gene} in {a} and {b}{comparison.where}",
        f"{VIOLINS} Small dots, means of samples{_joined(result)}. {BESIDE_N if result.expression.signed else BESIDE}",
        f"Medians and quartiles of {gene} were computed over the cells of the kept samples, zeros included. {DENSITY} "
        f"{comparison.methods}",
        {**comparison.parameters, "gene": gene},
        _numbers(comparison, gene),
        f"{gene} expression in {a} and {b}{comparison.where}",
    )


def subject(result: DifferencesViolin) -> Subject:
    """Name the data of the violins."""
    return result.comparison.subject


def tables(result: DifferencesViolin) -> dict[str, pa.Table]:
    """Return quartiles and outlines."""
    return {"summary": summary_table([each for each, _ in result.drawn]), "density": density_table(result.drawn)}


def layout(result: DifferencesViolin, look: Look) -> Layout:
    """Lay the violins out so that no two names overlap."""
    return paper_layout(look, lambda width, _: draw(result, look.colors, width))


def _joined(result: DifferencesViolin) -> str:
    return f"; lines join the samples of one {result.comparison.view.paired}" if result.pairs else ""


def _numbers(comparison: Comparison, gene: str) -> str:
    """State the test of the gene, or why there is none."""
    at = comparison.genes.index(gene)
    row = {name: comparison.table[name][at].as_py() for name in comparison.table.column_names}
    shares = f"{row['pct_a']:.1f} % and {row['pct_b']:.1f} % of the cells have a count"
    if np.isnan(row["p"]):
        return f"Not tested: {row['why']}. {shares}."
    flag = f" ({row['why']})" if row["why"] else ""
    return (
        f"Over samples: log2FC {number(row['log2fc'], 2)} ({number(row['ci_low'], 2)} to {number(row['ci_high'], 2)}), "
        f"{p_equals(row['p'])}, adjusted {p_equals(row['p_adj'])}{flag}; {shares}."
    )


VIEW = View(resolve, compute, draw, words, subject, tables, layout)
