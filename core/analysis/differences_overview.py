"""Overview of differences: one row a cell type, and what a comparison can find."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.analysis.abundance import AbundanceParams, abundance
from core.analysis.differences import design, differences, samples
from core.analysis.sides import A, B
from core.compute import watch
from core.errors import InvalidQuery
from core.stats.power import mean_power

if TYPE_CHECKING:
    from core.analysis.differences import DifferencesParams
    from core.arrays import F64, Mask
    from core.atlas.store import Atlas
    from core.compute.executor import Workers

WHOLE: Final = ("n_a", "n_b", "n_dropped", "n_cells", "cells_min", "n_tested", "n_filtered", "up", "down")
NUMBERS: Final = ("cells_median", "power", "composition", "ci_low", "ci_high", "composition_p_adj")
COLUMNS: Final = (
    "cell_type", "n_a", "n_b", "n_dropped", "n_cells", "cells_min", "cells_median", "n_tested", "n_filtered", "up",
    "down", "power", "composition", "ci_low", "ci_high", "composition_p_adj", "why",
)  # fmt: skip
# Behind them, where a second opinion is asked for.
SECOND: Final = ("up_both", "down_both")
FDR: Final = 0.05
MIN_CHANGE: Final = 1.0
# Of the sentence on power: a twofold change, at about what 5 % false discoveries ask for when few genes change.
TWOFOLD: Final = 1.0
ALPHA: Final = 1e-3


@dataclass(frozen=True)
class OverviewParams:
    """Parameters of an overview.

    Attributes
    ----------
    differences : without a cell type
    fdr, min_change : thresholds of the genes that are counted: p_adj at most, |log2FC| at least
    """

    differences: DifferencesParams
    fdr: float = FDR
    min_change: float = MIN_CHANGE


def overview(atlas: Atlas, params: OverviewParams, workers: Workers) -> pa.Table:
    """Compare the sides in each cell type.

    Returns
    -------
    A table with the columns `COLUMNS`, one row a cell type, in the order of the column:

    n_a, n_b, n_dropped : samples kept on each side, and dropped
    n_cells, cells_min, cells_median : cells of the kept samples, in all and a sample
    n_tested, n_filtered : genes tested, and genes with a count that are not
    up, down : genes within the thresholds, higher in A or in B
    power : mean chance over genes to find a twofold change at p < 0.001
    composition, ci_low, ci_high, composition_p_adj : log2 odds ratio of the share of the type, with its interval, and
        propeller's adjusted p, as `core.analysis.abundance.abundance` has them
    why : reason for which the type is not tested; then what cannot be said is NaN or zero
    up_both, down_both : with a second opinion, those of the genes that DESeq2 calls too
    """
    shares = _shares(atlas, params)
    types = params.differences.each_type(atlas)
    rows: list[dict[str, object]] = []
    for each in types:
        watch.report(each.cell_type, len(rows) / len(types))
        rows.append(_row(atlas, each, params, workers, shares))
    columns = (*COLUMNS, *SECOND) if params.differences.second_opinion else COLUMNS
    kinds = {**dict.fromkeys((*WHOLE, *SECOND), pa.int64()), **dict.fromkeys(NUMBERS, pa.float64())}
    return pa.table({name: pa.array([row[name] for row in rows], kinds.get(name, pa.string())) for name in columns})


def power_of(table: pa.Table) -> float:
    """Average the chance to find a twofold change over the tested genes of `differences`; NaN without any."""
    log2fc, stat, low = (table[name].to_numpy() for name in ("log2fc", "stat", "ci_low"))
    kept = np.isfinite(stat) & (stat != 0)
    if not kept.any():
        return float("nan")
    from scipy.special import stdtridf

    errors = log2fc[kept] / stat[kept]
    reach = float(np.median((log2fc[kept] - low[kept]) / errors))
    # The degrees of freedom follow from how many standard errors an interval reaches.
    df = float(stdtridf(0.975, reach)) if reach > 1.9602 else np.inf  # noqa: PLR2004 - of the normal distribution
    return mean_power(errors, df, TWOFOLD, ALPHA)


def _shares(atlas: Atlas, params: OverviewParams) -> dict[str, dict[str, Any]] | str:
    """Rows of the composition by cell type, or the reason for which there is none."""
    asked = params.differences
    if not asked.by_type:
        return ""
    try:
        table = abundance(atlas, AbundanceParams.of(atlas, asked.design, asked.by_type))
    except InvalidQuery as error:
        return error.message
    return {row["cell_type"]: row for row in table.to_pylist()}


def _row(
    atlas: Atlas,
    params: DifferencesParams,
    asked: OverviewParams,
    workers: Workers,
    shares: dict[str, dict[str, Any]] | str,
) -> dict[str, object]:
    rows = samples(atlas, params)
    kept = [row for row in rows if not row.why]
    cells = [row.n_cells for row in kept]
    share = {} if isinstance(shares, str) else shares.get(params.cell_type, {})
    found: dict[str, object] = {
        "cell_type": params.cell_type,
        "n_a": sum(row.side == A for row in kept),
        "n_b": sum(row.side == B for row in kept),
        "n_dropped": len(rows) - len(kept),
        "n_cells": sum(cells),
        "cells_min": min(cells, default=0),
        "cells_median": float(np.median(cells)) if cells else float("nan"),
        **dict.fromkeys(("n_tested", "n_filtered", "up", "down", *SECOND), 0),
        "power": float("nan"),
        "composition": share.get("log2_odds", float("nan")),
        "ci_low": share.get("ci_low", float("nan")),
        "ci_high": share.get("ci_high", float("nan")),
        "composition_p_adj": share.get("p_adj", float("nan")),
        "why": "",
    }
    try:
        design(atlas, params)
        table = differences(atlas, params, workers)
    except InvalidQuery as error:
        return {**found, "why": error.message}
    return {**found, **counted(table, asked.fdr, asked.min_change), "power": power_of(table)}


def counted(table: pa.Table, fdr: float, min_change: float) -> dict[str, int]:
    """Count tested and filtered genes, and those up and down within the thresholds."""
    p_adj, log2fc = (table[name].to_numpy() for name in ("p_adj", "log2fc"))
    called = np.nan_to_num(p_adj, nan=2.0) <= fdr
    return {
        "n_tested": int(np.isfinite(p_adj).sum()),
        "n_filtered": int(pc.sum(pc.equal(table["why"].cast(pa.string()), "low counts")).as_py() or 0),
        "up": int((called & (log2fc >= min_change)).sum()),
        "down": int((called & (log2fc <= -min_change)).sum()),
        **_counted_by_both(table, called, log2fc, fdr, min_change),
    }


def _counted_by_both(table: pa.Table, called: Mask, log2fc: F64, fdr: float, min_change: float) -> dict[str, int]:
    if "p_adj_deseq2" not in table.column_names:
        return {}
    change, p_adj = (table[name].to_numpy() for name in ("log2fc_deseq2", "p_adj_deseq2"))
    both = called & (np.nan_to_num(p_adj, nan=2.0) <= fdr) & (np.sign(change) == np.sign(log2fc))
    return {
        "up_both": int((both & (log2fc >= min_change)).sum()),
        "down_both": int((both & (log2fc <= -min_change)).sum()),
    }
