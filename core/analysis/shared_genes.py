"""Genes that two atlases share: 1:1 orthologs of their species, or the same names within one species."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Final

import numpy as np
from cachetools import LRUCache, cached

from core.analysis.provenance import of_atlas
from core.errors import InvalidQuery
from core.genes.ortholog_relations import one_to_one
from core.genes.orthologs import species_of
from core.genes.reference_store import stamp

if TYPE_CHECKING:
    from pathlib import Path

    from core.arrays import I64
    from core.atlas.store import Atlas
    from core.genes.ortholog_relations import OwnRows
    from core.genes.ortholog_table import Species

MIN_SHARED: Final = 20
SAME_SPECIES: Final = "the same symbols: both atlases are of one species"


@dataclass(frozen=True)
class SecondAtlas:
    """The second atlas of a comparison, as part of a question: other content, or other orthologs, are another question.

    Attributes
    ----------
    id, content_hash, species : of the atlas
    about : its description for provenance, as JSON
    orthologs : source of the relations between the genes, in words
    n_shared : genes that both atlases have as 1:1 orthologs
    pairs : hash of which these are
    """

    id: str
    content_hash: str
    species: str
    about: str
    orthologs: str
    n_shared: int
    pairs: str

    @classmethod
    def of(cls, first: Atlas, second: Atlas, data: Path, own: OwnRows = ()) -> SecondAtlas:
        """Describe the second atlas; raises InvalidQuery as `shared_genes` does, and for an atlas with itself."""
        if first.manifest.content_hash == second.manifest.content_hash:
            raise InvalidQuery(f"{first.id} is compared with itself.", "Name another atlas.")
        found = shared_genes(first, second, data, own)
        about = json.dumps(of_atlas(second.manifest), sort_keys=True)
        species = str(species_of(second))
        pairs = hashlib.sha256(found.first.tobytes() + found.second.tobytes()).hexdigest()[:32]
        return cls(second.id, second.manifest.content_hash, species, about, found.by, len(found), pairs)

    def provenance(self) -> dict[str, object]:
        """Describe the atlas, and how its genes are related to those of the first."""
        return {"other": json.loads(self.about), "orthologs": self.orthologs, "n_shared_genes": self.n_shared}


@dataclass(frozen=True, eq=False)
class SharedGenes:
    """Genes of two atlases, pair by pair.

    Attributes
    ----------
    first, second : (n,) places of the genes in each atlas, in the order of the first
    by : source of the relations, in words
    """

    first: I64
    second: I64
    by: str

    def __len__(self) -> int:
        return len(self.first)

    def names(self, first: Atlas, second: Atlas) -> tuple[list[str], list[str]]:
        """Return the display names of the pairs in each atlas."""
        one, other = first.genes.names, second.genes.names
        return [one[at] for at in self.first], [other[at] for at in self.second]


def _identity(atlas: Atlas) -> tuple[str, str]:
    return atlas.manifest.content_hash, atlas.manifest.species


def _key_of(first: Atlas, second: Atlas, data: Path, own: OwnRows = ()) -> tuple[object, ...]:
    return (*(each for atlas in (first, second) for each in _identity(atlas)), data, stamp(data), own)


# By the content of both atlases and by the orthologs; every view of a pair asks for them several times.
_kept: LRUCache[tuple[object, ...], SharedGenes] = LRUCache(16)


@cached(_kept, key=_key_of, lock=Lock())
def shared_genes(first: Atlas, second: Atlas, data: Path, own: OwnRows = ()) -> SharedGenes:
    """Pair the genes of two atlases.

    Parameters
    ----------
    data
        The data directory, whose fetched orthologs are used; without them the table that comes with the program.
    own
        Rows of the operator's table, beside either; see `core.genes.ortholog_relations.one_to_one`.

    Raises
    ------
    InvalidQuery
        The species of an atlas is not known, or fewer than 20 genes are shared.

    Notes
    -----
    Genes with paralogs in either species are left out: no choice or average of them is the same gene. Names are
    compared as they are spelled.
    """
    one, other = _species(first), _species(second)
    places = {name: at for at, name in enumerate(second.genes.names)}
    if one == other:
        by = SAME_SPECIES
        found = [(at, places[name]) for at, name in enumerate(first.genes.names) if name in places]
    else:
        pairs = one_to_one(data, one, other, own)
        by = pairs.by
        found = [
            (at, places[pairs.of[name]])
            for at, name in enumerate(first.genes.names)
            if name in pairs.of and pairs.of[name] in places
        ]
    if len(found) < MIN_SHARED:
        n = "no gene" if not found else "one gene" if len(found) == 1 else f"{len(found)} genes"
        raise InvalidQuery(
            f"{first.id} and {second.id} share {n} as 1:1 orthologs; {MIN_SHARED} are needed.",
            "Fetch all orthologs (masldatlas references fetch), or choose atlases whose genes have symbols.",
        )
    both = np.array(found, dtype=np.int64)
    return SharedGenes(both[:, 0].copy(), both[:, 1].copy(), by)


def _species(atlas: Atlas) -> Species:
    species = species_of(atlas)
    if species is None:
        raise InvalidQuery(
            f"The species of {atlas.id} is not known, so its genes have no orthologs here.", "Import it with --species."
        )
    return species
