"""Differences in composition between two sides: the share of each cell type, with samples as replicates."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import combinations
from math import comb
from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa

from core.analysis.columns import column_or_role
from core.analysis.design import design_of, samples_of
from core.analysis.pseudobulk import sizes_of
from core.analysis.sides import A, B
from core.errors import InvalidQuery, UnknownColumn
from core.stats.moderated import fit, moderated_t
from core.stats.multiple_testing import benjamini_hochberg

if TYPE_CHECKING:
    from core.analysis.design import Design, DesignParams, SampleRow
    from core.arrays import F64, I64, Mask
    from core.atlas.store import Atlas

NUMBERS: Final = (
    "mean_a", "mean_b", "log2_odds", "ci_low", "ci_high", "log2_ratio", "ratio_low", "ratio_high", "stat", "p", "p_adj",
    "p_permutation", "p_smallest",
)  # fmt: skip
COLUMNS: Final = ("cell_type", "n_cells", *NUMBERS, "why")
# Added to both counts of a ratio, so that a type without cells in a sample has one.
ADDED: Final = 0.5
# Arrangements of the samples that are all tried; beyond, the moderated t has enough samples to stand on.
MAX_ARRANGEMENTS: Final = 20_000
MIN_TYPES: Final = 2
_ROUNDING: Final = 1e-12


@dataclass(frozen=True)
class AbundanceParams:
    """Parameters of a comparison of compositions.

    Attributes
    ----------
    design : sides, samples, covariates, pairing; its minimum of counts is not used
    by_type : column of the cell types
    reference : type to whose cells those of the others are related as well; empty for none
    """

    design: DesignParams
    by_type: str
    reference: str = ""

    @classmethod
    def of(cls, atlas: Atlas, design: DesignParams, by_type: str = "", reference: str = "") -> AbundanceParams:
        """Make the canonical parameters; the cell types are those of the atlas unless a column is named.

        Raises
        ------
        UnknownColumn, InvalidQuery
            There is no such column or reference type, or it is what is compared.
        """
        by_type = column_or_role(atlas, by_type)
        if by_type == design.units.sides.by:
            raise InvalidQuery(f"The column {by_type!r} is what is compared.", "Choose other sides.")
        names = atlas.categorical(by_type).categories
        if reference and reference not in names:
            raise UnknownColumn(
                f"There is no cell type {reference!r} in {by_type}.", f"It has: {', '.join(names[:20])}."
            )
        return cls(replace(design, min_counts=0), by_type, reference)


def samples(atlas: Atlas, params: AbundanceParams) -> list[SampleRow]:
    """List the samples, kept and dropped, each with the reason; their cells are those that have a type."""
    cells = sizes_of(atlas, params.design.units, params.by_type).cells.sum(axis=0)
    return samples_of(atlas, params.design, cells, np.zeros_like(cells))


def design(atlas: Atlas, params: AbundanceParams) -> Design:
    """Build the design of the comparison."""
    return design_of(atlas, params.design, samples(atlas, params))


def abundance(atlas: Atlas, params: AbundanceParams) -> pa.Table:
    """Compare the share of each cell type between the samples of side A and those of side B.

    Returns
    -------
    A table with the columns `COLUMNS`, one row a cell type, in the order of the column:

    n_cells : cells of the kept samples
    mean_a, mean_b : mean share over the samples of each side, in percent
    log2_odds, ci_low, ci_high : log2 odds ratio of A over B of the type against all others, with its 95 % interval
    log2_ratio, ratio_low, ratio_high : the same against the reference type; NaN without one, and for it
    stat, p, p_adj : propeller's moderated t on the arcsine of the square root of the shares [1]_, its p, and p by
        Benjamini and Hochberg over the types
    p_permutation : exact p over all arrangements of the samples on the sides (paired: of all pairs) of the difference
        of the mean arcsines; NaN with covariates, or where there are more than 20,000 arrangements
    p_smallest : the smallest p that such a permutation can have
    why : ``no cells`` for a type without cells in the kept samples, whose other numbers are NaN

    Notes
    -----
    Shares are of the cells that have a type. Ratios have 0.5 added to both counts, so that a sample without cells of a
    type has a finite one. The variances of the types are moderated together, as propeller does, without its option
    ``robust``.

    Shares add up to one: a type that falls lets all others rise. The ratio to a reference type that is thought to be
    stable tells which one changed.

    References
    ----------
    .. [1] Phipson et al., propeller: testing for differences in cell type proportions in single cell data,
       Bioinformatics 38:4720, 2022.
    """
    sizes = sizes_of(atlas, params.design.units, params.by_type)
    model = design(atlas, params)
    cells = sizes.cells[:, model.kept]
    there: Mask = np.asarray(cells.any(axis=1), dtype=np.bool_)
    if there.sum() < MIN_TYPES:
        raise InvalidQuery(
            f"The selected cells are of one type of {params.by_type}, so there is no composition.",
            "Select more cell types.",
        )
    rows = {name: np.full(len(cells), np.nan) for name in NUMBERS}
    used, totals = cells[there].astype(np.float64), cells.sum(axis=0)
    shares = used / totals
    for name, side in (("mean_a", A), ("mean_b", B)):
        rows[name][there] = 100 * shares[:, model.side == side].mean(axis=1)
    angles = np.arcsin(np.sqrt(shares))
    tested = moderated_t(fit(angles, model.matrix, model.contrast))
    rows["stat"][there], rows["p"][there] = tested.stat, tested.p
    rows["p_adj"] = benjamini_hochberg(rows["p"])
    _fill_ratios(rows, ("log2_odds", "ci_low", "ci_high"), there, used, totals - used, model)
    if params.reference in sizes.types:
        reference = cells[sizes.types.index(params.reference)].astype(np.float64)
        others = there.copy()
        others[sizes.types.index(params.reference)] = False
        _fill_ratios(
            rows, ("log2_ratio", "ratio_low", "ratio_high"), others, cells[others].astype(np.float64), reference, model
        )
    if not params.design.covariates:
        p, smallest = permuted(angles, model.side, model.pairs)
        rows["p_permutation"][there], rows["p_smallest"][there] = p, smallest
    return pa.table(
        {
            "cell_type": pa.array(sizes.types, pa.string()),
            "n_cells": pa.array(cells.sum(axis=1)),
            **{name: pa.array(values) for name, values in rows.items()},
            "why": pa.array(["" if some else "no cells" for some in there], pa.string()),
        }
    )


def _fill_ratios(
    rows: dict[str, F64], names: tuple[str, str, str], into: Mask, above: F64, below: F64, model: Design
) -> None:
    """Fill the log2 ratio of two counts with its interval into the rows of some types."""
    found = moderated_t(fit(np.log2((above + ADDED) / (below + ADDED)), model.matrix, model.contrast))
    for name, values in zip(names, (found.effect, found.ci_low, found.ci_high), strict=True):
        rows[name][into] = values


def permuted(values: F64, side: I64, pairs: I64 | None) -> tuple[F64, float]:
    """Exact two-sided p of the difference of means, over all arrangements of the sides.

    Parameters
    ----------
    values : (n_rows, n_samples)
    side : (n_samples,) 1 for A, 0 for B
    pairs : (n_samples,) number of the pair, whose sides are exchanged together; None without pairing

    Returns
    -------
    (n_rows,) p, and the smallest p that any values could have; NaN where there are more than 20,000 arrangements.
    """
    signs = _arrangements(side, pairs)
    if signs is None:
        return np.full(len(values), np.nan), float("nan")
    if pairs is not None:
        # Within a pair, the mean of either side; arrangements exchange them.
        each = np.array([[_gap(values[:, pairs == pair], side[pairs == pair])] for pair in np.unique(pairs)])[:, 0]
        reached, seen = np.abs(signs @ each), np.abs(each.sum(axis=0))
    else:
        weights = np.where(signs > 0, 1 / (side == A).sum(), -1 / (side == B).sum())
        reached, seen = np.abs(weights @ values.T), np.abs(_gap(values, side))
    p = np.mean(reached >= seen - _ROUNDING, axis=0)
    mirrored = pairs is not None or (side == A).sum() == (side == B).sum()
    return p, (2 if mirrored else 1) / len(signs)


def _gap(values: F64, side: I64) -> F64:
    return values[:, side == A].mean(axis=1) - values[:, side == B].mean(axis=1)


def _arrangements(side: I64, pairs: I64 | None) -> F64 | None:
    """All arrangements, one a row: 1 or -1 of each sample, or of each pair; None where they are too many."""
    if pairs is not None:
        n = len(np.unique(pairs))
        if 2**n > MAX_ARRANGEMENTS:
            return None
        return 1.0 - 2.0 * ((np.arange(2**n)[:, None] >> np.arange(n)) & 1)
    n, n_a = len(side), int((side == A).sum())
    if comb(n, n_a) > MAX_ARRANGEMENTS:
        return None
    signs = -np.ones((comb(n, n_a), n))
    for row, chosen in enumerate(combinations(range(n), n_a)):
        signs[row, list(chosen)] = 1
    return signs
