"""Correlates of a gene and of its ortholog in a matched cell type of two atlases."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import numpy as np

from core.analysis.conserved_correlates import (
    CONSERVED,
    GAINED,
    LOST,
    MIN_R,
    NEITHER,
    OPPOSITE,
    UNDECIDED,
    counts,
    overlaps_of,
)
from core.figures.two_species import Group, scatter
from core.genes.orthologs import species_of
from core.selection.masks import mask_of
from core.services.between_species import (
    NULL_WARNING,
    conserved_methods,
    conserved_params,
    of_cell_types,
    ortholog_in,
)
from core.services.memoized import answer
from core.views import formatting
from core.views.result import Subject, Words
from core.views.species.pair import judged, pair_of
from core.views.species.pair_query import best_of
from core.views.species.state import resolve
from core.views.view import View

if TYPE_CHECKING:
    import pyarrow as pa

    from core.analysis.conserved_correlates import ConservedParams
    from core.figures.theme import Json, Theme
    from core.services.container import Services
    from core.services.match_verdicts import Verdict
    from core.stats.rank_overlap import Overlap
    from core.views.species.pair import Pair
    from core.views.species.state import SpeciesView

# In the order of the looks of `core.figures.two_species`.
NAMES = {
    CONSERVED: "conserved",
    OPPOSITE: "opposite sign",
    LOST: "in the first only",
    GAINED: "in the second only",
    UNDECIDED: "undecided",
    NEITHER: "neither",
}


@dataclass(frozen=True, eq=False)
class Conserved:
    """Correlates in both species; `table` is that of `core.analysis.conserved_correlates.conserved_correlates`."""

    pair: Pair
    params: ConservedParams
    table: pa.Table
    judged: Verdict | None


def compute(services: Services, view: SpeciesView) -> Conserved:
    """Compare the correlates of the gene of the view.

    Raises
    ------
    InvalidQuery
        There is nothing to compare with, or the gene has no only ortholog in an atlas.
    """
    pair = pair_of(view)
    named = view.gene
    # A gene of another species is found through its only ortholog.
    gene = ortholog_in(services, named.gene, named.species, pair.first)
    params = conserved_params(
        services,
        (pair.first, pair.second),
        gene,
        named.gene if species_of(pair.second) == named.species else "",
        cells=(of_cell_types(pair.first, [pair.cell_type]), of_cell_types(pair.second, pair.types_2)),
        best=best_of(view.query),
        min_r=MIN_R,
    )
    return Conserved(pair, params, answer(services, pair.first, params).value, judged(services, pair))


def draw(result: Conserved, theme: Theme) -> Json:
    """Draw r of every ortholog in both species."""
    verdicts = np.array(result.table["verdict"].to_pylist(), dtype=object)
    genes = np.array(result.table["gene"].to_pylist(), dtype=object)
    r, r_2 = (result.table[name].to_numpy() for name in ("r", "r_2"))
    groups = [
        Group(words, genes[verdicts == name].tolist(), r[verdicts == name], r_2[verdicts == name])
        for name, words in NAMES.items()
    ]
    one, other = result.params.correlation, result.params.correlation_2
    coefficient = formatting.COEFFICIENTS[one.method]
    titles = (
        f"{coefficient} with <i>{one.gene}</i>, {result.pair.first.id}",
        f"{coefficient} with <i>{other.gene}</i>, {result.pair.second.id}",
    )
    return scatter(groups, titles, theme, number="r")


def sentence(result: Conserved) -> str:
    """Say how far the best correlates agree, and how many genes are conserved, lost and gained."""
    number, found = counts(result.table), overlaps_of(result.table)
    return (
        f"{_overlap(found['positive'], 'positive')}; {_overlap(found['negative'], 'negative')}. "
        f"{number[CONSERVED]:,} of {result.table.num_rows:,} orthologs are conserved correlates, {number[LOST]:,} are "
        f"in the first species only, {number[GAINED]:,} in the second only, {number[OPPOSITE]:,} of opposite sign."
    )


def _overlap(found: Overlap, kind: str) -> str:
    return (
        f"best {found.depth:,} {kind} correlates: {found.n_shared:,} shared, rank-biased overlap {found.rbo:.2f} "
        f"(random orders {found.null_mean:.2f}, {formatting.p_equals(found.p)})"
    )


def words(result: Conserved) -> Words:
    """Describe the comparison."""
    pair, one, other = result.pair, result.params.correlation, result.params.correlation_2
    second = pair.second.manifest
    alike = f" {result.judged.sentence}" if result.judged and result.judged.sentence else ""
    said = sentence(result)
    n_2 = int(mask_of(pair.second, other.selection).sum())
    return Words(
        f"Correlates of {one.gene} and {other.gene} in {pair.types}",
        f"Points, 1:1 orthologs; dotted, equal coefficients. {said[0].upper()}{said[1:]} Second atlas: {second.title}, "
        f"{formatting.cells_of(n_2)}.{alike} {formatting.AS_IF_INDEPENDENT}",
        f"{conserved_methods(result.params)} Orthologs: {result.params.second.orthologs}. {NULL_WARNING}",
        {
            **pair.facts(),
            "gene": one.gene,
            "gene_2": other.gene,
            "orthologs": result.params.second.orthologs,
            "method": one.method,
            "best": result.params.best,
            "min_r": result.params.min_r,
            "overlap": {name: asdict(each) for name, each in overlaps_of(result.table).items()},
            "counts": counts(result.table),
            "selection": one.selection.words(),
            "n_cells_2": n_2,
            "auroc": result.judged and result.judged.number,
        },
        f"{said[0].upper()}{said[1:]}{alike} {NULL_WARNING} Orthologs: {result.params.second.orthologs}.",
        f"Correlates of {one.gene} in {pair.first.manifest.title} and of {other.gene} in {second.title}, {pair.types}",
    )


def subject(result: Conserved) -> Subject:
    """Name the data of the reference."""
    view, first = result.pair.view, result.pair.first
    n = int(mask_of(first, result.params.correlation.selection).sum())
    layer, beside = result.params.correlation.layer, (result.pair.second.manifest,)
    return Subject(view.atlas, view.query, view.state, layer=layer, n_cells=n, beside=beside)


def tables(result: Conserved) -> dict[str, pa.Table]:
    """Return all orthologs with their verdicts."""
    return {"genes": result.table}


VIEW = View(resolve, compute, draw, words, subject, tables)
