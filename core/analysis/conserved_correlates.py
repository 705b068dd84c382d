"""Conserved correlates: one gene against all 1:1 orthologs in two species, and how far its best correlates agree."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.errors import InvalidQuery
from core.stats.rank_overlap import Overlap, overlap

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.analysis.correlation import CorrelationParams
    from core.analysis.shared_genes import SecondAtlas
    from core.arrays import F64, I64, Mask

BEST: Final = 100
MOST_BEST: Final = 2_000
MIN_R: Final = 0.1
FDR: Final = 0.05
MIN_PAIRS: Final = 10
FACTS: Final = b"facts"
NUMBERS: Final = ("r", "ci_low", "ci_high", "p_bh", "r_2", "ci_low_2", "ci_high_2", "p_bh_2")
WHOLE: Final = ("rank", "rank_2")
COLUMNS: Final = ("gene", "gene_2", *NUMBERS, *WHOLE, "verdict")
CONSERVED, OPPOSITE, LOST, GAINED, UNDECIDED, NEITHER = (
    "conserved", "opposite", "lost", "gained", "undecided", "neither",
)  # fmt: skip
VERDICTS: Final = (CONSERVED, OPPOSITE, LOST, GAINED, UNDECIDED, NEITHER)


@dataclass(frozen=True)
class ConservedParams:
    """Parameters of conserved correlates.

    Attributes
    ----------
    second : the other atlas
    correlation, correlation_2 : the gene against all others, and its ortholog
    best : how many of the best correlates are compared
    min_r : smallest absolute r of a gene that counts as a correlate
    """

    second: SecondAtlas
    correlation: CorrelationParams
    correlation_2: CorrelationParams
    best: int = BEST
    min_r: float = MIN_R

    @classmethod
    def of(
        cls,
        second: SecondAtlas,
        correlations: tuple[CorrelationParams, CorrelationParams],
        best: int = BEST,
        min_r: float = MIN_R,
    ) -> ConservedParams:
        """Make the canonical parameters; raises InvalidQuery for a number out of bounds."""
        if not 1 <= best <= MOST_BEST:
            raise InvalidQuery(f"The best {best:,} genes cannot be compared.", f"Choose 1 to {MOST_BEST:,}.")
        if not 0 <= min_r <= 1:
            raise InvalidQuery(f"min_r={min_r:g} is not from 0 to 1.", "Use 0.1, for example.")
        return cls(second, *correlations, best, min_r)


def conserved_correlates(
    tables: tuple[pa.Table, pa.Table], names: tuple[Sequence[str], Sequence[str]], best: int, min_r: float
) -> pa.Table:
    """Compare the correlates of a gene with those of its ortholog.

    Parameters
    ----------
    tables
        Of `core.analysis.correlation.correlates`, in each species.
    names
        Genes of the pairs in each; a pair of which one is not in its table, as the gene itself, is left out.
    best
        How many of the best correlates are compared, of either sign.
    min_r
        Smallest absolute r of a correlate.

    Returns
    -------
    A table with the columns `COLUMNS`, one row a pair whose r is known in both species; first the verdicts in the order
    of `VERDICTS`, in each the stronger pairs first. Its metadata hold the overlaps (`overlaps_of`).

    r, ci_low, ci_high, p_bh : in the first species; with _2 in the second
    rank, rank_2 : place by falling r among these pairs, from 1
    verdict : ``conserved`` for a correlate in both with one sign, ``opposite`` with two; ``lost`` for one in the first
        species only, ``gained`` in the second only, where the intervals of r do not meet; ``undecided`` where they do;
        ``neither`` for the others. A correlate has abs(r) of `min_r` at least and an adjusted p of at most 0.05.

    Raises
    ------
    InvalidQuery
        Fewer than ten pairs have an r in both.
    """
    one, other = (_columns(table) for table in tables)
    at, at_2 = (_places(table, genes) for table, genes in zip(tables, names, strict=True))
    both = np.flatnonzero((at >= 0) & (at_2 >= 0))
    known = both[np.isfinite(one["r"][at[both]]) & np.isfinite(other["r"][at_2[both]])]
    if len(known) < MIN_PAIRS:
        raise InvalidQuery(
            f"{len(known)} orthologs vary in the cells of both species; {MIN_PAIRS} are needed.",
            "Choose more cells.",
        )
    at, at_2 = at[known], at_2[known]
    numbers = {name: one[name][at] for name in ("r", "ci_low", "ci_high", "p_bh")}
    numbers |= {f"{name}_2": other[name][at_2] for name in ("r", "ci_low", "ci_high", "p_bh")}
    gene, ortholog = (np.array(each, dtype=object)[known] for each in names)
    order_by_name = np.argsort(gene.astype(str), kind="stable")
    verdict = _verdicts(numbers, min_r)
    columns: dict[str, object] = {
        "gene": gene,
        "gene_2": ortholog,
        **numbers,
        "rank": _ranks(numbers["r"], order_by_name),
        "rank_2": _ranks(numbers["r_2"], order_by_name),
        "verdict": verdict,
    }
    strength = np.minimum(np.abs(numbers["r"]), np.abs(numbers["r_2"]))
    single = np.isin(verdict, [LOST, GAINED])
    strength = np.where(single, np.abs(numbers["r"] - numbers["r_2"]), strength)
    place = {name: at for at, name in enumerate(VERDICTS)}
    by_name = np.empty(len(gene), dtype=np.int64)
    by_name[order_by_name] = np.arange(len(gene))
    order = np.lexsort((by_name, -strength, np.array([place[name] for name in verdict])))
    table = pa.table({name: pa.array(columns[name]) for name in COLUMNS}).take(order)
    scores = numbers["r"][order_by_name], numbers["r_2"][order_by_name]
    found = {"positive": overlap(*scores, best), "negative": overlap(-scores[0], -scores[1], best)}
    facts = {name: asdict(each) for name, each in found.items()}
    return table.replace_schema_metadata({FACTS: json.dumps(facts)})


def overlaps_of(table: pa.Table) -> dict[str, Overlap]:
    """Return the overlaps of the best positive and the best negative correlates behind a table."""
    facts: dict[str, Any] = json.loads((table.schema.metadata or {})[FACTS])
    return {name: Overlap(**each) for name, each in facts.items()}


def counts(table: pa.Table) -> dict[str, int]:
    """Count the pairs of each verdict."""
    verdicts = table["verdict"].to_pylist()
    return {name: verdicts.count(name) for name in VERDICTS}


def _columns(table: pa.Table) -> dict[str, F64]:
    return {name: table[name].to_numpy() for name in ("r", "ci_low", "ci_high", "p_bh")}


def _places(table: pa.Table, genes: Sequence[str]) -> I64:
    """Row of each gene in a table; -1 for one that is not there."""
    found = pc.index_in(pa.array(genes, pa.string()), value_set=table["gene"].cast(pa.string()))
    return pc.fill_null(found, -1).to_numpy(zero_copy_only=False).astype(np.int64)


def _ranks(r: F64, by_name: np.ndarray) -> np.ndarray:
    order = by_name[np.argsort(-r[by_name], kind="stable")]
    ranks = np.empty(len(r), dtype=np.int64)
    ranks[order] = np.arange(1, len(r) + 1)
    return ranks


def _verdicts(numbers: dict[str, F64], min_r: float) -> np.ndarray:
    is_one, is_other = (_is_correlate(numbers, end, min_r) for end in ("", "_2"))
    same = np.sign(numbers["r"]) == np.sign(numbers["r_2"])
    apart = (numbers["ci_low"] > numbers["ci_high_2"]) | (numbers["ci_high"] < numbers["ci_low_2"])
    return np.select(
        [is_one & is_other & same, is_one & is_other, is_one & apart, is_other & apart, is_one | is_other],
        [CONSERVED, OPPOSITE, LOST, GAINED, UNDECIDED],
        NEITHER,
    ).astype(object)


def _is_correlate(numbers: dict[str, F64], end: str, min_r: float) -> Mask:
    return (np.abs(numbers[f"r{end}"]) >= min_r) & (np.nan_to_num(numbers[f"p_bh{end}"], nan=1.0) <= FDR)
