"""Size and name of the file of a selection; imports no library for files, so that the web process starts without it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from core.atlas.kernel_block import as_block
from core.atlas.store import EXPRESSION
from core.errors import InvalidQuery
from core.kernels.correlation import expressing

if TYPE_CHECKING:
    from core.arrays import Mask
    from core.atlas.store import Atlas, Layer
    from core.selection.model import Selection

# Genes that are counted at once.
GENES: Final = 500


def n_values(atlas: Atlas, mask: Mask) -> int:
    """Count the nonzeros of the selected cells, over all layers and genes."""
    total = 0
    for info in atlas.manifest.layers:
        if mask.all():
            total += info.n_nonzero
            continue
        # Computed counts lie where the expression does.
        layer = atlas.layer(EXPRESSION if info.computed else info.name)
        total += sum(
            _inside(layer, start, min(start + GENES, layer.n_genes), mask) for start in range(0, layer.n_genes, GENES)
        )
    return total


def _inside(layer: Layer, start: int, stop: int, mask: Mask) -> int:
    """Count the nonzeros of some genes in the selected cells."""
    found = np.empty(stop - start, dtype=np.int64)
    # Of a block that is not said to have negative values, all that is stored counts as above zero.
    block, _ = as_block(layer.block(start, stop), signed=False)
    expressing(block, mask.view(np.uint8), found)
    return int(found.sum())


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
