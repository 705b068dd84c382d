"""Comparisons of two atlases over the genes that both share: computing them, and their provenance."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import numpy as np

from core.analysis.concordance import ConcordanceParams, concordance, correlation, counts
from core.analysis.conserved_correlates import FDR, ConservedParams, conserved_correlates, overlaps_of
from core.analysis.conserved_correlates import counts as counts_of_correlates
from core.analysis.contrasts import NOT_REPLICATES
from core.analysis.correlation import CorrelationParams
from core.analysis.differences_by_type import facts_of as design_facts_of
from core.analysis.provenance import of_atlas, of_cells
from core.analysis.shared_genes import SecondAtlas, shared_genes
from core.analysis.type_auroc import BOUND, CELLS, TypeAurocParams, facts_of, type_auroc
from core.atlas.store import replaced
from core.errors import InvalidQuery
from core.genes.orthologs import species_of
from core.selection.model import Selection
from core.stats.rank_overlap import PERMUTATIONS

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa

    from core.analysis.differences import DifferencesParams
    from core.analysis.shared_genes import SharedGenes
    from core.atlas.store import Atlas
    from core.genes.ortholog_table import Species
    from core.services.container import Services

    Provenance = dict[str, object]

AUROC_METHODS = (
    "Cell types were compared by MetaNeighbor's fast vote (Crow 2018; Fischer 2021): ranks of {n_genes:,} 1:1 "
    "orthologs ({genes}) within each cell, votes by Spearman correlation over node degree, AUROC of one type against "
    "all other cells, mean of both directions. At most {most:,} cells of a type were drawn, which stand for all of it."
)
CONCORDANCE_METHODS = (
    "Log2 fold changes of 1:1 orthologs were compared between {contrast} in {first} and {contrast_2} in {second}; a "
    "gene changed where its adjusted p was at most {fdr:g} and its |log2 fold change| at least {min_change:g}. "
    "Differences between the species were tested by Welch's t on the estimates of both and adjusted by Benjamini and "
    "Hochberg."
)
CONSERVED_METHODS = (
    "{gene} and {gene_2} were each correlated with all genes ({method}), and 1:1 orthologs compared. The best {best:,} "
    "correlates were compared by rank-biased overlap (Webber 2010, p = 0.98, extrapolated) with a null of {n:,} random "
    "orders. A correlate has |r| of at least {min_r:g} and an adjusted p of at most {fdr:g}; it is lost or gained "
    "where it is one in one species only and the intervals of r do not meet."
)
NULL_WARNING = (
    "The null shuffles genes, which move together in programmes: a small p says that the orders are not independent, "
    "and no more."
)
MOST_NAMED = 8


def second_atlas(services: Services, about: SecondAtlas) -> Atlas:
    """Open the second atlas of a question; raises BrokenStore when other content has taken its place."""
    found = services.catalog.get(about.id)
    if found.manifest.content_hash != about.content_hash:
        raise replaced(about.id)
    return found


def described(services: Services, first: Atlas, second: Atlas) -> SecondAtlas:
    """Describe the second atlas of a question; raises InvalidQuery where the two share too few genes."""
    return SecondAtlas.of(first, second, services.settings.data_dir, services.orthologs.own)


def conserved_params(  # noqa: PLR0913 - each is one word of the question
    services: Services,
    atlases: tuple[Atlas, Atlas],
    gene: str,
    gene_2: str = "",
    *,
    method: str = "",
    cells: tuple[Selection, Selection],
    best: int,
    min_r: float,
) -> ConservedParams:
    """Make the parameters of conserved correlates.

    Parameters
    ----------
    gene, gene_2 : the gene in the first atlas, and its ortholog in the second; the only one unless named
    cells : which cells of each atlas

    Raises
    ------
    UnknownGene, InvalidQuery
        A gene does not exist, or the ortholog has to be chosen.
    """
    first, second = atlases
    one = CorrelationParams.of(first, gene, method, selection=cells[0])
    name = gene_2 or ortholog_in(services, one.gene, species_of(first), second)
    other = CorrelationParams.of(second, name, method, selection=cells[1])
    return ConservedParams.of(described(services, first, second), (one, other), best, min_r)


def ortholog_in(services: Services, gene: str, source: Species | None, atlas: Atlas) -> str:
    """Return the only ortholog of a gene of some species in an atlas.

    Raises
    ------
    InvalidQuery
        There is none, or there are several: then one has to be named.
    """
    target = species_of(atlas)
    if source is None or target is None or source == target:
        return gene
    known = services.orthologs.of(gene, source, target)
    here = [name for name in known if name in atlas.genes.names]
    if len(here) == 1:
        return here[0]
    if not here:
        if not known:
            by = services.orthologs.source(target if target != "human" else source)
            raise InvalidQuery(f"No {target} ortholog of {gene} is known ({by}).", "Choose another gene.")
        found = ", ".join(known[:MOST_NAMED])
        raise InvalidQuery(f"No {target} ortholog of {gene} is in {atlas.id}. Known: {found}.", "Choose another gene.")
    raise InvalidQuery(
        f"{gene} has {len(here)} orthologs in {atlas.id}: {', '.join(here[:MOST_NAMED])}.",
        "Choose one of them as the gene; in the API and in commands, name it as gene_2.",
    )


def of_cell_types(atlas: Atlas, types: Sequence[str]) -> Selection:
    """Select the cells of some types; all cells where none is named, or the atlas has no column of types."""
    column = atlas.manifest.roles.get("cell_type", "")
    return Selection.of({column: list(types)}) if types and column else Selection()


def type_auroc_of(services: Services, atlas: Atlas, params: TypeAurocParams) -> pa.Table:
    """Match the cell types of two atlases."""
    second = second_atlas(services, params.second)
    return type_auroc(atlas, second, _shared(services, atlas, second), params, services.workers)


def concordance_of(
    services: Services, atlases: tuple[Atlas, Atlas], params: ConcordanceParams, tables: tuple[pa.Table, pa.Table]
) -> pa.Table:
    """Compare the changes of two atlases, whose tables of differences are given."""
    shared = _shared(services, *atlases)
    return concordance(tables, shared.names(*atlases), params.fdr, params.min_change)


def conserved_of(
    services: Services, atlases: tuple[Atlas, Atlas], params: ConservedParams, tables: tuple[pa.Table, pa.Table]
) -> pa.Table:
    """Compare the correlates of a gene and its ortholog, whose tables are given."""
    shared = _shared(services, *atlases)
    return conserved_correlates(tables, shared.names(*atlases), params.best, params.min_r)


def of_type_auroc(atlas: Atlas, params: TypeAurocParams, table: pa.Table) -> Provenance:
    """Provenance of AUROC between cell types."""
    facts = facts_of(table)
    return {
        **of_atlas(atlas.manifest),
        **params.second.provenance(),
        "by": params.by,
        "by_2": params.by_2,
        **facts,
        "bound": BOUND,
        "methods": AUROC_METHODS.format(**facts, most=CELLS),
    }


def of_concordance(atlas: Atlas, params: ConcordanceParams, table: pa.Table) -> Provenance:
    """Provenance of a concordance: both contrasts, thresholds, counts by quadrant, r."""
    one, other = params.differences, params.differences_2
    r = correlation(table)
    return {
        **of_atlas(atlas.manifest),
        **params.second.provenance(),
        **_contrast(one),
        **{f"{name}_2": value for name, value in _contrast(other).items()},
        "fdr": params.fdr,
        "min_change": params.min_change,
        "n_tested": r.n,
        "r": asdict(r) if np.isfinite(r.r) else {"n": r.n},
        "counts": counts(table),
        "methods": concordance_methods(atlas, params),
        "warning": "Genes are not independent: the interval of r is too narrow.",
    }


def concordance_methods(atlas: Atlas, params: ConcordanceParams) -> str:
    """Describe a concordance for the methods of a paper."""
    return CONCORDANCE_METHODS.format(
        contrast=_in_words(params.differences),
        contrast_2=_in_words(params.differences_2),
        first=atlas.id,
        second=params.second.id,
        fdr=params.fdr,
        min_change=params.min_change,
    )


def of_conserved(atlas: Atlas, params: ConservedParams, table: pa.Table) -> Provenance:
    """Provenance of conserved correlates: genes, cells, overlaps with their null, numbers of verdicts."""
    one, other = params.correlation, params.correlation_2
    return {
        **of_cells(atlas, one.selection),
        **params.second.provenance(),
        "selection_2": other.selection.words(),
        "gene": one.gene,
        "gene_2": other.gene,
        "method": one.method,
        "best": params.best,
        "min_r": params.min_r,
        "n_pairs": table.num_rows,
        "overlap": {name: asdict(each) for name, each in overlaps_of(table).items()},
        "counts": counts_of_correlates(table),
        "methods": conserved_methods(params),
        "warning": f"{NOT_REPLICATES} {NULL_WARNING}",
    }


def conserved_methods(params: ConservedParams) -> str:
    """Describe conserved correlates for the methods of a paper."""
    return CONSERVED_METHODS.format(
        gene=params.correlation.gene,
        gene_2=params.correlation_2.gene,
        method=params.correlation.method.capitalize(),
        best=params.best,
        n=PERMUTATIONS,
        min_r=params.min_r,
        fdr=FDR,
    )


def _shared(services: Services, first: Atlas, second: Atlas) -> SharedGenes:
    return shared_genes(first, second, services.settings.data_dir, services.orthologs.own)


def _contrast(params: DifferencesParams) -> Provenance:
    return {
        **design_facts_of(params.design),
        "cell_type": params.cell_type,
        "selection": params.design.units.selection.words(),
        "engine": f"limma-{params.engine}",
    }


def _in_words(params: DifferencesParams) -> str:
    cells = params.cell_type or params.design.units.selection.words()
    more = design_words(params)
    return f"{params.design.units.sides.words} of {cells}{f' ({more})' if more else ''}"


def design_words(params: DifferencesParams) -> str:
    """Say what a comparison is adjusted for and paired by; empty for neither."""
    design = params.design
    adjusted = [f"adjusted for {' and '.join(design.covariates)}"] if design.covariates else []
    return ", ".join([*adjusted, *([f"paired by {design.paired}"] if design.paired else [])])
