"""Order in which the points of a map are drawn: what is drawn last covers the others.

The page draws in the same order: see ``assets/js/3-maps/draw_order.js``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Kinds of values of which the highest are drawn last.
RANKED = ("expression", "score", "blend")
# 2**32 divided by the golden ratio, and odd: multiples of it are spread evenly, and each number has another.
GOLDEN = 2_654_435_769


def drawn(cells: NDArray[np.int64], values: NDArray[np.generic] | None, kind: str) -> NDArray[np.int64]:
    """Order the cells of a map.

    Parameters
    ----------
    cells : (n,) places of the cells in the atlas, ascending
    values : (n,) their values, None where the map has none

    Returns
    -------
    (n,) places in `cells`: by ascending value where values have a rank; else scattered, so that the last
    sample of a file does not cover the others. The scattered order depends on the place of a cell in the file alone: it
    is that of the multiples of the golden ratio modulo 1, which take from every stretch of the file at the same rate.
    """
    if values is None:
        return np.arange(cells.size)
    if kind in RANKED:
        return np.argsort(values, kind="stable")
    return np.argsort(cells.astype(np.uint64) * np.uint64(GOLDEN) & np.uint64(0xFFFFFFFF), kind="stable")
