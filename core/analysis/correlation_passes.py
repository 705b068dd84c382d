"""Second passes over some genes of an atlas: exact p in few cells, and skewness of ranks where it can matter."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from core.analysis.correlation_inference import MIN_P, exact_rows, third_moment
from core.kernels.permutations import EXACT_BELOW, few_cells
from core.kernels.rank_skewness import rank_skewness
from core.stats.correlation import SKEWED

if TYPE_CHECKING:
    from core.arrays import F64, Mask
    from core.atlas.store import Atlas, Layer
    from core.compute.executor import Workers

# Ties among the values above zero make ranks at most so much more skewed than the zeros alone do.
TIE_MARGIN = 1.2
# With fewer zeros than this, ties among the other values may decide.
MIN_ZEROS = 0.05


def exact_p_values(  # noqa: PLR0913 - the cells and the genes of an atlas
    atlas: Atlas, layer: str, workers: Workers, cells: Mask, query: F64, wanted: Mask, *, both: bool, ranked: bool
) -> F64:
    """Exact p over all permutations of the cells of a pair, NaN for genes that are not wanted.

    Parameters
    ----------
    cells : (n_cells,) the cells of every pair, or with `both` those that express the query
    query : (n_cells,) values of the query
    wanted : (n_genes,) genes with 3 to 9 cells
    both : True to take only cells that express the other gene too
    ranked : True for Spearman's rho
    """
    slot = np.full(len(cells), -1, dtype=np.int32)
    slot[cells] = np.arange(int(cells.sum()), dtype=np.int32)
    task = partial(_exact, slot=slot, query=query[cells], wanted=wanted, both=both, ranked=ranked)
    return np.concatenate(workers.over_genes(task, atlas, layer))


def _exact(  # noqa: PLR0913 - as above
    layer: Layer, start: int, stop: int, *, slot: np.ndarray, query: F64, wanted: Mask, both: bool, ranked: bool
) -> F64:
    here = wanted[start:stop]
    p = np.full(stop - start, np.nan)
    places = np.flatnonzero(here)
    x, y = np.empty((2, len(places), EXACT_BELOW - 1))
    n = np.full(len(places), len(query))
    block = (layer.data, layer.indices.view(np.uint32), layer.indptr[start : stop + 1])
    few_cells(*block, slot, query, here, both, x, y, n)
    for size in range(MIN_P, EXACT_BELOW):
        rows = np.flatnonzero(n == size)
        if rows.size:
            p[places[rows]] = exact_rows(x[rows, :size], y[rows, :size], ranked=ranked)
    return p


def skewness_of_ranks(
    atlas: Atlas, layer: Layer, workers: Workers, mask: Mask, query: np.ndarray, n_expressing: np.ndarray
) -> F64:
    """Product of the third moments of the ranks of the query and of each gene; 0 where it is too small to matter.

    Parameters
    ----------
    mask : (n_cells,) the selection
    query : (n,) ranks of the query in it, in any units
    n_expressing : (n_genes,) cells of the selection with a value above zero

    Notes
    -----
    A gene that is on in a share s of the cells and off in the others has the third moment (1 - 2 s) / sqrt(s (1 - s)).
    Ranks that differ among the cells with a value are hardly more skewed, so most genes of a large selection need no
    look at their ranks.
    """
    own, n = third_moment(query.astype(np.float64)), len(query)
    if not np.isfinite(own) or own == 0 or n < EXACT_BELOW:
        return np.zeros(len(n_expressing))
    share = n_expressing / n
    with np.errstate(divide="ignore", invalid="ignore"):
        most = np.maximum(1.0, TIE_MARGIN * np.abs(1 - 2 * share) / np.sqrt(share * (1 - share)))
    if layer.info.minimum < 0:
        most[:] = np.inf
    most[share > 1 - MIN_ZEROS] = np.inf
    wanted = np.abs(own) * np.sqrt(n - 1) / (n - 2) * most > SKEWED
    if not wanted.any():
        return np.zeros(len(n_expressing))
    task = partial(_skewness, mask=mask, n_inside=n, wanted=wanted)
    return own * np.concatenate(workers.over_genes(task, atlas, layer.name))


def _skewness(layer: Layer, start: int, stop: int, *, mask: Mask, n_inside: int, wanted: Mask) -> F64:
    found = np.empty(stop - start)
    block = (layer.data, layer.indices.view(np.uint32), layer.indptr[start : stop + 1])
    rank_skewness(*block, mask, n_inside, wanted[start:stop], found)
    return found
