"""Gene A and gene B: both maps, the scatter, and how often they are seen together."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from dash import html

from callbacks.shared.refusals import or_words
from core.analysis.expression import expression_of
from core.figures.violin import nothing
from core.views import formatting
from core.views.correlation import scatter
from core.views.explore.map_spec import gene_panel, plane_and_places, spec

if TYPE_CHECKING:
    from dash.development.base_component import Component

    from core.analysis.gene_pair import CoDetection
    from core.figures.theme import Theme
    from core.services.container import Services
    from core.views.correlation.state import CorrelationView

Outputs = dict[str, Any]


def maps(view: CorrelationView, partner: Outputs, theme: Theme) -> Outputs:
    """Draw both genes on the map of the cells; gene A twice where there is no gene B."""
    gene_b = partner["gene_b"]
    genes = [expression_of(view.atlas, gene, view.query.layer) for gene in (view.query.gene, gene_b or view.query.gene)]
    found = None
    if view.query.embedding:
        _, plane = plane_and_places(view.atlas, view.query.embedding)
        found = spec(view.atlas, view.query, [gene_panel(view.atlas, gene, plane, theme) for gene in genes])
    return {
        "spec": found,
        "left_title": ["A: ", html.I(genes[0].gene)],
        "left_note": "Expressing cells lie above the others.",
        "right_title": ["B: ", html.I(genes[1].gene)] if gene_b else "No gene B",
        "right_note": "The zoom of both maps is shared." if gene_b else "Gene A is shown again.",
    }


def draw(services: Services, view: CorrelationView, partner: Outputs, theme: Theme) -> Outputs:
    """The scatter with its line, and the co-detection."""

    def refused(why: str) -> Outputs:
        return {
            "figure": nothing(theme),
            "fault": why,
            "title": "A and B, cell by cell",
            "note": "",
            "seen": html.P(why),
            "seen_note": "",
        }

    if not partner["gene_b"]:
        return refused(partner["fault"])
    return or_words(lambda: _drawn(services, view.with_gene_b(partner["gene_b"]), theme), refused)


def _drawn(services: Services, view: CorrelationView, theme: Theme) -> Outputs:
    result = scatter.compute(services, view)
    found, names = result.found, result.names
    figure, fault = or_words(lambda: (scatter.draw(result, theme), result.warning), lambda why: (nothing(theme), why))
    ci = formatting.interval(found.ci_low, found.ci_high)
    r = f"r {formatting.number(found.r)} [{ci}], {formatting.p_equals(found.p)}, n {found.n:,} cells"
    return {
        "figure": figure,
        "fault": fault,
        "title": [html.I(names[0]), " and ", html.I(names[1]), html.Span(f": {r}", className="correlation-r")],
        "note": scatter.words(result).note,
        "seen": _seen(found.co_detection, names),
        "seen_note": f"Above zero, in all {formatting.cells_of(found.n_selected)} of the selection.",
    }


def _seen(found: CoDetection, names: tuple[str, str]) -> Component:
    total = found.both + found.only_a + found.only_b + found.neither

    def cell(n: int) -> Component:
        share = n / total if total else 0
        return html.Td(
            [html.B(f"{n:,}"), html.Span(f"{100 * share:.1f} %")],
            style={"--share": f"{round(100 * share)}%"},
            className="correlation-share",
        )

    a, b = html.I(names[0]), html.I(names[1])
    table = html.Table(
        [
            html.Thead(
                html.Tr([html.Td(), html.Th([b, " seen"], scope="col"), html.Th([b, " not seen"], scope="col")])
            ),
            html.Tbody(
                [
                    html.Tr([html.Th([a, " seen"], scope="row"), cell(found.both), cell(found.only_a)]),
                    html.Tr([html.Th([a, " not seen"], scope="row"), cell(found.only_b), cell(found.neither)]),
                ]
            ),
        ],
        className="correlation-table",
    )
    return html.Div([table, html.P(_odds(found, names))])


def _odds(found: CoDetection, names: tuple[str, str]) -> list[Component | str]:
    if math.isnan(found.odds_ratio):
        return ["No odds ratio: one of the genes is seen in all of these cells, or in none."]
    more = "more" if found.odds_ratio >= 1 else "less"
    unsure = " The interval includes 1, so they may as well be seen independently." * (
        found.ci_low <= 1 <= found.ci_high
    )
    ratio, low, high = (_ratio(value) for value in (found.odds_ratio, found.ci_low, found.ci_high))
    return [
        html.B(f"Odds ratio {ratio}"),
        f" (95 % interval {low} to {high}): a cell with ",
        html.I(names[0]),
        f" is {more} likely to show ",
        html.I(names[1]),
        f" than one without.{unsure}",
    ]


def _ratio(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"  # noqa: PLR2004 - three digits
