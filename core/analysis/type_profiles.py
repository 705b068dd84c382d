"""Every gene in every cell type of an atlas: how many cells express it, and how it ranks among all genes there."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from core.analysis.linear_scale import FACTORS, scale_of
from core.atlas.kernel_block import block_of
from core.atlas.store import EXPRESSION
from core.compute.admission import heavy
from core.errors import InvalidQuery
from core.kernels.unit_sums import unit_sums

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.arrays import F64, I32
    from core.atlas.store import Atlas, Layer
    from core.compute.executor import Workers

MAX_TYPES = 255


@dataclass(frozen=True)
class ProfileParams:
    """Parameters of the profiles of an atlas: the column of cell types, and the layer."""

    by: str
    layer: str = EXPRESSION


@dataclass(frozen=True)
class InType:
    """One gene in some cell types taken together.

    Attributes
    ----------
    n, n_expressing : cells, and those with a value above zero
    percentile : rank of the mean of the gene among the means of all genes in these cells, 0 to 100
    """

    n: int
    n_expressing: int
    percentile: float

    @property
    def pct_expressing(self) -> float:
        """Percentage of the cells with a value above zero; NaN without cells."""
        return 100.0 * self.n_expressing / self.n if self.n else float("nan")


def profiles(atlas: Atlas, params: ProfileParams, workers: Workers) -> pa.Table:
    """Add up every gene in every cell type, in one pass over the layer.

    Returns
    -------
    A table with a row for each gene, in the order of the atlas, and for the category at place i of the column
    ``sum_i``, the sum of its values on the linear scale (float64; of the stored values where there is no such scale),
    and ``above_i``, its number of cells with a value above zero (int32).

    Raises
    ------
    InvalidQuery
        The column has more than 255 categories.
    """
    column = atlas.categorical(params.by)
    if len(column.categories) > MAX_TYPES:
        raise InvalidQuery(
            f"{params.by} has {len(column.categories):,} categories; cell types are compared up to {MAX_TYPES}.",
            "Choose another atlas.",
        )
    return _profiles(atlas, params, workers)


@heavy(lambda atlas, params, _: 50 * len(atlas.genes) * len(atlas.categorical(params.by).categories))
def _profiles(atlas: Atlas, params: ProfileParams, workers: Workers) -> pa.Table:
    column = atlas.categorical(params.by)
    n = len(column.categories)
    codes = np.where(column.codes < 0, n, column.codes).astype(np.int32)
    parts = workers.over_genes(partial(_of_block, codes=codes, n=n), atlas, params.layer)
    sums, above = (np.concatenate(part) for part in zip(*parts, strict=True))
    return pa.table(
        {
            **{f"sum_{at}": sums[:, at] for at in range(n)},
            **{f"above_{at}": above[:, at] for at in range(n)},
        }
    )


def _of_block(layer: Layer, start: int, stop: int, codes: I32, n: int) -> tuple[F64, I32]:
    """Add up some genes: the sums and the cells above zero, both (stop - start, n_categories)."""
    sums, above = np.empty((stop - start, n)), np.empty((stop - start, n), dtype=np.int32)
    factor = FACTORS.get(scale_of(layer.info)) or 0.0
    ones = np.ones(len(codes), dtype=np.float32)
    unit_sums(*block_of(layer, start, stop), factor, ones, False, codes, sums, above)  # noqa: FBT003 - kernels take arguments by place
    return sums, above


def in_types(table: pa.Table, atlas: Atlas, by: str, genes: Sequence[int], types: Sequence[str]) -> list[InType]:
    """Read genes in some cell types taken together from the profiles of an atlas.

    The percentile of a gene is ``100 (r - 0.5) / m``, where r is the mid-rank of its mean among the means of all m
    genes of the atlas in these cells: 50 for the median gene. It depends on no other cells, and on no unit, so that it
    is free of sequencing depth; it depends on which genes the atlas has.

    Parameters
    ----------
    table : of `profiles`
    by : the column of the profiles
    genes : places of the genes
    types : names of the cell types whose cells are taken together
    """
    column = atlas.categorical(by)
    places = [column.categories.index(name) for name in types]
    counts = np.bincount(column.codes[column.codes >= 0], minlength=len(column.categories))
    n = int(counts[places].sum())
    sums = np.sum([table[f"sum_{at}"].to_numpy() for at in places], axis=0)
    above = np.sum([table[f"above_{at}"].to_numpy() for at in places], axis=0)
    ordered = np.sort(sums)
    values = sums[list(genes)]
    below, to = np.searchsorted(ordered, values, "left"), np.searchsorted(ordered, values, "right")
    # The mid-rank of ties is the middle of the first and the last of their ranks, counted from 1.
    percentile = 100.0 * ((below + 1 + to) / 2 - 0.5) / len(ordered)
    return [InType(n, int(above[gene]), float(rank)) for gene, rank in zip(genes, percentile.tolist(), strict=True)]
