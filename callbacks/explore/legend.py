"""The legend of a map: every category with its colour and its cells, as links that hide it or leave it alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from dash import dcc, html

from core.analysis.expression import NOT_GIVEN
from core.cache.in_process import remembered_by
from core.figures.cell_map import BLEND
from core.figures.palette import NOT_GIVEN as GREY
from core.figures.palette import blend_of, categories
from core.figures.theme import DARK, LIGHT
from core.selection.masks import mask_of

if TYPE_CHECKING:
    from dash.development.base_component import Component

    from core.views.explore.panels import Panel
    from core.views.explore.state import ExploreView

MAX_LISTED = 80


def legend(view: ExploreView, column: str) -> list[Component]:
    """The categories with selected cells, the hidden ones too; a click hides or shows one, *only* hides the others."""
    counted = _counts(view, column)
    hidden = set(view.hidden(column))
    names = [name for name, _, _ in counted]
    entries: list[Component] = []
    for name, n, colour in counted[:MAX_LISTED]:
        is_hidden = name in hidden
        toggled = hidden - {name} if is_hidden else hidden | {name}
        alone = set(names) - {name}
        said = name or NOT_GIVEN
        only = "all" if hidden & set(names) == alone else "only"
        entries.append(
            html.Li(
                [
                    dcc.Link(
                        [
                            html.Span(className="legend-colour", style={"background": colour}),
                            html.Span(said, className="legend-name"),
                            html.Span(f"{n:,}", className="legend-n"),
                        ],
                        href=view.hiding(column, toggled),
                        title=f"{'Show' if is_hidden else 'Hide'} {said}",
                        className="legend-entry",
                    ),
                    dcc.Link(
                        only,
                        href=view.hiding(column, set() if only == "all" else alone),
                        title="Show all" if only == "all" else f"Show {said} alone",
                        className="legend-only",
                    ),
                ],
                className="legend-hidden" if is_hidden else None,
            )
        )
    if len(counted) > MAX_LISTED:
        entries.append(html.Li(f"and {len(counted) - MAX_LISTED:,} more", className="legend-more"))
    return [html.Ul(entries, className="legend")]


def note(view: ExploreView, column: str) -> str:
    """How many categories there are, and how many are hidden."""
    present = len(_counts(view, column))
    n_hidden = len(view.hidden(column).intersection(name for name, _, _ in _counts(view, column)))
    if not present:
        return "No cell is left by the filters; the others are drawn in pale grey."
    said = f"{present:,} categor{'y' if present == 1 else 'ies'}, labelled at their medians."
    pixels = " Each pixel has the colour of its most frequent one." if view.is_raster else ""
    return f"{said} {n_hidden:,} hidden.{pixels}" if n_hidden else said + pixels


def blend(panel: Panel) -> Component:
    """What the colours of two genes at once mean: a square, one gene to the right and the other upwards."""
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


# The words, the list and its note ask for the same counts.
@remembered_by(lambda view, name: (view.atlas.manifest.content_hash, view.query.selection, name))
def _counts(view: ExploreView, name: str) -> list[tuple[str, int, str]]:
    """Name (empty where nothing is given), selected cells and colour of each category that has any."""
    column = view.atlas.categorical(name)
    mask = mask_of(view.atlas, view.query.selection)
    counts = np.bincount(column.codes[mask] + 1, minlength=len(column.categories) + 1).tolist()
    colours = categories(column.categories)
    found = [
        (category, n, colour) for category, n, colour in zip(column.categories, counts[1:], colours, strict=True) if n
    ]
    return [*found, ("", counts[0], GREY["light"])] if counts[0] else found
