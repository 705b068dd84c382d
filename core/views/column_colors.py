"""Colours of the categories of a column: those of the author of the atlas, or ours."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.atlas.lineages import LINEAGE, OTHER
from core.figures.palette import categories

if TYPE_CHECKING:
    from core.atlas.store import Atlas, Categorical


# What is no lineage stands back.
OTHER_COLOR = "#8f9a97"


def colors_of(atlas: Atlas, column: Categorical, *, own: bool = False) -> tuple[str, ...]:
    """Return ``#rrggbb`` of each category, in their order.

    Parameters
    ----------
    own
        Take the colours of this program although the file has others (``uns['<column>_colors']``).
    """
    info = atlas.manifest.column(column.name)
    if info is not None and info.colors and not own:
        return info.colors
    colors = categories(column.categories)
    if column.name != LINEAGE:
        return colors
    return tuple(OTHER_COLOR if name == OTHER else color for name, color in zip(column.categories, colors, strict=True))
