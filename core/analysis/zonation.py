"""A gene along the liver lobule: its mean and its share of expressing cells in each zone, over donors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from core.analysis.donor_groups import MIN_CELLS
from core.analysis.expression import codes_within
from core.analysis.zonation_axis import hepatocytes_of
from core.atlas.store import MISSING
from core.selection.masks import mask_of

if TYPE_CHECKING:
    from core.analysis.expression import Expression
    from core.analysis.zonation_axis import Axis
    from core.arrays import F64, Mask
    from core.atlas.store import Atlas
    from core.selection.model import Selection

COLUMNS = ("zone", "split", "n", "mean", "pct_expressing", "n_donors", "donor_mean", "donor_pct_expressing")
DONOR_COLUMNS = ("zone", "split", "donor", "n", "mean", "pct_expressing")


@dataclass(frozen=True, eq=False)
class Zonation:
    """One gene in each zone.

    Attributes
    ----------
    table
        The columns `COLUMNS`: one row for each category of the split (one without a name where there is none) and
        zone, in order. `mean` and `pct_expressing` run over all `n` cells; `donor_mean` and `donor_pct_expressing` are
        means over the `n_donors` donors with `MIN_CELLS` cells or more there. NaN without cells, or donors.
    donors
        The columns `DONOR_COLUMNS`: those donors.
    splits
        Categories of the split that have cells, in their order.
    hepatocytes
        Whether the cells are hepatocytes; else they are all selected cells with a zone.
    n_cells, n_samples, n_without
        Cells that are counted, their samples (None where the atlas names none), and further selected cells of the kind
        that have no zone.
    """

    axis: Axis
    table: pa.Table
    donors: pa.Table
    splits: tuple[str, ...]
    hepatocytes: bool
    n_cells: int
    n_samples: int | None
    n_without: int


def along(atlas: Atlas, expression: Expression, axis: Axis, selection: Selection, split: str = "") -> Zonation:
    """Summarise a gene in each zone, within a selection.

    The cells are the hepatocytes of the selection, by the names of the cell types. Where none of them is selected or
    known, they are all selected cells with a zone.

    Parameters
    ----------
    split
        A column whose categories are summarised side by side; empty for none.
    """
    chosen = mask_of(atlas, selection)
    hepatocytes = hepatocytes_of(atlas)
    zoned = chosen & (axis.codes != MISSING)
    only = hepatocytes is not None and bool((zoned & hepatocytes).any())
    kind = chosen & hepatocytes if only and hepatocytes is not None else chosen
    inside = zoned & kind
    codes, names = codes_within(atlas, split, inside) if split else (np.zeros(atlas.n_cells, dtype=np.int64), [""])
    present = np.flatnonzero(np.bincount(codes[inside], minlength=len(names)))
    n_zones = len(axis.zones)
    rows = (codes * n_zones + axis.codes)[inside]
    n_rows = len(names) * n_zones
    values = expression.values[inside].astype(np.float64)
    n, sums, positive = _sums(rows, values, n_rows)
    kept = (present[:, None] * n_zones + np.arange(n_zones)).ravel()
    samples = atlas.role("sample")
    donors, means, shares, n_donors = _of_donors(atlas, inside, rows, values, (kept, n_zones, names, axis.zones))
    labels = [names[at] for at in present.tolist()]
    table = pa.table(
        {
            "zone": pa.array([*axis.zones] * len(labels), pa.string()),
            "split": pa.array([label for label in labels for _ in axis.zones], pa.string()),
            "n": n[kept],
            "mean": _ratio(sums, n)[kept],
            "pct_expressing": 100 * _ratio(positive, n)[kept],
            "n_donors": n_donors,
            "donor_mean": means,
            "donor_pct_expressing": shares,
        }
    )
    n_samples = None if samples is None else int(np.unique(samples.codes[inside & (samples.codes != MISSING)]).size)
    n_cells = int(inside.sum())
    return Zonation(axis, table, donors, tuple(labels), only, n_cells, n_samples, int(kind.sum()) - n_cells)


def _sums(rows: np.ndarray, values: F64, n_rows: int) -> tuple[np.ndarray, F64, F64]:
    """Count the cells of each row, sum their values, and count those above zero."""
    counts = np.bincount(rows, minlength=n_rows)
    positive: F64 = np.bincount(rows, weights=(values > 0).astype(np.float64), minlength=n_rows).astype(np.float64)
    sums: F64 = np.bincount(rows, weights=values, minlength=n_rows).astype(np.float64)
    return counts, sums, positive


def _ratio(parts: F64, n: np.ndarray) -> F64:
    """Divide; NaN where n is 0."""
    return np.divide(parts, n, out=np.full(len(n), np.nan), where=n > 0)


def _of_donors(
    atlas: Atlas,
    inside: Mask,
    rows: np.ndarray,
    values: F64,
    frame: tuple[np.ndarray, int, list[str], tuple[str, ...]],
) -> tuple[pa.Table, F64, F64, np.ndarray]:
    """Summarise each donor of each kept row, and average over donors."""
    kept, n_zones, names, zones = frame
    samples = atlas.role("sample")
    donors = () if samples is None else samples.categories
    found: list[tuple[str, str, str, int, float, float]] = []
    means, shares = np.full(len(kept), np.nan), np.full(len(kept), np.nan)
    n_donors = np.zeros(len(kept), dtype=np.int64)
    if samples is not None and donors:
        given = samples.codes[inside] != MISSING
        places = rows[given] * len(donors) + samples.codes[inside][given]
        size = len(names) * n_zones * len(donors)
        n, sums, positive = (part.reshape(-1, len(donors)) for part in _sums(places, values[given], size))
        for at, row in enumerate(kept.tolist()):
            enough = np.flatnonzero(n[row] >= MIN_CELLS)
            if not enough.size:
                continue
            own, share = sums[row, enough] / n[row, enough], 100 * positive[row, enough] / n[row, enough]
            means[at], shares[at], n_donors[at] = own.mean(), share.mean(), enough.size
            split, zone = names[row // n_zones], zones[row % n_zones]
            found += [
                (zone, split, donors[donor], int(n[row, donor]), float(mean), float(part))
                for donor, mean, part in zip(enough.tolist(), own, share, strict=True)
            ]
    kinds = (pa.string(), pa.string(), pa.string(), pa.int64(), pa.float64(), pa.float64())
    columns = {
        name: pa.array([row[at] for row in found], kind)
        for at, (name, kind) in enumerate(zip(DONOR_COLUMNS, kinds, strict=True))
    }
    return pa.table(columns), means, shares, n_donors
