"""A score for each cell: how much it expresses a set of genes.

``ulm`` is the univariate linear model of decoupler: in each cell, the expression of all genes is regressed on whether a
gene belongs to the set, and the score is the t-value of the slope [1]_. ``mean_z`` is the mean of the z-scores of the
set's genes. Both are over all cells of the atlas: a cell has the same score in whichever selection it is shown.

References
----------
.. [1] Badia-i-Mompel et al., decoupleR: ensemble of computational methods to infer biological activities from omics
   data, Bioinformatics Advances 2:vbac016, 2022.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np
import pyarrow as pa

from core.atlas.kernel_block import block_of
from core.atlas.store import EXPRESSION
from core.compute.admission import heavy
from core.errors import InvalidQuery
from core.genes.lists import joined
from core.kernels import gene_set_sums as kernels
from core.selection.masks import mask_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.arrays import F64, I64, Floats
    from core.atlas.store import Atlas, Layer
    from core.compute.executor import Workers
    from core.genes.gene_set_library import GeneSets
    from core.selection.model import Selection

Method: TypeAlias = Literal["ulm", "mean_z"]

METHODS: tuple[Method, ...] = ("ulm", "mean_z")
UNITS: dict[Method, str] = {"ulm": "t of the slope (ULM)", "mean_z": "mean z"}
COLUMNS = ("cell", "score")
# What begins so names a set of a mounted file; the rest is its key.
MOUNTED = "gmt:"
# decoupler's, which keeps the t of a perfect fit finite.
TINY = 2.2e-16
# Of a cell's sum of squares: what rounding leaves of no variance at all.
NO_VARIANCE = 1e-11
# Each holds its own sums: more blocks than workers need only take room.
N_BLOCKS = 8


@dataclass(frozen=True)
class Scores:
    """The score of every cell, (n_cells,); NaN where a cell has none."""

    values: Floats


def method_of(text: str) -> Method:
    """Read a method; ULM unless one is named."""
    for method in METHODS:
        if method == (text or "ulm"):
            return method
    raise InvalidQuery(f"{text[:40]!r} is not a score.", "Use ulm or mean_z.")


@dataclass(frozen=True)
class ScoreParams:
    """Parameters of a score; with the atlas' content hash, the key under which the answer is cached.

    Attributes
    ----------
    genes : display names in the order of the atlas, each once
    """

    genes: tuple[str, ...]
    method: Method = "ulm"
    layer: str = EXPRESSION

    @classmethod
    def of(cls, atlas: Atlas, genes: Sequence[str], method: str = "", layer: str = "") -> ScoreParams:
        """Make the canonical parameters: the same for any order of the list.

        Raises
        ------
        UnknownGene, InvalidQuery
            A gene, the method or the layer does not exist, or there is no gene.
        """
        indices = sorted({atlas.genes.resolve(gene) for gene in genes})
        if not indices:
            raise InvalidQuery("A score needs a gene.", "Give symbols or Ensembl ids, such as ALB, CYP2E1.")
        names = tuple(atlas.genes.names[index] for index in indices)
        return cls(names, method_of(method), atlas.layer(layer or EXPRESSION).name)


def expanded(library: GeneSets, text: str) -> str:
    """Expand ``gmt:`` and a key to the genes of a mounted set; any other text is returned unchanged.

    Raises
    ------
    NotFound, InvalidQuery
        No set, or several, have that key.
    """
    name = text.strip()
    return joined(library.get(name.removeprefix(MOUNTED)).genes, "\n") if name.startswith(MOUNTED) else text


@heavy(lambda atlas, *_: 16 * atlas.n_cells * (N_BLOCKS + 2))
def cell_moments(atlas: Atlas, layer: str, workers: Workers) -> pa.Table:
    """Sum the values and their squares in each cell over all genes of a layer: ``sum``, ``squares``, both float64."""
    parts = workers.over_genes(_moments, atlas, layer, N_BLOCKS)
    moments = np.sum(parts, axis=0)
    return pa.table({"sum": np.ascontiguousarray(moments[:, 0]), "squares": np.ascontiguousarray(moments[:, 1])})


@heavy(lambda atlas, *_: 48 * atlas.n_cells)
def score(atlas: Atlas, params: ScoreParams, moments: pa.Table | None = None) -> F64:
    """Score every cell.

    Parameters
    ----------
    moments : of `cell_moments`; needed for ``ulm`` only

    Returns
    -------
    (n_cells,) float64. ``ulm`` is NaN for a cell with the same value in every gene (such as a cell without any), for a
    set that holds all genes or none that any cell expresses, and where there are fewer than three genes. ``mean_z`` is
    NaN where every gene of the set is constant.
    """
    layer = atlas.layer(params.layer)
    genes = np.array([atlas.genes.resolve(gene) for gene in params.genes], dtype=np.int64)
    if params.method == "mean_z":
        return mean_z(layer, genes)
    if moments is None:
        raise ValueError("ulm needs the moments of the cells")
    return ulm(layer, genes, moments)


def ulm(layer: Layer, genes: I64, moments: pa.Table, weights: F64 | None = None) -> F64:
    r"""Compute the t-value of the slope of the regression of a cell's expression on the weights of the genes.

    Parameters
    ----------
    genes : (n_set,), those of the set
    moments : of `cell_moments`
    weights : (n_set,); 1 for each gene unless given. All other genes weigh 0

    Notes
    -----
    With n genes, weights w and a cell's values x, r = (Σwx - ΣwΣx/n) / √((Σw² - (Σw)²/n) (Σx² - (Σx)²/n)) and
    t = r √((n - 2) / (1 - r²)). Only Σwx is particular to the set. As in decoupler, the genes are those that any cell
    of the atlas expresses: a gene without any value is left out of n, and of the set.
    """
    expressed = np.diff(layer.gene_starts) > 0
    kept = expressed[genes]
    members = genes[kept]
    weighed = np.ones(len(members)) if weights is None else weights[kept]
    n = int(expressed.sum())
    spread = float(weighed @ weighed) - float(weighed.sum()) ** 2 / n if n else 0.0
    # Of whole numbers, the spread of equal weights is no rounding error but 0.
    if n < 3 or len(members) == 0 or (len(members) == n and weighed.min() == weighed.max()):  # noqa: PLR2004 - n - 2
        return np.full(layer.n_cells, np.nan)
    total, squares = (moments[name].to_numpy() for name in ("sum", "squares"))
    variance = squares - total * total / n
    variance[variance <= NO_VARIANCE * squares] = np.nan
    r = (_sums(layer, members, weighed) - weighed.sum() * total / n) / np.sqrt(spread * variance)
    # A perfect fit may be rounded to beyond one.
    r = np.clip(r, -1.0, 1.0)
    return r * np.sqrt((n - 2) / ((1 - r + TINY) * (1 + r + TINY)))


def mean_z(layer: Layer, genes: I64) -> F64:
    """Compute the mean of the z-scores of some genes.

    Each gene's z is over all cells of the atlas, with n - 1 in the denominator of its variance; genes that are the same
    in every cell have none and are left out.
    """
    varying = genes[[_varies(layer, int(gene)) for gene in genes]]
    if not len(varying):
        return np.full(layer.n_cells, np.nan)
    deviation = np.sqrt(layer.stats.variance[varying])
    sums = _sums(layer, varying, 1 / deviation)
    return (sums - (layer.stats.mean[varying] / deviation).sum()) / len(varying)


def used(atlas: Atlas, params: ScoreParams) -> tuple[str, ...]:
    """List the genes that a score uses: those of ``ulm`` that any cell expresses, those of ``mean_z`` that vary."""
    layer = atlas.layer(params.layer)
    indices = [(gene, atlas.genes.resolve(gene)) for gene in params.genes]
    if params.method == "ulm":
        return tuple(gene for gene, index in indices if layer.gene_starts[index + 1] > layer.gene_starts[index])
    return tuple(gene for gene, index in indices if _varies(layer, index))


def table(atlas: Atlas, scores: F64, selection: Selection) -> pa.Table:
    """Make a table of the columns `COLUMNS`: the selected cells in cell order, each with its score."""
    mask = mask_of(atlas, selection)
    cells = pa.array(atlas.cells(), pa.string()).filter(pa.array(mask))
    return pa.table([cells, pa.array(scores[mask])], names=list(COLUMNS))


def _moments(layer: Layer, start: int, stop: int) -> F64:
    moments = np.zeros((layer.n_cells, 2))
    kernels.cell_moments(*block_of(layer, start, stop), moments)
    return moments


def _sums(layer: Layer, genes: I64, weights: F64) -> F64:
    sums = np.zeros(layer.n_cells)
    for gene, weight in zip(genes.tolist(), weights, strict=True):
        kernels.weighted_sums(*block_of(layer, gene, gene + 1), np.array([weight]), sums)
    return sums


def _varies(layer: Layer, gene: int) -> bool:
    """Tell whether any two cells differ: exact, where a variance would be rounded."""
    stats = layer.stats
    return 0 < stats.n_nonzero[gene] < layer.n_cells or bool(stats.minimum[gene] != stats.maximum[gene])
