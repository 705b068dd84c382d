"""Orthologs of a gene in other species, without a network.

`FetchedOrthologs` uses the relations of ZFIN, Ensembl and HCOP once ``masldatlas references fetch`` has put them there.
Until then the small table counts that comes with the program, that of the demo. A table of the operator
(``MASLDATLAS_ORTHOLOGS``) is used beside either: a paralog that only one of them lists is still a paralog.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, permutations, product
from threading import Lock
from typing import TYPE_CHECKING, TypeAlias

from core.errors import AtlasError, InvalidSettings, UnknownGene
from core.genes.names import NO_NAMES, Names, names_in
from core.genes.ortholog_relations import BUILT_IN, OWN, OwnRows, Pair, fetched, sources_of, with_own
from core.genes.ortholog_table import ORTHOLOGS, SPECIES, Species
from core.genes.reference_store import references, stamp
from core.genes.species import guess_species, spelled_like

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from core.atlas.store import Atlas

Row: TypeAlias = "Mapping[Species, str]"


@dataclass(frozen=True)
class Relation:
    """An ortholog of a gene, or the word that there is none.

    Attributes
    ----------
    species : of the ortholog
    gene, id : symbol and id; empty where no ortholog is known
    relation : ``1:1``, ``1:n``, ``n:1`` or ``n:m``, counted among the known orthologs of both; else ``none``
    evidence : sources, with what they say; in words where no ortholog is known
    """

    species: Species
    gene: str
    id: str
    relation: str
    evidence: str


class Orthologs:
    """A table of orthologs.

    Parameters
    ----------
    rows
        Symbols that belong together, by species; one that is empty or left out says nothing. Paralogs have a row each.
    by
        Where the rows are from, for people.
    """

    names: Names = NO_NAMES
    own: OwnRows = ()

    def __init__(self, rows: Iterable[Row], by: str = BUILT_IN) -> None:
        self._table = _Table(rows)
        self._by = by

    def of(self, gene: str, source: Species, target: Species) -> tuple[str, ...]:
        """Every ortholog of a gene in another species, in the order of the table; empty where none is known.

        A gene that the table spells otherwise is found whatever its case.
        """
        table = self._current()
        if source == target:
            return ()
        names = table.named(gene, source)
        return tuple(dict.fromkeys(other for name in names for other in table.of(name, source, target)))

    def knows(self, gene: str, species: Species, *, exactly: bool = False) -> bool:
        """Tell whether this is a gene of that species, with or without orthologs."""
        known = (*self._current().named(gene, species), *filter(None, [self.names.symbol(gene, species)]))
        return gene in known if exactly else bool(known)

    def spelled(self, gene: str, species: Species) -> str:
        """Return a gene of that species as the tables spell it, whatever the case; empty where none knows it."""
        known = self._current().named(gene, species)
        return next(iter(known), "") or self.names.symbol(gene, species)

    def source(self, species: Species) -> str:
        """Name the source of the human orthologs of a species."""
        return self._by if species in SPECIES else ""

    def relations(self, gene: str, source: Species) -> list[Relation]:
        """Describe every ortholog of a gene in the other species; one `Relation` without a gene where none is known.

        Raises
        ------
        UnknownGene
            No table knows such a gene of that species.
        """
        named = self._current().named(gene, source) or tuple(filter(None, [self.names.symbol(gene, source)]))
        if not named:
            raise UnknownGene(f'"{gene[:80]}" is not a known {source} gene.', self._remedy())
        targets: list[Species] = [species for species in SPECIES if species != source]
        return [each for target in targets for each in self._relations(named[0], source, target)]

    def _relations(self, gene: str, source: Species, target: Species) -> list[Relation]:
        others = self.of(gene, source, target)
        by = self.source(target if target != "human" else source)
        if "human" not in (source, target):
            by = f"{self.source(source)}, then {self.source(target)}"
        if not others:
            why = f"No {target} ortholog of {gene} is known ({by})."
            return [Relation(target, "", "", "none", why)]
        found: list[Relation] = []
        for other in others:
            left, right = len(self.of(other, target, source)) > 1, len(others) > 1
            relation = f"{'n' if left else '1'}:{('m' if left else 'n') if right else '1'}"
            found.append(
                Relation(target, other, self._id(other, target), relation, self._evidence(gene, source, other, target))
            )
        return found

    def _id(self, gene: str, species: Species) -> str:
        return self._current().ids[species].get(gene, "") or self.names.id_of(gene, species)

    def _evidence(self, gene: str, source: Species, other: str, target: Species) -> str:
        if "human" in (source, target):
            key = (target, gene, other) if source == "human" else (source, other, gene)
            pair = self._current().pairs.get(key)
            return self._said(pair.evidence if pair else "", (gene, source), (other, target))
        through = [human for human in self.of(gene, source, "human") if other in self.of(human, "human", target)]
        if not through:
            return self._said("", (gene, source), (other, target))
        steps = [
            f"{human} ({self._evidence(gene, source, human, 'human')}; {self._evidence(human, 'human', other, target)})"
            for human in through
        ]
        return f"through human {', '.join(steps)}"

    def _said(self, evidence: str, _one: tuple[str, Species], _other: tuple[str, Species]) -> str:
        """Return the evidence of a pair of genes, each with its species; `evidence` is that of the fetched tables."""
        return evidence or self._by

    def _remedy(self) -> str:
        return "Check species and spelling. For all genes, run: masldatlas references fetch."

    def _current(self) -> _Table:
        """Return the table that is valid now."""
        return self._table


class FetchedOrthologs(Orthologs):
    """The fetched relations, as soon as they are there; what has not been fetched is taken from the small table.

    Mouse and zebrafish are related through human genes where either of their relations was fetched.

    Parameters
    ----------
    data
        The data directory.
    own
        Rows of the operator's table.
    """

    def __init__(self, data: Path, own: Sequence[Row] = ()) -> None:
        super().__init__((), BUILT_IN)
        self.names = names_in(data)
        self.own = tuple(tuple(pair for pair in row.items() if pair[1]) for row in own)
        self._data, self._own = data, own
        self._own_pairs = {pair for row in self.own for pair in permutations(((gene, kind) for kind, gene in row), 2)}
        self._stamp: object = None
        self._lock = Lock()

    def source(self, species: Species) -> str:
        """Name the source of the human orthologs of a species, with its version, and the operator's table if any."""
        return with_own(sources_of(self._data, species), self.own)

    def _said(self, evidence: str, one: tuple[str, Species], other: tuple[str, Species]) -> str:
        own = [OWN] if (one, other) in self._own_pairs else []
        return "; ".join([*filter(None, [evidence]), *own]) or self._by

    def _remedy(self) -> str:
        if "orthologs_zfin" in references(self._data):
            return "Check species and spelling."
        return super()._remedy()

    def _current(self) -> _Table:
        now = stamp(self._data)
        with self._lock:
            if self._stamp != now:
                self._table, self._stamp = self._read(), now
            return self._table

    def _read(self) -> _Table:
        pairs: dict[Species, list[Pair] | None] = {each: fetched(self._data, each) for each in ("mouse", "zebrafish")}
        if not any(pairs.values()):
            table = _Table(chain(self._own, _built_in_rows()))
            table.joined = bool(self._own)
            return table
        small = _built_in_rows()
        table = _Table(self._own)
        for species, found in pairs.items():
            if found is None:
                rows: list[Row] = [{"human": row["human"], species: row[species]} for row in small]
                table.add(rows)
            else:
                table.add_pairs(species, found)
        return table


class _Table:
    """Links between symbols, their spellings, and the pairs with ids and evidence.

    `links`, `spelled` and `ids` are by species; `pairs` by the species other than human, the human gene and the other.
    Where `joined`, mouse and zebrafish genes that have a human ortholog in common are related.
    """

    def __init__(self, rows: Iterable[Row]) -> None:
        self.links: dict[tuple[Species, Species], dict[str, tuple[str, ...]]] = defaultdict(dict)
        self.spelled: dict[Species, dict[str, tuple[str, ...]]] = {species: {} for species in SPECIES}
        self.ids: dict[Species, dict[str, str]] = {species: {} for species in SPECIES}
        self.pairs: dict[tuple[Species, str, str], Pair] = {}
        self.joined = False
        self.add(rows)

    def add(self, rows: Iterable[Row]) -> None:
        """Add rows of symbols that belong together."""
        for row in rows:
            given: list[tuple[Species, str]] = [
                (species, symbol) for species in SPECIES if (symbol := row.get(species, ""))
            ]
            for species, symbol in given:
                _append(self.spelled[species], symbol.casefold(), symbol)
            for (source, symbol), (target, other) in permutations(given, 2):
                _append(self.links[source, target], symbol, other)

    def add_pairs(self, species: Species, pairs: Iterable[Pair]) -> None:
        """Add pairs of human genes and those of a species, with ids and evidence."""
        self.joined = True
        for pair in pairs:
            row: Row = {"human": pair.human, species: pair.other}
            self.add([row])
            self.ids["human"][pair.human] = pair.human_id
            self.ids[species][pair.other] = pair.other_id
            self.pairs[species, pair.human, pair.other] = pair

    def of(self, gene: str, source: Species, target: Species) -> tuple[str, ...]:
        """Return the orthologs of a gene as it is spelled here."""
        found = self.links[source, target].get(gene, ())
        if self.joined and "human" not in (source, target):
            humans, forth = self.links[source, "human"].get(gene, ()), self.links["human", target]
            found = (*found, *(other for human in humans for other in forth.get(human, ())))
        return found

    def named(self, gene: str, species: Species) -> tuple[str, ...]:
        """Return the genes of that name: as spelled, else whatever the case."""
        known = self.spelled[species].get(gene.casefold(), ())
        return (gene,) if gene in known else known


def _append(known: dict[str, tuple[str, ...]], key: str, value: str) -> None:
    before = known.get(key, ())
    if value not in before:
        known[key] = (*before, value)


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
                here[atlas.genes.names[atlas.genes.resolve(name, other=False)]] = None
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
    """Read the table of a CSV file, followed by the table that comes with the program; raises what `read_rows` does."""
    return Orthologs(chain(read_rows(path), _built_in_rows()), f"{OWN} and {BUILT_IN}")


def read_rows(path: Path) -> list[Row]:
    """Read the rows of a CSV file of orthologs.

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
            return [{species: str(line[species] or "").strip() for species in columns} for line in lines]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error).splitlines()[0]
        raise InvalidSettings(f"MASLDATLAS_ORTHOLOGS is {str(path)!r}, which cannot be read ({reason}).") from error


def _built_in_rows() -> list[dict[Species, str]]:
    return [
        {"human": human, "mouse": mouse, "zebrafish": zebrafish}
        for human, others in ORTHOLOGS.items()
        for mouse, zebrafish in product(others["mouse"] or ("",), others["zebrafish"] or ("",))
    ]


def _one_of(name: str) -> Species | None:
    return next((species for species in SPECIES if species == name), None)
