"""Lineages in words: which cell type went where."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.atlas.lineages import LINEAGES

if TYPE_CHECKING:
    from core.atlas.store import Atlas


def members(atlas: Atlas) -> dict[str, tuple[str, ...]]:
    """Map each lineage of an atlas to its cell types, both in their order; empty without lineages."""
    found = {lineage: tuple(name for name, other in atlas.lineages.items() if other == lineage) for lineage in LINEAGES}
    return {lineage: names for lineage, names in found.items() if names}


def derived(atlas: Atlas) -> str:
    """Say that the lineages are derived from names."""
    return f"Derived from the names in {atlas.manifest.roles['cell_type']}; the page of the atlas lists them."


def derivation(atlas: Atlas) -> str:
    """List the cell types of each lineage, for a methods section."""
    listed = "; ".join(f"{lineage}: {', '.join(names)}" for lineage, names in members(atlas).items())
    return f"Lineages were derived from the names in {atlas.manifest.roles['cell_type']} ({listed})."
