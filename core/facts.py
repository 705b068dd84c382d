"""What stands at the head of every answer: of which data, and of which of its cells."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.selection import mask_of

if TYPE_CHECKING:
    from core.cells import Selection
    from core.gene_lists import GeneList
    from core.store import Atlas, Layer


def of_cells(atlas: Atlas, selection: Selection) -> dict[str, object]:
    """The atlas, its content, and the selected cells in words and in number."""
    return {
        "dataset": atlas.id,
        "content_hash": atlas.manifest.content_hash,
        "simulated": atlas.manifest.simulated,
        "selection": selection.words(),
        "n_cells": int(mask_of(atlas, selection).sum()),
    }


def of_layer(layer: Layer) -> dict[str, object]:
    """Which values, and in which unit."""
    return {"layer": layer.name, "unit": layer.info.unit}


def of_list(listed: GeneList) -> dict[str, object]:
    """What a pasted list was taken for: the genes, and what is no gene here, with the nearest names."""
    return {
        "genes": list(listed.genes),
        "unknown": [{"name": name, "suggestions": list(near)} for name, near in listed.unknown],
    }
