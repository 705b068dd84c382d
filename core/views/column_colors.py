"""Colours of the categories of a column: those of the author of the atlas, or ours."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.figures.palette import categories

if TYPE_CHECKING:
    from core.atlas.store import Atlas, Categorical


def colors_of(atlas: Atlas, column: Categorical, *, own: bool = False) -> tuple[str, ...]:
    """Return ``#rrggbb`` of each category, in their order.

    Parameters
    ----------
    own
        Take the colours of this program although the file has others (``uns['<column>_colors']``).
    """
    info = atlas.manifest.column(column.name)
    return info.colors if info is not None and info.colors and not own else categories(column.categories)
