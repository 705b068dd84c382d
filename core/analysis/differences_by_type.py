"""Differences of every cell type in one table, and what is said of them: samples, methods, warnings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa

from core.analysis.count_engines import DESEQ2, MEASURED, NAMES, VOOM
from core.analysis.differences import SECOND_FDR, design, differences, messages_of, samples
from core.analysis.differences_overview import counted, power_of
from core.analysis.provenance import software, with_versions
from core.analysis.sides import A
from core.compute.watch import Watch, current
from core.errors import InvalidQuery
from core.stats.deseq2 import ALPHA, PACKAGE
from core.stats.normalization import MIN_COUNT, MIN_TOTAL, samples_needed

if TYPE_CHECKING:
    from core.analysis.design import Design, DesignParams, SampleRow
    from core.analysis.differences import DifferencesParams
    from core.atlas.store import Atlas
    from core.compute.executor import Workers

UNIT: Final = "The unit of replication is the sample: counts are summed over its cells before anything is tested."
SECOND: Final = (
    f"The same genes were tested by DESeq2 too ({PACKAGE}); both call a gene where both adjusted p are at most "
    f"{SECOND_FDR:g}, with the same sign of the fold change."
)
_ENGINES: Final = {
    "trend": "log2 counts per million (TMM library sizes, prior count 2) were fitted by the linear model {formula}, "
    "and {sides} tested by moderated t with a prior variance that depends on the mean (limma-trend: in R, eBayes with "
    "trend = TRUE on edgeR’s cpm with log = TRUE and prior.count = 2)",
    "voom": "log2 counts per million (TMM library sizes) were fitted with precision weights by the linear model "
    "{formula}, and {sides} tested by moderated t (limma-voom)",
    "deseq2": "counts with median-of-ratios size factors were fitted by the negative binomial model {formula}, and "
    "{sides} tested by Wald’s test (DESeq2, in crest-sc); outliers by Cook’s distance have no p, and independent "
    "filtering (alpha = {alpha:g}) leaves genes of low counts without an adjusted one",
}


@dataclass(frozen=True)
class TypeReport:
    """Report on the comparison in one cell type.

    Attributes
    ----------
    cell_type : its name; empty where all cells are taken together
    samples : kept and dropped
    model : the design; None where there is none, and `why` says why
    why : reason for which the type is not tested; empty where it is
    """

    cell_type: str
    samples: list[SampleRow]
    model: Design | None
    why: str


def by_type(atlas: Atlas, params: DifferencesParams, workers: Workers) -> pa.Table:
    """Compare the sides in the cell type that is named, or in each.

    Returns
    -------
    The table of `core.analysis.differences.differences`; without a named type, those of all types that can be tested,
    below each other, behind a column ``cell_type``.

    Raises
    ------
    InvalidQuery
        No type can be tested; the sentence is that of the first one.
    """
    if params.cell_type or not params.by_type:
        return differences(atlas, params, workers)
    tables: dict[str, pa.Table] = {}
    refusals: list[InvalidQuery] = []
    watch, every = current.get() or Watch(), params.each_type(atlas)
    for at, each in enumerate(every):
        watch.report(each.cell_type, at / len(every))
        try:
            tables[each.cell_type] = differences(atlas, each, workers)
        except InvalidQuery as error:
            refusals.append(error)
    if not tables:
        raise refusals[0] if refusals else InvalidQuery("The selected cells have no cell type.", "Select other cells.")
    whole = pa.concat_tables(tables.values())
    codes = np.repeat(np.arange(len(tables), dtype=np.int32), [table.num_rows for table in tables.values()])
    return whole.add_column(0, "cell_type", pa.DictionaryArray.from_arrays(codes, pa.array(tables, pa.string())))


def report(atlas: Atlas, params: DifferencesParams) -> TypeReport:
    """Describe the samples and the design of one cell type, without testing anything."""
    rows = samples(atlas, params)
    try:
        return TypeReport(params.cell_type, rows, design(atlas, params), "")
    except InvalidQuery as error:
        return TypeReport(params.cell_type, rows, None, str(error))


def facts_of(params: DesignParams) -> dict[str, object]:
    """Describe sides, samples and design by their parameters."""
    a, b = params.units.sides.texts
    return {
        "by": params.units.sides.by,
        "a": list(a),
        "b": list(b),
        "comparison": params.units.sides.words,
        "sample": params.units.sample,
        "covariates": list(params.covariates),
        "paired": params.paired,
        "min_cells": params.min_cells,
        "min_counts": params.min_counts,
    }


def rows_of(params: DesignParams, rows: list[SampleRow]) -> list[dict[str, object]]:
    """List the samples as records: name, side, cells, counts, why dropped, donor and covariates."""
    names = params.units.sides.names
    return [
        {
            "sample": row.sample,
            "side": names[0] if row.side == A else names[1],
            "n_cells": row.n_cells,
            "n_counts": row.n_counts,
            "why": row.why,
            **({params.paired: row.donor} if params.paired else {}),
            **dict(zip(params.covariates, row.values, strict=True)),
        }
        for row in rows
    ]


def methods_of(params: DifferencesParams, found: TypeReport, table: pa.Table) -> str:
    """Write the paragraph for a methods section, from what was done."""
    model = found.model
    if model is None:
        return ""
    asked = params.design
    name_a, name_b = asked.units.sides.names
    numbers = counted(table, 1.0, 0.0)
    n_dropped = len(found.samples) - len(model.kept)
    of_type = f" of {params.cell_type}" if params.cell_type else ""
    fitted = _ENGINES[params.engine].format(formula=model.formula, sides=f"{name_a} against {name_b}", alpha=ALPHA)
    needed = samples_needed(min(model.n_a, model.n_b))
    second = f" {SECOND}" if params.second_opinion else ""
    return (
        f"Raw counts of the cells{of_type} were summed by {asked.units.sample}. Samples with fewer than "
        f"{asked.min_cells:,} cells or {asked.min_counts:,} counts were dropped; {model.n_a} samples of {name_a} and "
        f"{model.n_b} of {name_b} were kept ({n_dropped} dropped). {numbers['n_tested']:,} genes with enough counts "
        f"by the rule of edgeR’s filterByExpr ({MIN_COUNT} counts in a sample of median size, in at least {needed:g} "
        f"samples, and {MIN_TOTAL} in all) were tested, and {numbers['n_filtered']:,} with fewer were not. In each "
        f"gene {fitted}; p values were adjusted by Benjamini and Hochberg over the tested genes.{second} "
        f"{with_versions(software_of(params))}"
    )


def software_of(params: DifferencesParams) -> dict[str, str]:
    """Return the versions of what computed differences."""
    used = {VOOM: ("statsmodels",), DESEQ2: (PACKAGE,)}.get(params.engine, ())
    return software("numpy", "scipy", *used, *((PACKAGE,) if params.second_opinion else ()))


def caution(engine: str) -> str:
    """Warn of the p values of an engine; empty where they hold."""
    if engine != DESEQ2:
        return ""
    power, wrong = MEASURED["DESeq2"]
    return (
        f"DESeq2’s adjusted p are too small where donors differ as they do in tissue: of planted changes it found "
        f"{100 * power:g} %, and of what it called at {SECOND_FDR:.0%} {100 * wrong:g} % were false (limma-trend: "
        f"{100 * MEASURED['limma-trend'][0]:g} % and {100 * MEASURED['limma-trend'][1]:g} %)."
    )


def opinion(params: DifferencesParams, table: pa.Table) -> str:
    """State what DESeq2 adds to, or costs, a comparison; empty where it takes no part."""
    if not params.second_opinion:
        return caution(params.engine)
    power, wrong = MEASURED["DESeq2"]
    called = np.nan_to_num(table["p_adj"].to_numpy(), nan=2.0) <= SECOND_FDR
    n_second = int((np.nan_to_num(table["p_adj_deseq2"].to_numpy(), nan=2.0) <= SECOND_FDR).sum())
    n_both = int(table["called_by_both"].to_numpy(zero_copy_only=False).sum())
    both = MEASURED["both"]
    return (
        f"Second opinion: at an adjusted p of {SECOND_FDR:g}, {NAMES[params.engine]} calls {int(called.sum()):,} genes "
        f"and DESeq2 {n_second:,}; {n_both:,} are called by both. Of planted changes both called {100 * both[0]:g} %, "
        f"and {100 * both[1]:g} % of what both called was false (DESeq2 alone: {100 * power:g} % and "
        f"{100 * wrong:g} %)."
    )


def warnings_of(params: DifferencesParams, found: TypeReport, table: pa.Table) -> list[str]:
    """List the warnings of the design and of the engine, and what is said of DESeq2."""
    notes = list(found.model.notes) if found.model else []
    return [*notes, *(f"DESeq2: {message}." for message in messages_of(table)), *filter(None, [opinion(params, table)])]


def power_sentence(table: pa.Table) -> str:
    """State what the comparison could find; empty where nothing was tested."""
    power = power_of(table)
    if not np.isfinite(power):
        return ""
    return (
        f"Power: a twofold change would be found in {100 * power:.0f} % of the tested genes on average, at p < 0.001, "
        "about what a false discovery rate of 5 % asks for when few genes change."
    )
