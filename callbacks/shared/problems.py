"""Problems of an address as alerts, and the message without any atlas."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dash import dcc, html

from core.urls.base_path import below

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dash.development.base_component import Component

    from core.views.resolve import Problem


def alerts(problems: Sequence[Problem]) -> list[Component]:
    """Show what is wrong with the address, with links to alternatives."""
    return [
        html.Div(
            [
                html.P(f"{problem.text} {problem.remedy}".strip()),
                html.Div(
                    [
                        html.Span("Did you mean: "),
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
    """Say that there is no atlas, and link to the instructions."""
    return html.Div(
        [
            html.H2("No atlas yet", className="empty-title"),
            html.P("Import an atlas to start exploring.", className="empty-text"),
            dcc.Link("See how to add one", href=below("/"), className="btn btn-primary"),
        ],
        className="empty-state",
    )
