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
from core.analysis.marker_tests import REASONS, tested
from core.compute.admission import heavy
from core.errors import InvalidQuery, UnknownColumn
from core.kernels.correlation import EXACT_CELLS
from core.stats import multiple_testing

if TYPE_CHECKING:
    from core.analysis.contrasts import ContrastParams, Groups
    from core.atlas.store import Atlas
    from core.compute.executor import Workers

NUMBERS = ("score", "auc", "log2fc", "pct_in", "pct_out", "p", "p_bh", "scanpy_log2fc")
COLUMNS = ("category", "gene", *NUMBERS, "why")
# Fewer expressing cells in a category say little of it, however far from chance they are.
MIN_EXPRESSING = 3


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
    why : one of `core.analysis.marker_tests.REASONS`, empty where p is that of the normal distribution

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
    parts = workers.over_genes(partial(tested, codes=groups.codes, sizes=groups.sizes), atlas, params.layer)
    found = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    found["log2fc"] = of_linear_means(info, found["linear"], groups.sizes)
    found["scanpy_log2fc"] = of_scanpy(info, found["totals"], groups.sizes)
    listed, names = groups.listed, np.array(atlas.genes.names)
    by_name = np.argsort(names, kind="stable")
    shape = (len(listed), len(names))
    genes, reasons = np.empty(shape, dtype=np.int32), np.empty(shape, dtype=np.int8)
    rows = {name: np.empty(shape) for name in NUMBERS}
    for row, group in enumerate(listed):
        score = found["score"][:, group]
        rare = (score > 0) & (found["inside"][:, group] < MIN_EXPRESSING)
        order = by_name[np.lexsort((-score[by_name], rare[by_name], np.isnan(score[by_name])))]
        genes[row], reasons[row] = order, found["why"][order, group]
        for name in NUMBERS:
            if name != "p_bh":
                rows[name][row] = found[name][order, group]
        rows["p_bh"][row] = multiple_testing.benjamini_hochberg(rows["p"][row])
    category = np.repeat(np.arange(len(listed), dtype=np.int32), len(names))
    return pa.table(
        {
            "category": pa.DictionaryArray.from_arrays(category, pa.array([groups.names[group] for group in listed])),
            "gene": pa.DictionaryArray.from_arrays(genes.ravel(), pa.array(atlas.genes.names)),
            **{name: pa.array(values.ravel()) for name, values in rows.items()},
            "why": pa.DictionaryArray.from_arrays(reasons.ravel(), pa.array(REASONS)),
        }
    )
