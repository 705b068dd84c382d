"""Maps of more cells than a browser can draw: what the cells of each pixel have in common.

datashader, and pandas with it, are imported by the first raster: a server whose atlases are small never loads them.
"""

from __future__ import annotations

from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np
from cachetools import LRUCache, cached
from numpy.typing import NDArray

from core.atlas.store import MISSING, Categorical
from core.cache.in_process import size_of
from core.errors import InvalidQuery
from core.kernels.raster import OUTSIDE, majority

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.arrays import F64, I64, Floats, Mask
    from core.atlas.store import F32, Atlas

Planes: TypeAlias = dict[str, NDArray[Any]]

SMALLEST, LARGEST = 16, 1_200
# A window is wider than this share of its own coordinates, else these, which have seven digits, cannot fill it.
NARROWEST = 1e-9
TINIEST, HUGEST = 1e-30, 1e30
NONE = 65_535
STEPS = NONE - 1
SHARES = 255
# For the coordinates of the planes that were drawn last: six of five million cells.
MAX_BYTES: Final = 256 << 20


@dataclass(frozen=True)
class Window:
    """A part of a plane and the pixels it is drawn with; both ends of `x` and `y` belong to it."""

    x: tuple[float, float]
    y: tuple[float, float]
    width: int
    height: int

    @classmethod
    def of(cls, x: tuple[float, float], y: tuple[float, float], width: int, height: int) -> Window:
        """Make a window of 16 to 1,200 pixels each way; other sizes are brought into that range.

        Raises
        ------
        InvalidQuery
            Its ends are in the wrong order, or too close to each other or too far away for coordinates.
        """
        for axis, (low, high) in (("x", x), ("y", y)):
            if not low < high:
                raise InvalidQuery(
                    f"The window ends at {axis}={high:g}, not above its beginning at {low:g}.",
                    "Write the smaller number first.",
                )
            if not max(TINIEST, NARROWEST * max(abs(low), abs(high))) < high - low < HUGEST:
                raise InvalidQuery(
                    f"A window from {low!r} to {high!r} is too narrow or too wide for the coordinates.", "Zoom less."
                )
        return cls(x, y, min(max(width, SMALLEST), LARGEST), min(max(height, SMALLEST), LARGEST))

    def array(self) -> F64:
        """Its ends, (4,): lowest and highest x, lowest and highest y."""
        return np.array([*self.x, *self.y], dtype=np.float64)


@dataclass(frozen=True, eq=False)
class Scale:
    """Numbers to be averaged: (n_cells,) float64, NaN where nothing is given, and the ends of their colour scale."""

    values: F64
    low: float
    high: float

    @classmethod
    def of(cls, values: Floats, *, with_zero: bool = False) -> Scale:
        """Scale from the smallest to the largest number of the atlas; `with_zero`: from zero, if that is smaller."""
        wide = values.astype(np.float64)
        finite = np.isfinite(wide)
        if not finite.all():
            wide[~finite] = np.nan
        given = wide[finite]
        low, high = (float(given.min()), float(given.max())) if given.size else (0.0, 0.0)
        return cls(wide, min(0.0, low) if with_zero else low, high)

    def quantised(self, means: F64) -> NDArray[np.uint16]:
        """Means in 65,534 steps from `low` to `high`, exact at both ends; 65,535 for NaN."""
        with np.errstate(invalid="ignore"):
            steps = np.rint((means - self.low) * (STEPS / (self.high - self.low) if self.high > self.low else 0.0))
        return np.where(np.isnan(steps), NONE, np.clip(steps, 0, STEPS)).astype("<u2")


@dataclass(frozen=True, eq=False)
class Placed:
    """The cells of a plane that have a place: `x` and `y` float32, and which they are; None for all."""

    x: F32
    y: F32
    cells: I64 | None

    def of(self, values: NDArray[Any]) -> NDArray[Any]:
        """Select those of the values (n_cells,) whose cells have a place."""
        return values if self.cells is None else values[self.cells]


def _key_of(atlas: Atlas, embedding: str, axes: tuple[int, int]) -> tuple[str, str, tuple[int, int]]:
    return atlas.manifest.content_hash, embedding, axes


_kept: LRUCache[tuple[str, str, tuple[int, int]], Placed] = LRUCache(MAX_BYTES, getsizeof=size_of)


@cached(_kept, key=_key_of, lock=Lock())
def placed(atlas: Atlas, embedding: str, axes: tuple[int, int]) -> Placed:
    """Return the coordinates of the cells in a plane, kept so that recolouring reads the colour alone."""
    # Copies: numba would compile anew for arrays that are mapped or have gaps.
    x, y = (np.array(atlas.embedding(embedding)[:, axis], dtype=np.float32) for axis in axes)
    finite = np.isfinite(x) & np.isfinite(y)
    return Placed(x, y, None) if finite.all() else Placed(x[finite], y[finite], np.flatnonzero(finite))


def by_category(places: Placed, window: Window, inside: Mask, column: Categorical) -> Planes:
    """Count the cells of each pixel, and find the category that most of them have.

    Parameters
    ----------
    inside : (n_cells,) bool, the cells that are aggregated; the others are counted apart

    Returns
    -------
    Planes of shape (height, width), row 0 at the low end of y:

    count : uint16, cells inside, 65,535 for as many and more
    code : uint16, the most frequent category, of equally frequent ones the first; 65,535 where there is no cell, or
        where the cells for which nothing is given are more than those of any category
    share : uint8, the share of these among the cells inside, in 255ths
    outside : uint8, the other cells, 255 for as many and more

    Raises
    ------
    InvalidQuery
        The column has more categories than a plane has codes.
    """
    if len(column.categories) >= NONE:
        raise InvalidQuery(f"The column {column.name!r} has {len(column.categories):,} categories.", "Choose another.")
    counted = _points(places, window, inside, ())
    codes = places.of(np.where(inside, column.codes, np.int32(OUTSIDE)))
    best, most = (np.empty((window.height, window.width), dtype=np.int32) for _ in range(2))
    majority(places.x, places.y, codes, len(column.categories), window.array(), best, most)
    return {
        "count": _saturated(counted["inside"], "<u2"),
        "code": np.where(best == MISSING, NONE, best).astype("<u2"),
        "share": np.rint(SHARES * most / np.maximum(counted["inside"], 1)).astype("u1"),
        "outside": _saturated(counted["all"] - counted["inside"], "u1"),
    }


def by_value(places: Placed, window: Window, inside: Mask, scales: Sequence[Scale]) -> Planes:
    """Count the cells of each pixel, and average one number, two or none over them.

    Returns
    -------
    Planes as of `by_category`: ``count``; ``value`` and, for two, ``value_b``, uint16 as `Scale.quantised` gives them,
    65,535 where no cell has a number; ``outside``.
    """
    counted = _points(places, window, inside, [scale.values for scale in scales])
    planes: Planes = {"count": _saturated(counted["inside"], "<u2")}
    for at, (scale, name) in enumerate(zip(scales, ("value", "value_b"), strict=False)):
        with np.errstate(invalid="ignore"):
            planes[name] = scale.quantised(counted[f"total{at}"] / counted[f"given{at}"])
    return {**planes, "outside": _saturated(counted["all"] - counted["inside"], "u1")}


def _points(places: Placed, window: Window, inside: Mask, values: Sequence[F64]) -> Planes:
    """Count and sum for each pixel: ``all``, ``inside``, and ``given`` and ``total`` of each of the values."""
    import datashader
    import pandas as pd

    # A cell is left out of a sum, or of a count, by a NaN; of the types here datashader compiles each kind once.
    columns = {"x": places.x, "y": places.y, "inside": np.where(places.of(inside), np.float32(1), np.float32(np.nan))}
    wanted = {"all": datashader.count(), "inside": datashader.count("inside")}
    for at, each in enumerate(values):
        columns[f"v{at}"] = places.of(np.where(inside, each, np.nan))
        wanted |= {f"given{at}": datashader.count(f"v{at}"), f"total{at}": datashader.sum(f"v{at}")}
    canvas = datashader.Canvas(window.width, window.height, x_range=window.x, y_range=window.y)
    found = canvas.points(pd.DataFrame(columns, copy=False), "x", "y", datashader.summary(**wanted))
    return {name: found[name].to_numpy() for name in wanted}


def _saturated(counts: NDArray[Any], dtype: str) -> NDArray[Any]:
    return np.minimum(counts, np.iinfo(dtype).max).astype(dtype)


def warm() -> None:
    """Import and compile what rasters need, some seconds, so that no visitor waits for it."""
    places = Placed(np.zeros(2, np.float32), np.ones(2, np.float32), None)
    window, inside = Window.of((0.0, 1.0), (0.0, 1.0), SMALLEST, SMALLEST), np.array([True, False])
    scale = Scale.of(np.ones(2))
    by_category(places, window, inside, Categorical("", np.zeros(2, np.int32), ("",)))
    by_value(places, window, inside, [scale])
    by_value(places, window, inside, [scale, scale])
