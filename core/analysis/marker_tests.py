"""Tests of one block of genes: every group of cells against all others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from core.analysis.linear_scale import FACTORS, scale_of
from core.atlas.kernel_block import block_of
from core.kernels import hypergeometric
from core.kernels.rank_sums import LINEAR, POSITIVE, RANK, VALUE, rank_sums
from core.stats import rank_sum

if TYPE_CHECKING:
    from core.analysis.contrasts import U8
    from core.arrays import I64
    from core.atlas.store import Layer

Block: TypeAlias = dict[str, NDArray[Any]]
EXACT, CONSTANT = 1, 2
REASONS = ("", "Fisher's exact p of cells above 0", "no p: constant")


def tested(layer: Layer, start: int, stop: int, *, codes: U8, sizes: I64) -> Block:
    """Test some genes in all groups; see `core.analysis.markers.markers` for the numbers.

    Parameters
    ----------
    codes : (n_cells,) uint8, the group of each cell; ``len(sizes)`` for a cell that takes no part
    sizes : (n_groups,) cells of each group

    Returns
    -------
    Arrays (stop - start, n_groups): ``score``, ``auc``, ``pct_in``, ``pct_out``, ``p``, ``why`` (int8, a place in
    `REASONS`), ``inside`` (cells above zero), ``totals`` and ``linear`` (sums of stored and of linear values).
    """
    shape = (stop - start, len(sizes))
    sums, ties = np.empty((*shape, 4)), np.empty((shape[0], 1))
    factor = FACTORS.get(scale_of(layer.info)) or 0.0
    rank_sums(*block_of(layer, start, stop), codes, sizes, factor, sums, ties[:, 0])
    doubled, inside = sums[:, :, RANK].astype(np.int64), sums[:, :, POSITIVE].astype(np.int64)
    totals = sums[:, :, VALUE]
    n_expressing, n = inside.sum(axis=1), int(sizes.sum())
    with np.errstate(invalid="ignore", divide="ignore"):
        # A group of all cells has no others; it has no rows in the table.
        score = rank_sum.scores(doubled, ties, sizes, n - sizes)
        auc = (doubled - sizes * (sizes + 1)) / (2.0 * sizes * (n - sizes))
        pct_out = 100.0 * (n_expressing[:, None] - inside) / (n - sizes)
    why = np.where(rank_sum.is_normal(ties, sizes, n - sizes), 0, EXACT).astype(np.int8)
    why[np.isnan(score)] = CONSTANT
    p = rank_sum.two_sided(score)
    hypergeometric.two_sided(inside, n_expressing, sizes, n, why == EXACT, p)
    return {
        **{"score": score, "auc": auc, "pct_in": 100.0 * inside / sizes, "pct_out": pct_out},
        **{"p": p, "why": why, "inside": inside, "totals": totals},
        # Where the stored values are linear, or have no linear scale, their own sums.
        "linear": sums[:, :, LINEAR] if factor else totals,
    }
