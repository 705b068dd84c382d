"""Legend of a map: every category with its colour and its cells, as links that hide or isolate the category."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dash import dcc, html

from core.atlas.nouns import counted_categories, noun_of
from core.figures.cell_map import BLEND
from core.figures.palette import OWN, blend_of
from core.figures.theme import DARK, LIGHT
from core.views.explore.labels import HOVER, OFF, ON, default_mode, mode_of
from core.views.explore.legend import entries
from core.views.explore.state import LABEL_PARAMETERS
from core.views.formatting import category_label

if TYPE_CHECKING:
    from dash.development.base_component import Component

    from core.views.explore.panels import Panel
    from core.views.explore.state import ExploreView

MAX_LISTED = 80


def labels(view: ExploreView, number: int, token: str) -> Component:
    """Link to the same map with its labels on, off, or there while the pointer is on it."""
    chosen, default = mode_of(view, number, token), default_mode(view, token)
    name = LABEL_PARAMETERS[number - 1]
    choices: list[Component] = []
    for mode, words in ((ON, "on"), (OFF, "off"), (HOVER, "on hover")):
        # Without its default the address stays short.
        href = view.canonical.but(**{name: "" if mode == default else mode}).address
        current = {"aria-current": "true"} if mode == chosen else {}
        link = dcc.Link(words, href=href, title=f"Labels {words}", className="map-labels-choice")
        choices.append(html.Span(link, className="map-labels-one", **current))  # pyright: ignore[reportArgumentType]
    return html.Div(
        [html.Span("Labels:"), *choices],
        className="map-labels",
        role="group",
        **{"aria-label": "Labels on the map"},  # pyright: ignore[reportArgumentType]
    )


def legend(view: ExploreView, column: str) -> list[Component]:
    """List the categories with selected cells; a click hides or shows one, *only* hides the others."""
    listed = entries(view.atlas, column, view.query.selection, own=view.query.scale == OWN)
    hidden = set(view.hidden(column))
    names = {entry.category for entry in listed}
    items: list[Component] = []
    for name, n, color in listed[:MAX_LISTED]:
        is_hidden = name in hidden
        toggled = hidden - {name} if is_hidden else hidden | {name}
        others = names - {name}
        label = category_label(name)
        only = "all" if hidden & names == others else "only"
        items.append(
            html.Li(
                [
                    dcc.Link(
                        [
                            html.Span(className="legend-colour", style={"background": color}),
                            html.Span(label, className="legend-name"),
                            html.Span(f"{n:,}", className="legend-n"),
                        ],
                        href=view.hiding(column, toggled),
                        title=f"{'Show' if is_hidden else 'Hide'} {label}",
                        className="legend-entry",
                    ),
                    dcc.Link(
                        only,
                        href=view.hiding(column, set() if only == "all" else others),
                        title="Show all" if only == "all" else f"Show {label} alone",
                        className="legend-only",
                    ),
                ],
                className="legend-hidden" if is_hidden else None,
            )
        )
    if len(listed) > MAX_LISTED:
        items.append(html.Li(f"and {len(listed) - MAX_LISTED:,} more", className="legend-more"))
    return [html.Ul(items, className="legend")]


def note(view: ExploreView, column: str) -> str:
    """State how many categories there are, and how many are hidden."""
    names = {entry.category for entry in entries(view.atlas, column, view.query.selection)}
    n_hidden = len(view.hidden(column) & names)
    if not names:
        return "No cells match these filters; all cells are drawn in pale grey."
    hidden = f", {n_hidden:,} hidden" if n_hidden else ""
    what = noun_of(view.atlas, column) if column in view.atlas.manifest.roles.values() else "category"
    pixels = f". Each pixel shows the most common {what}." if view.is_raster else ""
    return f"{counted_categories(view.atlas, column, len(names))}{hidden}{pixels}"


def blend(panel: Panel) -> Component:
    """Explain the colours of two blended genes by a square: one gene to the right, the other upwards."""
    squares = {theme.name: blend_of(BLEND, theme) for theme in (LIGHT, DARK)}
    one, other = panel.names
    corner = 4
    step = BLEND // corner
    rows = [
        html.Div(
            [
                html.I(
                    style={
                        "--light": squares["light"][x * BLEND + y],
                        "--dark": squares["dark"][x * BLEND + y],
                    }
                )
                for x in range(step - 1, BLEND, step)
            ]
        )
        for y in range(BLEND - 1, 0, -step)
    ]
    words = (
        f"Colours: {one} to the right, from 0 to {panel.tops[0]:.3g}; {other} upwards, from 0 to {panel.tops[1]:.3g}"
    )
    return html.Div(
        [
            html.Div(rows, className="blend-square", role="img", **{"aria-label": words}),  # pyright: ignore[reportArgumentType]
            html.Div([html.I(other), f" ↑ {panel.tops[1]:.3g}"], className="blend-up"),
            html.Div([html.I(one), f" → {panel.tops[0]:.3g}"], className="blend-right"),
        ],
        className="blend",
    )
