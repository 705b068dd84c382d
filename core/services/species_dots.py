"""Dot plot across species: which genes stand in which row, and the numbers from the cache or the atlases."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.analysis.provenance import of_atlas
from core.analysis.species_dots import OWN_ROWS, GeneRow, SpeciesDotsParams, TypeRow, species_dots
from core.analysis.type_profiles import ProfileParams, profiles
from core.errors import InvalidQuery, UnknownGene
from core.genes.orthologs import species_of
from core.services.gene_family import NONE, PARALOG, SELF, family, named_gene

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa

    from core.atlas.store import Atlas
    from core.cache.cache import Cached
    from core.genes.ortholog_table import Species
    from core.services.cell_types import Matching
    from core.services.container import Services
    from core.services.gene_family import Member, NamedGene
    from core.services.provenance import Provenance

MAX_GENES = 100
MAX_ROWS = 20_000


def gene_rows(services: Services, named: NamedGene, atlases: Sequence[Atlas]) -> list[GeneRow]:
    """Lay the family of a gene out in rows: the gene beside its only ortholog in each species, paralogs by themselves.

    A species that has several orthologs of the gene gives each of them a row of its own, and none stands beside the
    gene: which of them does what the gene does is not known.
    """
    members = family(services, named)
    species = {atlas.id: species_of(atlas) for atlas in atlases}
    beside: list[Member] = []
    alone: list[Member] = []
    for each in dict.fromkeys(member.species for member in members):
        known = [member for member in members if member.species == each and member.relation not in (NONE, PARALOG)]
        (beside if len(known) == 1 else alone).extend(known)
        alone += [member for member in members if member.species == each and member.relation == PARALOG]
    symbols = _symbols(beside, atlases)
    rows = [
        GeneRow(
            named.gene,
            " / ".join(dict.fromkeys([named.gene, *(name for _, name in symbols)])),
            symbols,
            tuple(
                (atlas.id, _why(named, members, species[atlas.id], atlas))
                for atlas in atlases
                if atlas.id not in dict(symbols)
            ),
        )
    ]
    single = [GeneRow(named.gene, member.gene, _symbols([member], atlases)) for member in alone]
    return [*rows, *(row for row in single if row.symbols)]


def _symbols(members: Sequence[Member], atlases: Sequence[Atlas]) -> tuple[tuple[str, str], ...]:
    here = {atlas: name for member in members for atlas, name in member.here}
    return tuple((atlas.id, here[atlas.id]) for atlas in atlases if atlas.id in here)


def _why(named: NamedGene, members: Sequence[Member], species: str | None, atlas: Atlas) -> str:
    """Say why an atlas has no gene beside the one that was asked for."""
    if species is None:
        return f"The species of {atlas.id} is not one of human, mouse and zebrafish."
    those = [member for member in members if member.species == species and member.relation not in (NONE, PARALOG)]
    if not those:
        return next(
            (member.evidence for member in members if member.species == species and member.relation == NONE),
            f"No {species} ortholog of {named.gene} is known.",
        )
    if len(those) > 1:
        return f"{named.gene} has {len(those)} orthologs in {species}; {OWN_ROWS}"
    if those[0].relation == SELF:
        return f"{atlas.id} has no gene {named.gene}."
    return f"The {species} ortholog of {named.gene}, {those[0].gene}, is not in {atlas.id}."


def params_of(
    services: Services, genes: Sequence[NamedGene], atlases: Sequence[Atlas], matching: Matching
) -> SpeciesDotsParams:
    """Make the parameters of the dot plot.

    Raises
    ------
    InvalidQuery
        No cell type matches, or there are too many genes or rows.
    """
    if not matching.rows:
        raise InvalidQuery(
            f"No cell type of {matching.reference} matches one of another atlas.",
            "Choose another atlas to compare, or set matches under Cell types.",
        )
    if len(genes) > MAX_GENES:
        raise InvalidQuery(f"The list has {len(genes):,} genes; {MAX_GENES} are compared at most.", "Give fewer.")
    rows = tuple(row for named in dict.fromkeys(genes) for row in gene_rows(services, named, atlases))
    n = len(rows) * len(matching.rows) * len(atlases)
    if n > MAX_ROWS:
        raise InvalidQuery(f"These genes make {n:,} dots; {MAX_ROWS:,} are drawn at most.", "Give fewer genes.")
    types = tuple(
        TypeRow(
            name,
            tuple((atlas.id, matching.of(name, atlas.id).types) for atlas in atlases),
            tuple((atlas.id, matching.how(name, atlas.id)) for atlas in atlases),
        )
        for name in matching.rows
    )
    return SpeciesDotsParams(tuple((atlas.id, atlas.manifest.content_hash) for atlas in atlases), rows, types)


def named_list(services: Services, names: Sequence[str], prefer: str) -> tuple[list[NamedGene], list[tuple[str, str]]]:
    """Find the genes of a list, and the names that none has, each with a sentence."""
    found: list[NamedGene] = []
    missing: list[tuple[str, str]] = []
    for name in names:
        try:
            found.append(named_gene(services, name, prefer=prefer))
        except UnknownGene as error:
            missing.append((name, error.message))
    return found, missing


def answer(services: Services, atlases: Sequence[Atlas], params: SpeciesDotsParams) -> Cached[pa.Table]:
    """Return the table of `core.analysis.species_dots.species_dots` from the cache, or compute it."""
    opened = {atlas.id: atlas for atlas in atlases}
    reference = params.atlases[0][1]
    return services.cache.memo(
        "species_dots", reference, params, lambda: species_dots(params, opened, lambda atlas: profile(services, atlas))
    )


def profile(services: Services, atlas: Atlas) -> pa.Table:
    """Return the profiles of all genes in the cell types of an atlas, from the cache or computed."""
    params = ProfileParams(atlas.manifest.roles["cell_type"])
    return services.cache.memo(
        "type_profiles", atlas.manifest.content_hash, params, lambda: profiles(atlas, params, services.workers)
    ).value


def provenance_of(
    services: Services, atlases: Sequence[Atlas], genes: Sequence[NamedGene], matching: Matching
) -> Provenance:
    """Describe the data of a dot plot: atlases, genes, the orthologs and how cell types were matched."""
    species: dict[Species, None] = dict.fromkeys(
        each for each in map(species_of, atlases) if each is not None and each != "human"
    )
    return {
        "datasets": [of_atlas(atlas.manifest) for atlas in atlases],
        "simulated": any(atlas.manifest.simulated for atlas in atlases),
        "genes": [f"{named.gene} ({named.species})" for named in genes],
        "orthologs": {each: services.orthologs.source(each) for each in species},
        "matching": matching.sentence,
    }
