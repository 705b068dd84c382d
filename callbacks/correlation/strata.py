"""Whether the correlation holds: within strata, given covariates, over donors, and between groups."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from dash import html

from callbacks.shared.refusals import or_words
from core.analysis import differential_correlation, donor_level, partial
from core.analysis.gene_pair import pair
from core.figures.violin import nothing
from core.views import formatting as told
from core.views.correlation import forest

if TYPE_CHECKING:
    from collections.abc import Callable

    from dash.development.base_component import Component

    from core.analysis.differential_correlation import Difference
    from core.analysis.gene_pair import PairParams
    from core.analysis.stratified import Strata
    from core.figures.theme import Theme
    from core.services.container import Services
    from core.stats.meta_analysis import Pooled
    from core.views.correlation.forest import Forest
    from core.views.correlation.state import CorrelationView

Outputs = dict[str, Any]


def draw(services: Services, view: CorrelationView, partner: Outputs, theme: Theme) -> Outputs:
    """The forest, the warning, the small table, and what donors say."""
    gene_b = partner["gene_b"]
    title = ["r within each ", view.query.by or "stratum"]

    def refused(why: str) -> Outputs:
        return {"figure": nothing(theme), "height": {}, "fault": why, "title": title, "note": "", "simpson": None}

    if not gene_b:
        why = partner["fault"]
        return {
            "forest": refused(why),
            "holds": html.P(why),
            "holds_note": "",
            "replicates": told.NOT_REPLICATES,
        }
    view = view.with_gene_b(gene_b)
    params = view.pair(gene_b)

    def found() -> Forest:
        return forest.compute(services, view)

    return {
        "forest": or_words(lambda: {**_forest(found(), theme), "title": title}, refused),
        "holds": or_words(lambda: _holds(view, params, found), html.P),
        "holds_note": "The same pair, with other things taken into account.",
        "replicates": or_words(lambda: _replicates(view, params), lambda why: [told.NOT_REPLICATES, f" {why}"]),
    }


def _forest(result: Forest, theme: Theme) -> Outputs:
    simpson = _simpson(result.found) if result.found.warning else None

    def refused(why: str) -> Outputs:
        return {"figure": nothing(theme), "height": {}, "fault": why, "note": "", "simpson": simpson}

    def drawn() -> Outputs:
        figure = forest.draw(result, theme)
        height = {"height": f"{figure['layout']['height']}px"}
        note = forest.words(result).note
        return {"figure": figure, "height": height, "fault": "", "note": note, "simpson": simpson}

    return or_words(drawn, refused)


def _simpson(found: Strata) -> Component:
    return html.Div([html.Strong("The sign changes within strata. "), found.warning], className="correlation-simpson")


def _holds(view: CorrelationView, params: PairParams, found: Callable[[], Forest]) -> Component:
    query = view.query
    whole = pair(view.atlas, params)
    rows = [_row("All cells at once", whole.r, whole.ci_low, whole.ci_high, whole.p, f"{whole.n:,} cells")]
    rows += or_words(lambda: _pooled(found().found), lambda why: [_said(f"Within each {query.by}", why)])
    depth, by = query.depth != "false", query.adjust or None
    if depth or by:

        def adjusted() -> list[Component]:
            it = partial.partial(view.atlas, params, depth=depth, by=by)
            return [_row(f"Given {it.given}", it.r, it.ci_low, it.ci_high, it.p, f"{it.n:,} cells")]

        rows += or_words(adjusted, lambda why: [_said("Partial correlation", why)])

    def donors() -> list[Component]:
        it = donor_level.donor_means(view.atlas, params)
        left = f", {it.left_out} left out" if it.left_out else ""
        return [_row("Means of samples", it.r, it.ci_low, it.ci_high, it.p, f"{it.n} samples{left}", strong=True)]

    rows += or_words(donors, lambda why: [_said("Means of samples", why)])
    heads = ("", "r", "95 % interval", "p", "n")
    return html.Div(
        html.Table(
            [
                html.Thead(html.Tr([html.Th(head, scope="col") if head else html.Td() for head in heads])),
                html.Tbody(rows),
            ],
            className="correlation-table correlation-holds",
        ),
        className="correlation-wide",
    )


def _pooled(found: Strata) -> list[Component]:
    def row(name: str, it: Pooled) -> Component:
        return _row(name, it.r, it.ci_low, it.ci_high, it.p, f"{it.n_strata:,} strata")

    if not found.random.n_strata:
        return [_said(f"Within each {found.by}", "No category has enough cells.")]
    return [
        row(f"Within each {found.by}, fixed effect", found.fixed),
        row(f"Within each {found.by}, random effects", found.random),
    ]


def _row(name: str, r: float, low: float, high: float, p: float, n: str, *, strong: bool = False) -> Component:  # noqa: PLR0913 - the columns
    return html.Tr(
        [
            html.Th(name, scope="row"),
            html.Td(html.B(told.number(r))),
            html.Td(told.interval(low, high)),
            html.Td(told.p_value(p)),
            html.Td(n),
        ],
        className="correlation-honest" if strong else "",
    )


def _head(*names: str) -> Component:
    return html.Thead(html.Tr([html.Th(name, scope="col") if name else html.Td() for name in names]))


def _said(name: str, why: str) -> Component:
    return html.Tr([html.Th(name, scope="row"), html.Td(why, colSpan=4, className="correlation-why")])


def _replicates(view: CorrelationView, params: PairParams) -> list[Component | str]:
    cells, donors = pair(view.atlas, params), donor_level.donor_means(view.atlas, params)
    return [
        f"{told.NOT_REPLICATES} The unit of replication is the donor: ",
        html.I(params.gene_a),
        " and ",
        html.I(params.gene_b),
        " have ",
        html.B(f"r = {told.number(cells.r)} over {cells.n:,} cells"),
        " and ",
        html.B(f"r = {told.number(donors.r)} over the means of {donors.n} samples"),
        f" ({told.interval(donors.ci_low, donors.ci_high)}, {told.p_equals(donors.p)}).",
    ]


def compare(view: CorrelationView, partner: Outputs, _theme: Theme) -> Outputs:
    """The change of r between two groups."""
    query = view.query
    group = view.atlas.manifest.roles.get("group", "")
    if not group:
        return _words(f"{view.atlas.id} names no groups. Import it again with --group COLUMN to compare them.")
    if not partner["gene_b"]:
        return _words(partner["fault"])
    if query.one == query.two:
        return _words(
            f"{query.one!r} against itself says nothing: choose two different groups."
            if len(view.atlas.categorical(group).categories) > 1
            else f"The atlas has one group only, {query.one!r}: there is nothing to compare."
        )
    params = view.pair(partner["gene_b"])
    return or_words(
        lambda: _compared(differential_correlation.difference(view.atlas, params, group, (query.one, query.two))),
        _words,
    )


def _words(why: str) -> Outputs:
    return {"shown": html.P(why), "note": ""}


def _compared(found: Difference) -> Outputs:
    rows = [
        html.Tr([html.Th(name, scope="row"), html.Td(html.B(told.number(r))), html.Td(f"{n:,}"), html.Td(str(samples))])
        for name, r, n, samples in zip(found.groups, found.r, found.n, found.n_samples, strict=True)
    ]
    heads = ("", "r", "cells", "samples")
    table = html.Table(
        [_head(*heads), html.Tbody(rows)],
        className="correlation-table",
    )
    if math.isnan(found.p_samples):
        verdict: list[Component | str] = ["No test: a gene is constant in one of the groups."]
    else:
        every = "all " if found.exact else ""
        least = (2 if found.n_samples[0] == found.n_samples[1] else 1) / max(found.n_permutations, 1)
        verdict = [
            html.B(f"Permuting samples: {told.p_equals(found.p_samples)}"),
            f" ({every}{found.n_permutations:,} assignments of samples to the groups; the smallest p possible is "
            f"{told.p_value(least)}). As if every cell were a replicate: {told.p_equals(found.p_cells)}, which is "
            "not to be trusted.",
        ]
    difference = f"Difference of Fisher’s z, first minus second: {told.number(found.z)}."
    return {
        "shown": [html.Div(table, className="correlation-wide"), html.P(difference), html.P(verdict)],
        "note": "r in each group; whole samples are permuted, because cells of one donor are not independent.",
    }
