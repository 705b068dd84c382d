"""One gene in the cells of a selection: its values, and what they are in each category."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from core.selection import mask_of
from core.store import EXPRESSION, MISSING, Atlas, Floats

if TYPE_CHECKING:
    from core.query import Selection
    from core.selection import Mask
    from core.store import Categorical

NOT_GIVEN = "(not given)"
N_GRID = 96
# A density of fewer cells would be an invention.
MIN_DENSITY_CELLS = 5


@dataclass(frozen=True)
class Expression:
    """One gene in every cell.

    Attributes
    ----------
    gene, gene_id, index
        Its display name, the file's own name, and its position.
    values : (n_cells,) in the layer's dtype and `unit`; zeros are zeros, nothing is missing
    """

    gene: str
    gene_id: str
    index: int
    layer: str
    unit: str
    values: Floats


@dataclass(frozen=True)
class CategorySummary:
    """One gene in the cells of one category.

    `n_expressing` counts values above zero; `mean`, `median` and the quartiles run over all `n` cells, zeros included,
    and are NaN where n is 0.
    """

    category: str
    n: int
    n_expressing: int
    mean: float
    median: float
    quartile_1: float
    quartile_3: float

    @property
    def pct_expressing(self) -> float:
        """Percent of the cells with a value above zero; NaN for no cells."""
        return 100.0 * self.n_expressing / self.n if self.n else float("nan")


@dataclass(frozen=True)
class Density:
    """A violin: `height` (n_grid,) over `grid` (n_grid,), scaled to a maximum of 1; empty below five cells."""

    grid: Floats
    height: Floats


def expression_of(atlas: Atlas, gene: str, layer: str = EXPRESSION) -> Expression:
    """The values of one gene in every cell.

    Raises
    ------
    UnknownGene
        The atlas has no such gene.
    InvalidQuery
        It has no such layer.
    """
    opened = atlas.layer(layer or EXPRESSION)
    index = atlas.genes.resolve(gene)
    return Expression(
        gene=atlas.genes.names[index],
        gene_id=atlas.genes.ids[index],
        index=index,
        layer=opened.name,
        unit=opened.info.unit,
        values=opened.dense(index),
    )


def groups_of(column: Categorical, mask: Mask) -> list[tuple[str, Mask]]:
    """The categories of a column with the selected cells of each; cells without one come last as ``(not given)``."""
    groups = [(category, mask & (column.codes == code)) for code, category in enumerate(column.categories)]
    missing = mask & (column.codes == MISSING)
    return [*groups, (NOT_GIVEN, missing)] if missing.any() else groups


def summarise(atlas: Atlas, expression: Expression, by: str, selection: Selection) -> list[CategorySummary]:
    """Summaries of one gene in each category of a column, within a selection; categories without cells are kept."""
    groups = groups_of(atlas.categorical(by), mask_of(atlas, selection))
    return [_summary(category, expression.values[cells]) for category, cells in groups]


def densities(atlas: Atlas, expression: Expression, by: str, selection: Selection) -> list[Density]:
    """Kernel densities of one gene in each category of a column, in the order of `summarise`.

    Notes
    -----
    A Gaussian kernel with Scott's bandwidth over 256 bins, which at the width of a violin is indistinguishable from one
    over the cells, and costs the same for any number of them. The density is cut at the smallest and largest value, so
    that no violin shows expression that no cell has.
    """
    groups = groups_of(atlas.categorical(by), mask_of(atlas, selection))
    return [_density(expression.values[cells]) for _, cells in groups]


def _summary(category: str, values: Floats) -> CategorySummary:
    if not values.size:
        nan = float("nan")
        return CategorySummary(category, 0, 0, nan, nan, nan, nan)
    wide = values.astype(np.float64)
    low, middle, high = np.quantile(wide, [0.25, 0.5, 0.75])
    return CategorySummary(
        category, int(values.size), int((values > 0).sum()), float(wide.mean()), float(middle), float(low), float(high)
    )


def _density(values: Floats) -> Density:
    from scipy.stats import gaussian_kde

    empty = np.empty(0)
    if values.size < MIN_DENSITY_CELLS or values.min() == values.max():
        return Density(empty, empty)
    counts, edges = np.histogram(values.astype(np.float64), bins=256)
    centres = (edges[:-1] + edges[1:]) / 2
    kept = counts > 0
    # The bandwidth factor is that of the cells, not of the bins.
    kernel = gaussian_kde(centres[kept], weights=counts[kept], bw_method=float(values.size) ** -0.2)
    grid = np.linspace(float(values.min()), float(values.max()), N_GRID)
    height = kernel(grid)
    return Density(grid, height / height.max())
