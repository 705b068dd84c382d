"""Differences in expression between two sides, with samples as replicates (pseudobulk), for each cell type."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa
from rapidfuzz import process

from core.analysis.columns import column_or_role
from core.analysis.count_engines import DESEQ2, DESEQ2_BYTES, ENGINES, adjusted, called_by_both, require_deseq2
from core.analysis.design import DesignParams, design_of, samples_of
from core.analysis.pseudobulk import check_counts, sizes_of, sums_of
from core.analysis.sides import A, B
from core.cache.in_process import remembered
from core.compute.admission import heavy
from core.errors import InvalidQuery, UnknownColumn
from core.stats.normalization import MILLION, enough_counts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from core.analysis.design import Design, SampleRow
    from core.arrays import F64, I64, Mask
    from core.atlas.store import Atlas
    from core.compute.executor import Workers
    from core.stats.count_engines import CountTest

PERCENT: Final = ("pct_a", "pct_b")
NUMBERS: Final = ("base_mean", "log2fc", "ci_low", "ci_high", "stat", "p", "p_adj", *PERCENT)
COLUMNS: Final = ("gene", *NUMBERS, "why")
# Behind them: means of either side, which a command or a request asks for by name.
MEANS: Final = ("mean_a", "mean_b")
# Behind those, where a second opinion is asked for.
SECOND: Final = ("log2fc_deseq2", "p_adj_deseq2", "called_by_both")
# Threshold of the adjusted p of those that are called by both.
SECOND_FDR: Final = 0.05
# Key of the messages of the engine in the metadata of a table.
MESSAGES: Final = b"messages"
# Of `why`: the first three have no adjusted p.
NO_COUNTS, LOW_COUNTS, OUTLIER, ABSENT_A, ABSENT_B, ONE_SAMPLE = (
    "no counts", "low counts", "outlier", "absent in A", "absent in B", "one sample"
)  # fmt: skip
REASONS: Final = ("", NO_COUNTS, LOW_COUNTS, OUTLIER, ABSENT_A, ABSENT_B, ONE_SAMPLE)
# Share of a gene's normalised counts in one sample from which that sample alone makes the difference.
ONE_SAMPLE_SHARE: Final = 0.9
MIN_SAMPLES_FOR_SHARE: Final = 4
MIN_GENES: Final = 2


@dataclass(frozen=True)
class DifferencesParams:
    """Parameters of differences in one cell type.

    Attributes
    ----------
    design : sides, samples, covariates, pairing
    by_type : column of the cell types; empty where all cells are taken together
    cell_type : the type; empty where all cells are taken together
    engine : ``trend``, ``voom`` or ``deseq2``
    second_opinion : DESeq2 tests the same genes too
    """

    design: DesignParams
    by_type: str = ""
    cell_type: str = ""
    engine: str = "trend"
    second_opinion: bool = False

    @classmethod
    def of(  # noqa: PLR0913 - each is one word of the question
        cls,
        atlas: Atlas,
        design: DesignParams,
        cell_type: str = "",
        by_type: str = "",
        engine: str = "",
        *,
        pooled: bool = False,
        second_opinion: bool = False,
    ) -> DifferencesParams:
        """Make the canonical parameters.

        Parameters
        ----------
        cell_type
            Empty for every type in turn; see `each_type`.
        by_type
            Column of the types; that of the atlas unless named.
        pooled
            Take all cells together, whatever their type; so does an atlas without cell types.
        second_opinion
            Let DESeq2 test the same genes too.

        Raises
        ------
        UnknownColumn, InvalidQuery
            There is no such column, type or method.
        Unavailable
            DESeq2 is asked for and not installed.
        """
        engine = engine or "trend"
        if engine not in ENGINES:
            raise InvalidQuery(f"There is no method {engine[:40]!r}.", f"Use {' or '.join(ENGINES)}.")
        if second_opinion and engine == DESEQ2:
            raise InvalidQuery("The second opinion is that of DESeq2.", "Choose limma-trend or limma-voom beside it.")
        if second_opinion or engine == DESEQ2:
            require_deseq2()
        if pooled and cell_type:
            raise InvalidQuery("One cell type and all cells together exclude each other.", "Remove one of them.")
        if pooled or not (by_type or cell_type or "cell_type" in atlas.manifest.roles):
            return cls(design, engine=engine, second_opinion=second_opinion)
        by_type = column_or_role(atlas, by_type)
        if by_type == design.units.sides.by:
            raise InvalidQuery(f"The column {by_type!r} is what is compared.", "Choose other sides, or pool all cells.")
        names = atlas.categorical(by_type).categories
        if cell_type and cell_type not in names:
            near = tuple(str(match) for match, _, _ in process.extract(cell_type, names, limit=3, score_cutoff=50))
            remedy = f"Did you mean {', '.join(near)}?" if near else f"It has {len(names):,} other types."
            raise UnknownColumn(f"There is no cell type {cell_type!r} in {by_type}.", remedy, suggestions=near)
        return cls(design, by_type, cell_type, engine, second_opinion)

    def each_type(self, atlas: Atlas) -> list[DifferencesParams]:
        """Parameters of each cell type with cells on either side, or of the one that is named."""
        if self.cell_type or not self.by_type:
            return [self]
        return [replace(self, cell_type=name) for name in sizes_of(atlas, self.design.units, self.by_type).types]


def samples(atlas: Atlas, params: DifferencesParams) -> list[SampleRow]:
    """List the samples of the cell type, kept and dropped, each with the reason."""
    sizes = sizes_of(atlas, params.design.units, params.by_type)
    at = _place(sizes.types, params)
    # A sample without any count has no library size, whatever the limit.
    asked = replace(params.design, min_counts=max(params.design.min_counts, 1))
    return samples_of(atlas, asked, sizes.cells[at], sizes.counts[at])


def design(atlas: Atlas, params: DifferencesParams) -> Design:
    """Build the design of the cell type; raises InvalidQuery as `core.analysis.design.design_of` does."""
    check_counts(atlas)
    return design_of(atlas, params.design, samples(atlas, params))


def _needed(atlas: Atlas, params: DifferencesParams, _workers: Workers) -> int:
    """Approximate bytes of memory."""
    per_value = 400 + (DESEQ2_BYTES if params.second_opinion or params.engine == DESEQ2 else 0)
    return per_value * len(atlas.genes) * len(samples(atlas, params))


@heavy(_needed)
def differences(atlas: Atlas, params: DifferencesParams, workers: Workers) -> pa.Table:
    """Compare the samples of side A with those of side B in one cell type, gene by gene.

    Returns
    -------
    A table with the columns `COLUMNS` and `MEANS`, one row a gene, by rising p, then by name; genes without a p come
    last.

    base_mean : mean over the kept samples of counts per million, by effective (TMM) library sizes
    log2fc, ci_low, ci_high : log2 fold change of A over B in the model, with its 95 % interval
    stat, p : moderated t and its two-sided p
    p_adj : p by Benjamini and Hochberg over the tested genes
    mean_a, mean_b : mean over the kept samples of the side of counts per million, by effective library sizes
    pct_a, pct_b : percent of the cells with a count, over the kept samples of the side
    why : ``no counts`` or ``low counts`` (too few by filterByExpr's rule) where a gene is not tested, and all numbers
        but the means and the percentages are NaN; flags of a tested gene: ``absent in A``, ``absent in B`` (no count on
        that side), ``one sample`` (90 % of the normalised counts are in one of four or more samples). DESeq2 has
        ``outlier`` (no p, by Cook's distance), and ``low counts`` also where its independent filtering leaves p
        unadjusted

    With a second opinion further columns, `SECOND`:

    log2fc_deseq2, p_adj_deseq2 : log2 fold change and adjusted p of DESeq2 for the same genes
    called_by_both : whether both adjusted p are at most 5 %, with the same sign of the fold change

    Raises
    ------
    InvalidQuery
        There are no raw counts, the design cannot be tested, or no gene has enough counts.

    References
    ----------
    Crowell et al., muscat detects subpopulation-specific state transitions, Nat. Commun. 11:6077, 2020; Squair et al.,
    Confronting false discoveries in single-cell differential expression, Nat. Commun. 12:5692, 2021.
    """
    model = design(atlas, params)
    sizes = sizes_of(atlas, params.design.units, params.by_type)
    at = _place(sizes.types, params)
    sums = sums_of(atlas, params.design.units, params.by_type, workers)
    counts = sums.counts[:, at, model.kept].astype(np.float64)
    tested = enough_counts(counts, min(model.n_a, model.n_b))
    if tested.sum() < MIN_GENES:
        raise InvalidQuery(
            f"{'No gene has' if not tested.any() else 'One gene only has'} enough counts in these samples.",
            "Choose a cell type with more cells, or more samples.",
        )
    empty = ~counts[tested].any(axis=0)
    if empty.any():
        name = [row.sample for row in samples(atlas, params) if not row.why][int(np.argmax(empty))]
        raise InvalidQuery(
            f"The sample {name!r} has no count of a tested gene.", "Raise the least number of counts, or exclude it."
        )
    found = ENGINES[params.engine](counts[tested], model.matrix, model.contrast)
    second = ENGINES[DESEQ2](counts[tested], model.matrix, model.contrast) if params.second_opinion else None
    expressing = [sums.expressing[:, at, model.kept[model.side == side]].sum(axis=1) for side in (A, B)]
    n_cells = [int(sizes.cells[at, model.kept[model.side == side]].sum()) for side in (A, B)]
    millionths = counts / found.sizes * MILLION
    means = [millionths[:, model.side == side].mean(axis=1) for side in (A, B)]
    percent = [100 * some / n for some, n in zip(expressing, n_cells, strict=True)]
    by_side: dict[str, F64] = dict(zip((*MEANS, *PERCENT), (*means, *percent), strict=True))
    table = _table(atlas, counts, tested, found, by_side, _reasons(counts, tested, found, model.side))
    messages = found.messages if second is None else second.messages
    if second is not None:
        table = _with_second(table, tested, found, second)
    return table.replace_schema_metadata({MESSAGES: json.dumps(messages)})


def messages_of(table: pa.Table) -> list[str]:
    """Return what DESeq2 said while it made a table of `differences`."""
    return json.loads((table.schema.metadata or {}).get(MESSAGES, b"[]"))


def without_means(table: pa.Table) -> pa.Table:
    """Drop the columns `MEANS`."""
    return table.drop_columns([name for name in MEANS if name in table.column_names])


def _with_second(table: pa.Table, tested: Mask, found: CountTest, second: CountTest) -> pa.Table:
    """Add the columns of the second opinion to a table, whose rows are in another order than the genes."""
    change, p_adj = np.full((2, len(tested)), np.nan)
    both = np.zeros(len(tested), dtype=bool)
    change[tested], p_adj[tested] = second.tested.effect, adjusted(second)
    both[tested] = called_by_both(found, second, SECOND_FDR)
    order = table["gene"].combine_chunks().indices.to_numpy()
    for name, values in zip(SECOND, (change, p_adj, both), strict=True):
        table = table.append_column(name, pa.array(values[order]))
    return table


def _table(
    atlas: Atlas, counts: F64, tested: Mask, found: CountTest, by_side: Mapping[str, F64], reasons: I64
) -> pa.Table:
    result = found.tested
    rows = {name: np.full(len(counts), np.nan) for name in NUMBERS}
    rows["base_mean"] = (counts / found.sizes * MILLION).mean(axis=1)
    rows |= {name: by_side[name] for name in PERCENT}
    for name, values in (
        ("log2fc", result.effect),
        ("ci_low", result.ci_low),
        ("ci_high", result.ci_high),
        ("stat", result.stat),
        ("p", result.p),
        ("p_adj", adjusted(found)),
    ):
        rows[name][tested] = values
    names, by_name = _names(atlas)
    order = np.lexsort((by_name, -np.abs(rows["stat"]), rows["p"], reasons == REASONS.index(NO_COUNTS), ~tested))
    return pa.table(
        {
            "gene": pa.DictionaryArray.from_arrays(order.astype(np.int32), names),
            **{name: pa.array(values[order]) for name, values in rows.items()},
            "why": pa.DictionaryArray.from_arrays(reasons[order].astype(np.int8), pa.array(REASONS)),
            **{name: pa.array(by_side[name][order]) for name in MEANS},
        }
    )


@remembered
def _names(atlas: Atlas) -> tuple[pa.Array, I64]:
    """Return the names of the genes, and the place of each among them in order."""
    names = np.array(atlas.genes.names)
    places = np.empty(len(names), dtype=np.int64)
    places[np.argsort(names, kind="stable")] = np.arange(len(names))
    return pa.array(atlas.genes.names, pa.string()), places


def _reasons(counts: F64, tested: Mask, found: CountTest, side: I64) -> I64:
    """Place in `REASONS` of each gene."""
    shares = counts / found.sizes
    totals = shares.sum(axis=1)
    reasons = np.zeros(len(counts), dtype=np.int64)
    if counts.shape[1] >= MIN_SAMPLES_FOR_SHARE:
        reasons[tested & (shares.max(axis=1) >= ONE_SAMPLE_SHARE * totals)] = REASONS.index(ONE_SAMPLE)
    for reason, code in ((ABSENT_A, A), (ABSENT_B, B)):
        reasons[tested & ~counts[:, side == code].any(axis=1)] = REASONS.index(reason)
    places = np.flatnonzero(tested)
    reasons[places[np.isnan(adjusted(found))]] = REASONS.index(LOW_COUNTS)
    reasons[places[np.isnan(found.tested.p)]] = REASONS.index(OUTLIER)
    reasons[~tested] = REASONS.index(LOW_COUNTS)
    reasons[totals == 0] = REASONS.index(NO_COUNTS)
    return reasons


def _place(types: Sequence[str], params: DifferencesParams) -> int:
    if params.cell_type not in types:
        where = f"{params.by_type} {params.cell_type!r}" if params.by_type else "either side"
        raise InvalidQuery(f"No cell of {where} lies in a sample of either side.", "Choose another cell type.")
    return list(types).index(params.cell_type)
