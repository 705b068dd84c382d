"""Targets of one transcription factor or pathway: as a volcano, and as a signed network."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from core.analysis.activity import MIN_TARGETS
from core.figures.target_network import N_EACH, target_network
from core.figures.target_volcano import target_volcano
from core.services.meaning import activity_params
from core.services.memoized import answer
from core.views.differences import activity
from core.views.differences.state import resolve
from core.views.formatting import number, p_equals
from core.views.layout import Layout
from core.views.result import Words
from core.views.view import View, vector

if TYPE_CHECKING:
    import pyarrow as pa

    from core.arrays import F64, Mask
    from core.figures.print_style import Look
    from core.figures.theme import Json, Theme
    from core.services.container import Services
    from core.views.differences.activity import Activity
    from core.views.differences.state import DifferencesView
    from core.views.result import Subject

LEAST_VOLCANO = (260.0, 240.0)
LEAST_NETWORK = (300.0, 0.0)


@dataclass(frozen=True, eq=False)
class Targets:
    """Tested targets of one source."""

    activity: Activity
    source: str
    table: pa.Table
    found_by: str = ""

    @property
    def raised(self) -> Mask:
        """Targets that the source raises, (n_targets,) bool; it lowers the others."""
        return self.numbers("weight") > 0

    def numbers(self, name: str) -> F64:
        """One column of the table, (n_targets,) float64."""
        return np.asarray(self.table[name].to_numpy(), dtype=np.float64)


def compute(services: Services, view: DifferencesView) -> Targets:
    """List the targets of the source that is open, by default the most active one.

    Raises
    ------
    InvalidQuery, NotFound
        The activities cannot be computed, or there is no such source.
    """
    found = activity.compute(services, view)
    params = activity_params(
        services,
        view.atlas,
        view.params,
        activity.network_of(view),
        model="",
        min_targets=MIN_TARGETS,
        targets_of=view.query.source or found.first,
    )
    return Targets(found, params.targets_of, answer(services, view.atlas, params).value, params.found_by)


def draw(result: Targets, theme: Theme) -> Json:
    """Draw the targets in the volcano of all genes."""
    comparison = result.activity.comparison
    return target_volcano(
        comparison.genes,
        comparison.numbers("log2fc"),
        comparison.numbers("p"),
        {row["gene"]: (row["weight"], row["agrees"]) for row in result.table.to_pylist()},
        theme,
    )


def draw_network(result: Targets, theme: Theme) -> Json:
    """Draw the source between the targets that it lowers and those that it raises."""
    return target_network(
        result.source, result.table["gene"].to_pylist(), result.numbers("weight"), result.numbers("stat"), theme
    )


def words(result: Targets) -> Words:
    """Describe the volcano of the targets."""
    a, b = result.activity.comparison.names
    return _words(
        result,
        f"Targets of {result.source}",
        f"All tested genes by log2 fold change between {a} and {b} and p; coloured are the {result.table.num_rows:,} "
        f"tested targets of {result.source}, red where their difference agrees with a higher activity in {a}, blue "
        "where with a lower one; triangles point up for targets that it raises, down for those that it lowers.",
    )


def words_network(result: Targets) -> Words:
    """Describe the network."""
    a = result.activity.comparison.names[0]
    return _words(
        result,
        f"{result.source} and its targets",
        f"Right, targets that {result.source} raises (solid lines, arrows), left, those that it lowers (dashed lines, "
        f"bars); on either side the first {N_EACH} by product of statistic and weight. Colour gives the "
        f"statistic: red, higher in {a}; blue, lower.",
    )


def _words(result: Targets, what: str, legend: str) -> Words:
    comparison = result.activity.comparison
    a, b = comparison.names
    about = activity.words(result.activity)
    return Words(
        f"{what}: {a} against {b}{comparison.where}",
        legend,
        about.methods,
        {**about.parameters, "source": result.source},
        _note(result),
        f"{what} in {a} against {b}{comparison.where}",
    )


def subject(result: Targets) -> Subject:
    """Name the data of the targets."""
    return result.activity.comparison.subject


def tables(result: Targets) -> dict[str, pa.Table]:
    """Return one row a target."""
    return {"targets": result.table}


def layout(result: Targets, look: Look) -> Layout:
    """Lay the volcano out with room for names."""
    return Layout(vector(draw(result, look.colors)), look, LEAST_VOLCANO)


def layout_network(result: Targets, look: Look) -> Layout:
    """Lay the network out with room for names on both sides."""
    return Layout(draw_network(result, look.colors), look, LEAST_NETWORK)


def _note(result: Targets) -> str:
    n, agreeing = result.table.num_rows, sum(result.table["agrees"].to_pylist())
    raised = int(result.raised.sum())
    row = next(row for row in result.activity.table.to_pylist() if row["source"] == result.source)
    tested = (
        row["why"] or f"activity {number(row['activity'], 2)}, {p_equals(row['p'])}, adjusted {p_equals(row['p_adj'])}"
    )
    found = f"{result.found_by} " if result.found_by else ""
    return (
        f"{found}{result.source}: {tested}. {n:,} of {row['n_source']:,} targets tested: it raises {raised:,} and "
        f"lowers {n - raised:,}; {agreeing:,} differ as a higher activity would have it."
    )


VOLCANO = View(resolve, compute, draw, words, subject, tables, layout)
NETWORK = View(resolve, compute, draw_network, words_network, subject, tables, layout_network)
