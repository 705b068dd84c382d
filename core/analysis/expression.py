"""One gene in the cells of a selection: its values, and what they are in each category."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from core.atlas.store import EXPRESSION, MISSING, Atlas, Floats
from core.selection.masks import mask_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from core.analysis.contrasts import Groups
    from core.atlas.store import I64
    from core.selection.masks import Mask
    from core.urls.page_queries import Selection

NOT_GIVEN = "(not given)"
N_GRID = 96
# A density of fewer cells would be an invention.
MIN_DENSITY_CELLS = 5
N_BINS = 256
# Shown when nobody has asked for a gene: what a liver, then a blood biologist looks for first.
EXAMPLES = ("ALB", "CYP2E1", "APOA1", "fabp10a", "CD3D", "LYZ", "NKG7", "TTR", "APOC3", "HBB", "PTPRC")


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


class Valued(Protocol):
    """What has a number for every cell: a gene, or the score of a gene set, which is NaN where a cell has none."""

    @property
    def values(self) -> Floats:
        """In cell order, (n_cells,)."""
        ...


@dataclass(frozen=True)
class CategorySummary:
    """One gene in the cells of one category.

    `n_expressing` counts values above zero; `mean`, `median` and the quartiles run over all `n` cells, zeros included,
    and are NaN where n is 0. `split` is the category of a second column, empty when there is none. The whiskers are
    the smallest and largest value within 1.5 interquartile ranges of the quartiles (Tukey).
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


@dataclass(frozen=True)
class Overview:
    """What a selection holds: cells, samples (None without that role), expressing cells, cells without a place."""

    n: int
    n_samples: int | None
    n_expressing: int
    n_unplaced: int

    @property
    def pct_expressing(self) -> float:
        """Percent of the cells with a value above zero; NaN for no cells."""
        return 100.0 * self.n_expressing / self.n if self.n else float("nan")


def known_markers(atlas: Atlas) -> Iterator[str]:
    """Those of `EXAMPLES` that the atlas has and some cell expresses, in the atlas' own spelling."""
    expressed = atlas.layer().stats.n_nonzero
    for wanted in EXAMPLES:
        for found in atlas.genes.search(wanted, limit=1):
            if atlas.genes.names[found].casefold() == wanted.casefold() and expressed[found]:
                yield atlas.genes.names[found]


def known_marker(atlas: Atlas) -> str | None:
    """The first of `known_markers`."""
    return next(known_markers(atlas), None)


def example_gene(atlas: Atlas, besides: str = "") -> str:
    """A gene worth a first look: a known marker, else the most overdispersed gene (variance / mean).

    Parameters
    ----------
    besides
        The display name of a gene that is looked at already; it is the answer only where there is no other.
    """
    marker = next((name for name in known_markers(atlas) if name != besides), None)
    if marker is not None:
        return marker
    stats = atlas.layer().stats
    with np.errstate(divide="ignore", invalid="ignore"):
        dispersion = np.nan_to_num(stats.variance / stats.mean, nan=-1.0, posinf=-1.0)
    order = np.argsort(-dispersion, kind="stable")[:2].tolist()
    return next((atlas.genes.names[gene] for gene in order if atlas.genes.names[gene] != besides), besides)


def overview(atlas: Atlas, expression: Expression, selection: Selection, embedding: str = "") -> Overview:
    """Count what a selection holds."""
    mask = mask_of(atlas, selection)
    samples = atlas.role("sample")
    n_samples = None
    if samples is not None:
        n_samples = int(np.count_nonzero(np.bincount(samples.codes[mask] + 1, minlength=1)[1:]))
    unplaced = 0
    if embedding and atlas.embedding_info(embedding).n_missing:
        unplaced = int((mask & ~np.isfinite(atlas.embedding(embedding)).all(axis=1)).sum())
    return Overview(int(mask.sum()), n_samples, int((mask & (expression.values > 0)).sum()), unplaced)


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


def codes_within(atlas: Atlas, name: str, mask: Mask) -> tuple[I64, list[str]]:
    """The category of every cell, and what the categories are called; ``(not given)`` comes last, where it is needed.

    Returns
    -------
    codes : (n_cells,) int64, places in `names`; outside of the mask they need not be among them
    names : every category of the column, with or without cells
    """
    column = atlas.categorical(name)
    missing = mask & (column.codes == MISSING)
    names = [*column.categories, NOT_GIVEN] if missing.any() or not column.categories else list(column.categories)
    return np.where(column.codes == MISSING, len(column.categories), column.codes).astype(np.int64), names


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
        category, int(values.size), n_expressing, float(wide.mean()), middle, low, high, split, *whiskers
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
