"""Constants of the form of a stored matrix."""

from __future__ import annotations

from typing import Final

# A cell is 16 bits within its tile, so that what a kernel knows of the cells of a tile stays in the nearest caches.
TILE_BITS: Final = 16
TILE_CELLS: Final = 1 << TILE_BITS
# With more levels than this, the number of a level takes 32 bits.
NARROW_LEVELS: Final = 1 << 16
