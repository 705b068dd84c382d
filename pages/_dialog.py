"""Parts of the dialogs of a figure: a frame of two columns, menus, number fields, and texts to copy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import dash_bootstrap_components as dbc
from dash import dcc, html

from pages._controls import icon

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dash.development.base_component import Component

SMALL = "btn btn-outline-secondary btn-sm"


def dialog(title: str, ids: tuple[str, str, str], choices: Component, shown: Component) -> Component:
    """Build a closed dialog: its title, the choices, and their result.

    Parameters
    ----------
    ids : of the dialog, of its title and of the button that closes it
    """
    name, head, close = ids
    button = html.Button(
        icon("close"),
        id=close,
        type="button",
        className="icon-button",
        **{"aria-label": "Close"},  # pyright: ignore[reportArgumentType]
    )
    return dbc.Modal(
        [
            html.Div([html.H2(title, id=head, className="publish-title"), button], className="publish-head"),
            html.Div([choices, shown], className="publish-body"),
        ],
        id=name,
        is_open=False,
        size="xl",
        fullscreen="md-down",
        scrollable=True,
        labelledby=head,
        class_name="publish",
    )


def text(label: str, name: str, what: str, style: str = "publish-words") -> Sequence[Component]:
    """Show a read-only text with a button that copies the text."""
    copy = html.Button(
        [icon("copy"), html.Span("Copy")],
        type="button",
        className=SMALL,
        **{"data-copy-text": name, "aria-label": f"Copy the {what}"},  # pyright: ignore[reportArgumentType]
    )
    return [
        html.Div([html.Label(label, htmlFor=name, className="explore-label"), copy], className="publish-text"),
        dcc.Textarea(id=name, readOnly=True, className=style),
    ]


def menu(label: str, name: str, options: Mapping[str, str], value: str = "", **more: Any) -> Component:  # noqa: ANN401 - of Select
    """Build a menu; the first option is chosen unless another is named."""
    return html.Div(
        [
            html.Label(label, htmlFor=name, className="explore-label"),
            dbc.Select(
                id=name,
                options=[{"value": key, "label": words} for key, words in options.items()],  # pyright: ignore[reportArgumentType]
                value=value or next(iter(options)),
                size="sm",
                **more,
            ),
        ],
        className="publish-field",
    )


def number(label: str, name: str, ends: tuple[float, float, float], value: float | None, **more: Any) -> Component:  # noqa: ANN401 - of Input
    """Build a number field; `ends` are the minimum, the maximum and the step."""
    low, high, step = ends
    return html.Div(
        [
            html.Label(label, htmlFor=name, className="explore-label"),
            dbc.Input(id=name, type="number", min=low, max=high, step=step, value=value, size="sm", **more),
        ],
        className="publish-field",
    )
