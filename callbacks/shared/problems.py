"""Problems of a page in words: alerts, and no atlas."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dash import dcc, html

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dash.development.base_component import Component

    from core.views.resolve import Problem


def alerts(problems: Sequence[Problem]) -> list[Component]:
    """What was wrong with the address, with what to choose instead."""
    return [
        html.Div(
            [
                html.P(f"{problem.text} {problem.remedy}".strip()),
                html.Div(
                    [
                        html.Span("Instead: "),
                        *(dcc.Link(name, href=to, className="choice") for name, to in problem.choices),
                    ],
                    className="explore-choices",
                )
                if problem.choices
                else None,
            ],
            className="explore-problem",
        )
        for problem in problems
    ]


def no_atlas() -> Component:
    """What stands on a page when there is no atlas at all."""
    return html.Div(
        [
            html.H2("No atlas yet", className="empty-title"),
            html.P("There is nothing to explore until an atlas has been imported.", className="empty-text"),
            dcc.Link("See how to add one", href="/", className="btn btn-primary"),
        ],
        className="empty-state",
    )
