"""Correlation of donor means: one point a sample."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from core.analysis.correlation_inference import of_pair
from core.analysis.gene_pair import PairParams, coefficient, pair_values
from core.analysis.linear_scale import FACTORS, scale_of
from core.atlas.store import COUNTS, EXPRESSION
from core.cache.in_process import remembered
from core.errors import InvalidQuery
from core.kernels.permutations import EXACT_BELOW

if TYPE_CHECKING:
    from core.arrays import F64, Mask
    from core.atlas.manifest import Scale
    from core.atlas.store import Atlas, Categorical

MIN_SAMPLES = 4
MIN_SAMPLE_CELLS = 10
CPM = 1e6
PSEUDOBULK = "log CPM of summed counts"


@dataclass(frozen=True)
class DonorMeans:
    """The correlation of samples.

    Attributes
    ----------
    n, left_out : samples, and those that have fewer than ten cells
    samples, x, y : names of the n samples, and the value of either gene in each
    measure : these values in words
    exact : True where p counts all orders of the samples, which is so for fewer than ten
    """

    r: float
    ci_low: float
    ci_high: float
    p: float
    n: int
    left_out: int
    samples: tuple[str, ...]
    x: F64
    y: F64
    measure: str
    exact: bool


@remembered
def donor_means(atlas: Atlas, params: PairParams) -> DonorMeans:
    """Correlate two genes over samples: the unit of replication is the donor.

    Notes
    -----
    The value of a sample is ln(1 + CPM) of the counts summed over its cells (pseudobulk). Where the atlas has no
    counts, or another layer than the expression is asked for, it is ln(1 + m) of the mean m of the values on the linear
    scale: a mean of logarithms would depend on depth and on the number of zeros.

    Raises
    ------
    InvalidQuery
        The atlas has no column of samples, fewer than four have ten selected cells, or there are no counts and the
        values are scaled.
    """
    column = sample_column(atlas)
    values = pair_values(atlas, params)
    inside = values.used & (column.codes >= 0)
    counts = np.bincount(column.codes[inside], minlength=len(column.categories))
    kept = np.flatnonzero(counts >= MIN_SAMPLE_CELLS)
    if len(kept) < MIN_SAMPLES:
        raise InvalidQuery(
            _too_few(len(kept), len(column.categories)),
            "Select more cells." if len(column.categories) >= MIN_SAMPLES else "",
        )
    if params.layer in (EXPRESSION, COUNTS) and atlas.manifest.layer(COUNTS):
        genes, measure = _log_cpm(atlas, params, column, inside), PSEUDOBULK
    else:
        genes, measure = _log_means(atlas, params, column, inside, (values.x, values.y))
    x, y = (gene[kept] for gene in genes)
    r = coefficient(x, y, params.method)
    judged = of_pair(x, y, r, params.method, detected=False)
    names = tuple(column.categories[at] for at in kept)
    left_out = int((counts > 0).sum()) - len(kept)
    exact = len(kept) < EXACT_BELOW
    return DonorMeans(r, judged.ci_low, judged.ci_high, judged.p, len(kept), left_out, names, x, y, measure, exact)


def _too_few(n: int, n_all: int) -> str:
    if n_all < MIN_SAMPLES:
        return f"This atlas has {n_all} sample{'' if n_all == 1 else 's'}; donor means need {MIN_SAMPLES}."
    counted = f"{f'Only {n}' if n else 'No'} sample{'' if n == 1 else 's'} {'has' if n in (0, 1) else 'have'}"
    return f"{counted} {MIN_SAMPLE_CELLS} or more of these cells; donor means need {MIN_SAMPLES}."


def sample_column(atlas: Atlas) -> Categorical:
    """Return the column of samples; InvalidQuery where the atlas knows none."""
    column = atlas.role("sample")
    if column is None:
        raise InvalidQuery(f"{atlas.id} has no column of samples.", "Import it again with --sample COLUMN.")
    return column


def _log_cpm(atlas: Atlas, params: PairParams, column: Categorical, inside: Mask) -> list[F64]:
    """ln(1 + counts per million) of each gene in each sample; NaN for samples without cells."""
    layer = atlas.layer(COUNTS)
    totals = _sums(layer.cell_sums, column, inside)
    genes = (layer.dense(atlas.genes.resolve(gene)).astype(np.float64) for gene in (params.gene_a, params.gene_b))
    with np.errstate(invalid="ignore"):
        return [np.log1p(CPM * _sums(gene, column, inside) / totals) for gene in genes]


def _log_means(
    atlas: Atlas, params: PairParams, column: Categorical, inside: Mask, genes: tuple[F64, F64]
) -> tuple[list[F64], str]:
    """ln(1 + mean of linear values) of each gene in each sample, and what that is in words."""
    scale = scale_of(atlas.layer(params.layer).info)
    if scale == "signed":
        raise InvalidQuery(
            f"The values of {params.layer} are scaled or centred, so the mean of a sample has no meaning that can be "
            "compared between samples.",
            "Choose another layer, or import a file with raw counts.",
        )
    n = _sums(np.ones(len(inside)), column, inside)
    with np.errstate(invalid="ignore"):
        means = [np.log1p(_sums(_linear(gene, scale), column, inside) / n) for gene in genes]
    return means, f"log of the mean {'value' if scale == 'linear' else 'of the values before the logarithm'}"


def _linear(values: F64, scale: Scale) -> F64:
    """Undo the logarithm of a layer."""
    return values if scale == "linear" else np.expm1(FACTORS[scale] * values)


def _sums(values: F64, column: Categorical, inside: Mask) -> F64:
    sums = np.bincount(column.codes[inside], weights=values[inside], minlength=len(column.categories))
    return sums.astype(np.float64)
