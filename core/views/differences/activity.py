"""Activity of transcription factors or pathways, from how their targets differ in one cell type."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from core.analysis.activity import DEFAULT, MIN_TARGETS, ActivityParams, n_genes_of
from core.figures.activity_bars import ALPHA, N_SHOWN, bars
from core.services.meaning import activity_params
from core.services.memoized import answer
from core.views.differences.comparison import Comparison, compare
from core.views.differences.meaning import engine_of
from core.views.differences.state import resolve
from core.views.formatting import number, p_equals
from core.views.layout import Layout
from core.views.result import Words
from core.views.view import View

if TYPE_CHECKING:
    import pyarrow as pa

    from core.figures.print_style import Look
    from core.figures.theme import Json, Theme
    from core.services.container import Services
    from core.services.memoized import Answer
    from core.views.differences.state import DifferencesView
    from core.views.result import Subject

LEAST = (220.0, 0.0)
MODELS = {"ulm": "univariate linear model (ULM)", "mlm": "multivariate linear model (MLM)"}


@dataclass(frozen=True, eq=False)
class Activity:
    """Activity of each source of a network."""

    comparison: Comparison
    params: ActivityParams
    answer: Answer[pa.Table]

    @property
    def view(self) -> DifferencesView:
        """State of the page."""
        return self.comparison.view

    @property
    def table(self) -> pa.Table:
        """One row a source, by falling absolute activity."""
        return self.answer.value

    @cached_property
    def provenance(self) -> dict[str, Any]:
        """Provenance of the table."""
        return self.answer.provenance

    @property
    def title(self) -> str:
        """Name of the network, for people."""
        return str(self.params.network.provenance().get("title") or self.params.network.name)

    @property
    def first(self) -> str:
        """Source of largest absolute activity."""
        return str(self.table["source"][0].as_py())


def network_of(view: DifferencesView) -> str:
    """Return the network of a view."""
    return view.query.network or DEFAULT


def compute(services: Services, view: DifferencesView) -> Activity:
    """Compute the activities.

    Raises
    ------
    InvalidQuery, NotFound
        The samples cannot be compared, or there is no such network.
    """
    comparison = compare(services, view)
    params = activity_params(services, view.atlas, view.params, network_of(view), model="", min_targets=MIN_TARGETS)
    return Activity(comparison, params, answer(services, view.atlas, params))


def draw(result: Activity, theme: Theme) -> Json:
    """Draw the strongest activities as bars."""
    return bars(result.table, theme)


def words(result: Activity) -> Words:
    """Describe the bars."""
    comparison = result.comparison
    a, b = comparison.names
    activity = result.table["activity"].to_numpy()
    given = int(np.isfinite(activity).sum())
    model = result.params.options.model
    return Words(
        f"Activity ({result.title}): {a} against {b}{comparison.where}",
        f"Bars give the t value of a {MODELS[model]} of the statistics of the targets, for the {min(N_SHOWN, given):,} "
        f"of {given:,} sources with the largest; above zero, more active in {a}. Pale bars have an adjusted p above "
        f"{ALPHA:g}.",
        f"{comparison.methods} {result.provenance['methods']}",
        {
            **comparison.parameters,
            "network": result.params.network.name,
            "model": model,
            "min_targets": result.params.options.min_targets,
            "reference": result.params.network.provenance(),
        },
        _note(result, given),
        f"Activity of the sources of {result.title} in {a} against {b}{comparison.where}",
    )


def subject(result: Activity) -> Subject:
    """Name the data of the bars."""
    return result.comparison.subject


def tables(result: Activity) -> dict[str, pa.Table]:
    """Return one row a source."""
    return {"activity": result.table}


def layout(result: Activity, look: Look) -> Layout:
    """Lay the bars out with room for their axis."""
    return Layout(draw(result, look.colors), look, LEAST)


def api(view: DifferencesView, **more: str) -> str:
    """Return the address of the table in the API, which has the same numbers."""
    return view.api(
        "activity",
        engine=engine_of(view.query),
        cell_type=view.query.cell_type,
        pooled="" if view.types else "true",
        network=network_of(view),
        **more,
    )


def _note(result: Activity, given: int) -> str:
    table, a = result.table, result.comparison.names[0]
    small = np.nan_to_num(table["p_adj"].to_numpy(), nan=2.0) <= ALPHA
    up = int((small & (table["activity"].to_numpy() > 0)).sum())
    first = table.slice(0, 1).to_pylist()[0]
    numbers = n_genes_of(table)
    fewest = result.params.options.min_targets
    return (
        f"{up:,} sources more active in {a} and {int(small.sum()) - up:,} less, at an adjusted p of {ALPHA:g}, of "
        f"{given:,} with {fewest} targets or more among {numbers['n_genes']:,} tested genes; "
        f"{MODELS[result.params.options.model]}. First: {first['source']}, t {number(first['activity'], 2)}, "
        f"{p_equals(first['p'])}."
    )


VIEW = View(resolve, compute, draw, words, subject, tables, layout)
