"""Marker genes: each group of cells against all others, for every gene.

The tables that the page, the API, the command line and the cache hand on are made here, once.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from rapidfuzz import process

from core.atlas.store import EXPRESSION
from core.compute.admission import heavy
from core.errors import InvalidQuery, UnknownColumn
from core.kernels import rank_sums as kernels
from core.kernels.correlation import EXACT_CELLS
from core.stats import multiple_testing

if TYPE_CHECKING:
    from core.analysis.contrasts import U8, ContrastParams, Groups
    from core.arrays import F64, I64
    from core.atlas.store import Atlas, Layer
    from core.compute.executor import Workers

COLUMNS = ("category", "gene", "score", "auc", "log2fc", "pct_in", "pct_out", "p", "p_bh")
# scanpy's, so that a gene which no cell expresses still has a fold change.
PSEUDO = 1e-9


def markers(atlas: Atlas, params: ContrastParams, workers: Workers) -> pa.Table:
    """Compare each group with all others, gene by gene, by the Wilcoxon rank-sum test.

    Returns
    -------
    A table with the columns `COLUMNS`: for each group of two cells or more, in display order, one row a gene, sorted by
    falling score, then by name; genes without a score come last.

    score : z of the rank sum, with ties corrected for [1]_; above zero where the group ranks higher. NaN for a gene
        that is constant in these cells, and then p and p_bh are NaN too
    auc : U / (n_in n_out), the chance that a cell of the group has the higher value, ties counting half
    log2fc : log2 of (x_in + 1e-9) / (x_out + 1e-9). For the layer ``expression``, which is logarithmic, x is expm1 of
        the mean, as in scanpy; for any other layer x is the mean itself. NaN for a layer with negative values, of
        which no ratio says anything
    pct_in, pct_out : percent of the cells with a value above zero
    p : two-sided, by the normal distribution; exactly 0 below 1e-308
    p_bh : Benjamini and Hochberg within a group over all genes that have a p

    Raises
    ------
    InvalidQuery
        What the groups of the question raise, or there are more cells than rank sums are exact for.

    Notes
    -----
    *In* is the group and *out* are all other cells that take part: those of the selection that have any category (for A
    against B: the other selection). A category of a single cell has no rows, but its cell counts among the others'
    *out*. Scores and p are those of scanpy's ``rank_genes_groups(method="wilcoxon", tie_correct=True)``, which writes 0
    and 1 for a constant gene.

    Cells are not replicates: p says how surely these very cells differ, not other people.

    References
    ----------
    .. [1] Lehmann, *Nonparametrics: Statistical Methods Based on Ranks*, 1975, section 1.4.
    """
    groups = params.groups(atlas)
    if groups.n > EXACT_CELLS:
        raise InvalidQuery(
            f"Rank sums are exact up to {EXACT_CELLS:,} cells; the selection has {groups.n:,}.", "Select fewer."
        )
    return _table(atlas, params, groups, workers)


def rows_of(table: pa.Table, groups: Groups, category: str = "", top: int | None = None) -> pa.Table:
    """Rows of a table of `markers`: those of one category, the first `top` of each, or both.

    Raises
    ------
    UnknownColumn
        There is no such category in these cells, or it has a single one; carries the nearest names.
    """
    names = [groups.names[at] for at in groups.listed]
    if category and category not in names:
        if category in groups.names:
            raise UnknownColumn(
                f"The category {category!r} contains a single cell, so it has no markers.", "Select more."
            )
        near = tuple(str(match) for match, _, _ in process.extract(category, names, limit=3, score_cutoff=50))
        remedy = f"Did you mean {', '.join(near)}?" if near else f"There are {len(names):,} other categories."
        raise UnknownColumn(f"There is no category {category!r} among these cells.", remedy, suggestions=near)
    n_genes = table.num_rows // len(names)
    kept = range(len(names)) if not category else [names.index(category)]
    length = n_genes if top is None else min(top, n_genes)
    return pa.concat_tables([table.slice(at * n_genes, length) for at in kept])


@heavy(lambda atlas, _, groups, __: 300 * len(atlas.genes) * len(groups.names))
def _table(atlas: Atlas, params: ContrastParams, groups: Groups, workers: Workers) -> pa.Table:
    parts = workers.over_genes(partial(_block, codes=groups.codes, sizes=groups.sizes), atlas, params.layer)
    doubled, totals, n_positive, ties = (np.concatenate(part) for part in zip(*parts, strict=True))
    listed, names = groups.listed, np.array(atlas.genes.names)
    by_name = np.argsort(names, kind="stable")
    n_expressing = n_positive.sum(axis=1)
    fold_changes = _log2_fold_changes(atlas.layer(params.layer), totals, groups.sizes)
    genes = np.empty((len(listed), len(names)), dtype=np.int32)
    rows = {name: np.empty(genes.shape) for name in COLUMNS[2:]}
    for row, group in enumerate(listed):
        n_in = int(groups.sizes[group])
        n_out = groups.n - n_in
        score = _scores(doubled[:, group], ties, n_in, n_out)
        p = _two_sided(score)
        columns = {
            "score": score,
            "auc": (doubled[:, group] - n_in * (n_in + 1)) / (2.0 * n_in * n_out),
            "log2fc": fold_changes[:, group],
            "pct_in": 100.0 * n_positive[:, group] / n_in,
            "pct_out": 100.0 * (n_expressing - n_positive[:, group]) / n_out,
            "p": p,
            "p_bh": multiple_testing.benjamini_hochberg(p),
        }
        # numpy sorts NaN to the end.
        genes[row] = order = by_name[np.argsort(-score[by_name], kind="stable")]
        for name, values in columns.items():
            rows[name][row] = values[order]
    category = np.repeat(np.arange(len(listed), dtype=np.int32), len(names))
    return pa.table(
        {
            "category": pa.DictionaryArray.from_arrays(category, pa.array([groups.names[group] for group in listed])),
            "gene": pa.DictionaryArray.from_arrays(genes.ravel(), pa.array(atlas.genes.names)),
            **{name: pa.array(values.ravel()) for name, values in rows.items()},
        }
    )


def _block(layer: Layer, start: int, stop: int, *, codes: U8, sizes: I64) -> tuple[I64, F64, I64, F64]:
    """Compute the sums of `core.kernels.rank_sums.rank_sums` for some genes."""
    shape = (stop - start, len(sizes))
    doubled, n_positive = np.empty(shape, dtype=np.int64), np.empty(shape, dtype=np.int64)
    totals, ties = np.empty(shape), np.empty(stop - start)
    block = (layer.data, layer.indices.view(np.uint32), layer.indptr[start : stop + 1])
    kernels.rank_sums(*block, codes, sizes, doubled, totals, n_positive, ties)
    return doubled, totals, n_positive, ties


def _log2_fold_changes(layer: Layer, totals: F64, sizes: I64) -> F64:
    """Compute the fold change of each gene in each group, (n_genes, n_groups); see `markers`."""
    if layer.info.minimum < 0:
        return np.full(totals.shape, np.nan)
    # The others are added up from both sides: taking a group from the whole would lose digits.
    others = np.zeros_like(totals)
    others[:, 1:] += np.cumsum(totals[:, :-1], axis=1)
    others[:, :-1] += np.cumsum(totals[:, :0:-1], axis=1)[:, ::-1]
    inside, outside = totals / sizes, others / (sizes.sum() - sizes)
    if layer.name == EXPRESSION:
        inside, outside = np.expm1(inside), np.expm1(outside)
    return np.log2((inside + PSEUDO) / (outside + PSEUDO))


def _scores(doubled: I64, ties: F64, n_in: int, n_out: int) -> F64:
    """Standardise the rank sum of a group; NaN where `ties` is."""
    n = n_in + n_out
    spread = (1.0 - ties / (float(n) ** 3 - n)) * n_in * n_out * (n + 1) / 12.0
    return (doubled - n_in * (n + 1)) / 2.0 / np.sqrt(spread)


def _two_sided(score: F64) -> F64:
    from scipy.special import ndtr

    return 2.0 * ndtr(-np.abs(score))
