"""Snapshot of the data directory, and fingerprints that tell whether it has changed."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from core.atlas.manifest import SPECIES
from core.errors import AtlasError
from core.ingest.remote.zenodo import Published, absent
from core.views.resolve import by_interest
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
    """An atlas and the names of its groups, in order."""

    manifest: Manifest
    groups: tuple[str, ...] = ()

    def matches(self, text: str, species: Sequence[str]) -> bool:
        """Tell whether the card contains every word, and the species is among the chosen ones."""
        manifest = self.manifest
        texts = (manifest.title, manifest.id, manifest.citation, manifest.source.file, *self.groups)
        card = " ".join((*texts, "simulated" if manifest.simulated else "")).casefold()
        return (not species or manifest.species in species) and all(word in card for word in text.casefold().split())


@dataclass(frozen=True)
class Snapshot:
    """Atlases, imports and unreadable atlases of the data directory."""

    atlases: tuple[Shown, ...] = ()
    imports: tuple[ImportState, ...] = ()
    broken: dict[str, BrokenStore] = field(default_factory=dict)

    @property
    def published(self) -> tuple[Published, ...]:
        """The published atlases that are not installed."""
        return absent({*(atlas.manifest.id for atlas in self.atlases), *self.broken})

    @classmethod
    def of(cls, catalog: Catalog) -> Snapshot:
        """Read the data directory."""
        atlases = tuple(Shown(manifest, groups_of(catalog, manifest)) for manifest in by_interest(catalog))
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
    """Return the group names of an atlas in order; empty without groups, or if its table cannot be read."""
    try:
        column = catalog.get(manifest.id).role("group")
    except AtlasError:
        return ()
    return () if column is None else column.categories


def fingerprint(*facts: object) -> str:
    """Return a short text that changes with the facts."""
    return hashlib.blake2b(repr(facts).encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()


def species_options(atlases: Iterable[Shown]) -> list[dict[str, str]]:
    """Return one option a species that has atlases, with their number."""
    n = Counter(atlas.manifest.species for atlas in atlases)
    return [{"label": f"{controls.SPECIES[name]} {n[name]:,}", "value": name} for name in SPECIES if n[name]]
