"""Correlation of donor means: one point a sample."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from core.analysis.gene_pair import PairParams, coefficient, pair_values
from core.analysis.stratified import MIN_SAMPLES
from core.cache.in_process import remembered
from core.errors import InvalidQuery
from core.stats import correlation

if TYPE_CHECKING:
    from core.atlas.store import Atlas, Categorical
    from core.stats.correlation import F64


MIN_SAMPLE_CELLS = 10


@dataclass(frozen=True)
class DonorMeans:
    """The correlation of sample means, with n = samples; `left_out` samples had fewer than ten cells."""

    r: float
    ci_low: float
    ci_high: float
    p: float
    n: int
    left_out: int
    samples: tuple[str, ...]
    x: F64
    y: F64


@remembered
def donor_means(atlas: Atlas, params: PairParams) -> DonorMeans:
    """Correlate the means of two genes over samples: the unit of replication is the donor.

    Raises
    ------
    InvalidQuery
        The atlas names no samples, or fewer than four have ten selected cells.
    """
    column = sample_column(atlas)
    values = pair_values(atlas, params)
    counts = np.bincount(column.codes[values.used & (column.codes >= 0)], minlength=len(column.categories))
    kept = np.flatnonzero(counts >= MIN_SAMPLE_CELLS)
    if len(kept) < MIN_SAMPLES:
        raise InvalidQuery(
            f"Only {len(kept)} samples have {MIN_SAMPLE_CELLS} or more of these cells; donor means need {MIN_SAMPLES}.",
            "Select more cells.",
        )
    x, y = (_means(each, column, values.used)[kept] for each in (values.x, values.y))
    r = coefficient(x, y, params.method)
    low, high = correlation.intervals(r, len(kept), params.method)
    names = tuple(column.categories[at] for at in kept)
    n_some = int((counts > 0).sum())
    p = float(correlation.p_values(r, len(kept)))
    return DonorMeans(r, float(low), float(high), p, len(kept), n_some - len(kept), names, x, y)


def sample_column(atlas: Atlas) -> Categorical:
    """Return the column of samples; InvalidQuery where the atlas knows none."""
    column = atlas.role("sample")
    if column is None:
        raise InvalidQuery(f"{atlas.id} has no column of samples.", "Import it again with --sample COLUMN.")
    return column


def _means(values: F64, column: Categorical, cells: np.ndarray) -> F64:
    inside = cells & (column.codes >= 0)
    codes = column.codes[inside]
    size = len(column.categories)
    with np.errstate(invalid="ignore"):
        return np.bincount(codes, weights=values[inside], minlength=size) / np.bincount(codes, minlength=size)
