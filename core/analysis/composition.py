"""Composition of samples: the cells of each category in each sample."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from core.analysis.columns import column_or_role
from core.analysis.dotplot import MAX_ROWS
from core.analysis.expression import codes_within
from core.atlas.store import MISSING
from core.errors import InvalidQuery
from core.selection.masks import mask_of
from core.selection.model import Selection

if TYPE_CHECKING:
    from core.arrays import Mask
    from core.atlas.store import Atlas, Categorical

COLUMNS = ("sample", "group", "category", "n", "fraction")


@dataclass(frozen=True)
class CompositionParams:
    """Parameters of a composition: the cells of each category of `by` in each category of `sample`, in a selection."""

    by: str
    sample: str
    selection: Selection = field(default_factory=Selection)

    @classmethod
    def of(cls, atlas: Atlas, by: str = "", sample: str = "", selection: Selection | None = None) -> CompositionParams:
        """Make the canonical parameters: the cell types and the samples of the atlas, unless columns are named.

        Raises
        ------
        UnknownColumn, InvalidQuery
            A column does not exist or holds numbers, both are the same, or none is named and the atlas knows none.
        """
        by, sample = column_or_role(atlas, by), _sample_column(atlas, sample)
        if by == sample:
            raise InvalidQuery(f"The column {by!r} cannot be both the samples and their categories.", "Change one.")
        n_rows = len(atlas.categorical(by).categories) * len(atlas.categorical(sample).categories)
        if n_rows > MAX_ROWS:
            raise InvalidQuery(
                f"{by} in each {sample} makes {n_rows:,} rows; {MAX_ROWS:,} is the limit.",
                "Choose a column with fewer categories.",
            )
        return cls(by, sample, selection or Selection())


@dataclass(frozen=True)
class Composition:
    """Composition of the selected cells of each sample.

    Attributes
    ----------
    table
        The columns `COLUMNS`: one row for each sample with selected cells and each category of the column, also where
        there is none. `fraction` is `n` over all selected cells of the sample, those without a category included, which
        are the category ``(not given)``. Samples come in the order of their groups, then of their own column.
    group
        The column of the groups; empty, and so is ``group`` in every row, where the atlas knows none or a sample has
        selected cells of several.
    groups
        The categories of that column that a sample lies in, in order.
    n_samples, n_empty
        Samples with and without a selected cell.
    n_without
        Selected cells for which no sample is given: they are in no row.
    """

    table: pa.Table
    group: str
    groups: tuple[str, ...]
    n_samples: int
    n_empty: int
    n_without: int


def composition(atlas: Atlas, params: CompositionParams) -> Composition:
    """Count the cells of each category in each sample."""
    mask = mask_of(atlas, params.selection)
    samples = atlas.categorical(params.sample)
    given = mask & (samples.codes != MISSING)
    codes, names = codes_within(atlas, params.by, given)
    n_all, size = len(samples.categories), len(names)
    places = samples.codes[given].astype(np.int64) * size + codes[given]
    n = np.bincount(places, minlength=n_all * size).reshape(n_all, size)
    totals = n.sum(axis=1)
    group = atlas.role("group")
    of_sample = None if group is None or group.name == params.sample else _one_group(samples, group, given)
    kept = np.flatnonzero(totals)
    # A sample without a group comes last.
    last = 0 if group is None else len(group.categories)
    rank = np.zeros(n_all, dtype=np.int64) if of_sample is None else np.where(of_sample == MISSING, last, of_sample)
    kept = kept[np.argsort(rank[kept], kind="stable")]
    shown = [""] * n_all
    if group is not None and of_sample is not None:
        shown = ["" if code == MISSING else group.categories[code] for code in of_sample]
    columns = {
        "sample": np.repeat(np.array(samples.categories, dtype=object)[kept], size),
        "group": np.repeat(np.array(shown, dtype=object)[kept], size),
        "category": np.tile(np.array(names, dtype=object), len(kept)),
        "n": n[kept].ravel(),
        "fraction": (n[kept] / totals[kept, None]).ravel(),
    }
    types = (pa.string(), pa.string(), pa.string(), pa.int64(), pa.float64())
    return Composition(
        table=pa.table({name: pa.array(columns[name], kind) for name, kind in zip(COLUMNS, types, strict=True)}),
        group=group.name if group is not None and of_sample is not None else "",
        groups=tuple(dict.fromkeys(shown[at] for at in kept if shown[at])),
        n_samples=len(kept),
        n_empty=n_all - len(kept),
        n_without=int(mask.sum() - given.sum()),
    )


def _sample_column(atlas: Atlas, name: str) -> str:
    if not name and "sample" not in atlas.manifest.roles:
        columns = [column.name for column in atlas.manifest.columns if column.kind == "categorical"]
        remedy = f"It has: {', '.join(columns)}." if columns else ""
        raise InvalidQuery(
            f"{atlas.id} has no column of samples; name one: sample=COLUMN.", remedy or "It has no categories."
        )
    return atlas.categorical(name or atlas.manifest.roles["sample"]).name


def _one_group(samples: Categorical, group: Categorical, given: Mask) -> np.ndarray | None:
    """Find the group of each sample, -1 for none; None when the cells of a sample lie in several groups."""
    known = given & (group.codes != MISSING)
    shape = (len(samples.categories), len(group.categories))
    places = samples.codes[known].astype(np.int64) * shape[1] + group.codes[known]
    n = np.bincount(places, minlength=shape[0] * shape[1]).reshape(shape)
    if (np.count_nonzero(n, axis=1) > 1).any():
        return None
    return np.where(n.any(axis=1), n.argmax(axis=1) if shape[1] else MISSING, MISSING)
