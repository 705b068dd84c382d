"""The scale of a matrix that is no counts: linear, or a logarithm and its base, told from its values.

Two properties prove a scale. Once the logarithm is undone, cells that were brought to one total have equal sums; and
what was divided by the cell's own total keeps the ratios of counts: whole multiples of the smallest value of the cell.
Neither holds under another base. What proves nothing (corrected, smoothed or imputed values) goes by
``uns['log1p']['base']``, then by the range of the values.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy import sparse

from core.ingest.scale_words import STATED, base_words, unit_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.atlas.manifest import Scale
    from core.ingest.matrix import Matrix

INVERSE: Final[dict[Scale, Callable[[np.ndarray], np.ndarray]]] = {
    "ln1p": np.expm1,
    "log2_1p": lambda values: np.expm1(values * np.log(2)),
    "log10_1p": lambda values: np.expm1(values * np.log(10)),
    "linear": lambda values: values,
}
MAX_CELLS, MAX_ENTRIES = 500, 1_000_000
# Cells with fewer genes say nothing of totals and ratios.
MIN_GENES, MIN_CELLS, MIN_RATIOS = 3, 5, 3
EQUAL, SHARE = 1e-3, 0.9
# Ratios that float32 and four decimals keep to this tolerance; random ones hit it in one of fifty.
LOWEST, HIGHEST, WHOLE = 1.1, 50.0, 0.01
# The smallest count of a cell that is found.
MAX_PARTS = 4
# exp(30) is beyond every total; a natural logarithm of a share of a million ends at 13.8, the binary one at 20.
MAX_LOG, MAX_LN = 30.0, 14.5
# Linear values lie far below their maximum, those of a logarithm do not.
MIN_MEDIAN = 0.15
# The share of corrected counts (SoupX) that lie this close to whole numbers.
NEAR_COUNT, MIN_NEAR, MIN_LARGE = 0.02, 0.3, 30


@dataclass(frozen=True)
class Judged:
    """The scale of a matrix.

    Attributes
    ----------
    total
        Equal sum of each cell once the logarithm is undone; None where there is none.
    multiples
        Whether the values are those of counts divided by a number of each cell.
    told
        What the scale was told from, as the end of a sentence; empty where the values prove it.
    note
        A sentence for the page where the scale is unusual or not proven, else empty.
    """

    scale: Scale
    unit: str
    total: float | None = None
    multiples: bool = False
    told: str = ""
    note: str = ""


def judge(matrix: Matrix, minimum: float, log_base: float | None, asked: Scale | None = None) -> Judged:
    """Tell the scale of a matrix that holds no counts.

    Parameters
    ----------
    minimum
        Its smallest value: with negative ones it is ``signed``.
    log_base
        What ``uns['log1p']`` says: NaN for the natural base, None for nothing.
    asked
        The scale that the user gives, which is taken as it is.

    Notes
    -----
    Looks at up to 1,000 cells at the head of the file, so that a sample of its cells has the scale of the whole.
    """
    if minimum < 0:
        return Judged("signed", unit_of("signed", None, multiples=False))
    if asked is not None:
        return Judged(asked, unit_of(asked, None, multiples=False), told="as asked for")
    rows = _head(matrix)
    stated = STATED.get(_rounded(log_base)) if log_base is not None else None
    found = _proven(rows)
    if found is not None:
        scale, total, multiples = found
        note = _proof(matrix.where, scale, stated, equal=total is not None)
        return Judged(scale, unit_of(scale, total, multiples=multiples), total, multiples, note=note)
    scale, told = _unproven(rows.data, stated)
    note = (
        f"{matrix.where} is taken for {base_words(scale)}, {told}. "
        "If that is wrong, import the file again with --scale."
    )
    return Judged(scale, unit_of(scale, None, multiples=False), told=told, note=note)


def _proof(where: str, scale: Scale, stated: Scale | None, *, equal: bool) -> str:
    """Say on which scale a matrix proves to be; empty where that is the usual one and nothing says otherwise."""
    other = stated is not None and stated != scale
    if scale == "ln1p" and not other:
        return ""
    against = f", although uns['log1p'] says {base_words(stated)}" if stated is not None and other else ""
    first = "" if scale == "linear" else "without the logarithm "
    how = "the values of every cell have one sum" if equal else "values are multiples of the smallest one of their cell"
    return f"{where} holds {base_words(scale)}{against}: {first}{how}."


def _rounded(base: float | None) -> float:
    """Return the base to three digits; NaN, which says no base, is that of the natural logarithm."""
    return round(float(np.e), 3) if base is None or not np.isfinite(base) else round(base, 3)


def _head(matrix: Matrix) -> sparse.csr_array:
    """Read whole rows of the first cells, float64."""
    n_cells, n_genes = matrix.shape
    # About as many cells as the entries fill if every tenth is none.
    n = min(n_cells, MAX_CELLS, max(MIN_CELLS * 4, MAX_ENTRIES // max(n_genes, 1)))
    blocks = [chunk.block for chunk in matrix.of_cells(np.arange(n)).chunks()]
    stacked = sparse.hstack(blocks) if matrix.format == "csc" else sparse.vstack(blocks)
    return sparse.csr_array(stacked).astype(np.float64)


def _proven(rows: sparse.csr_array) -> tuple[Scale, float | None, bool] | None:
    """Return the scale that equal totals or whole multiples prove, the total and whether there are multiples."""
    lengths = np.diff(rows.indptr)
    cells = np.flatnonzero(lengths >= MIN_GENES)
    if len(cells) < MIN_CELLS:
        return None
    kept = rows[cells]
    of_cell = np.repeat(np.arange(len(cells)), lengths[cells])
    found: list[tuple[bool, bool, float, Scale, float | None, bool]] = []
    for scale, inverse in INVERSE.items():
        with np.errstate(over="ignore", invalid="ignore"):
            linear = inverse(kept.data)
        if not np.isfinite(linear).all():
            continue
        total = _common_total(np.bincount(of_cell, weights=linear, minlength=len(cells)))
        multiples, error = _multiples(linear, kept.indptr, of_cell)
        if total is not None or multiples:
            # Of whole numbers, powers less one have whole ratios too: 9, 99 and 999, or 1, 3 and 7.
            found.append((total is None, scale != "linear", error, scale, total, multiples))
    if not found:
        return None
    *_, scale, total, multiples = min(found, key=lambda each: each[:3])
    return scale, total, multiples


def _common_total(sums: np.ndarray) -> float | None:
    middle = float(np.median(sums))
    equal = np.abs(sums - middle) <= EQUAL * middle
    return middle if middle > 0 and equal.mean() >= SHARE else None


def _multiples(linear: np.ndarray, indptr: np.ndarray, of_cell: np.ndarray) -> tuple[bool, float]:
    """Tell whether the values of each cell are multiples of one number, and how far they are from it on average.

    The number is the smallest value of the cell, or a whole part of it: the smallest count need not be 1.
    """
    smallest = np.minimum.reduceat(linear, indptr[:-1])
    ratios = linear / smallest[of_cell]
    kept = (ratios > LOWEST) & (ratios < HIGHEST)
    ratios, of_ratio, n_cells = ratios[kept], of_cell[kept], len(smallest)
    n = np.bincount(of_ratio, minlength=n_cells)
    best, error = np.zeros(n_cells), np.full(n_cells, np.inf)
    for part in range(1, MAX_PARTS + 1):
        off = np.abs(ratios * part - np.rint(ratios * part))
        whole = np.bincount(of_ratio, weights=off < WHOLE, minlength=n_cells) / np.maximum(n, 1)
        mean = np.bincount(of_ratio, weights=off, minlength=n_cells) / np.maximum(n, 1)
        better = whole > best
        best[better], error[better] = whole[better], mean[better]
    # A few ratios are whole by chance.
    telling = n >= MIN_RATIOS
    if telling.sum() < MIN_CELLS:
        return False, np.inf
    proven = best[telling] >= SHARE
    return bool(proven.mean() >= SHARE), float(error[telling][proven].mean()) if proven.any() else np.inf


def _unproven(values: np.ndarray, stated: Scale | None) -> tuple[Scale, str]:
    """Choose a scale for values that prove none; and say why."""
    highest = float(values.max(initial=0.0))
    if highest > MAX_LOG:
        return "linear", f"as values up to {highest:,.4g} are no logarithms"
    if stated is not None:
        return stated, "as uns['log1p'] says"
    large = values[values > 0.5]  # noqa: PLR2004 - below, everything is near a whole number
    if large.size >= MIN_LARGE and (np.abs(large - np.rint(large)) < NEAR_COUNT).mean() >= MIN_NEAR:
        return "linear", "as many values are close to whole numbers"
    if highest > MAX_LN:
        if np.median(values) > MIN_MEDIAN * highest:
            return "log2_1p", f"as values up to {highest:,.4g} are no natural logarithms"
        return "linear", f"as most values lie far below the highest, {highest:,.4g}"
    return "ln1p", "since nothing in the file tells"
