"""Comparison behind every figure of the page Differences: samples, design, and the table of all genes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from core.analysis.count_engines import NAMES
from core.analysis.design_columns import values_of_units
from core.analysis.differences import messages_of
from core.analysis.differences_by_type import SECOND, methods_of, opinion, power_sentence, report, rows_of
from core.analysis.differences_overview import OverviewParams, counted
from core.analysis.pseudobulk import units_of
from core.analysis.sides import A, B, default_sides, reason_of_default
from core.atlas.nouns import counted as counted_noun
from core.atlas.nouns import sample_noun
from core.errors import InvalidQuery
from core.services.memoized import answer
from core.tables.text import records
from core.urls.page_queries import joined_names, split_names
from core.views.result import Subject

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa

    from core.analysis.design import Design
    from core.analysis.differences import DifferencesParams
    from core.analysis.differences_by_type import TypeReport
    from core.arrays import F64
    from core.services.container import Services
    from core.views.differences.state import DifferencesView


MAX_LISTED: Final = 3


@dataclass(frozen=True, eq=False)
class Comparison:
    """Samples of two sides in one cell type, and the test of every gene."""

    view: DifferencesView
    report: TypeReport
    model: Design
    table: pa.Table

    @property
    def names(self) -> tuple[str, str]:
        """Names of both sides."""
        return self.view.sides.names

    @property
    def where(self) -> str:
        """Cell type, for a title: `` in Hepatocyte``; empty where all cells are taken together."""
        return f" in {self.view.query.cell_type}" if self.view.query.cell_type else ""

    @cached_property
    def genes(self) -> list[str]:
        """All genes, by rising p."""
        return self.table["gene"].to_pylist()

    @property
    def gene(self) -> str:
        """Gene that is looked at, by default the one with the smallest p."""
        return self.view.query.gene or self.genes[0]

    @cached_property
    def counted(self) -> dict[str, int]:
        """Numbers of genes tested, filtered, up and down within the thresholds."""
        return counted(self.table, self.view.fdr, self.view.min_change)

    @property
    def n_cells(self) -> int:
        """Cells of the kept samples."""
        return sum(row.n_cells for row in self.report.samples if not row.why)

    @property
    def n_samples(self) -> str:
        """Numbers of samples, for a sentence: ``4 donors of MASH and 5 of Healthy``."""
        return in_words(self.view, self.model.n_a, self.model.n_b)

    @property
    def methods(self) -> str:
        """Paragraph of a methods section, from what was done."""
        return methods_of(self.view.params, self.report, self.table)

    @property
    def parameters(self) -> dict[str, object]:
        """Parameters of a figure."""
        params = self.view.params
        return {
            "comparison": self.view.sides.words,
            "types": params.by_type,
            "cell_type": params.cell_type,
            "formula": self.model.formula,
            "method": NAMES[params.engine],
            "n_tested": self.counted["n_tested"],
            "fdr": self.view.fdr,
            "min_change": self.view.min_change,
        }

    @property
    def subject(self) -> Subject:
        """Data behind the figures."""
        view = self.view
        return Subject(view.atlas, view.query, view.state, "", self.n_cells, self.model.n_a + self.model.n_b)

    def numbers(self, name: str) -> F64:
        """One column of the table, (n_genes,) float64."""
        return np.asarray(self.table[name].to_numpy(), dtype=np.float64)


def compare(services: Services, view: DifferencesView) -> Comparison:
    """Test every gene in the cell type that is open.

    Raises
    ------
    InvalidQuery
        The samples cannot be compared.
    """
    if view.why:
        raise InvalidQuery(view.why)
    found = report(view.atlas, view.params)
    if found.model is None:
        raise InvalidQuery(found.why)
    return Comparison(view, found, found.model, answer(services, view.atlas, view.params).value)


def sample_rows(view: DifferencesView) -> list[dict[str, object]]:
    """List the samples of the cell type that is open, kept and dropped, as records."""
    return rows_of(view.design, report(view.atlas, view.params).samples)


def warnings(view: DifferencesView) -> list[str]:
    """List what is to be known of the samples: the reason for which there is no design, or warnings."""
    if view.why:
        return [view.why]
    found = report(view.atlas, view.params)
    return [found.why] if found.model is None else list(found.model.notes)


def overview(services: Services, view: DifferencesView) -> list[dict[str, Any]]:
    """Compare the sides in every cell type: one record a type; with the second opinion where it is asked for."""
    asked = replace(_all(view), second_opinion=view.with_second.second_opinion)
    return records(answer(services, view.atlas, OverviewParams(asked, view.fdr, view.min_change)).value)


def second_opinion(services: Services, view: DifferencesView) -> tuple[str, str]:
    """Let DESeq2 test the genes of the cell type that is open too; what both call, and how, in a sentence each.

    Raises
    ------
    InvalidQuery, Cancelled, Unavailable
        The samples cannot be compared, or see `core.analysis.count_engines.by_deseq2`.
    """
    if view.why:
        raise InvalidQuery(view.why)
    params = view.with_second
    table = answer(services, view.atlas, params).value
    said = [f"DESeq2: {message}." for message in messages_of(table)]
    return " ".join([opinion(params, table), *said]), SECOND


def reports(view: DifferencesView) -> list[TypeReport]:
    """Describe samples and design of every cell type, without testing anything."""
    return [report(view.atlas, each) for each in _all(view).each_type(view.atlas)]


def head(view: DifferencesView, found: list[TypeReport]) -> str:
    """State how many samples of either side are kept in any cell type, and their cells, for the headline."""
    kept = [(row, each) for each in found if each.model for row in each.samples if not row.why]
    n_a, n_b = (len({row.sample for row, _ in kept if row.side == side}) for side in (A, B))
    return f"{in_words(view, n_a, n_b)}, {counted_noun(sum(row.n_cells for row, _ in kept), 'cell')}"


def notes(view: DifferencesView, found: list[TypeReport]) -> list[str]:
    """List the warnings of the designs; those of some cell types only begin with their names."""
    tested = [each for each in found if each.model]
    types: dict[str, list[str]] = {}
    for each in tested:
        for note in each.model.notes if each.model else ():
            types.setdefault(note, []).append(each.cell_type)
    return [
        *([said] if (said := proposed_sides(view)) else []),
        *([f"Left out: {left_out}."] if (left_out := _single(view)) else []),
        *(note if len(some) == len(tested) else f"{shortlist(some)}: {note}" for note, some in types.items()),
    ]


def proposed_sides(view: DifferencesView) -> str:
    """Say why these sides are proposed, where they are those of a column without a known order; else nothing."""
    by, sides = view.query.by, view.sides
    is_default = bool(by) and (sides.a, sides.b) == tuple((level,) for level in default_sides(view.atlas, by))
    return reason_of_default(view.atlas, by) if is_default else ""


def with_study(view: DifferencesView, found: list[TypeReport]) -> tuple[str, str]:
    """Name the column of studies that the models lack, and the address of the same view with it; empty for none."""
    lacking = (each.model.study for each in found if each.model and each.model.study)
    study = next((name for name in lacking if name in view.usable), "")
    covariates = joined_names([*split_names(view.query.covariates), study])
    return study, view.query.but(covariates=covariates).address if study else ""


def in_words(view: DifferencesView, n_a: int, n_b: int) -> str:
    """Count the samples of both sides, by what they are: ``4 donors of MASH and 5 of Healthy``."""
    a, b = view.sides.names
    return f"{counted_noun(n_a, sample_noun(view.atlas))} of {a} and {n_b:,} of {b}"


def least_words(view: DifferencesView) -> str:
    """State what a sample needs to take part: ``at least 10 cells and 1,000 counts``."""
    asked = view.design
    cells = f"at least {counted_noun(asked.min_cells, 'cell')}"
    return cells + (f" and {counted_noun(asked.min_counts, 'count')}" if asked.min_counts else "")


def shortlist(names: Sequence[str]) -> str:
    """List the first three names, and how many more there are."""
    more = len(names) - MAX_LISTED
    return ", ".join(names[:MAX_LISTED]) + (f" and {more:,} more" if more > 0 else "")


def _single(view: DifferencesView) -> str:
    """Name the levels of the column that pairs which stand on one side only; empty for none, or without pairing."""
    if not view.paired:
        return ""
    params = view.design.units
    sides: dict[object, set[int]] = {}
    values = values_of_units(view.atlas, view.paired, params).values
    for value, side in zip(values, units_of(view.atlas, params).side.tolist(), strict=True):
        sides.setdefault(value, set()).add(side)
    alone = [str(value) for value, met in sides.items() if value is not None and len(met) == 1]
    return f"{shortlist(alone)} (no pair by {view.paired})" if alone else ""


def _all(view: DifferencesView) -> DifferencesParams:
    return replace(view.params, cell_type="") if view.types else view.params


def power(result: Comparison) -> str:
    """State what the comparison could find."""
    return power_sentence(result.table)
