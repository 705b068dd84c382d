"""Gene A and gene B: both maps, the scatter plot, and the co-detection."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from dash import html

from callbacks.shared.refusals import figure_or_fault, shown_or_refusal
from callbacks.shared.titles import in_italics
from core.figures.cell_map import colors_of
from core.figures.violin import nothing
from core.views import formatting
from core.views.correlation import pair_map, scatter
from core.views.explore.map_spec import spec

if TYPE_CHECKING:
    from dash.development.base_component import Component

    from core.figures.theme import Theme
    from core.services.container import Services
    from core.views.correlation.scatter import Scatter
    from core.views.correlation.state import CorrelationView

Outputs = dict[str, Any]


def maps(services: Services, view: CorrelationView, partner: Outputs, theme: Theme) -> Outputs:
    """Draw both genes on the map of the cells; gene A twice where there is no gene B."""
    gene_a, gene_b = view.query.gene, partner["gene_b"]
    found = None
    if view.query.embedding:
        pair = with_partner(view, partner)
        panels = [_panel(services, replace(pair, panel=panel), theme) for panel in (1, 2 if gene_b else 1)]
        found = spec(view.atlas, view.query, panels)
    return {
        "spec": found,
        "left_title": ["A: ", html.I(gene_a)],
        "left_note": "Expressing cells are drawn on top.",
        "right_title": ["B: ", html.I(gene_b)] if gene_b else "No gene B",
        "right_note": "Both maps share the zoom." if gene_b else "Gene A is shown twice.",
    }


def _panel(services: Services, view: CorrelationView, theme: Theme) -> Outputs:
    result = pair_map.compute(services, view)
    panel = result.shown.panel
    return {
        "figure": pair_map.draw(result, theme),
        "kind": panel.coloring.kind,
        "values": panel.values,
        "names": [],
        "title": panel.title,
        "sort": True,
        "colours": colors_of(panel.coloring, theme),
        "outside": theme.outside,
    }


def with_partner(view: CorrelationView, partner: Outputs) -> CorrelationView:
    """Complete a view with gene B and the correlates of gene A, which the ranking has found."""
    return replace(view.with_gene_b(partner["gene_b"]), correlates=tuple(partner["top"]))


def draw(services: Services, view: CorrelationView, partner: Outputs, theme: Theme) -> Outputs:
    """Draw the scatter plot with its line, and list the co-detection."""

    def refused(why: str) -> Outputs:
        return {
            "figure": nothing(theme),
            "fault": why,
            "title": "Gene A and gene B",
            "note": "",
            "seen": html.P(why),
            "seen_note": "",
        }

    if not partner["gene_b"]:
        return refused(partner["fault"])
    return shown_or_refusal(lambda: _drawn(services, with_partner(view, partner), theme), refused)


def _drawn(services: Services, view: CorrelationView, theme: Theme) -> Outputs:
    result = scatter.compute(services, view)
    found, text = result.found, scatter.words(result)
    figure, fault = figure_or_fault(lambda: scatter.draw(result, theme), theme)
    return {
        "figure": figure,
        "fault": fault or result.warning,
        "title": [
            *in_italics(text.title, *result.names),
            html.Span(f": {scatter.in_cells(found)}", className="correlation-r"),
        ],
        "note": f"{text.note} {_sentence(scatter.over_donors(result.donors))}",
        "seen": _co_detection(result),
        "seen_note": f"Values above zero (n = {formatting.cells_of(found.n_selected)}).",
    }


def _sentence(words: str) -> str:
    return f"{words[0].upper()}{words[1:]}."


def _co_detection(result: Scatter) -> Component:
    found, names = result.found.co_detection, result.names
    total = found.both + found.only_a + found.only_b + found.neither

    def cell(n: int) -> Component:
        share = n / total if total else 0
        return html.Td(
            [html.B(f"{n:,}"), html.Span(f"{100 * share:.1f}%")],
            style={"--share": f"{round(100 * share)}%"},
            className="correlation-share",
        )

    a, b = html.I(names[0]), html.I(names[1])
    table = html.Table(
        [
            html.Thead(
                html.Tr([html.Td(), html.Th([b, " detected"], scope="col"), html.Th([b, " not detected"], scope="col")])
            ),
            html.Tbody(
                [
                    html.Tr([html.Th([a, " detected"], scope="row"), cell(found.both), cell(found.only_a)]),
                    html.Tr([html.Th([a, " not detected"], scope="row"), cell(found.only_b), cell(found.neither)]),
                ]
            ),
        ],
        className="correlation-table",
    )
    return html.Div([table, html.P(_odds(result))])


def _odds(result: Scatter) -> list[Component | str]:
    found, names = result.found.co_detection, result.names
    if math.isnan(found.odds_ratio):
        return ["No odds ratio: one of the genes is detected in all of these cells, or in none."]
    more = "more" if found.odds_ratio >= 1 else "less"
    unsure = " The interval includes 1: no evidence of association." * (found.ci_low <= 1 <= found.ci_high)
    ratio, low, high = (_ratio(value) for value in (found.odds_ratio, found.ci_low, found.ci_high))
    return [
        html.B(f"Odds ratio {ratio}"),
        f" (95% interval {low} to {high}): ",
        html.I(names[1]),
        f" is detected {more} often in ",
        html.I(names[0]),
        f"-positive cells.{unsure}",
    ]


def _ratio(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"  # noqa: PLR2004 - three digits
