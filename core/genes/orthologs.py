"""Orthologs of a gene in other species, without a network.

The program includes a small table, that of the demo; ``MASLDATLAS_ORTHOLOGS`` names a larger one. Both tables are
used: a paralog that only one of them lists is still a paralog.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, permutations, product
from typing import TYPE_CHECKING, TypeAlias

from core.errors import AtlasError, InvalidSettings
from core.genes.ortholog_table import ORTHOLOGS, SPECIES, Species
from core.genes.species import guess_species, spelled_like

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from core.atlas.store import Atlas

Row: TypeAlias = "Mapping[Species, str]"


class Orthologs:
    """A table of orthologs.

    Parameters
    ----------
    rows
        Symbols that belong together, by species; one that is empty or left out says nothing. Paralogs have a row each.
    """

    def __init__(self, rows: Iterable[Row]) -> None:
        # Dictionaries for sets that keep the order of the table.
        self._links: dict[tuple[Species, Species], dict[str, dict[str, None]]] = defaultdict(dict)
        self._spelled: dict[Species, dict[str, dict[str, None]]] = {species: {} for species in SPECIES}
        for row in rows:
            given: list[tuple[Species, str]] = [
                (species, symbol) for species in SPECIES if (symbol := row.get(species, ""))
            ]
            for species, symbol in given:
                self._spelled[species].setdefault(symbol.casefold(), {})[symbol] = None
            for (source, symbol), (target, other) in permutations(given, 2):
                self._links[source, target].setdefault(symbol, {})[other] = None

    def of(self, gene: str, source: Species, target: Species) -> tuple[str, ...]:
        """Every ortholog of a gene in another species, in the order of the table; empty where none is known.

        A gene that the table spells otherwise is found whatever its case.
        """
        links = self._links[source, target] if source != target else {}
        return tuple(dict.fromkeys(other for symbol in self._names(gene, source) for other in links.get(symbol, ())))

    def knows(self, gene: str, species: Species, *, exactly: bool = False) -> bool:
        """Tell whether this is a gene of that species, with or without orthologs."""
        return gene in self._names(gene, species) if exactly else bool(self._names(gene, species))

    def _names(self, gene: str, species: Species) -> tuple[str, ...]:
        known = self._spelled[species].get(gene.casefold(), {})
        return (gene,) if gene in known else tuple(known)


@dataclass(frozen=True)
class Counterparts:
    """Counterparts in an atlas of a gene of another species.

    Attributes
    ----------
    species
        Whose genes the atlas has; None where that is not one of those in the table.
    here
        Its orthologs by their display names in the atlas.
    absent
        Further orthologs, which the atlas does not have.
    known
        Whether any table knows the gene at all.
    """

    species: Species | None
    here: tuple[str, ...]
    absent: tuple[str, ...]
    known: bool

    @property
    def n(self) -> int:
        """Number of known orthologs."""
        return len(self.here) + len(self.absent)


def counterparts(atlas: Atlas, gene: str, orthologs: Orthologs) -> Counterparts:
    """Find a gene of any other species in an atlas by its orthologs."""
    target = species_of(atlas)
    sources = _species_of_gene(gene, target, orthologs) if target else []
    here: dict[str, None] = {}
    absent: dict[str, None] = {}
    for source in sources:
        for name in orthologs.of(gene, source, target) if target else ():
            try:
                here[atlas.genes.names[atlas.genes.resolve(name)]] = None
            except AtlasError:
                absent[name] = None
    return Counterparts(target, tuple(here), tuple(absent), bool(sources))


def _species_of_gene(gene: str, target: Species, orthologs: Orthologs) -> list[Species]:
    """Return the other species whose gene this is; none when the target has a gene of that name as well.

    ALB is a human gene and Alb one of mice; other spellings are searched regardless of case.
    """
    for exactly in (True, False):
        known: list[Species] = [species for species in SPECIES if orthologs.knows(gene, species, exactly=exactly)]
        if known:
            return [] if target in known else known
    return []


def absence(gene: str, found: Counterparts) -> str:
    """Explain in a sentence why a gene of another species is not in an atlas; empty when no table knows the gene."""
    if not found.known:
        return ""
    if not found.absent:
        return f"{gene} has no ortholog known here in {found.species}."
    names = ", ".join(found.absent)
    subject, verb = ("Its known ortholog", "is") if found.n == 1 else ("Its known orthologs", "are")
    return f"{subject} in {found.species}, {names}, {verb} not in this atlas."


def species_of(atlas: Atlas) -> Species | None:
    """Return the species of an atlas' genes; of an integrated atlas, the species whose spelling they have."""
    species, genes = atlas.manifest.species, atlas.genes
    if species == "integrated":
        return _one_of(spelled_like(genes.ids))
    return _one_of(species) or _one_of(guess_species((), genes.ids, genes.names).species)


@lru_cache(maxsize=1)
def built_in() -> Orthologs:
    """Return the table that comes with the program."""
    return Orthologs(_built_in_rows())


def read_orthologs(path: Path) -> Orthologs:
    """Read the table of a CSV file, followed by the table that comes with the program.

    The file has a row for each pair or triple of orthologs, and at least two of the columns ``human``, ``mouse`` and
    ``zebrafish``; any others are ignored.

    Raises
    ------
    InvalidSettings
        It cannot be read, or is no such table.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            lines = csv.DictReader(file, strict=True)
            columns: list[Species] = [species for species in SPECIES if species in (lines.fieldnames or ())]
            if len(columns) < 2:  # noqa: PLR2004 - it takes two to be orthologs
                raise InvalidSettings(
                    f"MASLDATLAS_ORTHOLOGS is {str(path)!r}, which needs two of the columns {', '.join(SPECIES)}."
                )
            rows: list[Row] = [{species: str(line[species] or "").strip() for species in columns} for line in lines]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error).splitlines()[0]
        raise InvalidSettings(f"MASLDATLAS_ORTHOLOGS is {str(path)!r}, which cannot be read ({reason}).") from error
    return Orthologs(chain(rows, _built_in_rows()))


def _built_in_rows() -> Iterator[Row]:
    for human, others in ORTHOLOGS.items():
        for mouse, zebrafish in product(others["mouse"] or ("",), others["zebrafish"] or ("",)):
            yield {"human": human, "mouse": mouse, "zebrafish": zebrafish}


def _one_of(name: str) -> Species | None:
    return next((species for species in SPECIES if species == name), None)
