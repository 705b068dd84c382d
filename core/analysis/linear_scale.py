"""Scale of a layer: from its stored values to linear ones, of which sums, means and ratios have a meaning."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from core.atlas.manifest import LayerInfo, Scale

# Natural logarithm of the base of each logarithmic scale.
FACTORS: Final[dict[Scale, float]] = {"ln1p": 1.0, "log2_1p": math.log(2.0), "log10_1p": math.log(10.0)}
# exp(50) counts cannot come from a cell: such values are no logarithms, whatever an older import took them for.
LARGEST_LOG: Final = 50.0


def scale_of(info: LayerInfo) -> Scale:
    """Return the scale of a layer, as far as its values allow it.

    Values below zero are signed and whole numbers are linear. Values whose linear counterpart would be above exp(50)
    are linear too: manifests from before scales were written down call every layer ``ln1p``.
    """
    if info.minimum < 0:
        return "signed"
    if info.integers or info.maximum * FACTORS.get(info.scale, 0.0) > LARGEST_LOG:
        return "linear"
    return info.scale
