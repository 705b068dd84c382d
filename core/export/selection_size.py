"""Size and name of the file of a selection; imports no library for files, so that the web process starts without it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from core.errors import InvalidQuery

if TYPE_CHECKING:
    from core.arrays import Mask
    from core.atlas.store import Atlas
    from core.selection.model import Selection

# Places of values that are read at once.
ENTRIES: Final = 1 << 20


def n_values(atlas: Atlas, mask: Mask) -> int:
    """Count the nonzeros of the selected cells, over all layers and genes."""
    total = 0
    for info in atlas.manifest.layers:
        if mask.all():
            total += info.n_nonzero
            continue
        indices = atlas.layer(info.name).indices
        total += sum(
            int(np.count_nonzero(mask[indices[at : at + ENTRIES]])) for at in range(0, info.n_nonzero, ENTRIES)
        )
    return total


def about_n_values(atlas: Atlas, n_cells: int) -> int:
    """Estimate `n_values` from the number of cells, without reading anything."""
    return sum(layer.n_nonzero for layer in atlas.manifest.layers) * n_cells // atlas.n_cells


def too_many(n: int, most: int) -> InvalidQuery:
    """Return the refusal of a selection with more values than may be downloaded."""
    return InvalidQuery(
        f"These cells have {n:,} values, and a download may have {most:,}.",
        "Select fewer cells, or run `masldatlas extract` on the server.",
    )


def name_of(atlas: Atlas, selection: Selection) -> str:
    """Return the name of the file of a selection."""
    mark = "SIMULATED_" if atlas.manifest.simulated else ""
    return f"{mark}{atlas.manifest.name}{'' if selection.is_all else '_selection'}.h5ad"
