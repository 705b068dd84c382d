"""Distributions of values within categories: summaries and densities."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from core.analysis.expression import Expression, Valued, codes_within
from core.arrays import Floats
from core.atlas.store import Atlas
from core.selection.masks import mask_of

if TYPE_CHECKING:
    from core.analysis.contrasts import Groups
    from core.arrays import I64
    from core.selection.model import Selection


N_GRID = 256
# A density of fewer cells would be an invention.
MIN_DENSITY_CELLS = 5
N_BINS = 256


@dataclass(frozen=True)
class CategorySummary:
    """One gene in the cells of one category.

    `n_expressing` counts values above zero; `mean`, `median` and the quartiles run over all `n` cells, zeros included,
    and are NaN where n is 0. `split` is the category of a second column, empty when there is none. The whiskers are
    the smallest and largest value within 1.5 interquartile ranges of the quartiles (Tukey). `n_zeros` counts the values
    that are exactly zero.
    """

    category: str
    n: int
    n_expressing: int
    mean: float
    median: float
    quartile_1: float
    quartile_3: float
    split: str = ""
    whisker_low: float = float("nan")
    whisker_high: float = float("nan")
    n_zeros: int = 0

    @property
    def pct_expressing(self) -> float:
        """Percent of the cells with a value above zero; NaN for no cells."""
        return 100.0 * self.n_expressing / self.n if self.n else float("nan")


@dataclass(frozen=True)
class Density:
    """A violin: `height` (n_grid,) over `grid` (n_grid,), scaled to a maximum of 1; empty below five cells."""

    grid: Floats
    height: Floats


def summarise(
    atlas: Atlas, expression: Valued, by: str, selection: Selection, split: str = ""
) -> list[CategorySummary]:
    """Summaries of one gene in each category of a column, within a selection; categories without cells are kept.

    Parameters
    ----------
    expression
        A gene, or a score; cells without one count nowhere.
    split
        A second column: then there is one summary for each pair of categories, the second running faster.

    Returns
    -------
    list
        In the order of the column; the cells without a category, if there are any, come last as ``(not given)``.
    """
    groups = _groups(atlas, by, selection, split)
    return [_summary(category, inner, _given(expression.values[cells])) for category, inner, cells in groups]


def densities(atlas: Atlas, expression: Valued, by: str, selection: Selection, split: str = "") -> list[Density]:
    """Kernel densities of one gene in each category of a column, in the order of `summarise`.

    Notes
    -----
    A Gaussian kernel with Scott's bandwidth over 256 bins, which at the width of a violin is indistinguishable from one
    over the cells, and costs the same for any number of them. The density is cut at the smallest and largest value, so
    that no violin shows expression that no cell has.
    """
    return [_density(_given(expression.values[cells])) for _, _, cells in _groups(atlas, by, selection, split)]


def within_groups(expression: Expression, groups: Groups) -> list[tuple[CategorySummary, Density]]:
    """One gene in each of some groups of cells that need not be categories of one column, in their order."""
    inside = [expression.values[groups.codes == at] for at in range(len(groups.names))]
    return [(_summary(name, "", values), _density(values)) for name, values in zip(groups.names, inside, strict=True)]


def _groups(atlas: Atlas, by: str, selection: Selection, split: str) -> list[tuple[str, str, I64]]:
    mask = mask_of(atlas, selection)
    outer, outer_names = codes_within(atlas, by, mask)
    inner, inner_names = codes_within(atlas, split, mask) if split else (np.zeros_like(outer), [""])
    codes = (outer * len(inner_names) + inner)[mask]
    # A stable sort of small integers is a radix sort: one pass finds the cells of every category.
    small = codes.astype(np.uint16 if len(outer_names) * len(inner_names) < np.iinfo(np.uint16).max else np.uint32)
    cells = np.flatnonzero(mask)[np.argsort(small, kind="stable")]
    ends = np.cumsum(np.bincount(small, minlength=len(outer_names) * len(inner_names)))
    pairs = [(category, second) for category in outer_names for second in inner_names]
    return [(*pair, cells[end - n : end]) for pair, end, n in zip(pairs, ends, np.diff(ends, prepend=0), strict=True)]


def _given(values: Floats) -> Floats:
    return values[~np.isnan(values)]


def _summary(category: str, split: str, values: Floats) -> CategorySummary:
    if not values.size:
        nan = float("nan")
        return CategorySummary(category, 0, 0, nan, nan, nan, nan, split)
    wide = values.astype(np.float64)
    low, middle, high = (float(value) for value in np.quantile(wide, [0.25, 0.5, 0.75]))
    reach = 1.5 * (high - low)
    whiskers = float(wide[wide >= low - reach].min()), float(wide[wide <= high + reach].max())
    n_expressing = int((values > 0).sum())
    return CategorySummary(
        category,
        int(values.size),
        n_expressing,
        float(wide.mean()),
        middle,
        low,
        high,
        split,
        *whiskers,
        values.size - int(np.count_nonzero(values)),
    )


def _density(values: Floats) -> Density:
    empty = np.empty(0)
    if values.size < MIN_DENSITY_CELLS or values.min() == values.max():
        return Density(empty, empty)
    counts, edges = np.histogram(values.astype(np.float64), bins=N_BINS)
    kept = counts > 0
    centres, share = ((edges[:-1] + edges[1:]) / 2)[kept], counts[kept] / values.size
    # Spread and Scott's factor are those of the cells, not of the bins: most cells may lie in the bin of the zeros.
    variance = float(values.var(dtype=np.float64, ddof=1))
    width = variance**0.5 * float(values.size) ** -0.2
    grid = np.linspace(float(values.min()), float(values.max()), N_GRID)
    height = np.exp(-0.5 * ((grid[:, None] - centres) / width) ** 2) @ share
    return Density(grid, height / height.max())
