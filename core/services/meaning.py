"""Enrichment and activity of the genes of an atlas: reference data found, results computed, provenance."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.analysis.activity import ActivityOptions, ActivityParams, activity, n_genes_of, source_of, targets
from core.analysis.contrasts import METHOD, NOT_REPLICATES
from core.analysis.count_engines import NAMES
from core.analysis.differences import DifferencesParams
from core.analysis.differences_by_type import facts_of as design_facts_of
from core.analysis.differences_by_type import report
from core.analysis.enrichment import EnrichmentOptions, EnrichmentParams, curve, enrichment, facts_of
from core.analysis.gene_sources import (
    FileSource,
    GeneSource,
    ListedSource,
    ListSource,
    MarkerSource,
    QuadrantSource,
)
from core.analysis.provenance import of_atlas, of_list, software, with_versions
from core.analysis.set_collections import Described, collections
from core.analysis.sides import A, B
from core.errors import NotFound
from core.genes.orthologs import species_of
from core.genes.references import Network, network, networks

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import pyarrow as pa

    from core.analysis.gene_rankings import Ranking
    from core.atlas.store import Atlas
    from core.genes.lists import GeneList
    from core.services.container import Services
    from core.stats.enrichment import RunningScore

    Provenance = dict[str, object]

SOFTWARE = "gseapy"
_MODELS = {
    "ulm": "a univariate linear model of the statistics of all tested genes on its weights (ULM; activity is the t of "
    "the slope, with n - 2 degrees of freedom)",
    "mlm": "one multivariate linear model of the statistics of all tested genes on the weights of all sources (MLM; "
    "activity is the t of the slope, with n - k - 1 degrees of freedom)",
}


def enrichment_params(
    services: Services, atlas: Atlas, source: GeneSource, names: Iterable[str], options: EnrichmentOptions
) -> EnrichmentParams:
    """Make the parameters of an enrichment; raises NotFound for a collection that is not here."""
    found = collections(atlas, services.settings.data_dir, services.gene_sets, names, services.orthologs.own)
    return EnrichmentParams(source, tuple(each.described for each in found), options)


def activity_params(  # noqa: PLR0913 - each is one word of the question
    services: Services,
    atlas: Atlas,
    source: GeneSource,
    name: str,
    *,
    model: str,
    min_targets: int,
    targets_of: str = "",
) -> ActivityParams:
    """Make the parameters of activities; `targets_of` is a source of the network, or an alias of one.

    Raises
    ------
    NotFound
        A network that is not here, or an alias of several sources.
    """
    found = _network(services, atlas, name)
    options = ActivityOptions.of(found, model, min_targets)
    described = Described.of(found.name, found.sentence, found.provenance())
    return ActivityParams(source, described, options, *source_of(found, targets_of, services.orthologs.names))


def enriched(services: Services, atlas: Atlas, params: EnrichmentParams, ranking: Ranking) -> pa.Table:
    """Compute an enrichment."""
    names = [each.name for each in params.collections]
    sets = collections(atlas, services.settings.data_dir, services.gene_sets, names, services.orthologs.own)
    return enrichment(ranking, sets, params.options)


def score_of(services: Services, atlas: Atlas, ranking: Ranking, found: tuple[str, str]) -> RunningScore:
    """Compute the running score of one set, given as collection and name; see `core.analysis.enrichment.curve`."""
    [collection] = collections(atlas, services.settings.data_dir, services.gene_sets, found[:1], services.orthologs.own)
    return curve(ranking, collection, found[1])


def activities(services: Services, atlas: Atlas, params: ActivityParams, ranking: Ranking) -> pa.Table:
    """Compute activities, or list the targets of one source."""
    found = _network(services, atlas, params.network.name)
    return targets(ranking, found, params.targets_of) if params.targets_of else activity(ranking, found, params.options)


def of_enrichment(
    atlas: Atlas, params: EnrichmentParams, table: pa.Table, *, listed: GeneList | None = None
) -> Provenance:
    """Provenance of an enrichment: source of the genes, universe, thresholds, collections, methods.

    `listed` is the pasted list, where there is one: its aliases and the names that are no gene here are told.
    """
    facts, options = facts_of(table), params.options
    sizes = facts.pop("sets")
    thresholds = {"fdr": options.fdr, "min_change": options.min_change}
    return {
        **_of_source(atlas, params.source),
        **(of_list(listed) if listed else {}),
        "method": options.method,
        **(thresholds if options.method == "ora" else {"seed": options.seed}),
        "min_size": options.min_size,
        "max_size": options.max_size,
        **facts,
        "collections": [{**each.provenance(), **sizes[each.name]} for each in params.collections],
        "methods": enrichment_methods(params, table),
        "software": _software(params),
    }


def of_activity(atlas: Atlas, params: ActivityParams, table: pa.Table) -> Provenance:
    """Provenance of activities: source of the genes, network, model, methods."""
    return {
        **_of_source(atlas, params.source),
        "model": params.options.model,
        "min_targets": params.options.min_targets,
        **({"source": params.targets_of} if params.targets_of else {}),
        **({"alias": params.found_by} if params.found_by else {}),
        **n_genes_of(table),
        "network": params.network.provenance(),
        "methods": activity_methods(params, table),
        "software": software("numpy", "scipy"),
    }


def enrichment_methods(params: EnrichmentParams, table: pa.Table) -> str:
    """Describe an enrichment for the methods of a paper."""
    facts, options = facts_of(table), params.options
    sets = " ".join(each.sentence for each in params.collections)
    if options.method == "ora":
        how = (
            f"Over-representation of gene sets in {_lists(params, facts)} was tested by the hypergeometric distribution"
        )
    else:
        how = (
            f"Genes were ranked by their statistic, and gene sets tested by preranked GSEA with adaptive multilevel "
            f"splitting (fgsea's algorithm in {SOFTWARE}, seed {options.seed})"
        )
    return (
        f"{how}; the universe is the {facts['n_genes']:,} genes tested, and sets of {options.min_size:,} to "
        f"{options.largest(facts['n_genes']):,} of them were used. P values were adjusted by Benjamini and Hochberg "
        f"within each collection{' and direction' if options.method == 'ora' else ''}. Gene sets: {sets} "
        f"{with_versions(_software(params))}"
    )


def _software(params: EnrichmentParams) -> dict[str, str]:
    return software("numpy", "scipy", *((SOFTWARE,) if params.options.method == "gsea" else ()))


def _lists(params: EnrichmentParams, facts: Mapping[str, int]) -> str:
    """Name the lists of genes of an over-representation."""
    options, of_list = params.options, " of a list" if isinstance(params.source, ListedSource) else ""
    if isinstance(params.source, ListSource):
        return "a list of genes"
    if isinstance(params.source, QuadrantSource):
        return f"the orthologs that are {params.source.quadrant}"
    thresholds = (
        ""
        if of_list
        else f" (adjusted p of at most {options.fdr:g}, |log2 fold change| of at least {options.min_change:g})"
    )
    return (
        f"the {facts['n_up']:,} genes{of_list} that are higher and, by themselves, the {facts['n_down']:,} that are "
        f"lower{thresholds}"
    )


def activity_methods(params: ActivityParams, table: pa.Table) -> str:
    """Describe activities for the methods of a paper."""
    return (
        f"The activity of each source of the network was estimated by {_MODELS[params.options.model]}, over the "
        f"{n_genes_of(table)['n_genes']:,} genes tested and for sources with at least {params.options.min_targets} "
        f"targets among them. P values were adjusted by Benjamini and Hochberg. Network: {params.network.sentence} "
        f"{with_versions(software('numpy', 'scipy'))}"
    )


def _network(services: Services, atlas: Atlas, name: str) -> Network:
    species, data = species_of(atlas), services.settings.data_dir
    if species is None:
        raise NotFound(f"The species of {atlas.id} is not known, and no network fits it.", "Import it with --species.")
    known = networks(data, species)
    if known and name not in known:
        raise NotFound(f"There is no network {name[:60]!r} for {species}.", f"There are: {', '.join(known)}.")
    return network(data, name, species, services.orthologs.own).in_atlas(atlas.genes, services.orthologs.names)


def _of_source(atlas: Atlas, source: GeneSource) -> Provenance:
    head = of_atlas(atlas.manifest)
    if isinstance(source, ListedSource):
        listed = {"genes_of": "a list among the genes that were tested", "genes": list(source.genes)}
        return {**_of_source(atlas, source.differences), **listed}
    if isinstance(source, DifferencesParams):
        kept = [row for row in report(atlas, source).samples if not row.why]
        return {
            **head,
            "genes_of": "differences between samples (pseudobulk)",
            "selection": source.design.units.selection.words(),
            **design_facts_of(source.design),
            "cell_type_column": source.by_type,
            "cell_type": source.cell_type,
            "engine": NAMES[source.engine],
            "n_a": sum(row.side == A for row in kept),
            "n_b": sum(row.side == B for row in kept),
            "n_cells": sum(row.n_cells for row in kept),
        }
    if isinstance(source, MarkerSource):
        return {
            **head,
            "genes_of": f"markers of {source.category}",
            "by": getattr(source.params, "by", ""),
            "category": source.category,
            "ranked_by": METHOD,
            "warning": NOT_REPLICATES,
        }
    if isinstance(source, QuadrantSource):
        asked = source.params
        return {
            **head,
            "genes_of": f"orthologs that are {source.quadrant} and agree, are opposite or differ",
            **asked.second.provenance(),
            **design_facts_of(asked.differences.design),
            "cell_type": asked.differences.cell_type,
            "contrast_2": design_facts_of(asked.differences_2.design),
            "cell_type_2": asked.differences_2.cell_type,
        }
    if isinstance(source, FileSource):
        return {**head, "genes_of": f"the file {source.name}", "ranking_sha256": source.sha256}
    return {**head, "genes_of": "a list", "genes": list(source.genes)}
