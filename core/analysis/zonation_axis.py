"""Axis of the liver lobule in an atlas: the column that orders its cells from the portal triad to the central vein."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final, Literal

import numpy as np

from core.atlas.lineages import HEPATOCYTE
from core.atlas.store import MISSING, Categorical
from core.atlas.vocabulary import plain
from core.atlas.zones import GENERIC, ZONES, is_zonation, layers_of, zones_of
from core.cache.in_process import remembered
from core.genes.examples import spelled_so

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from core.arrays import F64, I32, Mask
    from core.atlas.store import Atlas

# Parts of equal numbers of cells into which an axis of numbers is cut; whole numbers up to so many are layers.
N_PARTS: Final = 6
MAX_LAYERS: Final = 12
# Genes that tell the ends of an axis apart [1]_, and how clearly they must.
PORTAL_GENES: Final = ("ASS1", "CPS1", "HAL", "SDS", "PCK1")
CENTRAL_GENES: Final = ("GLUL", "CYP2E1", "CYP1A2", "OAT", "SLC1A2")
MIN_GENES, MIN_R = 2, 0.05


@dataclass(frozen=True, eq=False)
class Axis:
    """Zones of the cells, from periportal to pericentral.

    Attributes
    ----------
    column
        The obs column that orders the cells.
    zones
        Names of the zones in order.
    codes
        (n_cells,) int32: the zone of each cell, -1 for cells without one.
    kind
        ``zones`` with names, numbered ``layers``, or ``parts`` of an axis of numbers, of equal numbers of cells.
    ends
        What tells which end is periportal: the ``names`` of the zones, the ``genes``, or nothing (empty): then the
        zones are in the order of the column.
    genes
        Those that told the ends apart, of `PORTAL_GENES` and `CENTRAL_GENES`, as the atlas spells them.

    References
    ----------
    .. [1] Halpern KB et al. Single-cell spatial reconstruction reveals global division of labour in the mammalian
       liver. Nature 2017.
    """

    column: str
    zones: tuple[str, ...]
    codes: I32
    kind: Literal["zones", "layers", "parts"]
    ends: Literal["names", "genes", ""]
    genes: tuple[str, ...] = ()


@remembered
def axis_of(atlas: Atlas) -> Axis | None:
    """Find the axis: a column that is named after zonation, else cell types that name zones; None without any.

    A column named ``layer`` or ``eta`` counts only beside hepatocytes, since it may mean another thing elsewhere.
    """
    roles = atlas.manifest.roles.values()
    with_hepatocytes = hepatocytes_of(atlas) is not None
    for info in atlas.manifest.columns:
        usable = info.kind != "text" and info.name not in roles and is_zonation(info.name)
        if usable and (with_hepatocytes or plain(info.name) not in GENERIC):
            column = atlas.column(info.name)
            found = _named(column) if isinstance(column, Categorical) else None
            found = found or _measured(atlas, info.name)
            if found is not None:
                return found
    types = atlas.role("cell_type")
    of_hepatocytes = [name for name, lineage in atlas.lineages.items() if lineage == HEPATOCYTE]
    return _named(types, of_hepatocytes, (0, 2)) if types is not None else None


def hepatocytes_of(atlas: Atlas) -> Mask | None:
    """Mark the cells whose type is a hepatocyte by its name; None where no type is."""
    types = atlas.role("cell_type")
    wanted = [lineage == HEPATOCYTE for lineage in atlas.lineages.values()]
    if types is None or not any(wanted):
        return None
    return np.array([*wanted, False])[types.codes]


def _named(column: Categorical, categories: list[str] | None = None, needed: tuple[int, ...] = ()) -> Axis | None:
    """Order the categories that name zones; None unless two zones or more, and all that are needed, are named."""
    places = zones_of(column.categories if categories is None else categories)
    present = sorted(set(places.values()))
    if len(present) < 2 or not set(needed) <= set(present):  # noqa: PLR2004 - an axis has two ends
        return None
    own = {place: [name for name, other in places.items() if other == place] for place in present}
    names = tuple(own[place][0] if len(own[place]) == 1 else ZONES[place] for place in present)
    codes = [present.index(places[name]) if name in places else MISSING for name in column.categories]
    return Axis(column.name, names, np.array([*codes, MISSING], dtype=np.int32)[column.codes], "zones", "names")


def _measured(atlas: Atlas, name: str) -> Axis | None:
    """Order numbered layers or an axis of numbers, and tell its ends apart by genes."""
    column = atlas.column(name)
    hepatocytes = hepatocytes_of(atlas)
    if isinstance(column, Categorical):
        numbers = layers_of(column.categories)
        if numbers is None:
            return None
        order = sorted(numbers, key=lambda category: numbers[category])
        codes = np.array([*(order.index(name) for name in column.categories), MISSING], dtype=np.int32)[column.codes]
        return _oriented(atlas, Axis(name, tuple(order), codes, "layers", ""), hepatocytes)
    given = np.isfinite(column.values)
    inside = given & hepatocytes if hepatocytes is not None and (given & hepatocytes).any() else given
    values = column.values[inside]
    levels = np.unique(values)
    if levels.size <= MAX_LAYERS and (levels == np.rint(levels)).all():
        if levels.size < 3:  # noqa: PLR2004 - two numbers are a label rather than an axis
            return None
        codes = np.searchsorted(levels, column.values).astype(np.int32)
        codes = np.where(np.isin(column.values, levels), codes, np.int32(MISSING))
        return _oriented(atlas, Axis(name, tuple(f"{level:g}" for level in levels), codes, "layers", ""), hepatocytes)
    edges = np.unique(np.quantile(values, np.linspace(0, 1, N_PARTS + 1)))
    if edges.size < 3:  # noqa: PLR2004 - as above
        return None
    codes = np.searchsorted(edges[1:-1], column.values, side="right").astype(np.int32)
    codes = np.where(given, codes, np.int32(MISSING))
    return _oriented(atlas, Axis(name, _ranges(edges), codes, "parts", ""), hepatocytes)


def _ranges(edges: F64) -> tuple[str, ...]:
    """Name the parts between edges, with as many decimals as tell them apart."""
    step = float(np.diff(edges).min())
    digits = int(np.clip(1 - np.floor(np.log10(step)), 0, 6))
    texts = [f"{edge:.{digits}f}".replace("-", "−") for edge in edges.tolist()]
    return tuple(f"{low}–{high}" for low, high in pairwise(texts))


def _oriented(atlas: Atlas, axis: Axis, hepatocytes: Mask | None) -> Axis:
    """Turn an axis so that it begins periportally, as far as genes tell."""
    inside = axis.codes != MISSING
    if hepatocytes is not None and (inside & hepatocytes).any():
        inside &= hepatocytes
    places = axis.codes[inside].astype(np.float64)
    known: list[str] = []
    slopes: list[float] = []
    for genes, sign in ((CENTRAL_GENES, 1), (PORTAL_GENES, -1)):
        for wanted in genes:
            for name in spelled_so(atlas, wanted):
                r = _correlation(places, atlas.layer().dense(atlas.genes.resolve(name))[inside])
                if np.isfinite(r):
                    known.append(name)
                    slopes.append(sign * r)
    mean = float(np.mean(slopes)) if len(slopes) >= MIN_GENES else 0.0
    if abs(mean) < MIN_R:
        return axis
    if mean > 0:
        return Axis(axis.column, axis.zones, axis.codes, axis.kind, "genes", tuple(known))
    last = np.int32(len(axis.zones) - 1)
    codes = np.where(axis.codes == MISSING, axis.codes, last - axis.codes)
    return Axis(axis.column, axis.zones[::-1], codes, axis.kind, "genes", tuple(known))


def _correlation(x: F64, y: NDArray[np.floating]) -> float:
    """Pearson's r; NaN where either is constant."""
    across, up = x - x.mean() if x.size else x, y.astype(np.float64) - (y.mean(dtype=np.float64) if y.size else 0.0)
    spread = float(np.sqrt((across @ across) * (up @ up)))
    return float(across @ up) / spread if spread > 0 else float("nan")
