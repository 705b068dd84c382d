"""Small map of an atlas for lists of atlases: its cells by cell type, as a PNG without a background."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from core.atlas.embedding_axes import planes
from core.cache.in_process import remembered
from core.errors import NotFound
from core.figures import bitmap
from core.figures.palette import NOT_GIVEN
from core.views.column_colors import colors_of
from core.views.explore.map_spec import plane_and_places

if TYPE_CHECKING:
    from core.atlas.store import Atlas

# Pixels; shown at half the size. More cells than these look the same at it.
SIZE: Final = (640, 320)
MAX_CELLS: Final = 20_000
PAD: Final = 0.04
SEED: Final = 0
# Diameter of a cell in pixels: the more cells, the smaller.
LARGEST, SMALLEST, COVER = 9.0, 2.6, 260.0


@remembered
def png(atlas: Atlas) -> bytes:
    """Draw the map that is shown first, coloured by cell type; of many cells a random sample, always the same.

    Raises
    ------
    NotFound
        The atlas has no map.
    """
    maps = planes(atlas)
    if not maps:
        raise NotFound(f"{atlas.id} has no map.", "")
    xy, plane = plane_and_places(atlas, maps[0][0])
    cells = np.flatnonzero(np.isfinite(xy).all(axis=0))
    random = np.random.default_rng(SEED)
    # In a random order, so that no cell type covers another.
    cells = random.permutation(cells)[:MAX_CELLS]
    up = -1 if plane.y_down else 1
    at = xy[:, cells] * np.array([[1], [up]])
    y = sorted(up * end for end in plane.y)
    diameter = float(np.clip(COVER / np.sqrt(max(cells.size, 1)), SMALLEST, LARGEST))
    return bitmap.discs(_window(plane.x, (y[0], y[1])), SIZE, [(at, _colors(atlas)[cells])], diameter, 1.0)


def _window(x: tuple[float, float], y: tuple[float, float]) -> tuple[float, float, float, float]:
    """Return the window around both ranges whose units are equal on both axes."""
    width, height = SIZE
    unit = max((x[1] - x[0]) / width, (y[1] - y[0]) / height) * (1 + 2 * PAD) / 2
    across, up = (x[0] + x[1]) / 2, (y[0] + y[1]) / 2
    return across - unit * width, across + unit * width, up - unit * height, up + unit * height


def _colors(atlas: Atlas) -> bitmap.Pixels:
    """Return the colour of each cell, (n_cells, 3): that of its cell type."""
    column = atlas.role("cell_type")
    grey = bitmap.rgb(NOT_GIVEN["light"])
    if column is None:
        return np.broadcast_to(np.array(grey, dtype=np.uint8), (atlas.n_cells, 3))
    table = np.array([*map(bitmap.rgb, colors_of(atlas, column)), grey], dtype=np.uint8)
    return table[column.codes]
