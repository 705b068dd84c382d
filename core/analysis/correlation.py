"""One gene against every gene of an atlas, in any selection of its cells.

The table that the page, the API, the command line and the cache all hand on is made here, once.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import pyarrow as pa

from core.analysis import correlation_inference as inference
from core.analysis.correlation_passes import exact_p_values, may_be_skewed, most_of_ranks, most_of_values, third_moments
from core.atlas.kernel_block import block_of
from core.atlas.store import EXPRESSION
from core.compute.admission import heavy
from core.errors import InvalidQuery
from core.kernels import correlation as kernels
from core.kernels import shared_cells
from core.kernels.level_block import PACKED_CELLS
from core.kernels.permutations import EXACT_BELOW
from core.selection.masks import mask_of
from core.selection.model import Selection
from core.stats import multiple_testing

if TYPE_CHECKING:
    from core.arrays import F64, Floats, Mask
    from core.atlas.store import Atlas, Layer
    from core.compute.executor import Workers
    from core.stats.correlation import Method

# Queries of the kernels `pearson`, `pearson_nonzero`, `spearman` and `spearman_nonzero`.
ValueQuery: TypeAlias = tuple[np.ndarray, float, float, float, np.ndarray, int]
SharedQuery: TypeAlias = tuple[np.ndarray, float]
RankQuery: TypeAlias = tuple[np.ndarray, float, int]
SharedLevels: TypeAlias = tuple[np.ndarray, int]

COLUMNS = ("gene", "r", "ci_low", "ci_high", "p", "p_bh", "p_bonferroni", "n", "pct_expressing", "why")
METHODS: tuple[Method, ...] = ("spearman", "pearson")
MIN_CELLS = 3
# Fewer cells give high coefficients by chance: genes with fewer cells of the pair, or seen in fewer, come after others.
SURE_CELLS = 30
SURE_SEEN = 10
RANKED_LAST = "ranked last: "


def method_of(text: str) -> Method:
    """Read a method; Spearman unless one is named."""
    for method in METHODS:
        if method == (text or "spearman"):
            return method
    raise InvalidQuery(f"{text[:40]!r} is not a method.", "Use spearman or pearson.")


@dataclass(frozen=True)
class CorrelationParams:
    """Parameters of a correlation; with the atlas' content hash, the key under which the answer is cached.

    Attributes
    ----------
    gene : its display name, as `Atlas.genes` gives it
    method : ``spearman`` or ``pearson``
    drop_zeros : for each pair, only the cells where both genes are nonzero
    layer, selection : which values, of which cells
    """

    gene: str
    method: Method = "spearman"
    drop_zeros: bool = False
    layer: str = EXPRESSION
    selection: Selection = field(default_factory=Selection)

    @classmethod
    def of(cls, atlas: Atlas, gene: str, method: str = "", layer: str = "", **more: object) -> CorrelationParams:
        """Make the canonical parameters: the gene by its display name, defaults filled in.

        Raises
        ------
        UnknownGene, InvalidQuery
            The gene, the method or the layer does not exist.
        """
        name = atlas.genes.names[atlas.genes.resolve(gene)]
        opened = atlas.layer(layer or EXPRESSION)
        return cls(gene=name, method=method_of(method), layer=opened.name, **more)  # pyright: ignore[reportArgumentType] - checked above

    def within(self, by: str, category: str) -> CorrelationParams | None:
        """Restrict the parameters to one category of a column; None when the selection leaves that category out."""
        filters = dict(self.selection.where)
        if by in filters and category not in filters[by]:
            return None
        filters[by] = (category,)
        return replace(self, selection=self.selection.but(where=Selection.of(filters).where))


def correlates(atlas: Atlas, params: CorrelationParams, workers: Workers) -> pa.Table:
    """Correlate one gene with every other gene.

    Returns
    -------
    A table with the columns `COLUMNS`, one row for each gene but the one asked for, sorted by falling abs(r), then by
    name. Genes that rest on few cells come after these, and those with r = NaN (constant in these cells) last: few are
    fewer than 30 cells of the pair, where other genes have more, or fewer than 10 that express the gene. `n` counts the
    cells of each pair: all selected ones, or with `drop_zeros` those where both genes are nonzero. `pct_expressing` is
    the percentage of the selected cells with a value above zero. `p_bh` and `p_bonferroni` correct over the genes that
    have a p. `why` says, where p is missing or a gene is ranked last, for which reason; else it is empty.

    Raises
    ------
    InvalidQuery
        The selection holds fewer than three cells.

    Notes
    -----
    Cells are not replicates: p says how surely a pair of genes moves together in these very cells, not in other people.

    p is that of `core.stats.correlation.permutation_p_values`; in fewer than ten cells that of all their permutations.
    There is neither p nor interval where the two genes are seen in n_a and n_b of n cells and n_a n_b / n is below 5.
    """
    mask = mask_of(atlas, params.selection)
    n_inside = require_cells(mask, params.selection)
    gene = atlas.genes.resolve(params.gene)
    found = _all_genes(atlas, params, mask, gene, workers)
    others = np.arange(len(atlas.genes)) != gene
    names = np.array(atlas.genes.names, dtype=object)[others]
    r, n, seen = found.r[others], found.n[others], found.n_expressing[others]
    n_seen = int(found.n_expressing[gene])
    expected = None if params.drop_zeros else inference.expected_co_detections(n_seen, seen, n_inside)
    p, low, high = inference.p_and_intervals(r, n, found.skewness[others], found.exact[others], expected, params.method)
    why, last = inference.reasons(r, n, expected, shared=params.drop_zeros), _few(r, n, seen)
    for at in np.flatnonzero(last != ""):
        why[at] = f"{why[at]}; {last[at]}" if why[at] else last[at]
    order = np.lexsort((names.astype(str), -np.nan_to_num(np.abs(r), nan=-1.0), last != "", ~np.isfinite(r)))
    columns = {
        "gene": names,
        "r": r,
        "ci_low": low,
        "ci_high": high,
        "p": p,
        "p_bh": multiple_testing.benjamini_hochberg(p),
        "p_bonferroni": multiple_testing.bonferroni(p),
        "n": n,
        "pct_expressing": 100 * seen / n_inside,
        "why": why,
    }
    return pa.table({name: pa.array(columns[name][order]) for name in COLUMNS})


def _few(r: F64, n: np.ndarray, seen: np.ndarray) -> np.ndarray:
    """Say of which genes few cells are behind r, unless no gene has more; empty for the others."""
    few = np.full(len(r), "", dtype=object)
    given = np.isfinite(r)
    for counts, least, what in ((seen, SURE_SEEN, "express it"), (n, SURE_CELLS, "behind r")):
        if (counts[given] >= least).any():
            few[given & (counts < least)] = f"{RANKED_LAST}fewer than {least} cells {what}"
    return few


def strongest(table: pa.Table, most: int) -> list[str]:
    """List the genes of a table of `correlates` with the highest abs(r), best first.

    Genes that are ranked last do not count, as long as there are others: with zeros dropped, a pair that shares three
    cells would else come first.
    """
    given = np.isfinite(np.asarray(table["r"].to_pylist(), dtype=np.float64))
    sure = given & np.array([RANKED_LAST not in why for why in table["why"].to_pylist()], dtype=bool)
    names = table["gene"]
    return [names[int(at)].as_py() for at in np.flatnonzero(sure if sure.any() else given)[:most]]


def require_cells(mask: Mask, selection: Selection, least: int = MIN_CELLS) -> int:
    """Count the selected cells; raises InvalidQuery when there are too few."""
    n = int(mask.sum())
    if n < least:
        cells = "no cell" if n == 0 else "1 cell" if n == 1 else f"{n} cells"
        raise InvalidQuery(
            f"The selection ({selection.words()}) contains {cells}; a correlation needs at least {least}.",
            "Select more cells.",
        )
    return n


def query_of_values(values: Floats, mask: Mask) -> ValueQuery:
    """Query of the kernel `pearson`: values inside and their mean, sums of deviations and of squares, and the cells."""
    inside = values[mask].astype(np.float64)
    mean = inside.mean()
    away = inside - mean
    query = np.where(mask, values, values.dtype.type(np.inf))
    return query, float(mean), float(away.sum()), float(away @ away), mask.view(np.uint8), len(inside)


def shared_query(values: Floats, mask: Mask) -> SharedQuery:
    """Query of the kernel `pearson_nonzero`: values inside, 0 outside, and the mean of those that are not 0."""
    query = np.where(mask, values, values.dtype.type(0))
    n = int(np.count_nonzero(query))
    return query, float(query.sum(dtype=np.float64)) / max(n, 1)


def query_of_ranks(ranks: np.ndarray, mask: Mask) -> RankQuery:
    """Query of the kernel `spearman` from `doubled_ranks`: marked where inside, sum of squares, cells inside."""
    n = int(np.count_nonzero(mask))
    # Whole numbers as long as their sum fits.
    wide = ranks.astype(np.int64 if n <= PACKED_CELLS else np.float64)
    return 2 * ranks + mask, float(wide @ wide), n


def doubled_ranks(layer: Layer, gene: int, mask: Mask) -> np.ndarray:
    """Twice a gene's mid-rank inside minus (n + 1), int32; 0 outside.

    Running sums of the counts of the gene's levels, without sorting.
    """
    cells, numbers, values = _nonzeros_inside(layer, gene, mask)
    n = int(mask.sum())
    counts = np.bincount(numbers, minlength=len(values))
    first_above = int(np.searchsorted(values, 0))
    n_negative, n_zeros = int(counts[:first_above].sum()), n - len(cells)
    below = np.cumsum(counts) - counts
    below[first_above:] += n_zeros
    query = np.where(mask, np.int32(2 * n_negative + n_zeros - n), np.int32(0))
    query[cells] = (2 * below + counts - n)[numbers]
    return query


def _nonzeros_inside(layer: Layer, gene: int, mask: Mask) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Cells of a gene's nonzeros in the selection, ascending, their levels, and the values of all its levels."""
    part = layer.block(gene, gene + 1)
    cells, _ = part.nonzeros(0)
    inside = mask[cells]
    return cells[inside], part.levels_of(0)[inside], part.values_of(0)


@dataclass(frozen=True)
class _Coefficients:
    """Numbers of every gene: r, cells, cells that express it, product of third moments, and exact p or NaN."""

    r: F64
    n: np.ndarray
    n_expressing: np.ndarray
    skewness: F64
    exact: F64


@heavy(lambda atlas, *_: 56 * atlas.n_cells + 96 * len(atlas.genes))
def _all_genes(atlas: Atlas, params: CorrelationParams, mask: Mask, gene: int, workers: Workers) -> _Coefficients:
    """Correlate one gene with every gene, itself too."""
    layer = atlas.layer(params.layer)
    n_inside = int(mask.sum())
    if params.method == "spearman" and n_inside > kernels.EXACT_CELLS:
        raise InvalidQuery(
            f"Spearman's rho is exact up to {kernels.EXACT_CELLS:,} cells; the selection has {n_inside:,}.",
            "Select fewer.",
        )
    values = layer.dense(gene)
    cells = mask & (values != 0) if params.drop_zeros else mask
    if params.drop_zeros:
        r, n, n_expressing, skewness = _shared(atlas, params, mask, gene, values, workers)
    else:
        r, n_expressing, skewness = _inside(atlas, params, mask, gene, values, workers)
        n = np.full(len(r), n_inside, dtype=np.int64)
    wanted = np.isfinite(r) & (n >= inference.MIN_P) & (n < EXACT_BELOW)
    exact = np.full(len(r), np.nan)
    if wanted.any():
        ranked = params.method == "spearman"
        query = values.astype(np.float64)
        exact = exact_p_values(
            atlas, params.layer, workers, cells, query, wanted, both=params.drop_zeros, ranked=ranked
        )
    return _Coefficients(r, n, n_expressing, skewness, exact)


def _shared(
    atlas: Atlas, params: CorrelationParams, mask: Mask, gene: int, values: Floats, workers: Workers
) -> tuple[F64, np.ndarray, np.ndarray, F64]:
    """Correlate over the cells that express both genes: r, n, n_expressing, product of third moments."""
    n_expressing = np.concatenate(workers.over_genes(partial(_expressing, mask=mask), atlas, params.layer))
    if params.method == "pearson":
        task = partial(_pearson_nonzero, query=shared_query(values, mask))
    else:
        task = partial(_spearman_nonzero, query=shared_levels(atlas.layer(params.layer), gene, mask))
    r, n, skewness = _joined(workers.over_genes(task, atlas, params.layer))
    return r, n, n_expressing, skewness


def _inside(
    atlas: Atlas, params: CorrelationParams, mask: Mask, gene: int, values: Floats, workers: Workers
) -> tuple[F64, np.ndarray, F64]:
    """Correlate over all cells of the selection: r, n_expressing, product of third moments."""
    layer, n = atlas.layer(params.layer), int(mask.sum())
    ranked = params.method == "spearman"
    if ranked:
        ranks = doubled_ranks(layer, gene, mask)
        task = partial(_spearman, query=query_of_ranks(ranks, mask))
        r, n_expressing = _joined(workers.over_genes(task, atlas, params.layer))
        own, most = inference.third_moment(ranks[mask].astype(np.float64)), most_of_ranks(layer, n_expressing, n)
    else:
        task = partial(_pearson, query=query_of_values(values, mask))
        r, n_expressing, variance = _joined(workers.over_genes(task, atlas, params.layer))
        own, most = inference.third_moment(values[mask].astype(np.float64)), most_of_values(layer, variance)
    wanted = may_be_skewed(own, n, r, most)
    if not wanted.any():
        return r, n_expressing, np.zeros(len(r))
    thirds = partial(third_moments, mask=mask, wanted=wanted, ranked=ranked)
    return r, n_expressing, own * np.concatenate(workers.over_genes(thirds, atlas, params.layer))


def _joined(parts: list[tuple[np.ndarray, ...]]) -> list[np.ndarray]:
    """Join the columns of the blocks."""
    return [np.concatenate(column) for column in zip(*parts, strict=True)]


def shared_levels(layer: Layer, gene: int, mask: Mask) -> SharedLevels:
    """Query of the kernel `spearman_nonzero`: number of each value inside among the distinct ones, and how many."""
    cells, numbers, _ = _nonzeros_inside(layer, gene, mask)
    distinct, numbers = np.unique(numbers, return_inverse=True)
    level = np.full(layer.n_cells, -1, dtype=np.int32)
    level[cells] = numbers
    return level, len(distinct)


def moments(layer: Layer, genes: slice | list[int]) -> tuple[F64, F64]:
    """Mean of some genes over all cells, and sum of their squared deviations, which is 0 for one cell."""
    spread = np.nan_to_num(layer.stats.variance[genes]) * (layer.n_cells - 1)
    return np.array(layer.stats.mean[genes]), spread


def _pearson(layer: Layer, start: int, stop: int, *, query: ValueQuery) -> tuple[F64, np.ndarray, F64]:
    r, n_expressing, variance = _columns(stop - start)
    known = moments(layer, slice(start, stop))
    kernels.pearson(*block_of(layer, start, stop), *known, *query, r, n_expressing, variance)
    return r, n_expressing, variance


def _spearman(layer: Layer, start: int, stop: int, *, query: RankQuery) -> tuple[F64, np.ndarray]:
    r, n_expressing, _ = _columns(stop - start)
    block, _ = block_of(layer, start, stop)
    kernels.spearman(block, *query, r, n_expressing)
    return r, n_expressing


def _pearson_nonzero(layer: Layer, start: int, stop: int, *, query: SharedQuery) -> tuple[F64, np.ndarray, F64]:
    r, n, skewness = _columns(stop - start)
    shared_cells.pearson_nonzero(*block_of(layer, start, stop), *query, r, n, skewness)
    return r, n, skewness


def _spearman_nonzero(layer: Layer, start: int, stop: int, *, query: SharedLevels) -> tuple[F64, np.ndarray, F64]:
    r, n, skewness = _columns(stop - start)
    block, _ = block_of(layer, start, stop)
    shared_cells.spearman_nonzero(block, *query, r, n, skewness)
    return r, n, skewness


def _expressing(layer: Layer, start: int, stop: int, *, mask: Mask) -> np.ndarray:
    _, counts, _ = _columns(stop - start)
    block, _ = block_of(layer, start, stop)
    kernels.expressing(block, mask.view(np.uint8), counts)
    return counts


def _columns(n: int) -> tuple[F64, np.ndarray, F64]:
    """Make room for the results of a kernel: float64, int64, float64."""
    return np.empty(n), np.empty(n, dtype=np.int64), np.empty(n)
