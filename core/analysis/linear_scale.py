"""Scale of a layer: from its stored values to linear ones, of which sums, means and ratios have a meaning."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from core.atlas.manifest import LayerInfo, Scale

# Natural logarithm of the base of each logarithmic scale.
FACTORS: Final[dict[Scale, float]] = {"ln1p": 1.0, "log2_1p": math.log(2.0), "log10_1p": math.log(10.0)}
_STORED: Final[dict[Scale, str]] = {"ln1p": "ln(x + 1)", "log2_1p": "log2(x + 1)", "log10_1p": "log10(x + 1)"}
# exp(50) counts cannot come from a cell: such values are no logarithms, whatever an older import took them for.
LARGEST_LOG: Final = 50.0
# One count per million, where the unit is CP10k: a gene that no cell expresses still has a fold change.
PSEUDO: Final = 0.01


def scale_of(info: LayerInfo) -> Scale:
    """Return the scale of a layer, as far as its values allow it.

    Values below zero are signed and whole numbers are linear. Values whose linear counterpart would be above exp(50)
    are linear too: manifests from before scales were written down call every layer ``ln1p``.
    """
    if info.signed:
        return "signed"
    if info.integers or info.maximum * FACTORS.get(info.scale, 0.0) > LARGEST_LOG:
        return "linear"
    return info.scale


def fold_change_of(info: LayerInfo) -> str:
    """Describe the fold change of a layer in a phrase."""
    scale = scale_of(info)
    if scale == "signed":
        return "none: signed values have no linear scale"
    back = "" if scale == "linear" else f", stored as {_STORED[scale]} and taken back to that scale"
    return f"log2FC: log2 ratio of the means of linear values{back}, {PSEUDO} added to each"
