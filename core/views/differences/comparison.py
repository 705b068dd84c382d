"""Comparison behind every figure of the page Differences: samples, design, and the table of all genes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from core.analysis.differences_by_type import methods_of, power_sentence, report, rows_of
from core.analysis.differences_overview import FDR, MIN_CHANGE, OverviewParams, counted
from core.errors import InvalidQuery
from core.services.memoized import answer
from core.tables.text import records
from core.views.result import Subject

if TYPE_CHECKING:
    import pyarrow as pa

    from core.analysis.design import Design
    from core.analysis.differences_by_type import TypeReport
    from core.arrays import F64
    from core.services.container import Services
    from core.views.differences.state import DifferencesView


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
        """Numbers of genes tested, filtered, up and down at 5 % and twofold."""
        return counted(self.table, FDR, MIN_CHANGE)

    @property
    def n_cells(self) -> int:
        """Cells of the kept samples."""
        return sum(row.n_cells for row in self.report.samples if not row.why)

    @property
    def n_samples(self) -> str:
        """Numbers of samples, for a sentence: ``4 samples of MASH and 5 of Healthy``."""
        return f"{self.model.n_a} samples of {self.names[0]} and {self.model.n_b} of {self.names[1]}"

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
            "method": f"limma-{params.engine}",
            "n_tested": self.counted["n_tested"],
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
    """Compare the sides in every cell type: one record a type."""
    params = replace(view.params, cell_type="") if view.types else view.params
    return records(answer(services, view.atlas, OverviewParams(params, FDR, MIN_CHANGE)).value)


def power(result: Comparison) -> str:
    """State what the comparison could find."""
    return power_sentence(result.table)
