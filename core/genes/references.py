"""Gene sets and networks for a species, with their provenance.

::

    for collection in gene_sets(data_dir, "mouse"):
        collection.name          # "hallmark", "reactome", "wikipathways", "go_bp", or the name of a file that was added
        collection.sets          # {"HALLMARK_HYPOXIA": ("Pgk1", "Pdk1", ...), ...}
        collection.reference     # core.genes.reference_store.Reference: source, version, licence, date, sha256
        collection.translated    # None for native sets, else a Translation with the numbers kept
        collection.sentence      # one sentence, with the numbers of genes that a translation kept
        collection.provenance()  # the same as JSON, for exports

    network(data_dir, "collectri", "zebrafish").edges   # pa.Table source, target, weight, p

Native data of a species is preferred; else human data is translated by 1:1 orthologs, and said so. The answer holds
whatever `masldatlas references fetch` or `add` has put there: an empty list where nothing was, and `network` raises
`NotFound`, whose remedy says what to run. Results are kept in memory until the references change.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from threading import Lock
from typing import TYPE_CHECKING, Final

import pyarrow as pa
import pyarrow.compute as pc
from cachetools import LRUCache, cached

from core.errors import NotFound
from core.genes.ortholog_relations import one_to_one
from core.genes.ortholog_table import SPECIES
from core.genes.reference_store import REMEDY, references, stamp, table
from core.genes.set_names import renamed

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from core.atlas.gene_index import GeneIndex
    from core.genes.names import Names
    from core.genes.ortholog_relations import OwnRows, Pairs
    from core.genes.ortholog_table import Species
    from core.genes.reference_store import Kind, Reference

# Sources in order of preference when none is native.
_PREFERRED: Final[tuple[Species, ...]] = ("human", "mouse", "zebrafish")


@dataclass(frozen=True)
class Translation:
    """Translation of reference data into another species by 1:1 orthologs.

    Attributes
    ----------
    source, target : species
    by : source of the orthologs, for people
    n_genes, n_kept : distinct genes before, and those with a 1:1 ortholog
    """

    source: Species
    target: Species
    by: str
    n_genes: int
    n_kept: int

    @property
    def sentence(self) -> str:
        """Say what was translated, by what, and how much was kept."""
        return (
            f"{self.source} genes translated to {self.target} by 1:1 orthologs ({self.by}): "
            f"{self.n_kept:,} of {self.n_genes:,} genes kept"
        )


@dataclass(frozen=True)
class _Provided:
    reference: Reference
    species: Species
    translated: Translation | None

    @property
    def name(self) -> str:
        """Name whatever the species: ``go_bp`` of ``go_bp_zebrafish``."""
        return self.reference.family

    @property
    def sentence(self) -> str:
        """Name the data, its version and its species, and the translation if there was one."""
        of = self.translated.sentence if self.translated else f"native {self.species} genes"
        return f"{self.reference.title} ({self.reference.version}), {of}."

    def provenance(self) -> dict[str, object]:
        """Describe data and translation for an export or the API."""
        translated = None
        if self.translated:
            translated = {
                "from": self.translated.source,
                "to": self.translated.target,
                "by": self.translated.by,
                "n_genes": self.translated.n_genes,
                "n_kept": self.translated.n_kept,
            }
        return {**self.reference.provenance(), "translated": translated}


@dataclass(frozen=True)
class Collection(_Provided):
    """Gene sets for a species: genes by the name of the set, each once; a set without any gene left is not listed."""

    sets: Mapping[str, tuple[str, ...]]
    descriptions: Mapping[str, str]


@dataclass(frozen=True)
class Network(_Provided):
    """Signed, weighted edges for a species: columns ``source``, ``target``, ``weight``, ``p``.

    `source` is a transcription factor (CollecTRI, translated too) or a pathway (PROGENy, as it is). `note` says which
    targets an atlas has under another name; empty where none.
    """

    edges: pa.Table
    note: str = ""

    @property
    def sentence(self) -> str:
        """Name the data, its version and its species, the translation, and the targets with another name."""
        return " ".join(filter(None, (super().sentence, self.note)))

    def in_atlas(self, index: GeneIndex, names: Names) -> Network:
        """Call the targets as an atlas does."""
        targets = self.edges["target"].to_pylist()
        other = renamed(index, targets, names, self.species)
        if not other.genes:
            return self
        here = pa.array(list(map(other.name, targets)), pa.string())
        at = self.edges.column_names.index("target")
        return replace(self, edges=self.edges.set_column(at, "target", here), note=other.sentence)


def gene_sets(data: Path, species: Species, own: OwnRows = ()) -> list[Collection]:
    """Return every collection of gene sets for a species.

    Parameters
    ----------
    data
        The data directory.
    species
        ``human``, ``mouse`` or ``zebrafish``; any other gives an empty list.
    own
        Rows of the operator's orthologs, by which sets of another species are translated too.
    """
    found = (_provided(data, each, species, own) for each in _chosen(data, "gene_sets", species))
    return [each for each in found if isinstance(each, Collection)]


def network(data: Path, name: str, species: Species, own: OwnRows = ()) -> Network:
    """Return a network for a species: ``collectri``, ``progeny``, or one that was added.

    Parameters
    ----------
    own
        As in `gene_sets`.

    Raises
    ------
    NotFound
        It has not been fetched or added; the remedy says what to run.
    """
    for each in _chosen(data, "network", species):
        if name in (each.family, each.name):
            found = _provided(data, each, species, own)
            if isinstance(found, Network):
                return found
    raise NotFound(
        f"There is no network {name!r} for {species}.",
        f"Run: masldatlas references fetch {name}, or masldatlas references add FILE --name {name}.",
    )


def networks(data: Path, species: Species) -> list[str]:
    """List the names of the networks for a species."""
    return [each.family for each in _chosen(data, "network", species)]


def titles(data: Path, kind: Kind, species: Species) -> dict[str, str]:
    """List the titles of the gene sets or networks for a species by their names, without reading any."""
    return {each.family: each.title for each in _chosen(data, kind, species)}


def missing(data: Path, names: Iterable[str]) -> list[str]:
    """List those of some references that have not been fetched, for a sentence that ends with `REMEDY`."""
    here = {each.family for each in references(data).values()}
    return [name for name in names if name not in here]


def _chosen(data: Path, kind: Kind, species: Species) -> list[Reference]:
    """Choose one reference of each family: native, else the first that can be translated."""
    if species not in SPECIES:
        return []
    order = [species, *(each for each in _PREFERRED if each != species)]
    best: dict[str, Reference] = {}
    for each in references(data).values():
        if each.kind != kind:
            continue
        known = best.get(each.family)
        if known is None or order.index(each.species[0]) < order.index(known.species[0]):
            best[each.family] = each
    return list(best.values())


def _key_of(data: Path, reference: Reference, species: Species, own: OwnRows) -> tuple[object, ...]:
    return data, stamp(data), reference.name, species, own


@cached(LRUCache(24), key=_key_of, lock=Lock())
def _provided(data: Path, reference: Reference, species: Species, own: OwnRows) -> Collection | Network:
    """Read a reference for a species; remembered until any reference changes."""
    native = reference.species[0] == species
    pairs = None if native else one_to_one(data, reference.species[0], species, own)
    read = _collection if reference.kind == "gene_sets" else _network
    return read(table(data, reference), reference, species, pairs)


def _collection(rows: pa.Table, reference: Reference, species: Species, pairs: Pairs | None) -> Collection:
    before: set[str] = set()
    sets: dict[str, tuple[str, ...]] = {}
    for name, genes in zip(rows["set"].to_pylist(), rows["genes"].to_pylist(), strict=True):
        before.update(genes)
        here = genes if pairs is None else [pairs.of[gene] for gene in genes if gene in pairs.of]
        if here:
            sets[name] = tuple(dict.fromkeys(here))
    translated = None if pairs is None else _translation(reference, species, pairs, before)
    descriptions = dict(zip(rows["set"].to_pylist(), rows["description"].to_pylist(), strict=True))
    return Collection(reference, species, translated, sets, descriptions)


def _network(rows: pa.Table, reference: Reference, species: Species, pairs: Pairs | None) -> Network:
    if pairs is None:
        return Network(reference, species, None, rows)
    before = set(rows["target"].to_pylist())
    translated = _translation(reference, species, pairs, before)
    targets = [pairs.of.get(gene) for gene in rows["target"].to_pylist()]
    sources = rows["source"].to_pylist()
    if reference.counts.get("factors"):
        sources = [pairs.of.get(gene) for gene in sources]
    moved = rows.set_column(rows.column_names.index("target"), "target", pa.array(targets, pa.string()))
    moved = moved.set_column(rows.column_names.index("source"), "source", pa.array(sources, pa.string()))
    kept = moved.filter(pc.and_(pc.is_valid(moved["source"]), pc.is_valid(moved["target"])))
    return Network(reference, species, translated, kept)


def _translation(reference: Reference, species: Species, pairs: Pairs, before: set[str]) -> Translation:
    return Translation(reference.species[0], species, pairs.by, len(before), len(before & pairs.of.keys()))


__all__ = ["REMEDY", "Collection", "Network", "Translation", "gene_sets", "missing", "network", "networks", "titles"]
