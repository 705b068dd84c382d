"""Enrichment and activity in the address of the page Differences: which sets, which test, which network."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from core.analysis.activity import DEFAULT as DEFAULT_NETWORK
from core.analysis.count_engines import TREND
from core.analysis.enrichment import DOWN, MAX_SIZE, METHODS, MIN_SIZE, UP, EnrichmentOptions
from core.analysis.set_collections import DEFAULT as DEFAULT_COLLECTION
from core.analysis.set_collections import files, named
from core.errors import InvalidQuery
from core.genes.orthologs import species_of
from core.genes.references import titles
from core.views import resolve as shared
from core.views.resolve import Problem

if TYPE_CHECKING:
    from core.atlas.store import Atlas
    from core.services.container import Services
    from core.urls.page_queries import DifferencesQuery

ORA, GSEA = METHODS
DIRECTIONS: Final = (UP, DOWN)
# Numbers of an enrichment, with what they are unless given.
NUMBERS: Final = {"min_size": MIN_SIZE, "max_size": MAX_SIZE, "seed": 1}


def collections_of(services: Services, atlas: Atlas) -> dict[str, str]:
    """List the collections of gene sets for an atlas by name, with their titles; those of mounted files last."""
    species = species_of(atlas)
    fetched = titles(services.settings.data_dir, "gene_sets", species) if species else {}
    mounted = {name: f"{name.partition(':')[2]}.gmt" for name in files(services.gene_sets)}
    return {**dict(sorted(fetched.items(), key=lambda pair: pair[0] != DEFAULT_COLLECTION)), **mounted}


def networks_of(services: Services, atlas: Atlas) -> dict[str, str]:
    """List the networks for an atlas by name, with their titles."""
    species = species_of(atlas)
    found = titles(services.settings.data_dir, "network", species) if species else {}
    return dict(sorted(found.items(), key=lambda pair: pair[0] != DEFAULT_NETWORK))


def resolved(services: Services, atlas: Atlas, query: DifferencesQuery, problems: list[Problem]) -> DifferencesQuery:
    """Resolve the parameters of enrichment and activity; names of sets and sources are checked when they are read.

    Without any reference data, the names of collections and networks stay as they are: the error of the computation
    says what to run.
    """
    known = collections_of(services, atlas)
    given = named(query.collection)
    chosen = [name for name in given if name in known] if known else given
    problems += [
        Problem(f"There is no collection of gene sets {name[:60]!r} for {atlas.id}. It is left out.")
        for name in given
        if name not in chosen
    ]
    chosen = chosen or list(known)[:1]
    if query.gene_set and not set_of(query.gene_set, chosen):
        problems.append(Problem(f"{query.gene_set[:80]!r} is not in {', '.join(chosen)}. The first set is shown."))
        query = query.but(gene_set="")
    test = shared.one_of(list(METHODS), query.test, ORA, lambda name: query.but(test=name), problems, "a test {}")
    direction = shared.one_of(
        list(DIRECTIONS), query.direction, "", lambda name: query.but(direction=name), problems, "a direction {}"
    )
    networks = list(networks_of(services, atlas))
    network = query.network
    if networks:
        network = shared.one_of(
            networks, network, networks[0], lambda name: query.but(network=name), problems, "a network {} here"
        )
    query = query.but(collection=",".join(chosen), test=test, direction=direction, network=network)
    return _numbers(query, problems)


def options_of(query: DifferencesQuery) -> EnrichmentOptions:
    """Make the options of an enrichment from a resolved query."""
    numbers = {name: int(getattr(query, name)) for name in NUMBERS}
    return EnrichmentOptions.of(query.test, fdr=float(query.fdr), min_change=float(query.min_change), **numbers)


def engine_of(query: DifferencesQuery) -> str:
    """Return the engine of the differences for an address of the API; empty for the usual one."""
    return "" if query.method == TREND else query.method


def set_of(gene_set: str, chosen: list[str]) -> tuple[str, str] | None:
    """Split a set of an address into collection and name; None where its collection is not chosen."""
    return next(((name, gene_set.removeprefix(f"{name}/")) for name in chosen if gene_set.startswith(f"{name}/")), None)


def defaults_left_out(query: DifferencesQuery) -> dict[str, str]:
    """Return the parameters of enrichment and activity, empty where they are the default."""
    usual = {**{name: str(value) for name, value in NUMBERS.items()}, "test": ORA}
    usual |= {"collection": DEFAULT_COLLECTION, "network": DEFAULT_NETWORK}
    return {name: "" if getattr(query, name) == value else getattr(query, name) for name, value in usual.items()}


def _numbers(query: DifferencesQuery, problems: list[Problem]) -> DifferencesQuery:
    """Replace numbers that cannot be used by the usual ones."""
    usual = {name: str(value) for name, value in NUMBERS.items()}
    for name, default in usual.items():
        text = str(getattr(query, name)).strip() or default
        if not (text.isascii() and text.isdigit()):
            problems.append(Problem(f"{name}={text[:40]!r} is not a whole number. {default} is used instead."))
            text = default
        query = query.but(**{name: str(int(text[:12]))})
    try:
        # Checks the seed as well, whatever the test: the other is one click away.
        options_of(query.but(test=GSEA))
    except InvalidQuery as error:
        problems.append(Problem(f"{error.message} The usual numbers are used.", error.remedy))
        return query.but(**usual)
    return query
