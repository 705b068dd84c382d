"""Legend of a map: categories with selected cells, and their colours."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from core.cache.in_process import remembered
from core.figures.palette import NOT_GIVEN
from core.selection.masks import mask_of
from core.views.column_colors import colors_of

if TYPE_CHECKING:
    from core.atlas.store import Atlas
    from core.selection.model import Selection


class Entry(NamedTuple):
    """A category (empty for cells without one), its selected cells and its colour."""

    category: str
    n: int
    color: str


# A card asks for the entries and for their number, on every change of the page.
@remembered
def entries(atlas: Atlas, name: str, selection: Selection, *, own: bool = False) -> tuple[Entry, ...]:
    """List the categories of a column that have selected cells, cells without a category last.

    `own`: in our colours, although the author of the atlas chose others.
    """
    column = atlas.categorical(name)
    counts = np.bincount(column.codes[mask_of(atlas, selection)] + 1, minlength=len(column.categories) + 1).tolist()
    colors = colors_of(atlas, column, own=own)
    found = [
        Entry(category, n, color) for category, n, color in zip(column.categories, counts[1:], colors, strict=True) if n
    ]
    return (*found, Entry("", counts[0], NOT_GIVEN["light"])) if counts[0] else tuple(found)
