"""The data directory at one moment, and by what one tells that it has changed."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from core.atlas.manifest import SPECIES
from core.errors import AtlasError
from core.ingest.remote.zenodo import Published, absent
from pages import _controls as controls

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from core.atlas.catalog import Catalog
    from core.atlas.import_state import ImportState
    from core.atlas.manifest import Manifest
    from core.errors import BrokenStore

ACTIVE = ("waiting", "importing")


@dataclass(frozen=True)
class Shown:
    """One atlas and the names of its groups, in order."""

    manifest: Manifest
    groups: tuple[str, ...] = ()

    def matches(self, text: str, species: Sequence[str]) -> bool:
        """Whether every word is found in what the card says, and the species is among the chosen ones."""
        it = self.manifest
        said = " ".join(
            (it.title, it.id, it.citation, it.source.file, *self.groups, "simulated" if it.simulated else "")
        )
        return (not species or it.species in species) and all(
            word in said.casefold() for word in text.casefold().split()
        )


@dataclass(frozen=True)
class Snapshot:
    """The data directory at one moment."""

    atlases: tuple[Shown, ...] = ()
    imports: tuple[ImportState, ...] = ()
    broken: dict[str, BrokenStore] = field(default_factory=dict)

    @property
    def published(self) -> tuple[Published, ...]:
        """The published atlases that are not here."""
        return absent({*(it.manifest.id for it in self.atlases), *self.broken})

    @classmethod
    def of(cls, catalog: Catalog) -> Snapshot:
        """Look."""
        atlases = tuple(Shown(manifest, groups_of(catalog, manifest)) for manifest in catalog.manifests())
        return cls(atlases, tuple(catalog.imports()), catalog.broken())

    @property
    def active(self) -> tuple[ImportState, ...]:
        """The imports that wait or run."""
        return tuple(state for state in self.imports if state.phase in ACTIVE)

    @property
    def failed(self) -> tuple[ImportState, ...]:
        """The imports that failed."""
        return tuple(state for state in self.imports if state.phase == "failed")


def groups_of(catalog: Catalog, manifest: Manifest) -> tuple[str, ...]:
    """The names of an atlas' groups in order; none where it has none, or where its table cannot be read."""
    try:
        column = catalog.get(manifest.id).role("group")
    except AtlasError:
        return ()
    return () if column is None else column.categories


def fingerprint(*facts: object) -> str:
    """Short text that differs when the facts do."""
    return hashlib.blake2b(repr(facts).encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()


def species_options(atlases: Iterable[Shown]) -> list[dict[str, str]]:
    """One chip a species that is there, with the number of its atlases."""
    there = Counter(it.manifest.species for it in atlases)
    return [{"label": f"{controls.SPECIES[it]} {there[it]:,}", "value": it} for it in SPECIES if there[it]]
