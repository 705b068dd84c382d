"""The correlation of two genes within each category of a column, as a forest."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pyarrow as pa

from core.analysis.provenance import n_samples_of
from core.analysis.stratified import strata
from core.errors import InvalidQuery
from core.figures.forest import forest
from core.views import formatting as told
from core.views.correlation.scatter import with_b
from core.views.correlation.state import resolve
from core.views.result import Figure, Subject, Words, finished, sure

if TYPE_CHECKING:
    from core.analysis.stratified import Strata
    from core.figures.print_style import Look
    from core.services.container import Services

MAX_FOREST = 60
# Names, points and numbers; and how much closer rows may stand on paper than on the page.
LEAST_WIDTH, CLOSE = 330.0, 0.75


def draw(services: Services, search: str, look: Look) -> Figure:
    """R within each category, and pooled over them.

    Raises
    ------
    InvalidQuery
        Something in the address means nothing here, or r can be computed in no category.
    """
    view, problems = resolve(services, search)
    if view is None:
        raise InvalidQuery("There is no atlas to draw.", "Import one: masldatlas import FILE.")
    notes = sure(problems)
    view = with_b(services, view)
    atlas, query = view.atlas, view.query
    params = view.pair(query.gene_b)
    found = strata(atlas, params, query.by) if query.by else None
    if found is None or not any(math.isfinite(stratum.r) for stratum in found.strata):
        raise InvalidQuery(nowhere(query.by), "Choose another column, or more cells.")
    figure = forest(found, look.colours, most=MAX_FOREST)
    method = told.METHODS[params.method]
    random = found.random
    pooled = (
        f"{random.n_strata:,} of {len(found.strata):,} pooled by Fisher's z with random effects: r "
        f"{told.number(random.r)} (95 % interval {told.interval(random.ci_low, random.ci_high)}), I² {random.i2:.0f} %"
    )
    words = Words(
        f"{params.gene_a} and {params.gene_b} within each {query.by}",
        f"Points: {method} r within each {query.by} with its 95 % interval; below, what they say together. {pooled}.",
        f"{method} correlation over cells"
        f"{', only those in which both genes are nonzero' if params.drop_zeros else ''}, "
        f"in each {query.by}; {pooled}, heterogeneity {told.p_equals(random.q_p)}. {told.NOT_REPLICATES}",
        {
            "gene": params.gene_a,
            "gene_b": params.gene_b,
            "by": query.by,
            "method": params.method,
            "drop_zeros": params.drop_zeros,
            "pooled": found.pooled,
        },
    )
    n = sum(stratum.n for stratum in found.strata)
    n_samples = n_samples_of(atlas, query.selection)
    subject = Subject("forest", atlas, query, query.search(), params.layer, n, n_samples, notes)
    least = LEAST_WIDTH, CLOSE * float(figure["layout"]["height"])
    return finished(subject, figure, {"strata": table_of(found)}, words, look, least)


def nowhere(by: str) -> str:
    """One sentence where there is no r to draw."""
    return f"In no category of {by} can r be computed: too few cells, or a gene is constant in each."


def table_of(found: Strata) -> pa.Table:
    """One row a category, then the two ways of pooling them."""
    rows: list[dict[str, object]] = [
        {"stratum": it.category, "n": it.n, "r": it.r, "ci_low": it.ci_low, "ci_high": it.ci_high, "p": it.p}
        for it in found.strata
    ]
    for name, it in (("fixed effect", found.fixed), ("random effects", found.random)):
        pooled = {"n": None, "r": it.r, "ci_low": it.ci_low, "ci_high": it.ci_high, "p": it.p}
        rows.append({"stratum": f"({name} of {it.n_strata:,})", **pooled})
    return pa.Table.from_pylist(rows)
