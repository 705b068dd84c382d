"""Orthologs with their evidence, from the fetched tables of ZFIN, Ensembl and HCOP.

Human-mouse pairs are those that Ensembl lists with high confidence, or that three sources or more of HCOP support;
human-zebrafish pairs are those of ZFIN. Mouse and zebrafish are related through human genes. What relation a pair is of
(``1:1``, ``1:n``, ``n:1``, ``n:m``) is counted among the pairs that are kept.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from threading import Lock
from typing import TYPE_CHECKING, Final, TypeAlias

from cachetools import LRUCache, cached

from core.genes.ortholog_table import ORTHOLOGS
from core.genes.reference_store import references, stamp, table

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from core.genes.ortholog_table import Species

MIN_SOURCES: Final = 3
# Rows at once: as Python objects they take a hundred times as much memory.
BATCH: Final = 2_000
BUILT_IN: Final = "the small table that comes with the program"
TABLES: Final[dict[Species, tuple[str, ...]]] = {
    "mouse": ("orthologs_ensembl", "orthologs_hcop"),
    "zebrafish": ("orthologs_zfin",),
}


OWN: Final = "the table of the operator"
# Rows of the operator's table: species and symbol, pair by pair, so that they can be a key.
OwnRows: TypeAlias = "tuple[tuple[tuple[Species, str], ...], ...]"


@dataclass(frozen=True, slots=True)
class Pair:
    """A human gene and one of its orthologs, with the ids and the evidence that the sources give."""

    human: str
    human_id: str
    other: str
    other_id: str
    evidence: str
    n_sources: int = 0


@dataclass(frozen=True)
class Pairs:
    """1:1 orthologs: genes of one species to those of another, and where they are from."""

    of: Mapping[str, str]
    by: str


def _fetched_key(data: Path, species: Species) -> tuple[object, ...]:
    return data, stamp(data), species


# Of both species; their orthologs and their 1:1 pairs are made of the same rows.
@cached(LRUCache(len(TABLES)), key=_fetched_key, lock=Lock())
def fetched(data: Path, species: Species) -> list[Pair] | None:
    """Return the pairs of human genes and those of a species from the fetched tables; None where there are none.

    Sorted by human gene, then by the number of HCOP's sources, most first, then by name.
    """
    here = references(data)
    used = [here[name] for name in TABLES.get(species, ()) if name in here]
    if not used:
        return None
    found: dict[tuple[str, str], Pair] = {}
    for reference in used:
        for batch in table(data, reference).to_batches(BATCH):
            for row in batch.to_pylist():
                _merge(found, reference.name, row)
    return sorted(found.values(), key=lambda pair: (pair.human, -pair.n_sources, pair.other))


def _merge(found: dict[tuple[str, str], Pair], name: str, row: Mapping[str, object]) -> None:
    human, human_id, other, other_id = (str(row[key] or "") for key in ("human", "human_id", "other", "other_id"))
    known, n = found.get((human, other)), 0
    if name == "orthologs_zfin":
        kept, evidence = True, f"ZFIN: {row['evidence']}"
    elif name == "orthologs_ensembl":
        kept, evidence = row["confidence"] == 1, f"Ensembl: {row['type']}, high confidence"
    else:
        n = int(str(row["n_sources"] or 0))
        kept, evidence = n >= MIN_SOURCES or known is not None, f"HCOP: {n} source{'s' if n != 1 else ''}"
    if known is not None:
        found[human, other] = replace(
            known, evidence=f"{known.evidence}; {evidence}", n_sources=max(n, known.n_sources)
        )
    elif kept:
        found[human, other] = Pair(human, human_id, other, other_id, evidence, n)


def sources_of(data: Path, species: Species) -> str:
    """Name the source of the human orthologs of a species, with its version."""
    here = references(data)
    used = [here[name] for name in TABLES.get(species, ()) if name in here]
    return " and ".join(f"{each.title} ({each.version})" for each in used) or BUILT_IN


def relation_of(pair: tuple[str, str], humans: Counter[str], others: Counter[str]) -> str:
    """Return the relation of a human gene to another: its orthologs, and theirs, are counted."""
    human, other = pair
    left, right = others[other] > 1, humans[human] > 1
    return f"{'n' if left else '1'}:{('m' if left else 'n') if right else '1'}"


def _pairs_key(data: Path, source: Species, target: Species, own: OwnRows = ()) -> tuple[object, ...]:
    return data, stamp(data), source, target, own


@cached(LRUCache(16), key=_pairs_key, lock=Lock())
def one_to_one(data: Path, source: Species, target: Species, own: OwnRows = ()) -> Pairs:
    """Return the 1:1 orthologs of two species; between mouse and zebrafish those that are 1:1 with one human gene.

    Parameters
    ----------
    data : the data directory, whose fetched relations are used; without them the table that comes with the program
    own : rows of the operator's table (`core.genes.orthologs.read_rows`). They stand beside either: they add pairs, and
        a gene to which they add a paralog is 1:1 no more. A mouse and a zebrafish gene of a row without a human gene
        are a pair where no other relation of either is known.
    """
    if source == "human":
        pairs, by = _pairs(data, target, own)
        return Pairs(dict(_unique(pairs)), by)
    if target == "human":
        pairs, by = _pairs(data, source, own)
        return Pairs({other: human for human, other in _unique(pairs)}, by)
    back, forth = one_to_one(data, source, "human", own), one_to_one(data, "human", target, own)
    through = {gene: forth.of[human] for gene, human in back.of.items() if human in forth.of}
    known = {other for species in (source, target) for _, other in _pairs(data, species, own)[0]}
    direct = _unique(_rows(own, source, target))
    through |= {gene: other for gene, other in direct if gene not in known and other not in known}
    return Pairs(through, f"through human: {back.by}; {forth.by}")


def _pairs(data: Path, species: Species, own: OwnRows) -> tuple[list[tuple[str, str]], str]:
    """Return the pairs of human genes and those of a species, and where they are from."""
    known = fetched(data, species)
    if known is not None:
        pairs = [(pair.human, pair.other) for pair in known]
    else:
        pairs = [(human, other) for human, others in ORTHOLOGS.items() for other in others[species]]
    added = set(_rows(own, "human", species)) - set(pairs)
    return [*pairs, *sorted(added)], with_own(sources_of(data, species), own, len(added))


def with_own(by: str, own: OwnRows, added: int | None = None) -> str:
    """Name the operator's table beside a source, and how many pairs it alone has where they are counted."""
    if not own:
        return by
    counted = "" if added is None else f" ({added:,} pair{'' if added == 1 else 's'} of it alone)"
    return f"{by} and {OWN}{counted}"


def _rows(own: OwnRows, one: Species, other: Species) -> list[tuple[str, str]]:
    found = [(row.get(one, ""), row.get(other, "")) for row in map(dict, own)]
    return [pair for pair in found if all(pair)]


def _unique(pairs: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    pairs = list(dict.fromkeys(pairs))
    humans, others = Counter(human for human, _ in pairs), Counter(other for _, other in pairs)
    return [pair for pair in pairs if relation_of(pair, humans, others) == "1:1"]
