"""State of the page Species, resolved from an address, and the problems of the address."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from core.analysis.cell_type_matching import Edit, read_edits, write_edits
from core.errors import AtlasError, NotFound
from core.genes.examples import example_gene
from core.genes.lists import canonical as canonical_list
from core.genes.ortholog_table import SPECIES
from core.genes.orthologs import species_of
from core.selection.model import Selection
from core.services.cell_types import Matching, checked, matching, types_of
from core.services.gene_family import NamedGene, named_gene
from core.urls.figure_specs import FIGURES
from core.urls.page_queries import NO_OTHERS, SpeciesQuery
from core.urls.permalinks import changed, digests_of
from core.views import resolve as shared
from core.views.resolve import MAX_CHOICES, Problem, is_liver
from core.views.species.pair_query import of_pair
from core.views.view import PageView

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from core.atlas.catalog import Catalog
    from core.atlas.manifest import Manifest
    from core.atlas.store import Atlas
    from core.services.container import Services

# In the order of the page; the modules of a tab are pages/_species_<key>.py and callbacks/species/<key>.py.
TABS = ("card", "dots", "types", "auroc", "concordance", "conserved")
# Those that show one of the others.
PAIR_TABS = TABS[3:]
# Beside the reference.
MAX_OTHERS = 5


@dataclass(frozen=True)
class SpeciesView(PageView):
    """State of the page Species; `others` and `match` of its query are canonical, `gene` and `species` are known.

    The other atlases are opened when they are asked for, so that a state that is kept pins none of them.
    """

    query: SpeciesQuery
    services: Services = field(compare=False, repr=False)

    @property
    def state(self) -> str:
        """Canonical address, without the default tab."""
        return self.query.but(tab="" if self.query.tab == TABS[0] else self.query.tab).search()

    @property
    def gene(self) -> NamedGene:
        """The gene and its species."""
        return NamedGene(self.query.gene, next(each for each in SPECIES if each == self.query.species))

    @property
    def others(self) -> tuple[Atlas, ...]:
        """The atlases beside the reference; raises an `AtlasError` where one has gone since."""
        return tuple(self.services.catalog.get(name) for name in self.query.beside)

    @property
    def matching(self) -> Matching:
        """Cell types that match; raises InvalidQuery where the reference has no cell types."""
        return matching(self.atlas, self.others, read_edits(self.query.match))


def resolve(services: Services, search: str) -> tuple[SpeciesView | None, list[Problem]]:
    """Resolve an address; defaults replace what is missing or invalid."""
    query, problems = shared.read(SpeciesQuery, search)
    atlas = shared.atlas_of(services.catalog, query, problems)
    if atlas is None:
        return None, problems
    linked = FIGURES.get(shared.linked(atlas, search, problems))
    query = query.but(atlas=atlas.id, tab=linked.tab if linked and linked.tab in TABS else query.tab)
    if not query.selection.is_all:
        problems.append(Problem("Filters do not apply on this page: all cells are compared.", harmless=True))
        query = query.but(selection=Selection())
    named = query.beside
    query = query.but(others=_others(services.catalog, atlas, query, problems))
    query = query.but(match=_match(services.catalog, atlas, query, problems), genes=canonical_list(query.genes))
    query = _gene(services, atlas, query, problems)
    query = of_pair(services, atlas, query, problems)
    shown = [query.second or query.beside[0]] if query.beside and linked and linked.tab in PAIR_TABS else query.beside
    problems += _changed(services.catalog, zip(named, digests_of(search)[1:], strict=False), shown)
    query = query.but(
        tab=shared.one_of(list(TABS), query.tab, TABS[0], lambda name: query.but(tab=name), problems, "a tab {}")
    )
    return SpeciesView(atlas, query, services), problems


def comparable(catalog: Catalog, reference: Atlas) -> list[Manifest]:
    """List the atlases that can stand beside a reference, the nearest first: those with cell types.

    Near is what is of the liver as the reference is, or is not, as simulated or as real, and then large.
    """
    own = reference.manifest

    def rank(manifest: Manifest) -> tuple[bool, bool, int]:
        return is_liver(manifest) != is_liver(own), manifest.simulated != own.simulated, -manifest.n_cells

    found = [each for each in catalog.manifests() if each.id != own.id and "cell_type" in each.roles]
    return sorted(found, key=rank)


def others_by_default(catalog: Catalog, reference: Atlas) -> list[str]:
    """Return the nearest atlas of each species that is not that of the reference."""
    own = species_of(reference)
    nearest: dict[str, str] = {}
    for manifest in comparable(catalog, reference):
        if manifest.species in SPECIES and manifest.species != own and manifest.species not in nearest:
            try:
                types_of(catalog.get(manifest.id))
            except AtlasError:  # a damaged atlas is no default
                continue
            nearest[manifest.species] = manifest.id
    return [nearest[species] for species in SPECIES if species in nearest]


def content_beside(services: Services, atlas: str, others: str) -> str:
    """Return what changes with the content of the atlases beside a reference, and with the orthologs.

    Parameters
    ----------
    atlas, others : of the address; without others those that are shown by default

    Raises
    ------
    AtlasError
        One of the atlases is not there.
    """
    catalog = services.catalog
    names = SpeciesQuery(atlas, others=others).beside if others else others_by_default(catalog, catalog.get(atlas))
    hashes = [f"{name} {catalog.manifest(name).content_hash}" for name in names]
    return " ".join([*hashes, *(services.orthologs.source(species) for species in SPECIES)])


def _changed(catalog: Catalog, linked: Iterable[tuple[str, str]], shown: Sequence[str]) -> list[Problem]:
    """Say which of the atlases beside the reference have changed since a link was made."""
    notes = [changed(digest, catalog.manifest(name)) for name, digest in linked if name in shown]
    return [Problem(note, harmless=True) for note in notes if note]


def _others(catalog: Catalog, atlas: Atlas, query: SpeciesQuery, problems: list[Problem]) -> str:
    """Return the others in canonical form: what is not there is left out."""
    default = others_by_default(catalog, atlas)
    if not query.others:
        return ",".join(default)
    kept: list[str] = []
    named = [name for name in query.beside if name != atlas.id]
    if not named:
        return NO_OTHERS if default else ""
    for name in named:
        try:
            types_of(catalog.get(name))
            kept.append(name)
        except AtlasError as error:
            near = error.suggestions if isinstance(error, NotFound) else ()
            choices = tuple(
                (each, query.but(others=",".join(each if other == name else other for other in named)).address)
                for each in near[:MAX_CHOICES]
            )
            problems.append(Problem(f"{error.message} It is left out.", "" if choices else error.remedy, choices))
    if len(kept) > MAX_OTHERS:
        problems.append(Problem(f"{len(kept)} atlases are named beside {atlas.id}; the first {MAX_OTHERS} are shown."))
    return ",".join(kept[:MAX_OTHERS]) or (NO_OTHERS if default else "")


def _match(catalog: Catalog, atlas: Atlas, query: SpeciesQuery, problems: list[Problem]) -> str:
    """Return the edits that are valid, in canonical form; what the names say anyway is kept too."""
    if not query.match:
        return ""
    others = [catalog.get(name) for name in query.beside]
    try:
        edits = read_edits(query.match)
    except AtlasError as error:
        problems.append(Problem(f"{error.message} No match is edited.", error.remedy))
        return ""
    kept: list[Edit] = []
    for edit in edits:
        try:
            kept += checked([edit], atlas, others)
        except AtlasError as error:
            problems.append(Problem(f"{error.message} This match is left out.", error.remedy))
    return write_edits(kept)


def _gene(services: Services, atlas: Atlas, query: SpeciesQuery, problems: list[Problem]) -> SpeciesQuery:
    """Name the gene and its species; an unknown one leaves nothing to draw."""
    own = species_of(atlas)
    if query.species and query.species not in SPECIES:
        problems.append(Problem(f"There are no orthologs of {query.species[:40]!r}.", f"Use {', '.join(SPECIES)}."))
        query = query.but(species="")
    try:
        found = named_gene(services, query.gene or example_gene(atlas), query.species, own or "")
    except AtlasError as error:
        near = error.suggestions if isinstance(error, NotFound) else ()
        choices = tuple((name, query.but(gene=name, species="").address) for name in near[:MAX_CHOICES])
        problems.append(Problem(error.message, "" if choices else error.remedy, choices, blocks=True))
        return query
    if found.note:
        problems.append(Problem(found.note, harmless=True))
    return query.but(gene=found.gene, species=found.species)
