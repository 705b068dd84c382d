"""Second passes over some genes of an atlas: exact p in few cells, and skewness of ranks where it can matter."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from core.analysis.correlation_inference import MIN_P, exact_rows
from core.atlas.kernel_block import block_of
from core.kernels.permutations import EXACT_BELOW, few_cells
from core.kernels.skewness import rank_skewness, value_skewness
from core.stats.correlation import SKEWED, far_coefficient

if TYPE_CHECKING:
    from core.arrays import F64, Mask
    from core.atlas.store import Atlas, Layer
    from core.compute.executor import Workers

# Ties among the values above zero make ranks at most so much more skewed than the zeros alone do.
TIE_MARGIN = 1.2
# With fewer zeros than this, ties among the other values may decide.
MIN_ZEROS = 0.05
MARGIN = 0.999


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
    few_cells(*block_of(layer, start, stop), slot, query, here, both, x, y, n)
    for size in range(MIN_P, EXACT_BELOW):
        rows = np.flatnonzero(n == size)
        if rows.size:
            p[places[rows]] = exact_rows(x[rows, :size], y[rows, :size], ranked=ranked)
    return p


def third_moments(layer: Layer, start: int, stop: int, *, mask: Mask, wanted: Mask, ranked: bool) -> F64:
    """Third standardised moments of the wanted genes of a block, or of their ranks; 0 for the others."""
    found = np.empty(stop - start)
    block, values = block_of(layer, start, stop)
    inside = mask.view(np.uint8), int(np.count_nonzero(mask))
    if ranked:
        rank_skewness(block, *inside, wanted[start:stop], found)
    else:
        value_skewness(block, values, *inside, wanted[start:stop], found)
    return found


def may_be_skewed(own: float, n: int, r: F64, most: F64) -> Mask:
    """Find the genes whose coefficient may be so far out and so skewed that its p is not that of t.

    Parameters
    ----------
    own : third moment of the query
    n : cells
    r : (n_genes,) coefficients
    most : (n_genes,) upper bounds of the third moments of the genes
    """
    if not np.isfinite(own) or abs(own) < SKEWED or n < EXACT_BELOW:
        # A third moment is at most (n - 2) / sqrt(n - 1), so no coefficient is more skewed than its query.
        return np.zeros(len(r), dtype=bool)
    # A margin, for a coefficient next to the limit; a comparison with NaN is False.
    far = np.abs(r) > MARGIN * far_coefficient(n)
    return far & (abs(own) * np.sqrt(n - 1) / (n - 2) * most > SKEWED)


def most_of_ranks(layer: Layer, n_expressing: np.ndarray, n: int) -> F64:
    """Upper bounds of the third moments of ranks.

    A gene that is on in a share s of the cells and off in the others has the third moment (1 - 2 s) / sqrt(s (1 - s)).
    Ranks that differ among the cells with a value are hardly more skewed, so most genes of a large selection need no
    look at their ranks.
    """
    share = n_expressing / n
    with np.errstate(divide="ignore", invalid="ignore"):
        most = np.maximum(1.0, TIE_MARGIN * np.abs(1 - 2 * share) / np.sqrt(share * (1 - share)))
    if layer.info.minimum < 0:
        most[:] = np.inf
    most[share > 1 - MIN_ZEROS] = np.inf
    return most


def most_of_values(layer: Layer, variance: F64) -> F64:
    """Upper bounds of the third moments of values: the largest distance from the mean in standard deviations."""
    reach = np.maximum(layer.stats.maximum, 0) - np.minimum(layer.stats.minimum, 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        return reach / np.sqrt(variance)
