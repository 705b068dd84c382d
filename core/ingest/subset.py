"""A sample of the cells of a file: stratified, the same for the same seed, and chosen before any matrix is read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from core.atlas.manifest import ColumnInfo, Role, SubsetInfo
from core.atlas.store import CELL, MISSING
from core.errors import InvalidInput
from core.ingest.obs_var import Column, Obs, dictionary, numeric

if TYPE_CHECKING:
    from core.arrays import I64

# What makes a stratum: cells of one type in one sample.
STRATA: tuple[Role, ...] = ("cell_type", "sample")
MAX_SEED = 2**32 - 1


@dataclass(frozen=True)
class Subset:
    """Number of cells to take of a file, and the seed they are drawn with.

    Raises
    ------
    InvalidInput
        There would be none, or the seed is not one.
    """

    n: int
    seed: int = 0

    def __post_init__(self) -> None:
        if self.n < 1:
            raise InvalidInput(f"A subset cannot have {self.n:,} cells.", "Give a whole number from 1.")
        if not 0 <= self.seed <= MAX_SEED:
            raise InvalidInput(f"{self.seed} is not a seed.", f"Give a whole number from 0 to {MAX_SEED:,}.")


@dataclass(frozen=True)
class SampledCells:
    """The positions of the cells that were drawn, ascending, and how; with its sentence for the page."""

    cells: I64
    info: SubsetInfo
    note: str


def draw(obs: Obs, subset: Subset) -> SampledCells | None:
    """Choose the cells; None where the file has no more than were asked for.

    Notes
    -----
    Strata are the cells of one type in one sample, those without either among them. Each gets its share of the cells
    by largest remainder, and at least one where there are as many cells as strata. Within a stratum every cell is as
    likely as any other. Without either role all cells are one stratum.
    """
    n_cells = obs.table.num_rows
    if subset.n >= n_cells:
        return None
    columns = tuple(obs.roles[role] for role in STRATA if role in obs.roles)
    strata, sizes = _strata(obs, columns)
    given = shares(sizes, subset.n)
    # A cell is drawn when few enough of its stratum have a smaller number.
    numbers = np.random.default_rng(subset.seed).random(n_cells)
    order = np.lexsort((numbers, strata))
    begins = np.cumsum(sizes) - sizes
    rank = np.arange(n_cells) - np.repeat(begins, sizes)
    cells = np.sort(order[rank < np.repeat(given, sizes)])
    info = SubsetInfo(n_source_cells=n_cells, seed=subset.seed, columns=columns, n_strata=len(sizes))
    return SampledCells(cells, info, _words(info, len(cells)))


def shares(sizes: I64, n: int) -> I64:
    """Allocate the cells to strata, by largest remainder.

    Parameters
    ----------
    sizes
        Cells of each stratum, all positive.
    n
        Cells wanted, at most as many as there are.

    Returns
    -------
    (n_strata,) int64, of sum `n` and nowhere above `sizes`; nowhere 0 as long as `n` is no less than the strata are.
    Among equal remainders the larger stratum, then the first one, goes before.
    """
    given = np.zeros(len(sizes), dtype=np.int64)
    open_ = np.ones(len(sizes), dtype=bool)
    if n >= len(sizes):
        # A stratum whose share is below one cell gives one, and the others share what is left; again, since theirs
        # becomes smaller by it.
        while (small := open_ & (sizes * (n - given.sum()) < sizes[open_].sum())).any():
            given[small] = 1
            open_ &= ~small
    # Whole numbers throughout, so that no rounding decides.
    left = n - int(given.sum())
    total = int(sizes[open_].sum())
    at = np.flatnonzero(open_)
    whole, remainder = np.divmod(sizes[at] * left, total)
    given[at] = whole
    first = np.lexsort((at, -sizes[at], -remainder))[: left - int(whole.sum())]
    given[at[first]] += 1
    return given


def of_cells(obs: Obs, cells: I64) -> Obs:
    """Keep some cells of a table; categories without a cell are dropped, and then roles without use."""
    columns: dict[str, Column] = {
        info.name: _column(info, obs.table[info.name].combine_chunks(), cells) for info in obs.columns
    }
    arrays = {CELL: obs.table[CELL].take(cells), **{name: column.array for name, column in columns.items()}}
    roles: dict[Role, str] = {role: name for role, name in obs.roles.items() if columns[name].info.n_categories}
    return Obs(pa.table(arrays), tuple(column.info for column in columns.values()), roles, obs.notes)


def _column(info: ColumnInfo, array: pa.Array, cells: I64) -> Column:
    if info.kind == "numeric":
        return numeric(info.name, array.to_numpy()[cells])
    if info.kind == "text":
        kept = array.take(cells)
        return Column(info.model_copy(update={"n_missing": kept.null_count}), kept)
    codes = _codes(array)[cells]
    names = array.dictionary.to_pylist()
    used = np.unique(codes[codes != MISSING])
    place = np.full(len(names) + 1, MISSING, dtype=np.int32)
    place[used] = np.arange(len(used))
    return dictionary(info.name, place[codes], [names[code] for code in used])


def _strata(obs: Obs, columns: tuple[str, ...]) -> tuple[I64, I64]:
    """Return the stratum of each cell, and the number of cells in each."""
    codes = np.zeros(obs.table.num_rows, dtype=np.int64)
    for name in columns:
        array = obs.table[name].combine_chunks()
        codes = codes * (len(array.dictionary) + 1) + _codes(array) + 1
    _, strata, sizes = np.unique(codes, return_inverse=True, return_counts=True)
    return strata, sizes


def _codes(array: pa.DictionaryArray) -> I64:
    return array.indices.fill_null(MISSING).to_numpy(zero_copy_only=False).astype(np.int64)


def _words(info: SubsetInfo, n: int) -> str:
    by = " and ".join(info.columns)
    how = f"in the proportions of {by}" if by else "at random, since no column tells cell types or samples apart"
    return f"This is a sample: {n:,} of the {info.n_source_cells:,} cells of the file, drawn {how} (seed {info.seed})."
