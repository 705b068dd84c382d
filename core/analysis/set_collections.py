"""Collections of gene sets for an atlas: fetched references of its species, and mounted .gmt files."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Final

import numpy as np
from cachetools import LRUCache, cached

from core.errors import NotFound
from core.genes.names import names_in
from core.genes.orthologs import species_of
from core.genes.references import REMEDY, gene_sets
from core.genes.set_names import renamed
from core.stats.enrichment import Membership

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from core.analysis.gene_rankings import Ranking
    from core.atlas.store import Atlas
    from core.genes.gene_set_library import GeneSets
    from core.genes.names import Names
    from core.genes.ortholog_relations import OwnRows
    from core.genes.set_names import Renamed

ALL: Final = "all"
DEFAULT: Final = "hallmark"
# What begins so is a file of the mounted directory.
MOUNTED: Final = "gmt:"
# Replaced names that the provenance of a collection lists.
MAX_TOLD: Final = 50


@dataclass(frozen=True)
class Described:
    """Reference data as part of a question: an update of the data makes it another question.

    Attributes
    ----------
    name
        By which it is found.
    sentence
        What it is, of which version and species, and what a translation kept.
    about
        The same as JSON, with checksums.
    """

    name: str
    sentence: str
    about: str

    @classmethod
    def of(cls, name: str, sentence: str, about: Mapping[str, object]) -> Described:
        """Describe reference data."""
        return cls(name, sentence, json.dumps(about, sort_keys=True))

    def provenance(self) -> dict[str, object]:
        """Return the description for an export or the API."""
        return {**json.loads(self.about), "sentence": self.sentence}


@dataclass(frozen=True)
class SetCollection:
    """Gene sets that are tested, and adjusted for multiple testing, together.

    Attributes
    ----------
    name
        ``hallmark``, ``go_bp``, ``gmt:FILE``.
    sets
        Genes by the name of the set.
    described
        What it is, of which version and species, and what a translation kept.
    """

    name: str
    sets: Mapping[str, tuple[str, ...]]
    described: Described

    def among(self, ranking: Ranking) -> Membership:
        """Cut the sets to the genes of a ranking."""
        places = ranking.places()
        found = np.fromiter((places[gene] for genes in self.sets.values() for gene in genes), dtype=np.int64)
        of = np.repeat(np.arange(len(self.sets)), [len(genes) for genes in self.sets.values()])
        tested = found >= 0
        return Membership.of_pairs(of[tested], found[tested], len(self.sets), len(ranking.genes))


def collections(
    atlas: Atlas, data: Path, mounted: GeneSets, names: Iterable[str], own: OwnRows = ()
) -> list[SetCollection]:
    """Find collections by name, each once; ``all`` are those of the references, translated with the operator's `own`.

    Raises
    ------
    NotFound
        There is none of that name, or none at all; the remedy says what to run.
    """
    species = species_of(atlas)
    fetched = {each.name: each for each in gene_sets(data, species, own)} if species else {}

    found: list[SetCollection] = []

    def spelled(name: str, sets: Mapping[str, tuple[str, ...]], sentence: str, about: Mapping[str, object]) -> None:
        found.append(_as_here(atlas, names_in(data), SetCollection(name, sets, Described.of(name, sentence, about))))

    wanted = list(dict.fromkeys(name for each in names for name in (fetched if each == ALL else [each])))
    for name in wanted or [DEFAULT]:
        if name in fetched:
            each = fetched[name]
            spelled(name, each.sets, each.sentence, each.provenance())
        elif name.startswith(MOUNTED):
            spelled(name, *_mounted(mounted, name))
        else:
            raise _missing(name, [*fetched, *files(mounted)], species or "")
    return found


def named(text: str) -> list[str]:
    """Split the names of collections at commas."""
    return [name.strip() for name in text.split(",") if name.strip()]


def files(mounted: GeneSets) -> list[str]:
    """List the mounted files as collections, in the order of their names."""
    return list(dict.fromkeys(f"{MOUNTED}{each.key.partition('/')[0]}" for each in mounted.all().values()))


def _mounted(mounted: GeneSets, name: str) -> tuple[dict[str, tuple[str, ...]], str, dict[str, object]]:
    stem = name.removeprefix(MOUNTED)
    sets = {each.name: each.genes for each in mounted.all().values() if each.key.partition("/")[0] == stem}
    if not sets:
        raise _missing(name, files(mounted), "")
    digest = hashlib.sha256(repr(list(sets.items())).encode()).hexdigest()
    about: dict[str, object] = {"name": name, "source": f"{stem}.gmt", "n": len(sets), "sha256": digest}
    sentence = f"{stem}.gmt of this server, {len(sets):,} sets, not translated."
    return sets, sentence, about


def _key_of(atlas: Atlas, names: Names, collection: SetCollection) -> tuple[object, ...]:
    return atlas.manifest.content_hash, collection.described, names.stamp


# Some of the largest have 10 MB.
@cached(LRUCache(24), key=_key_of, lock=Lock())
def _as_here(atlas: Atlas, names: Names, collection: SetCollection) -> SetCollection:
    """Call the genes of a collection as the atlas does, and say which were replaced."""
    every = (gene for genes in collection.sets.values() for gene in genes)
    other = renamed(atlas.genes, every, names, species_of(atlas) or "human")
    return collection if not (other.genes or other.dates) else _renamed(collection, other)


def _renamed(collection: SetCollection, other: Renamed) -> SetCollection:
    sets = {name: tuple(dict.fromkeys(map(other.name, genes))) for name, genes in collection.sets.items()}
    about = json.loads(collection.described.about)
    told = {"n_renamed": len(other.genes), "renamed": dict(sorted(other.genes.items())[:MAX_TOLD])}
    sentence = f"{collection.described.sentence} {other.sentence}"
    described = Described.of(collection.name, sentence, {**about, **told, "dates": list(other.dates)})
    return SetCollection(collection.name, sets, described)


def _missing(name: str, known: list[str], species: str) -> NotFound:
    where = f" for {species}" if species else ""
    message = f"There is no collection of gene sets {name[:60]!r}{where}."
    if not known:
        return NotFound(message, f"{REMEDY} Or mount .gmt files with MASLDATLAS_GENE_SETS_DIR.")
    return NotFound(message, f"There are: {', '.join(known)}.", suggestions=tuple(known[:5]))
