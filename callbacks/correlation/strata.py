"""Robustness of the correlation: within strata, given covariates, over samples, and between groups."""

from __future__ import annotations

import math
from functools import cache
from typing import TYPE_CHECKING, Any

from dash import html

from callbacks.correlation.pair import with_partner
from callbacks.shared.refusals import figure_or_fault, shown_or_refusal
from callbacks.shared.titles import in_italics
from core.atlas.nouns import categories_of, noun_of
from core.figures.violin import nothing
from core.views import formatting
from core.views.correlation import difference, forest, robustness
from core.views.correlation.scatter import over_donors

if TYPE_CHECKING:
    from collections.abc import Callable

    from dash.development.base_component import Component

    from core.atlas.store import Atlas
    from core.figures.theme import Theme
    from core.services.container import Services
    from core.stats.meta_analysis import Pooled
    from core.views.correlation.difference import Difference
    from core.views.correlation.forest import Forest, Strata
    from core.views.correlation.state import CorrelationView

Outputs = dict[str, Any]
# A table that may be wider than its card; whatever scrolls can be reached by keyboard.
WIDE: Outputs = {
    "className": "correlation-wide",
    "tabIndex": 0,
    "role": "region",
    "aria-label": "Table of correlations",
}


# Tabs that speak of a pair of genes, and those that speak of its strata.
OF_A_PAIR, OF_STRATA = ("pair", "donors", "groups"), ("pair", "donors")


def draw(services: Services, view: CorrelationView, partner: Outputs, theme: Theme) -> Outputs:
    """Draw the forest plot, and list r adjusted in different ways."""
    by = noun_of(view.atlas, view.query.by) if view.query.by else "stratum"

    def refused(why: str) -> Outputs:
        return {"figure": nothing(theme), "height": {}, "fault": why, "title": f"r within each {by}", "note": ""}

    if not partner["gene_b"]:
        why = partner["fault"]
        return {"forest": refused(why), "holds": html.P(why), "holds_note": ""}
    pair = with_partner(view, partner)

    # The forest plot and the table rest on the same strata.
    @cache
    def stratified() -> Forest:
        return forest.compute(services, pair)

    return {
        "forest": shown_or_refusal(lambda: _forest(stratified(), theme), refused),
        "holds": shown_or_refusal(lambda: _robustness(pair, stratified), html.P),
        "holds_note": "The same correlation, adjusted in different ways.",
    }


def caution(services: Services, view: CorrelationView, partner: Outputs, _theme: Theme) -> Outputs:
    """Warn of Simpson's paradox, and say over how many donors the pair was seen, where the open tab speaks of it."""
    tab, pair = view.query.tab, with_partner(view, partner)
    if tab not in OF_A_PAIR or not partner["gene_b"]:
        return {"simpson": None, "replicates": formatting.NOT_REPLICATES}

    def warnings() -> list[Component] | None:
        return [_simpson(pair.atlas, each) for each in forest.compute(services, pair).warned] or None

    return {
        "simpson": shown_or_refusal(warnings, lambda _why: None) if tab in OF_STRATA else None,
        "replicates": shown_or_refusal(lambda: _replicates(pair), lambda why: [formatting.NOT_REPLICATES, f" {why}"]),
    }


def _forest(result: Forest, theme: Theme) -> Outputs:
    figure, fault = figure_or_fault(lambda: forest.draw(result, theme), theme)
    text, params = forest.words(result), result.params
    return {
        "figure": figure,
        "height": {} if fault else {"height": f"{figure['layout']['height']}px"},
        "fault": fault,
        "title": in_italics(text.title, params.gene_a, params.gene_b),
        "note": "" if fault else text.note,
    }


CASES = {
    "reversed": "The sign changes within {}: ",
    "vanishes": "No correlation within {}: ",
    "weaker": "Weaker within {}: ",
    "stronger": "Stronger within {}: ",
}


def _simpson(atlas: Atlas, found: Strata) -> Component:
    head = html.Strong(CASES[found.case].format(categories_of(atlas, found.by)))
    return html.Div([head, found.warning], className="correlation-simpson")


def _robustness(view: CorrelationView, stratified: Callable[[], Forest]) -> Component:
    query = view.query
    whole = robustness.over_cells(view)
    rows = [_row("All cells", whole.r, whole.ci_low, whole.ci_high, whole.p, _noted(f"{whole.n:,} cells", whole.why))]
    rows += shown_or_refusal(
        lambda: _pooled(stratified()), lambda why: [_reason(f"Within each {noun_of(view.atlas, query.by)}", why)]
    )

    def adjusted() -> list[Component]:
        found = robustness.adjusted(view)
        if found is None:
            return []
        n = _noted(f"{found.n:,} cells", found.why)
        return [_row(f"Adjusted for {found.given}", found.r, found.ci_low, found.ci_high, found.p, n)]

    rows += shown_or_refusal(adjusted, lambda why: [_reason("Partial correlation", why)])

    def samples() -> list[Component]:
        found = robustness.over_samples(view)
        n = f"{found.n} samples{f', {found.left_out} omitted' if found.left_out else ''}"
        n = f"{n}, {found.measure}{', exact p' if found.exact else ''}"
        return [_row("Samples", found.r, found.ci_low, found.ci_high, found.p, n, strong=True)]

    rows += shown_or_refusal(samples, lambda why: [_reason("Samples", why)])
    return html.Div(
        html.Table(
            [_head("", "r", "95% interval", "p", "n"), html.Tbody(rows)],
            className="correlation-table correlation-holds",
        ),
        **WIDE,
    )


def _pooled(result: Forest) -> list[Component]:
    def row(name: str, pooled: Pooled) -> Component:
        return _row(name, pooled.r, pooled.ci_low, pooled.ci_high, pooled.p, f"{pooled.n_strata:,} strata")

    found, by = result.found, noun_of(result.view.atlas, result.found.by)
    if not found.random.n_strata:
        return [_reason(f"Within each {by}", "No category has enough cells.")]
    return [
        row(f"Within each {by}, fixed effect", found.fixed),
        row(f"Within each {by}, random effects", found.random),
    ]


def _noted(n: str, why: str) -> str:
    return f"{n}; {why}" if why else n


def _row(name: str, r: float, low: float, high: float, p: float, n: str, *, strong: bool = False) -> Component:  # noqa: PLR0913 - the columns
    return html.Tr(
        [
            html.Th(name, scope="row"),
            html.Td(html.B(formatting.number(r))),
            html.Td(formatting.interval(low, high)),
            html.Td(formatting.p_value(p)),
            html.Td(n),
        ],
        className="correlation-honest" if strong else "",
    )


def _head(*names: str) -> Component:
    return html.Thead(html.Tr([html.Th(name, scope="col") if name else html.Td() for name in names]))


def _reason(name: str, why: str) -> Component:
    return html.Tr([html.Th(name, scope="row"), html.Td(why, colSpan=4, className="correlation-why")])


def _replicates(view: CorrelationView) -> list[Component | str]:
    cells, samples = robustness.over_cells(view), robustness.over_samples(view)
    return [
        f"{formatting.NOT_REPLICATES} The unit of replication is the donor: ",
        html.I(view.query.gene),
        " and ",
        html.I(view.query.gene_b),
        " have ",
        html.B(f"r = {formatting.number(cells.r)} over {cells.n:,} cells"),
        f", {over_donors(samples)}.",
    ]


def compare(_services: Services, view: CorrelationView, partner: Outputs, _theme: Theme) -> Outputs:
    """Compare r between two groups."""
    if not partner["gene_b"]:
        return _refused(partner["fault"])
    return shown_or_refusal(lambda: _compared(difference.compute(with_partner(view, partner))), _refused)


def _z(z: float) -> str:
    return "infinite, r is 1 or −1 in a group" if math.isinf(z) else formatting.number(z)


def _refused(why: str) -> Outputs:
    return {"shown": html.P(why), "note": ""}


def _compared(found: Difference) -> Outputs:
    rows = [
        html.Tr(
            [
                html.Th(name, scope="row"),
                html.Td(html.B(formatting.number(r))),
                html.Td(f"{n:,}"),
                html.Td(str(samples)),
            ]
        )
        for name, r, n, samples in zip(found.groups, found.r, found.n, found.n_samples, strict=True)
    ]
    table = html.Table([_head("", "r", "cells", "samples"), html.Tbody(rows)], className="correlation-table")
    if math.isnan(found.p_samples):
        verdict: list[Component | str] = ["No test: a gene is constant in one of the groups."]
    else:
        every = "all " if found.exact else ""
        pairs = f"; the {found.n_paired} with cells in both groups stay pairs" if found.n_paired else ""
        verdict = [
            html.B(f"Permutation of samples: {formatting.p_equals(found.p_samples)}"),
            f" ({every}{found.n_permutations:,} assignments of samples to groups{pairs}; smallest possible p: "
            f"{formatting.p_value(found.least_p)}).",
        ]
    change = f"Difference of Fisher’s z, first minus second: {_z(found.z)}. This is the statistic that is permuted."
    return {
        "shown": [html.Div(table, **WIDE), html.P(change), html.P(verdict)],
        "note": "r in each group; whole samples are permuted, because cells of one donor are not independent.",
    }
