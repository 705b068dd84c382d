"""A gene with its orthologs in other species and its paralogs in its own, and the atlases that have each of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

import pyarrow as pa

from core.atlas.spelling import cleaned
from core.errors import AtlasError, UnknownGene
from core.genes.aliases import explained, symbols_of
from core.genes.ortholog_table import SPECIES
from core.genes.orthologs import Relation, species_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from core.atlas.catalog import Catalog
    from core.atlas.store import Atlas
    from core.genes.ortholog_table import Species
    from core.genes.orthologs import Orthologs
    from core.services.container import Services
    from core.services.provenance import Provenance

COLUMNS: Final = ("species", "gene", "id", "relation", "evidence", "datasets")
SELF, PARALOG, NONE = "gene", "paralog", "none"
MAX_NAMES: Final = 5


@dataclass(frozen=True)
class NamedGene:
    """A gene of one species, and what was made of the text that names it; `note` is empty where it is spelled so."""

    gene: str
    species: Species
    note: str = ""


@dataclass(frozen=True)
class Member:
    """A gene of a family, or the word that a species has none that is known.

    Attributes
    ----------
    gene, id : symbol and id; empty where none is known
    relation : ``gene`` for the gene itself, ``1:1``, ``1:n``, ``n:1`` or ``n:m`` for an ortholog, ``paralog`` for a
        gene of the same species that has an ortholog in common with it, ``none`` where no ortholog is known
    evidence : sources and what they say, or in words why there is none
    here : atlases that have it, each with the name that it has there
    """

    species: Species
    gene: str
    id: str
    relation: Literal["gene", "1:1", "1:n", "n:1", "n:m", "paralog", "none"] | str
    evidence: str
    here: tuple[tuple[str, str], ...] = ()


def named_gene(services: Services, text: str, species: str = "", prefer: str = "") -> NamedGene:
    """Find the gene that a text names, and the species whose gene it is; no name is spelled otherwise to find one.

    A gene that some species spells exactly so counts before other names, and these before names in another case. Where
    several species spell a gene alike, `prefer` counts first.

    Parameters
    ----------
    species
        Whose gene it is; empty for any.
    prefer
        The species that is looked at first.

    Raises
    ------
    UnknownGene
        No table and no atlas knows it, or it is another name of several genes.
    """
    name = cleaned(text)
    order: list[Species] = [each for each in SPECIES if species in ("", each)]
    order.sort(key=lambda each: each != prefer)
    known = services.orthologs
    for each in order:
        if known.knows(name, each, exactly=True) or _has(services.catalog, name, each):
            return NamedGene(name, each)
    for each in order:
        symbols = symbols_of(name, known.names) if each == "human" else known.names.symbols(name, each)
        if len(symbols) > 1:
            raise UnknownGene(explained(name, known.names), f"Use one of {', '.join(symbols)}.", suggestions=symbols)
        if symbols:
            return NamedGene(symbols[0], each, f"{name} is another name of the {each} gene {symbols[0]}.")
    for each in order:
        found = known.spelled(name, each) or _resolved(services.catalog, name, each)
        if found:
            return NamedGene(found, each, f"{name} is shown as the {each} gene {found}.")
    whose = f"a known {species} gene" if species else "a known gene of human, mouse or zebrafish"
    near = _near(services.catalog, name)
    remedy = f"Did you mean {', '.join(near)}?" if near else "Check the spelling, or run: masldatlas references fetch."
    raise UnknownGene(f'"{name[:80]}" is not {whose}.', remedy, suggestions=near)


def family(services: Services, named: NamedGene) -> list[Member]:
    """List the gene, its paralogs in its own species, and its orthologs in the other species.

    The gene comes first. A species without a known ortholog has one `Member` that says so.
    """
    known, gene, species = services.orthologs, named.gene, named.species
    opened = list(_opened(services.catalog))
    own = Relation(species, gene, _id(known, opened, gene, species), SELF, "")
    try:
        relations = known.relations(gene, species)
    except UnknownGene:
        sources = ", ".join(dict.fromkeys(known.source(each) for each in SPECIES if each != "human"))
        why = f"{gene} is in an atlas, but no table of orthologs has it ({sources})."
        relations = [Relation(each, "", "", NONE, why) for each in SPECIES if each != species]
    paralogs = _paralogs(known, gene, species)
    siblings = [
        Relation(species, each, _id(known, opened, each, species), PARALOG, why) for each, why in paralogs.items()
    ]
    return [
        Member(each.species, each.gene, each.id, each.relation, each.evidence, _here(opened, each))
        for each in (own, *siblings, *relations)
    ]


def table_of(members: list[Member]) -> pa.Table:
    """Make the table of a family.

    Returns
    -------
    Columns ``species``, ``gene``, ``id``, ``relation``, ``evidence`` and ``datasets``, all text: a row for each
    `Member`; `datasets` are the ids of the atlases that have it, separated by blanks.
    """
    rows = [
        {
            **{name: getattr(each, name) for name in COLUMNS[:-1]},
            "datasets": " ".join(atlas for atlas, _ in each.here),
        }
        for each in members
    ]
    return pa.Table.from_pylist(rows, pa.schema([(name, pa.string()) for name in COLUMNS]))


def family_table(services: Services, gene: str, species: str = "") -> tuple[pa.Table, Provenance]:
    """Return the family of a gene as a table, and where it is from; see `named_gene` for the exceptions."""
    named = named_gene(services, gene, species)
    known = services.orthologs
    sources = {each: known.source(each) for each in SPECIES if each != "human"}
    note = {"aliases": [named.note]} if named.note else {}
    found = table_of(family(services, named))
    return found, {"gene": named.gene, "species": named.species, **note, "sources": sources}


def name_in(atlas: Atlas, gene: str) -> str:
    """Return the name that a gene of its species has in an atlas: by symbol, whatever the case; empty for none."""
    try:
        return atlas.genes.names[atlas.genes.resolve(gene, other=False)]
    except AtlasError:  # no such gene, or several of that name
        return ""


def _paralogs(known: Orthologs, gene: str, species: Species) -> dict[str, str]:
    """Return the genes of the same species that have an ortholog in common with a gene, each with that ortholog."""
    found: dict[str, list[str]] = {}
    for target in SPECIES:
        for other in known.of(gene, species, target):
            for sibling in known.of(other, target, species):
                if sibling != gene:
                    found.setdefault(sibling, []).append(f"{other} ({target})")
    return {each: f"has in common with {gene} the ortholog {', '.join(shared)}" for each, shared in found.items()}


def _id(known: Orthologs, opened: list[tuple[Atlas, Species]], gene: str, species: Species) -> str:
    """Return the Ensembl id of a gene by the fetched names, else by an atlas that has one; empty for none."""
    if found := known.names.id_of(gene, species):
        return found
    for atlas, of in opened:
        if of == species and (name := name_in(atlas, gene)) and atlas.genes.id_of(name).startswith("ENS"):
            return atlas.genes.id_of(name)
    return ""


def _here(opened: list[tuple[Atlas, Species]], relation: Relation) -> tuple[tuple[str, str], ...]:
    if not relation.gene:
        return ()
    names = [(atlas.id, name_in(atlas, relation.gene)) for atlas, of in opened if of == relation.species]
    return tuple(pair for pair in names if pair[1])


def _opened(catalog: Catalog) -> Iterator[tuple[Atlas, Species]]:
    """Open the atlases of known species; those that cannot be read are passed over."""
    for manifest in catalog.manifests():
        try:
            atlas = catalog.get(manifest.id)
        except AtlasError:
            continue
        species = species_of(atlas)
        if species is not None:
            yield atlas, species


def _has(catalog: Catalog, name: str, species: Species) -> bool:
    return any(of == species and atlas.genes.spelled(name) for atlas, of in _opened(catalog))


def _resolved(catalog: Catalog, name: str, species: Species) -> str:
    found = (name_in(atlas, name) for atlas, of in _opened(catalog) if of == species)
    return next(filter(None, found), "")


def _near(catalog: Catalog, name: str) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for atlas, _ in _opened(catalog):
        found |= dict.fromkeys(atlas.genes.suggest(name))
    return tuple(found)[:MAX_NAMES]
