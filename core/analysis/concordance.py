"""Concordance of change: the same contrast of one matched cell type in two species, gene by gene."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.errors import InvalidQuery
from core.stats.multiple_testing import benjamini_hochberg
from core.stats.two_effects import Effects, difference

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.analysis.differences import DifferencesParams
    from core.analysis.shared_genes import SecondAtlas
    from core.arrays import F64, Mask

FDR: Final = 0.05
MIN_CHANGE: Final = 0.0
MOST_CHANGE: Final = 100.0
MIN_TESTED: Final = 3
NUMBERS: Final = (
    "log2fc", "ci_low", "ci_high", "p_adj", "log2fc_2", "ci_low_2", "ci_high_2", "p_adj_2",
    "difference", "difference_low", "difference_high", "difference_p", "difference_p_adj",
)  # fmt: skip
COLUMNS: Final = ("gene", "gene_2", *NUMBERS, "quadrant", "verdict", "why")
UP_UP, DOWN_DOWN, UP_DOWN, DOWN_UP = "up in both", "down in both", "up, then down", "down, then up"
QUADRANTS: Final = (UP_UP, DOWN_DOWN, UP_DOWN, DOWN_UP)
AGREE, OPPOSITE, DIFFER, UNDECIDED, UNCHANGED = "agree", "opposite", "differ", "undecided", "unchanged"
VERDICTS: Final = (AGREE, OPPOSITE, DIFFER, UNDECIDED, UNCHANGED)
# A verdict that the data support; the others say that nothing was shown.
SHOWN: Final = (AGREE, OPPOSITE, DIFFER)


@dataclass(frozen=True)
class ConcordanceParams:
    """Parameters of a concordance.

    Attributes
    ----------
    second : the other atlas
    differences, differences_2 : the contrast in one cell type of each
    fdr, min_change : largest adjusted p and smallest absolute log2 fold change of a gene that counts as changed
    """

    second: SecondAtlas
    differences: DifferencesParams
    differences_2: DifferencesParams
    fdr: float = FDR
    min_change: float = MIN_CHANGE

    @classmethod
    def of(
        cls,
        second: SecondAtlas,
        differences: DifferencesParams,
        differences_2: DifferencesParams,
        fdr: float = FDR,
        min_change: float = MIN_CHANGE,
    ) -> ConcordanceParams:
        """Make the canonical parameters.

        Raises
        ------
        InvalidQuery
            A threshold is out of bounds, or a cell type is missing where cells are compared by type.
        """
        if not 0 < fdr <= 1:
            raise InvalidQuery(f"fdr={fdr:g} is not above 0 and at most 1.", "Use 0.05, for example.")
        if not 0 <= min_change <= MOST_CHANGE:
            raise InvalidQuery(
                f"min_change={min_change:g} is not between 0 and {MOST_CHANGE:g}.", "Use 1, for example."
            )
        for each, name in ((differences, "cell_type"), (differences_2, "cell_type_2")):
            if each.by_type and not each.cell_type:
                raise InvalidQuery("Changes are compared in one cell type at a time.", f"Name it: {name}=NAME.")
        return cls(second, differences, differences_2, fdr, min_change)


@dataclass(frozen=True)
class Correlation:
    """Pearson's r of the changes in both species over some genes, with its interval as if genes were independent."""

    r: float
    low: float
    high: float
    n: int


def concordance(
    tables: tuple[pa.Table, pa.Table], names: tuple[Sequence[str], Sequence[str]], fdr: float, min_change: float
) -> pa.Table:
    """Set the changes of 1:1 orthologs in two species side by side.

    Parameters
    ----------
    tables
        Of `core.analysis.differences.differences`, in each species.
    names
        Genes of the pairs in each.
    fdr, min_change
        Thresholds of a gene that counts as changed.

    Returns
    -------
    A table with the columns `COLUMNS`, one row a pair. First the verdicts in the order of `VERDICTS`, in each the
    larger changes first (by the smaller absolute log2 fold change of ``agree`` and ``opposite``, else by the
    difference).

    log2fc, ci_low, ci_high, p_adj : in the first species; with _2 in the second; adjusted over all genes tested there
    difference ... difference_high : first log2 fold change minus second, with its 95 % interval
    difference_p, difference_p_adj : Welch's t of that difference; adjusted over the pairs
    quadrant : signs of both estimates, one of `QUADRANTS`; empty where one is missing or zero
    verdict : ``agree`` or ``opposite`` where the gene changed in both species; ``differ`` where it changed in one and
        the changes differ; ``undecided`` where it changed in one, and the other can be as large; ``unchanged`` where it
        changed in neither; empty where it was not tested in both
    why : why it was not tested; else empty

    Raises
    ------
    InvalidQuery
        Fewer than three pairs were tested in both.

    Notes
    -----
    A gene that is significant in one species and not in the other is no difference between them: that is what the test
    of the difference is for.
    """
    one, other = (_columns(table, genes) for table, genes in zip(tables, names, strict=True))
    tested = np.isfinite(one["p_adj"]) & np.isfinite(other["p_adj"])
    if tested.sum() < MIN_TESTED:
        raise InvalidQuery(
            f"{int(tested.sum())} of {len(tested):,} orthologs were tested in both species; {MIN_TESTED} are needed.",
            "Choose a cell type with more cells, or another contrast.",
        )
    first, second = (
        Effects(*(each[name] for name in ("log2fc", "ci_low", "ci_high", "stat"))) for each in (one, other)
    )
    apart = difference(first, second)
    p = np.where(tested, apart.p, np.nan)
    adjusted = benjamini_hochberg(p)
    changed = [(each["p_adj"] <= fdr) & (np.abs(each["log2fc"]) >= min_change) for each in (one, other)]
    same = np.sign(one["log2fc"]) == np.sign(other["log2fc"])
    verdict = _verdicts(tested, (changed[0], changed[1]), same, adjusted <= fdr)
    why = np.array([_why(*each) for each in zip(one["why"], other["why"], tested, strict=True)], dtype=object)
    columns: dict[str, object] = {
        "gene": np.array(names[0], dtype=object),
        "gene_2": np.array(names[1], dtype=object),
        **{name: one[name] for name in ("log2fc", "ci_low", "ci_high", "p_adj")},
        **{f"{name}_2": other[name] for name in ("log2fc", "ci_low", "ci_high", "p_adj")},
        "difference": apart.effect,
        "difference_low": apart.low,
        "difference_high": apart.high,
        "difference_p": p,
        "difference_p_adj": adjusted,
        "quadrant": _quadrants(one["log2fc"], other["log2fc"]),
        "verdict": verdict,
        "why": why,
    }
    table = pa.table({name: pa.array(columns[name]) for name in COLUMNS})
    return table.take(_order(verdict, one["log2fc"], other["log2fc"], np.array(names[0])))


def correlation(table: pa.Table, verdicts: Sequence[str] = VERDICTS) -> Correlation:
    """Correlate the changes of the pairs with some verdicts; NaN for fewer than four."""
    inside = np.isin(np.array(table["verdict"].to_pylist(), dtype=object), list(verdicts))
    x, y = table["log2fc"].to_numpy()[inside], table["log2fc_2"].to_numpy()[inside]
    n = len(x)
    nan = float("nan")
    if n < MIN_TESTED + 1 or np.ptp(x) == 0 or np.ptp(y) == 0:
        return Correlation(nan, nan, nan, n)
    r = float(np.clip(np.corrcoef(x, y)[0, 1], -1, 1))
    if abs(r) == 1:
        return Correlation(r, r, r, n)
    half = 1.959963984540054 / np.sqrt(n - 3)
    return Correlation(r, float(np.tanh(np.arctanh(r) - half)), float(np.tanh(np.arctanh(r) + half)), n)


def counts(table: pa.Table) -> dict[str, dict[str, int]]:
    """Count pairs by quadrant: all tested ones, and those of each verdict."""
    quadrants, verdicts = (np.array(table[name].to_pylist(), dtype=object) for name in ("quadrant", "verdict"))
    return {
        quadrant: {
            "tested": int(((quadrants == quadrant) & (verdicts != "")).sum()),
            **{name: int(((quadrants == quadrant) & (verdicts == name)).sum()) for name in VERDICTS},
        }
        for quadrant in QUADRANTS
    }


def genes_of(table: pa.Table, quadrant: str) -> tuple[list[str], list[str]]:
    """List the genes of a quadrant whose verdict the data support, and all tested genes, by their first names."""
    rows = zip(*(table[name].to_pylist() for name in ("gene", "quadrant", "verdict")), strict=True)
    tested = [(gene, where, verdict) for gene, where, verdict in rows if verdict]
    return [gene for gene, where, verdict in tested if where == quadrant and verdict in SHOWN], [
        gene for gene, *_ in tested
    ]


def _columns(table: pa.Table, genes: Sequence[str]) -> dict[str, np.ndarray]:
    own = table["gene"].cast(pa.string())
    order = pc.index_in(pa.array(genes, pa.string()), value_set=own).to_numpy(zero_copy_only=False)
    found: dict[str, np.ndarray] = {
        name: table[name].to_numpy()[order] for name in ("log2fc", "ci_low", "ci_high", "stat", "p_adj")
    }
    found["why"] = table["why"].cast(pa.string()).take(order).to_numpy(zero_copy_only=False)
    return found


def _verdicts(tested: Mask, changed: tuple[Mask, Mask], same: Mask, apart: Mask) -> np.ndarray:
    both, either = changed[0] & changed[1], changed[0] | changed[1]
    return np.select(
        [~tested, both & same, both, either & apart, either], ["", AGREE, OPPOSITE, DIFFER, UNDECIDED], UNCHANGED
    ).astype(object)


def _quadrants(x: F64, y: F64) -> np.ndarray:
    up, down, up_2, down_2 = x > 0, x < 0, y > 0, y < 0
    return np.select([up & up_2, down & down_2, up & down_2, down & up_2], QUADRANTS, "").astype(object)


def _why(first: str, second: str, tested: bool) -> str:  # noqa: FBT001 - one value of a column
    if tested:
        return ""
    return f"{first or 'tested'} in the first, {second or 'tested'} in the second"


def _order(verdict: np.ndarray, x: F64, y: F64, names: np.ndarray) -> np.ndarray:
    place = {name: at for at, name in enumerate((*VERDICTS, ""))}
    rank = np.array([place[name] for name in verdict])
    both = np.isin(verdict, [AGREE, OPPOSITE])
    size = np.where(both, np.minimum(np.abs(x), np.abs(y)), np.abs(x - y))
    return np.lexsort((names.astype(str), -np.nan_to_num(size, nan=-1.0), rank))
