"""Correlation of two genes within each category of a column, as a forest plot."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa

from core.analysis.provenance import n_samples_of
from core.analysis.stratified import strata
from core.errors import InvalidQuery
from core.figures.forest import forest
from core.views import formatting
from core.views.correlation.scatter import with_b
from core.views.correlation.state import resolve
from core.views.layout import Layout
from core.views.result import Subject, Words
from core.views.view import View, vector

if TYPE_CHECKING:
    from core.analysis.gene_pair import PairParams
    from core.analysis.stratified import Strata
    from core.figures.print_style import Look
    from core.figures.theme import Json, Theme
    from core.services.container import Services
    from core.views.correlation.state import CorrelationView

MAX_FOREST = 60
# Width of names, points and numbers in pixels; factor of the row height on paper.
LEAST_WIDTH, CLOSE = 330.0, 0.75


@dataclass(frozen=True)
class Forest:
    """Correlation of two genes within each category of a column."""

    view: CorrelationView
    params: PairParams
    found: Strata

    @property
    def by(self) -> str:
        """The column."""
        return self.view.query.by


def compute(services: Services, view: CorrelationView) -> Forest:
    """Correlate gene A with gene B in each category, and pool the coefficients.

    Raises
    ------
    InvalidQuery
        The atlas has no column of categories.
    """
    if not view.query.by:
        raise InvalidQuery(f"{view.atlas.id} has no column of categories.", "Choose another figure.")
    view = with_b(services, view)
    params = view.pair(view.query.gene_b)
    return Forest(view, params, strata(view.atlas, params, view.query.by))


def draw(result: Forest, theme: Theme) -> Json:
    """Draw r of the largest categories and of all of them pooled.

    Raises
    ------
    InvalidQuery
        No category has an r.
    """
    if not any(math.isfinite(stratum.r) for stratum in result.found.strata):
        raise InvalidQuery(
            f"In no category of {result.by} can r be computed: too few cells, or a gene is constant in each.",
            "Choose another column, or more cells.",
        )
    return forest(result.found, theme, most=MAX_FOREST)


def words(result: Forest) -> Words:
    """Describe the forest and state what is pooled."""
    params, by, random = result.params, result.by, result.found.random
    method = formatting.METHODS[params.method]
    pooled = (
        f"{random.n_strata:,} of {len(result.found.strata):,} pooled by Fisher's z with random effects: r "
        f"{formatting.number(random.r)} (95 % interval {formatting.interval(random.ci_low, random.ci_high)}), "
        f"I² {random.i2:.0f} %"
    )
    return Words(
        f"{params.gene_a} and {params.gene_b} within each {by}",
        f"Points: {method} r within each {by} with its 95 % interval; below, the pooled estimates. {pooled}.",
        f"{method} correlation over cells"
        f"{', only those in which both genes are nonzero' if params.drop_zeros else ''}, "
        f"in each {by}; {pooled}, heterogeneity {formatting.p_equals(random.q_p)}. {formatting.NOT_REPLICATES}",
        {
            "gene": params.gene_a,
            "gene_b": params.gene_b,
            "by": by,
            "method": params.method,
            "drop_zeros": params.drop_zeros,
            "pooled": result.found.pooled,
        },
        _note(result.found),
    )


def subject(result: Forest) -> Subject:
    """Name the data of the forest."""
    view = result.view
    n = sum(stratum.n for stratum in result.found.strata)
    n_samples = n_samples_of(view.atlas, view.query.selection)
    return Subject(view.atlas, view.query, view.query.search(), result.params.layer, n, n_samples)


def tables(result: Forest) -> dict[str, pa.Table]:
    """Return one row a category, then the two ways of pooling them."""
    found = result.found
    rows: list[dict[str, object]] = [
        {
            "stratum": each.category,
            "n": each.n,
            "r": each.r,
            "ci_low": each.ci_low,
            "ci_high": each.ci_high,
            "p": each.p,
        }
        for each in found.strata
    ]
    for name, each in (("fixed effect", found.fixed), ("random effects", found.random)):
        pooled = {"n": None, "r": each.r, "ci_low": each.ci_low, "ci_high": each.ci_high, "p": each.p}
        rows.append({"stratum": f"({name} of {each.n_strata:,})", **pooled})
    return {"strata": pa.Table.from_pylist(rows)}


def layout(result: Forest, look: Look) -> Layout:
    """Lay the forest out so that no two rows overlap."""
    figure = vector(draw(result, look.colors))
    return Layout(figure, look, (LEAST_WIDTH, CLOSE * float(figure["layout"]["height"])))


def _note(found: Strata) -> str:
    """State what is pooled and what is left out."""
    random = found.random
    one = random.n_strata < 2  # noqa: PLR2004 - nothing to pool
    left_out = len(found.strata) - random.n_strata
    parts = [
        f"Only one category of {found.by} has an r, so there is nothing to compare it with."
        if one
        else f"{random.n_strata:,} of {len(found.strata):,} pooled by Fisher’s z: I² {random.i2:.0f} %, "
        f"τ² {random.tau2:.3g}, heterogeneity {formatting.p_equals(random.q_p)}.",
        f"{left_out:,} with fewer than four cells or a constant gene not pooled." if left_out and not one else "",
        f"The {MAX_FOREST} largest are drawn." if len(found.strata) > MAX_FOREST else "",
    ]
    return " ".join(filter(None, parts))


VIEW = View(resolve, compute, draw, words, subject, tables, layout)
