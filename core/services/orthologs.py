"""Orthologs of a gene as a table with its provenance, for the API and the command line."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import pyarrow as pa

from core.atlas.spelling import cleaned
from core.errors import UnknownGene
from core.genes.aliases import explained, symbols_of
from core.genes.ortholog_table import SPECIES

if TYPE_CHECKING:
    from core.genes.ortholog_table import Species
    from core.services.container import Services
    from core.services.provenance import Provenance

COLUMNS = ("species", "gene", "id", "relation", "evidence")


def orthologs_of(services: Services, gene: str, species: Species) -> tuple[pa.Table, Provenance, str]:
    """Return the orthologs of a gene in the other species, where they are from, and what an alias stands for.

    Returns
    -------
    Columns ``species``, ``gene``, ``id``, ``relation`` and ``evidence``, all text: a row for each ortholog, and one
    with the relation ``none`` for a species in which none is known. See `core.genes.orthologs.Relation`.

    Raises
    ------
    UnknownGene
        No table knows such a gene of the species, or the name is an alias of several.
    """
    known, name, note = services.orthologs, cleaned(gene), ""
    names = known.names
    if not known.knows(name, species):
        symbols = symbols_of(name, names) if species == "human" else names.symbols(name, species)
        if len(symbols) > 1:
            raise UnknownGene(explained(name, names), f"Use one of {', '.join(symbols)}.", suggestions=symbols)
        if symbols:
            note = f"{name} is another name of {symbols[0]}." if species != "human" else explained(name, names)
            name = symbols[0]
    found = known.relations(name, species)
    table = pa.table({column: pa.array([asdict(each)[column] for each in found], pa.string()) for column in COLUMNS})
    sources = {each: known.source(each) for each in SPECIES if each != "human"}
    return table, {"gene": name, "species": species, **({"aliases": [note]} if note else {}), "sources": sources}, note
