"""Fold changes: log2 ratios of mean linear values, on every scale that a layer may have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from core.analysis.linear_scale import FACTORS, scale_of

if TYPE_CHECKING:
    from core.arrays import F64, I64
    from core.atlas.manifest import LayerInfo, Scale

# One count per million, where the unit is CP10k: a gene that no cell expresses still has a fold change.
PSEUDO: Final = 0.01
SCANPY_PSEUDO: Final = 1e-9
_STORED: Final[dict[Scale, str]] = {"ln1p": "ln(x + 1)", "log2_1p": "log2(x + 1)", "log10_1p": "log10(x + 1)"}


def of_linear_means(info: LayerInfo, linear: F64, sizes: I64) -> F64:
    """Compare the mean of each group with that of all others, on the linear scale.

    Parameters
    ----------
    linear : (n_genes, n_groups) sums of linear values
    sizes : (n_groups,) cells

    Returns
    -------
    (n_genes, n_groups) log2 of the ratio of both means, `PSEUDO` added to each; finite, but NaN for signed values.
    """
    if scale_of(info) == "signed":
        return np.full(linear.shape, np.nan)
    return _log2_ratios(*_means(linear, sizes), PSEUDO)


def of_scanpy(info: LayerInfo, totals: F64, sizes: I64) -> F64:
    """Compare as scanpy does: the stored logarithms are averaged, and only their means are made linear.

    Parameters
    ----------
    totals : (n_genes, n_groups) sums of stored values
    sizes : (n_groups,) cells

    Returns
    -------
    (n_genes, n_groups) as scanpy's ``logfoldchanges``, with `SCANPY_PSEUDO`; NaN for values that are no logarithms.
    """
    factor = FACTORS.get(scale_of(info))
    if factor is None:
        return np.full(totals.shape, np.nan)
    inside, outside = _means(totals, sizes)
    return _log2_ratios(np.expm1(factor * inside), np.expm1(factor * outside), SCANPY_PSEUDO)


def fold_change_of(info: LayerInfo) -> str:
    """Describe the fold change of a layer in a phrase."""
    scale = scale_of(info)
    if scale == "signed":
        return "no log2FC: signed values have no linear scale"
    back = "" if scale == "linear" else f", stored as {_STORED[scale]} and taken back to that scale"
    return f"log2FC: log2 ratio of the means of linear values{back}, {PSEUDO} added to each"


def _means(totals: F64, sizes: I64) -> tuple[F64, F64]:
    """Average within each group and over all others, both (n_genes, n_groups)."""
    # The others are added up from both sides: taking a group from the whole would lose digits.
    others = np.zeros_like(totals)
    others[:, 1:] += np.cumsum(totals[:, :-1], axis=1)
    others[:, :-1] += np.cumsum(totals[:, :0:-1], axis=1)[:, ::-1]
    return totals / sizes, others / (sizes.sum() - sizes)


def _log2_ratios(inside: F64, outside: F64, pseudo: float) -> F64:
    return np.log2((inside + pseudo) / (outside + pseudo))
