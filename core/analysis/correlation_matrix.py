"""A list of genes against itself: the correlation matrix, ordered so that what moves together stands together."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from core.analysis.correlation import (
    doubled_ranks,
    method_of,
    moments,
    query_of_ranks,
    query_of_values,
    require_cells,
    shared_levels,
    shared_query,
)
from core.atlas.kernel_block import as_block, joined
from core.atlas.store import EXPRESSION
from core.compute.admission import heavy
from core.errors import InvalidQuery
from core.kernels import correlation as kernels
from core.kernels import shared_cells
from core.selection.masks import mask_of
from core.selection.model import Selection

if TYPE_CHECKING:
    from core.arrays import F64, Mask
    from core.atlas.store import Atlas, Layer
    from core.stats.correlation import Method

MIN_GENES = 2
MAX_GENES = 300


@dataclass(frozen=True)
class MatrixParams:
    """Parameters of a matrix of genes; the fields are those of `core.analysis.correlation.CorrelationParams`."""

    genes: tuple[str, ...]
    method: Method = "spearman"
    drop_zeros: bool = False
    layer: str = EXPRESSION
    selection: Selection = field(default_factory=Selection)

    @classmethod
    def of(
        cls, atlas: Atlas, genes: tuple[str, ...], method: str = "", layer: str = "", **more: object
    ) -> MatrixParams:
        """Make the canonical parameters: genes by display name, each once; InvalidQuery unless there are 2 to 300."""
        names = tuple(dict.fromkeys(atlas.genes.names[atlas.genes.resolve(gene)] for gene in genes))
        if not MIN_GENES <= len(names) <= MAX_GENES:
            raise InvalidQuery(
                f"A matrix takes {MIN_GENES} to {MAX_GENES} genes; the list has {len(names):,}.", "Change the list."
            )
        return cls(genes=names, method=method_of(method), layer=atlas.layer(layer or EXPRESSION).name, **more)  # pyright: ignore[reportArgumentType] - checked above


@dataclass(frozen=True)
class GeneMatrix:
    """Coefficients of every pair.

    Attributes
    ----------
    genes : in the order of the clustering; genes that are constant in these cells come last
    r : (n, n) float64, symmetric, 1 on the diagonal; NaN where a gene is constant
    n : (n, n) int64, cells of each pair
    linkage : (k - 1, 4), scipy's linkage of the k genes that vary; empty for k < 2
    """

    genes: tuple[str, ...]
    r: F64
    n: np.ndarray
    linkage: F64


def gene_matrix(atlas: Atlas, params: MatrixParams) -> GeneMatrix:
    """Correlate each gene of a list with each other and order them by hierarchical clustering.

    Notes
    -----
    Average linkage on 1 - r, leaves ordered optimally [1]_.

    References
    ----------
    .. [1] Bar-Joseph, Gifford and Jaakkola, Fast optimal leaf ordering for hierarchical clustering, Bioinformatics
       17:S22-S29,
       2001.
    """
    mask = mask_of(atlas, params.selection)
    require_cells(mask, params.selection)
    layer = atlas.layer(params.layer)
    indices = [atlas.genes.resolve(gene) for gene in params.genes]
    r, n = _pairs(layer, indices, mask, params)
    order, linkage = _cluster(r)
    return GeneMatrix(
        tuple(params.genes[at] for at in order), r[np.ix_(order, order)], n[np.ix_(order, order)], linkage
    )


@heavy(lambda layer, genes, *_: 40 * layer.n_cells + 24 * int(np.diff(layer.gene_starts)[genes].sum()))
def _pairs(layer: Layer, genes: list[int], mask: Mask, params: MatrixParams) -> tuple[F64, np.ndarray]:
    listed = joined(layer, genes)
    means, spreads = moments(layer, genes)
    size = len(genes)
    r, n = np.full((size, size), np.nan), np.full((size, size), int(mask.sum()), dtype=np.int64)
    for at, gene in enumerate(genes):
        rest = slice(at, size)
        out, counts, third = np.empty(size - at), np.empty(size - at, dtype=np.int64), np.empty(size - at)
        block, values = as_block(listed.block(at, size), signed=layer.info.minimum < 0)
        if params.method == "pearson" and params.drop_zeros:
            query = shared_query(layer.dense(gene), mask)
            shared_cells.pearson_nonzero(block, values, *query, out, counts, third)
        elif params.method == "pearson":
            query = query_of_values(layer.dense(gene), mask)
            kernels.pearson(block, values, means[at:], spreads[at:], *query, out, counts, third)
        elif params.drop_zeros:
            shared_cells.spearman_nonzero(block, *shared_levels(layer, gene, mask), out, counts, third)
        else:
            kernels.spearman(block, *query_of_ranks(doubled_ranks(layer, gene, mask), mask), out, counts)
        r[at, rest] = r[rest, at] = out
        if params.drop_zeros:
            n[at, rest] = n[rest, at] = counts
        # A gene correlates with itself completely or, where it is constant, not at all.
        r[at, at] = 1.0 if np.isfinite(out[0]) else np.nan
    return r, n


def _cluster(r: F64) -> tuple[np.ndarray, F64]:
    from scipy.cluster.hierarchy import leaves_list, linkage
    from scipy.spatial.distance import squareform

    varies = np.flatnonzero(np.isfinite(np.diag(r)))
    rest = np.setdiff1d(np.arange(len(r)), varies)
    if len(varies) < MIN_GENES:
        return np.concatenate([varies, rest]), np.empty((0, 4))
    # With zeros dropped, two genes that share no cell have no coefficient: they are as far apart as unrelated ones.
    distance = 1 - np.nan_to_num(r[np.ix_(varies, varies)])
    np.fill_diagonal(distance, 0)
    tree = linkage(squareform(np.maximum(distance, 0), checks=False), method="average", optimal_ordering=True)
    return np.concatenate([varies[leaves_list(tree)], rest]), tree
