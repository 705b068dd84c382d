"""Samples of one cell type by their principal components."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from core.analysis.sample_pca import DEPTH, SamplePca, sample_pca
from core.analysis.sides import A
from core.errors import InvalidQuery
from core.figures import sample_pca as figure
from core.views.differences.comparison import Comparison, compare
from core.views.differences.state import resolve
from core.views.differences.volcano import size_of
from core.views.layout import Layout
from core.views.result import Words
from core.views.view import View

if TYPE_CHECKING:
    from core.figures.print_style import Look
    from core.figures.theme import Json, Theme
    from core.services.container import Services
    from core.views.differences.state import DifferencesView
    from core.views.result import Subject


@dataclass(frozen=True, eq=False)
class Samples:
    """Samples of a comparison with their principal components."""

    comparison: Comparison
    pca: SamplePca

    @property
    def color(self) -> str:
        """Column that colours the samples; empty for the sides."""
        chosen = self.comparison.view.query.color
        return chosen if chosen in self.pca.columns else ""

    @property
    def labels(self) -> list[str]:
        """Names of the samples, with their side where that tells them apart."""
        names = [row.sample for row in self.pca.samples]
        if len(set(names)) == len(names):
            return names
        # A sample that stands on both sides.
        a, b = self.comparison.names
        return [f"{row.sample} ({a if row.side == A else b})" for row in self.pca.samples]

    @property
    def values(self) -> list[str | float | None]:
        """Value of each sample in that column."""
        a, b = self.comparison.names
        if not self.color:
            return [a if row.side == A else b for row in self.pca.samples]
        return list(self.pca.columns[self.color])

    @property
    def associations(self) -> list[dict[str, object]]:
        """R² of each column with each component, as records; None where there is none."""
        names = [*self.pca.columns, DEPTH]
        return [
            {
                "column": name,
                **{f"pc{at + 1}": None if np.isnan(value) else float(value) for at, value in enumerate(row)},
            }
            for name, row in zip(names, self.pca.explained, strict=True)
        ]


def compute(services: Services, view: DifferencesView) -> Samples:
    """Find the principal components of the samples.

    Raises
    ------
    InvalidQuery
        The samples cannot be compared.
    """
    comparison = compare(services, view)
    by = [view.query.by] if view.query.by else []
    found = sample_pca(view.atlas, view.params, [*by, *view.usable], services.workers)
    if found.scores.shape[1] < 2:  # noqa: PLR2004 - the two axes
        raise InvalidQuery("Two principal components need three samples.", "Select more samples.")
    return Samples(comparison, found)


def draw(result: Samples, theme: Theme, size: tuple[float, float] = figure.PAGE) -> Json:
    """Draw the samples, their names placed for a size in pixels."""
    return figure.sample_pca(result.pca.scores, result.pca.shares, result.labels, result.values, theme, size)


def layout(result: Samples, look: Look) -> Layout:
    """Lay the samples out with room for names."""
    return Layout(draw(result, look.colors, size_of(look)), look)


def words(result: Samples) -> Words:
    """Describe the samples."""
    comparison = result.comparison
    color = result.color or "side"
    return Words(
        f"Samples{comparison.where}",
        f"Each point is one sample, at its first two principal components, coloured by {color}: "
        f"{comparison.n_samples}.",
        f"Principal components are those of log2 counts per million of the tested genes, centred by gene. "
        f"{comparison.methods}",
        {**comparison.parameters, "color": color},
        f"One point a sample, coloured by {color}. Samples that lie apart from all others deserve a look.",
        f"Principal components of the samples{comparison.where}",
    )


def subject(result: Samples) -> Subject:
    """Name the data of the plot."""
    return result.comparison.subject


def tables(result: Samples) -> dict[str, pa.Table]:
    """Return one row a sample, and the share of each component that a column explains."""
    pca, a_and_b = result.pca, result.comparison.names
    samples = {
        "sample": [row.sample for row in pca.samples],
        "side": [a_and_b[0] if row.side == A else a_and_b[1] for row in pca.samples],
        "n_cells": [row.n_cells for row in pca.samples],
        "n_counts": [row.n_counts for row in pca.samples],
        **{f"pc{at + 1}": pca.scores[:, at] for at in range(pca.scores.shape[1])},
    }
    return {"samples": pa.table(samples), "associations": pa.Table.from_pylist(result.associations)}


VIEW = View(resolve, compute, draw, words, subject, tables, layout)
