"""Marker genes: each group of cells against all others, for every gene.

The tables that the page, the API, the command line and the cache hand on are made here, once.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from rapidfuzz import process

from core.analysis.contrasts import MIN_CELLS
from core.analysis.fold_change import of_linear_means, of_scanpy
from core.analysis.linear_scale import FACTORS, scale_of
from core.compute.admission import heavy
from core.errors import InvalidQuery, UnknownColumn
from core.kernels import hypergeometric, linear_sums
from core.kernels import rank_sums as kernels
from core.kernels.correlation import EXACT_CELLS
from core.stats import multiple_testing, rank_sum

if TYPE_CHECKING:
    from core.analysis.contrasts import U8, ContrastParams, Groups
    from core.arrays import F64, I64
    from core.atlas.store import Atlas, Layer
    from core.compute.executor import Workers

NUMBERS = ("score", "auc", "log2fc", "pct_in", "pct_out", "p", "p_bh", "scanpy_log2fc")
COLUMNS = ("category", "gene", *NUMBERS, "why")
# Fewer expressing cells in a category say little of it, however far from chance they are.
MIN_EXPRESSING = 3
EXACT, CONSTANT = 1, 2
REASONS = (
    "",
    "Fisher's exact p of cells above 0",
    "no p: constant",
)


def markers(atlas: Atlas, params: ContrastParams, workers: Workers) -> pa.Table:
    """Compare each group with all others, gene by gene, by the Wilcoxon rank-sum test.

    Returns
    -------
    A table with the columns `COLUMNS`: for each group that is tested, in display order, one row a gene, sorted by
    falling score, then by name. Genes that are higher in the group, but of which fewer than three of its cells are
    above zero, follow, and genes without a score come last.

    score : z of the rank sum, with ties corrected for [1]_; above zero where the group ranks higher. NaN for a gene
        that is constant in these cells, and then p and p_bh are NaN too
    auc : U / (n_in n_out), the chance that a cell of the group has the higher value, ties counting half
    log2fc : log2 of (x_in + 0.01) / (x_out + 0.01), where x is the mean of the values on the linear scale; for
        log1p(CP10k) that is the mean of CP10k, and 0.01 is one count per million. NaN for a layer of signed values,
        which has no linear scale
    pct_in, pct_out : percent of the cells with a value above zero
    p : two-sided; exactly 0 below 1e-308. By the normal distribution where `core.stats.rank_sum.is_normal` allows it;
        otherwise the exact p of Fisher's test on cells above zero, and `why` says so
    p_bh : Benjamini and Hochberg within a group over all genes that have a p
    scanpy_log2fc : log2 of (x_in + 1e-9) / (x_out + 1e-9), where x is the mean of the logarithms, and only then made
        linear, as scanpy does; NaN for a layer that is not logarithmic
    why : one of `REASONS`, empty where p is that of the normal distribution

    Raises
    ------
    InvalidQuery
        What the groups of the question raise, or there are more cells than rank sums are exact for.

    Notes
    -----
    *In* is the group and *out* are all other cells that take part: those of the selection that have any category (for A
    against B: the other selection). A category of fewer than three cells has no rows, but its cells count among the
    others' *out*. Scores, and p where it is that of the normal distribution, are those of scanpy's
    ``rank_genes_groups(method="wilcoxon", tie_correct=True)``, which writes 0 and 1 for a constant gene.

    scanpy's fold change is that of geometric means and can have the other sign than the ratio of the means.

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
        There is no such category in these cells, or it has too few; carries the nearest names.
    """
    names = [groups.names[at] for at in groups.listed]
    if category and category not in names:
        if category in groups.names:
            raise UnknownColumn(
                f"The category {category!r}, or the rest, has fewer than {MIN_CELLS} cells, so it has no markers.",
                "Select more.",
            )
        near = tuple(str(match) for match, _, _ in process.extract(category, names, limit=3, score_cutoff=50))
        remedy = f"Did you mean {', '.join(near)}?" if near else f"There are {len(names):,} other categories."
        raise UnknownColumn(f"There is no category {category!r} among these cells.", remedy, suggestions=near)
    n_genes = table.num_rows // len(names)
    kept = range(len(names)) if not category else [names.index(category)]
    length = n_genes if top is None else min(top, n_genes)
    return pa.concat_tables([table.slice(at * n_genes, length) for at in kept])


@heavy(lambda atlas, _, groups, __: 400 * len(atlas.genes) * len(groups.names))
def _table(atlas: Atlas, params: ContrastParams, groups: Groups, workers: Workers) -> pa.Table:
    info = atlas.layer(params.layer).info
    parts = workers.over_genes(partial(_block, codes=groups.codes, sizes=groups.sizes), atlas, params.layer)
    doubled, totals, linear, n_positive, ties = (np.concatenate(part) for part in zip(*parts, strict=True))
    listed, names = groups.listed, np.array(atlas.genes.names)
    by_name = np.argsort(names, kind="stable")
    n_expressing = n_positive.sum(axis=1)
    fold_changes = of_linear_means(info, linear, groups.sizes)
    theirs = of_scanpy(info, totals, groups.sizes)
    shape = (len(listed), len(names))
    genes, reasons = np.empty(shape, dtype=np.int32), np.empty(shape, dtype=np.int8)
    rows = {name: np.empty(genes.shape) for name in NUMBERS}
    for row, group in enumerate(listed):
        n_in = int(groups.sizes[group])
        n_out = groups.n - n_in
        inside = n_positive[:, group]
        score = rank_sum.scores(doubled[:, group], ties, n_in, n_out)
        p = rank_sum.two_sided(score)
        why = np.where(rank_sum.is_normal(ties, n_in, n_out), 0, np.where(np.isnan(score), CONSTANT, EXACT))
        hypergeometric.two_sided(inside, n_expressing, n_in, groups.n, why == EXACT, p)
        columns = {
            "score": score,
            "auc": (doubled[:, group] - n_in * (n_in + 1)) / (2.0 * n_in * n_out),
            "log2fc": fold_changes[:, group],
            "pct_in": 100.0 * inside / n_in,
            "pct_out": 100.0 * (n_expressing - inside) / n_out,
            "p": p,
            "p_bh": multiple_testing.benjamini_hochberg(p),
            "scanpy_log2fc": theirs[:, group],
        }
        rare = (score > 0) & (inside < MIN_EXPRESSING)
        order = by_name[np.lexsort((-score[by_name], rare[by_name], np.isnan(score[by_name])))]
        genes[row], reasons[row] = order, why[order]
        for name, values in columns.items():
            rows[name][row] = values[order]
    category = np.repeat(np.arange(len(listed), dtype=np.int32), len(names))
    return pa.table(
        {
            "category": pa.DictionaryArray.from_arrays(category, pa.array([groups.names[group] for group in listed])),
            "gene": pa.DictionaryArray.from_arrays(genes.ravel(), pa.array(atlas.genes.names)),
            **{name: pa.array(values.ravel()) for name, values in rows.items()},
            "why": pa.DictionaryArray.from_arrays(reasons.ravel(), pa.array(REASONS)),
        }
    )


def _block(layer: Layer, start: int, stop: int, *, codes: U8, sizes: I64) -> tuple[I64, F64, F64, I64, F64]:
    """Compute the sums of `core.kernels.rank_sums.rank_sums` for some genes, and those of linear values."""
    shape = (stop - start, len(sizes))
    doubled, n_positive = np.empty(shape, dtype=np.int64), np.empty(shape, dtype=np.int64)
    totals, ties = np.empty(shape), np.empty(stop - start)
    block = (layer.data, layer.indices.view(np.uint32), layer.indptr[start : stop + 1])
    kernels.rank_sums(*block, codes, sizes, doubled, totals, n_positive, ties)
    factor = FACTORS.get(scale_of(layer.info))
    if factor is None:
        return doubled, totals, totals, n_positive, ties
    linear = np.zeros((shape[0], shape[1] + 1))
    linear_sums.linear_sums(
        *block, codes, factor, linear_sums.table_of_powers(factor * max(layer.info.maximum, 0.0)), linear
    )
    return doubled, totals, linear[:, :-1], n_positive, ties
