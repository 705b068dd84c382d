"""Match of the cell types of two atlases: AUROC of MetaNeighbor's fast vote over the genes that both share."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa

from core.analysis.columns import column_or_role
from core.atlas.store import EXPRESSION, MISSING
from core.compute.admission import heavy
from core.errors import InvalidQuery
from core.stats.neighbor_voting import Profiles, aurocs, profiles

if TYPE_CHECKING:
    from core.analysis.shared_genes import SecondAtlas, SharedGenes
    from core.arrays import F64, I32, I64, Floats
    from core.atlas.store import Atlas, Layer
    from core.compute.executor import Workers

COLUMNS: Final = ("cell_type", "cell_type_2", "auroc", "auroc_1_to_2", "auroc_2_to_1", "n", "n_2", "best", "why")
# AUROC from which two types count as matched; MetaNeighbor's own limit for its best hits.
BOUND: Final = 0.9
# Cells drawn of each type, evenly over their order in the file; all where there are no more.
CELLS: Final = 500
MIN_CELLS: Final = 10
MAX_TYPES: Final = 100
MIN_TYPES: Final = 2
BINS: Final = 10
QUARTILE: Final = 0.75
# With fewer variable genes all shared ones vote; of more, the most variable ones.
MIN_VARIABLE: Final = 100
MOST_VARIABLE: Final = 1_000
FACTS: Final = b"facts"
BOTH, FIRST, SECOND = "both", "first", "second"
FEW: Final = f"fewer than {MIN_CELLS} cells"


@dataclass(frozen=True)
class TypeAurocParams:
    """Parameters of the AUROC of cell types.

    Attributes
    ----------
    second : the other atlas
    by, by_2 : columns of the cell types in each
    """

    second: SecondAtlas
    by: str
    by_2: str

    @classmethod
    def of(cls, first: Atlas, second: Atlas, about: SecondAtlas, by: str = "", by_2: str = "") -> TypeAurocParams:
        """Make the canonical parameters; the columns are those of the cell types unless named.

        Raises
        ------
        UnknownColumn, InvalidQuery
            A column does not exist, or has fewer than two types or more than 100.
        """
        names = []
        for atlas, name in ((first, by), (second, by_2)):
            column = atlas.categorical(column_or_role(atlas, name))
            n = len(np.unique(column.codes[column.codes != MISSING]))
            if not MIN_TYPES <= n <= MAX_TYPES:
                raise InvalidQuery(
                    f"The column {column.name!r} of {atlas.id} has {n:,} cell types; {MIN_TYPES} to {MAX_TYPES} can be "
                    "matched.",
                    "Choose another column.",
                )
            names.append(column.name)
        return cls(about, *names)


@heavy(lambda first, second, *_: 24 * CELLS * MAX_TYPES * 40 + 16 * (first.n_cells + second.n_cells))
def type_auroc(first: Atlas, second: Atlas, shared: SharedGenes, params: TypeAurocParams, workers: Workers) -> pa.Table:
    """Match every cell type of one atlas with every one of the other.

    Returns
    -------
    A table with the columns `COLUMNS`, one row a pair of types, in the order of both columns.

    auroc : mean of both directions; 0.5 where a type is no more like the other than the rest are
    auroc_1_to_2 : how well the cells of the first atlas' type tell those of the second's from all its other cells
    auroc_2_to_1 : likewise back
    n, n_2 : cells of the types
    best : ``both`` where each is the best match of the other, ``first`` where only the second is the best of the first,
        ``second`` the other way round, else empty
    why : ``fewer than 10 cells``, where AUROC is NaN, else empty

    Notes
    -----
    Genes vote that are variable in both atlases: the upper quarter by variance among those of similar mean, as
    MetaNeighbor chooses them, but by the mean instead of the median, which is zero for most genes of single cells; of
    more than 1,000 those furthest above that quarter in the atlas where they are less so. At
    most 500 cells of a type are drawn, evenly over the file, and stand for all of it (`core.stats.neighbor_voting`).
    """
    excess = np.minimum(_excess(first, shared.first), _excess(second, shared.second))
    n_variable = int((excess > 1).sum())
    chosen = np.ones(len(shared), dtype=np.bool_)
    if n_variable >= MIN_VARIABLE:
        chosen[np.argsort(-excess, kind="stable")[min(n_variable, MOST_VARIABLE) :]] = False
    one, names = _profiles(first, params.by, shared.first[chosen], workers)
    other, names_2 = _profiles(second, params.by_2, shared.second[chosen], workers)
    forth, back = aurocs(one, other), aurocs(other, one).T
    few = (one.sizes < MIN_CELLS)[:, None] | (other.sizes < MIN_CELLS)
    forth[few], back[few] = np.nan, np.nan
    mean = (forth + back) / 2
    n, n_2 = len(names), len(names_2)
    table = pa.table(
        {
            "cell_type": np.repeat(np.array(names, dtype=object), n_2),
            "cell_type_2": np.tile(np.array(names_2, dtype=object), n),
            "auroc": mean.ravel(),
            "auroc_1_to_2": forth.ravel(),
            "auroc_2_to_1": back.ravel(),
            "n": np.repeat(one.sizes, n_2),
            "n_2": np.tile(other.sizes, n),
            "best": _best(mean).ravel(),
            "why": np.where(few, FEW, "").astype(object).ravel(),
        }
    )
    facts = {
        "n_genes": int(chosen.sum()),
        "genes": "variable in both atlases" if n_variable >= MIN_VARIABLE else "shared",
        "n_cells_drawn": len(one.codes),
        "n_cells_drawn_2": len(other.codes),
        "n_cells": int(one.sizes.sum()),
        "n_cells_2": int(other.sizes.sum()),
    }
    return table.replace_schema_metadata({FACTS: json.dumps(facts)})


def facts_of(table: pa.Table) -> dict[str, Any]:
    """Return the numbers of genes and cells behind a table of `type_auroc`."""
    return json.loads((table.schema.metadata or {})[FACTS])


def _best(mean: np.ndarray) -> np.ndarray:
    filled = np.nan_to_num(mean, nan=-1.0)
    across = (filled == filled.max(axis=1, keepdims=True)) & np.isfinite(mean)
    down = (filled == filled.max(axis=0, keepdims=True)) & np.isfinite(mean)
    return np.select([across & down, across, down], [BOTH, FIRST, SECOND], "").astype(object)


def _excess(atlas: Atlas, genes: I64) -> F64:
    """Variance over the upper quartile of genes of similar mean: above 1 for variable genes, 0 for silent ones."""
    stats = atlas.layer(EXPRESSION).stats
    mean, variance = stats.mean[genes], np.nan_to_num(stats.variance[genes])
    expressed = stats.n_nonzero[genes] > 0
    found = np.zeros(len(genes))
    if not expressed.any():
        return found
    edges = np.quantile(mean[expressed], np.linspace(0, 1, BINS + 1)[1:-1])
    bins = np.searchsorted(edges, mean, side="right")
    for each in range(BINS):
        inside = expressed & (bins == each)
        if inside.any():
            quartile = np.quantile(variance[inside], QUARTILE)
            found[inside] = variance[inside] / quartile if quartile > 0 else 0.0
    return found


def _profiles(atlas: Atlas, by: str, genes: I64, workers: Workers) -> tuple[Profiles, list[str]]:
    column = atlas.categorical(by)
    counts = np.bincount(column.codes[column.codes != MISSING], minlength=len(column.categories))
    kept = np.flatnonzero(counts)
    drawn = [_even(np.flatnonzero(column.codes == code)) for code in kept]
    cells = np.concatenate(drawn)
    codes = np.repeat(np.arange(len(kept)), [len(each) for each in drawn])
    place = np.full(atlas.n_cells, -1, dtype=np.int32)
    place[cells] = np.arange(len(cells))
    parts = workers.over_genes(partial(_nonzeros, genes=genes, place=place), atlas, EXPRESSION)
    rows, columns, values = (np.concatenate(part) for part in zip(*parts, strict=True))
    return profiles(rows, columns, values, len(genes), (codes, counts[kept])), [
        column.categories[code] for code in kept
    ]


def _nonzeros(layer: Layer, start: int, stop: int, genes: I64, place: I32) -> tuple[I32, I32, Floats]:
    """Read some genes of a block in the drawn cells: places of the cells, places in `genes`, and values."""
    asked = np.flatnonzero((genes >= start) & (genes < stop))
    rows, values = [np.empty(0, dtype=np.int32)], [np.empty(0, dtype=layer.dtype)]
    for gene in genes[asked].tolist():
        expressing, value = layer.nonzeros(gene)
        where = place[expressing]
        inside = np.flatnonzero(where >= 0)
        rows.append(where[inside])
        values.append(value[inside])
    columns = np.repeat(asked.astype(np.int32), [len(each) for each in rows[1:]])
    return np.concatenate(rows), columns, np.concatenate(values)


def _even(cells: I64) -> I64:
    """Draw at most `CELLS` cells, evenly over their order: so from every sample, whatever the order of the file."""
    n = min(len(cells), CELLS)
    return cells[np.arange(n) * len(cells) // n]
