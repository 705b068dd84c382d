"""Two genes in a selection of cells: how they move together, and how often both are seen."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from core.analysis.correlation import method_of, require_cells
from core.analysis.correlation_inference import of_pair
from core.atlas.store import EXPRESSION
from core.cache.in_process import remembered
from core.errors import InvalidQuery
from core.selection.masks import mask_of
from core.selection.model import Selection
from core.stats import correlation

if TYPE_CHECKING:
    from core.arrays import F64, Mask
    from core.atlas.store import Atlas
    from core.stats.correlation import Method

N_LINE = 60


@dataclass(frozen=True)
class PairParams:
    """Parameters of a pair of genes; the fields are those of `core.analysis.correlation.CorrelationParams`."""

    gene_a: str
    gene_b: str
    method: Method = "spearman"
    drop_zeros: bool = False
    layer: str = EXPRESSION
    selection: Selection = field(default_factory=Selection)

    @classmethod
    def of(cls, atlas: Atlas, genes: tuple[str, str], method: str = "", layer: str = "", **more: object) -> PairParams:
        """Make the canonical parameters; raises UnknownGene or InvalidQuery as `CorrelationParams.of` does."""
        first, second = (atlas.genes.names[atlas.genes.resolve(gene)] for gene in genes)
        if first == second:
            raise InvalidQuery(f"Both genes are {first}.", "Choose two different genes.")
        name = atlas.layer(layer or EXPRESSION).name
        return cls(gene_a=first, gene_b=second, method=method_of(method), layer=name, **more)  # pyright: ignore[reportArgumentType] - checked above


@dataclass(frozen=True)
class PairValues:
    """Two genes in every cell, and the cells that count.

    Attributes
    ----------
    x, y : (n_cells,) float64
    selected : (n_cells,) bool, the selection
    used : (n_cells,) bool, the selection, or its cells in which both genes are nonzero
    """

    x: F64
    y: F64
    selected: Mask
    used: Mask


@dataclass(frozen=True)
class CoDetection:
    """Co-detection: selected cells in which each gene has a value above zero, and the odds ratio of seeing both.

    The odds ratio and its 95 % interval are NaN when a gene is seen in all or in no cells; an empty field of the table
    is counted as half a cell in every field [1]_.

    References
    ----------
    .. [1] Haldane, The estimation and significance of the logarithm of a ratio of frequencies, Annals of Human Genetics
       20:309-311, 1956. Interval: Woolf, Annals of Human Genetics 19:251-253, 1955.
    """

    both: int
    only_a: int
    only_b: int
    neither: int
    odds_ratio: float
    ci_low: float
    ci_high: float


@dataclass(frozen=True)
class Line:
    """Least squares of B on A with the 95 % confidence band of its mean; empty where A is constant or n < 3."""

    slope: float
    intercept: float
    x: F64
    y: F64
    low: F64
    high: F64


@dataclass(frozen=True)
class Pair:
    """The correlation of two genes; `n` counts the cells it runs over, `n_selected` those selected.

    `why` says why p and interval are missing; see `core.analysis.correlation_inference`.
    """

    r: float
    ci_low: float
    ci_high: float
    p: float
    n: int
    n_selected: int
    line: Line
    co_detection: CoDetection
    why: str = ""


def pair_values(atlas: Atlas, params: PairParams) -> PairValues:
    """Read both genes and find the cells that count; InvalidQuery when fewer than three cells are selected."""
    layer = atlas.layer(params.layer)
    x, y = (layer.dense(atlas.genes.resolve(gene)).astype(np.float64) for gene in (params.gene_a, params.gene_b))
    selected = mask_of(atlas, params.selection)
    require_cells(selected, params.selection)
    used = selected & (x != 0) & (y != 0) if params.drop_zeros else selected
    return PairValues(x, y, selected, used)


@remembered
def pair(atlas: Atlas, params: PairParams) -> Pair:
    """Correlate two genes: coefficient, interval, p, line and co-detection; NaN where a gene is constant."""
    values = pair_values(atlas, params)
    x, y = values.x[values.used], values.y[values.used]
    r = coefficient(x, y, params.method)
    judged = of_pair(x, y, r, params.method, detected=not params.drop_zeros)
    return Pair(
        r=r,
        ci_low=judged.ci_low,
        ci_high=judged.ci_high,
        p=judged.p,
        n=int(x.size),
        n_selected=int(values.selected.sum()),
        line=line(x, y),
        co_detection=co_detection(values.x[values.selected] > 0, values.y[values.selected] > 0),
        why=judged.why,
    )


def coefficient(x: F64, y: F64, method: Method) -> float:
    """Pearson's r, or Spearman's rho as Pearson's r of mid-ranks; NaN for a constant or fewer than two cells."""
    if x.size < 2 or x.min() == x.max() or y.min() == y.max():  # noqa: PLR2004 - a spread needs two
        return float("nan")
    if method == "spearman":
        x, y = mid_ranks(x), mid_ranks(y)
    x, y = x - x.mean(), y - y.mean()
    return float(np.clip((x / np.linalg.norm(x)) @ (y / np.linalg.norm(y)), -1, 1))


def mid_ranks(values: F64) -> F64:
    """Ranks from 1, ties sharing their mean."""
    from scipy.stats import rankdata

    return rankdata(values)


def line(x: F64, y: F64) -> Line:
    """Least squares of y on x and its 95 % confidence band."""
    from scipy.special import stdtrit

    empty = np.empty(0)
    if x.size < 3 or x.min() == x.max():  # noqa: PLR2004 - a residual needs three
        return Line(float("nan"), float("nan"), empty, empty, empty, empty)
    centre, spread = x.mean(), float(((x - x.mean()) ** 2).sum())
    slope = float(((x - centre) * (y - y.mean())).sum() / spread)
    intercept = float(y.mean() - slope * centre)
    residual = float(((y - intercept - slope * x) ** 2).sum()) / (x.size - 2)
    grid = np.linspace(float(x.min()), float(x.max()), N_LINE)
    fitted = intercept + slope * grid
    half = stdtrit(x.size - 2, 0.975) * np.sqrt(residual * (1 / x.size + (grid - centre) ** 2 / spread))
    return Line(slope, intercept, grid, fitted, fitted - half, fitted + half)


def co_detection(a: Mask, b: Mask) -> CoDetection:
    """Count the two by two table of two genes being detected."""
    both, only_a, only_b, neither = (int(cells.sum()) for cells in (a & b, a & ~b, ~a & b, ~a & ~b))
    nan = float("nan")
    if min(both + only_a, only_b + neither, both + only_b, only_a + neither) == 0:
        return CoDetection(both, only_a, only_b, neither, nan, nan, nan)
    fields = np.array([both, only_a, only_b, neither], dtype=np.float64)
    if fields.min() == 0:
        fields += 0.5
    log = float(np.log(fields[0] * fields[3] / (fields[1] * fields[2])))
    half = correlation.Z_975 * float(np.sqrt((1 / fields).sum()))
    ratio, low, high = (float(np.exp(value)) for value in (log, log - half, log + half))
    return CoDetection(both, only_a, only_b, neither, ratio, low, high)
