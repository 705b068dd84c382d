"""Activity of transcription factors and pathways from the statistics of their targets, by linear models.

A network gives each source (a factor, a pathway) targets with weights, whose sign says whether the target rises or
falls with the source. The statistics of all tested genes are regressed on the weights, where a gene that is no target
weighs 0; the activity of a source is the t-value of its slope. Both models are those of decoupleR [1]_, in closed form.

References
----------
.. [1] Badia-i-Mompel et al., decoupleR: ensemble of computational methods to infer biological activities from omics
   data, Bioinformatics Advances 2:vbac016, 2022.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy.sparse import csr_array

    F64 = NDArray[np.float64]

# decoupler's, which keeps the t of a perfect fit finite.
TINY: Final = 2.2e-16
# Relative size below which a column is a combination of the columns before it, but for rounding.
DEPENDENT: Final = 1e-10
# Largest coefficient of a source in the combinations that others make, where it has no part in them.
ALONE: Final = 1e-6


@dataclass(frozen=True)
class Activities:
    """Activity of each source: t-value and two-sided p, both (n_sources,) float64; degrees of freedom of the t."""

    t: F64
    p: F64
    df: int


def univariate(stat: F64, weights: csr_array) -> Activities:
    r"""Fit the univariate linear model (ULM): each source by itself.

    Parameters
    ----------
    stat
        (n_genes,) float64, finite: the statistics of all tested genes.
    weights
        (n_sources, n_genes) sparse; 0 for a gene that is no target.

    Returns
    -------
    t with n - 2 degrees of freedom. NaN for a source whose weights are the same in every gene (such as one without
    targets), and for all where the statistics are constant or there are fewer than three genes.

    Notes
    -----
    With the correlation r of statistics and weights over all n genes, :math:`t = r \sqrt{(n - 2) / (1 - r^2)}`.
    """
    n = len(stat)
    if n < 3:  # noqa: PLR2004 - n - 2
        return _none(weights.shape[0], n - 2)
    centred = stat - stat.mean()
    sums = np.asarray(weights.sum(axis=1)).ravel()
    squares = np.asarray(weights.power(2).sum(axis=1)).ravel()
    spread = squares - sums * sums / n
    spread[spread <= DEPENDENT * squares] = np.nan
    variance = float(centred @ centred)
    if variance <= (DEPENDENT * np.abs(stat).max()) ** 2 * n:
        return _none(weights.shape[0], n - 2)
    # A perfect fit may be rounded to beyond one.
    r = np.clip((weights @ centred) / np.sqrt(spread * variance), -1.0, 1.0)
    t = r * np.sqrt((n - 2) / ((1 - r + TINY) * (1 + r + TINY)))
    return Activities(t, _two_sided(t, n - 2), n - 2)


def multivariate(stat: F64, weights: csr_array) -> Activities:
    r"""Fit the multivariate linear model (MLM): all sources at once, each corrected for the others that share targets.

    Parameters
    ----------
    stat, weights
        As for `univariate`.

    Returns
    -------
    t with n - k - 1 degrees of freedom for k sources, or the rank of their weights. NaN for a source that cannot be
    told from others, as its weights take part in a combination that is the same in every gene; and for all where the
    statistics are constant or no degree of freedom is left.

    Notes
    -----
    Ordinary least squares with an intercept, by QR decomposition with pivoting: :math:`t_j = b_j / (s \sqrt{c_{jj}})`
    with :math:`C = (X'X)^{-1}` and :math:`s^2 = RSS / (n - k - 1)`.
    """
    from scipy.linalg import qr, solve_triangular

    n, n_sources = len(stat), weights.shape[0]
    dense = weights.toarray().T
    centred = dense - dense.mean(axis=0)
    lengths = np.sqrt((centred * centred).sum(axis=0))
    given = np.flatnonzero(lengths > DEPENDENT * np.sqrt((dense * dense).sum(axis=0)))
    y = stat - stat.mean()
    if not len(given) or y @ y <= (DEPENDENT * np.abs(stat).max(initial=0.0)) ** 2 * n:
        return _none(n_sources, n - n_sources - 1)
    q, upper, order = qr(centred[:, given] / lengths[given], mode="economic", pivoting=True)
    rank = int((np.abs(np.diag(upper)) > DEPENDENT).sum())
    df = n - rank - 1
    if df < 1:
        return _none(n_sources, df)
    fitted = q[:, :rank].T @ y
    residual = y - q[:, :rank] @ fitted
    inverse = solve_triangular(upper[:rank, :rank], np.eye(rank))
    error = np.sqrt(float(residual @ residual) / df * (inverse * inverse).sum(axis=1))
    # Columns behind the rank are combinations of those before it: neither they nor these have a slope of their own.
    alone = (np.abs(inverse @ upper[:rank, rank:]) <= ALONE).all(axis=1)
    t = np.full(n_sources, np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        t[given[order[:rank]]] = np.where(alone, (inverse @ fitted) / error, np.nan)
    return Activities(t, _two_sided(t, df), df)


def _none(n_sources: int, df: int) -> Activities:
    nothing = np.full(n_sources, np.nan)
    return Activities(nothing, nothing, df)


def _two_sided(t: F64, df: int) -> F64:
    from scipy.special import stdtr

    return 2.0 * stdtr(df, -np.abs(t))
