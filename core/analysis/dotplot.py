"""Some genes in each category of a column: how many cells express each, and how much.

The numbers of dot plots and of heatmaps, straight from the value-sorted nonzeros; no gene is made dense.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from core.analysis.columns import column_or_role
from core.analysis.expression import codes_within
from core.atlas.store import EXPRESSION
from core.compute.admission import heavy
from core.errors import InvalidQuery
from core.selection.masks import mask_of
from core.selection.model import Selection

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from core.analysis.contrasts import Groups
    from core.arrays import F64
    from core.atlas.store import Atlas, Layer

MAX_GENES = 500
# Of genes times categories: more could neither be drawn nor read.
MAX_ROWS = 500_000


@dataclass(frozen=True)
class DotPlotParams:
    """Parameters of a dot plot.

    Attributes
    ----------
    genes : display names, each once, in the order of the rows
    by : a categorical column
    split : a second one; empty for none
    layer, selection : which values, of which cells
    """

    genes: tuple[str, ...]
    by: str
    split: str = ""
    layer: str = EXPRESSION
    selection: Selection = field(default_factory=Selection)

    @classmethod
    def of(
        cls, atlas: Atlas, genes: Sequence[str], by: str = "", split: str = "", layer: str = "", **more: object
    ) -> DotPlotParams:
        """Make the canonical parameters: genes by display name, each once; the cell type unless a column is named.

        Raises
        ------
        UnknownGene, UnknownColumn, InvalidQuery
            Something named does not exist, there is no gene or there are more than 500, or the two columns are one.
        """
        names = tuple(dict.fromkeys(atlas.genes.names[atlas.genes.resolve(gene)] for gene in genes))
        if not 1 <= len(names) <= MAX_GENES:
            raise InvalidQuery(
                f"A dot plot takes 1 to {MAX_GENES} genes; the list has {len(names):,}.", "Change the list."
            )
        by = column_or_role(atlas, by)
        if split == by:
            raise InvalidQuery(f"The column {by!r} cannot be split by itself.", "Choose another column.")
        n_rows = len(names) * _n_categories(atlas, by) * (_n_categories(atlas, split) if split else 1)
        if n_rows > MAX_ROWS:
            raise InvalidQuery(
                f"{len(names):,} genes in all categories of {' and '.join(filter(None, (by, split)))} make {n_rows:,} "
                f"rows; {MAX_ROWS:,} is the limit.",
                "Give fewer genes, or choose a column with fewer categories.",
            )
        return cls(names, by, split, atlas.layer(layer or EXPRESSION).name, **more)  # pyright: ignore[reportArgumentType] - checked above


def dots(atlas: Atlas, params: DotPlotParams) -> pa.Table:
    """Count and average each gene in each category.

    Returns
    -------
    A table with the columns ``gene``, ``category``, ``split`` (only with a second column), ``n``, ``n_expressing``,
    ``pct_expressing``, ``mean`` and ``mean_expressing``: genes in the order of the question, in each the categories in
    the order of the column, in each those of the second one. ``n`` counts the selected cells, ``n_expressing`` those
    with a value above zero; ``mean`` is over all of them, zeros included, ``mean_expressing`` over those that express.
    Without cells, or without expressing ones, what cannot be said is NaN. The cells for which nothing is given, where
    there are any, are the category ``(not given)``.
    """
    mask = mask_of(atlas, params.selection)
    outer, names = codes_within(atlas, params.by, mask)
    inner, seconds = codes_within(atlas, params.split, mask) if params.split else (np.zeros_like(outer), [""])
    n_columns = len(names) * len(seconds)
    # One more place than there are columns, for the cells outside.
    codes = np.where(mask, outer * len(seconds) + inner, n_columns)
    return _counted(atlas, params.genes, params.layer, codes, (names, seconds if params.split else []))


def dots_of_groups(atlas: Atlas, genes: Sequence[str], layer: str, groups: Groups) -> pa.Table:
    """Compute the table of `dots`, without a second column, for groups that are no column of the atlas."""
    return _counted(atlas, genes, layer, groups.codes, (groups.names, []))


@heavy(lambda _, genes, __, codes, names: 32 * len(codes) + 100 * len(genes) * len(names[0]) * max(len(names[1]), 1))
def _counted(
    atlas: Atlas, genes: Sequence[str], layer: str, codes: NDArray[Any], names: tuple[Sequence[str], Sequence[str]]
) -> pa.Table:
    """Count and average; `codes` are places among the columns, one past the last for a cell outside."""
    first, seconds = names
    n_inner = max(len(seconds), 1)
    n_columns = len(first) * n_inner
    n = np.bincount(codes, minlength=n_columns + 1)[:n_columns]
    opened = atlas.layer(layer)
    parts = [_gene(opened, atlas.genes.resolve(gene), codes, n_columns) for gene in genes]
    totals, positives, n_expressing = (np.concatenate(part) for part in zip(*parts, strict=True))
    every = np.tile(n, len(genes))
    columns = {
        "gene": np.repeat(np.array(genes, dtype=object), n_columns),
        "category": np.tile(np.repeat(np.array(first, dtype=object), n_inner), len(genes)),
        **({"split": np.tile(np.array(seconds, dtype=object), len(first) * len(genes))} if seconds else {}),
        "n": every,
        "n_expressing": n_expressing,
        "pct_expressing": _over(100.0 * n_expressing, every),
        "mean": _over(totals, every),
        "mean_expressing": _over(positives, n_expressing),
    }
    return pa.table({name: pa.array(values) for name, values in columns.items()})


def _gene(layer: Layer, gene: int, codes: NDArray[Any], n_columns: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Sum one gene in each column: the sum, the sum of values above zero, and the number of cells above zero."""
    cells, values = layer.nonzeros(gene)
    places, positive = codes[cells], values > 0
    total = np.bincount(places, weights=values, minlength=n_columns + 1)[:n_columns]
    if positive.all():
        return total, total, np.bincount(places, minlength=n_columns + 1)[:n_columns]
    above = np.bincount(places[positive], weights=values[positive], minlength=n_columns + 1)[:n_columns]
    return total, above, np.bincount(places[positive], minlength=n_columns + 1)[:n_columns]


def _over(sums: np.ndarray, counts: np.ndarray) -> F64:
    return np.divide(sums, counts, out=np.full(len(sums), np.nan), where=counts > 0)


def _n_categories(atlas: Atlas, name: str) -> int:
    return len(atlas.categorical(name).categories) + 1
