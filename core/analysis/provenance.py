"""Provenance attached to every result: atlas, selection, numbers of cells and samples."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from core import __version__
from core.selection.masks import mask_of

if TYPE_CHECKING:
    from core.arrays import Mask
    from core.atlas.manifest import Manifest
    from core.atlas.store import Atlas, Layer
    from core.genes.lists import GeneList
    from core.selection.model import Selection

PROGRAM = "MASLDatlas"


def of_atlas(manifest: Manifest) -> dict[str, object]:
    """Describe the program and the atlas: its source file and its citation."""
    return {
        "program": PROGRAM,
        "version": __version__,
        "dataset": manifest.id,
        "dataset_title": manifest.title,
        "citation": manifest.citation,
        "content_hash": manifest.content_hash,
        "source_file": manifest.source.file,
        "source_sha256": manifest.source.sha256,
        "subset": manifest.cells_in_words if manifest.subset else None,
        "simulated": manifest.simulated,
    }


def of_cells(atlas: Atlas, selection: Selection) -> dict[str, object]:
    """Describe the program, the atlas, and the selected cells in words and in number."""
    return {
        **of_atlas(atlas.manifest),
        "selection": selection.words(),
        "n_cells": int(mask_of(atlas, selection).sum()),
        "n_samples": n_samples_of(atlas, selection),
    }


def n_samples_of(atlas: Atlas, selection: Selection) -> int | None:
    """Count the samples of the selected cells; None when the atlas knows no samples."""
    return n_samples_among(atlas, mask_of(atlas, selection))


def n_samples_among(atlas: Atlas, cells: Mask) -> int | None:
    """Count the samples of some cells, (n_cells,) bool; None when the atlas knows no samples."""
    samples = atlas.role("sample")
    if samples is None:
        return None
    codes = samples.codes[cells]
    return int(np.count_nonzero(np.bincount(codes + 1, minlength=1)[1:]))


def of_layer(layer: Layer) -> dict[str, object]:
    """Describe the layer of the values, and their unit."""
    return {"layer": layer.name, "unit": layer.info.unit}


def of_list(listed: GeneList) -> dict[str, object]:
    """Describe a pasted list: the genes found, the names that are no gene here, with the nearest names, and aliases."""
    return {
        **({"aliases": list(listed.notes)} if listed.notes else {}),
        "genes": list(listed.genes),
        "unknown": [{"name": name, "suggestions": list(near)} for name, near in listed.unknown],
    }
