"""Layout of a map of the cells for paper or a frame, with cells, labels and legend."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from core.analysis.expression import NOT_GIVEN
from core.errors import InvalidQuery
from core.figures import bitmap
from core.figures.blend_key import with_blend_key
from core.figures.cell_map import MARGIN, PAD, with_cells
from core.figures.palette import NOT_GIVEN as GREY
from core.figures.paper_sizes import MAX_HEIGHT
from core.figures.print_legend import MOVED, PrintLegend, is_moved, measured, with_legend
from core.figures.print_style import LINE, TITLE
from core.figures.small_maps import GAP, MAX_ACROSS, Spread, grid
from core.figures.theme import LONGEST, escaped, shortened
from core.selection.masks import mask_of
from core.views.explore.bitmaps import density, picture
from core.views.explore.embedding import base_map, compute, draw, subject, tables, words
from core.views.explore.labels import ON, facet, in_window, label_column, mode_of, named, placed
from core.views.explore.state import resolve
from core.views.layout import Layout
from core.views.view import View

if TYPE_CHECKING:
    from core.figures.cell_map import Coloring
    from core.figures.print_style import Look
    from core.figures.small_maps import Facet
    from core.figures.theme import Json, Theme
    from core.views.explore.embedding import Embedding

# Maximum number of names in a legend beside a map; a longer legend would exceed its height.
MAX_NAMES = 40
LETTER = 6.8
LEGEND_PAD = 14.0
# Fonts of a server may be wider than those of a page by this factor.
WIDE = 1.15
# Limits of the aspect ratio of a map.
FLATTEST, STEEPEST = 0.6, 1.2
LOWER = "Choose another position of the legend, or give a height"
LEAST_NAMED, LEAST_SMALL = 300.0, 180.0
# Pixels of a small map below which fewer stand side by side, and above it for its title.
LEAST_FACET, FACET_TITLE = 120.0, 18.0


def layout(result: Embedding, look: Look) -> Layout:
    """Draw the map with its cells: as points, or as a picture of the points where they are many.

    Raises
    ------
    InvalidQuery
        There is nothing to colour it by, or the address shows no part of the plane.
    """
    view, panel = result.view, result.panel
    if panel.fault:
        raise InvalidQuery(panel.fault)
    cells = result.cells
    entries = _entries(result, look)
    legend = PrintLegend()
    n_named = sum(name != NOT_GIVEN for name, _ in entries)
    figure, is_labelled = _figure(result, look, legend, n_named)
    # Where every name stands on its cells, the same names beside them would only take room; and the other way round.
    if entries and not look.screen and not (is_labelled and look.legend == "auto"):
        legend = measured(entries, look)
        figure, _ = _figure(result, look, legend, n_named)
    window = result.window
    if window is not None:
        for name in [name for name in figure["layout"] if name.startswith(("xaxis", "yaxis"))]:
            ends = window[:2] if name.startswith("x") else window[2:]
            ends = ends[::-1] if name.startswith("y") and result.plane.y_down else ends
            figure["layout"][name] = {**figure["layout"][name], "range": list(ends)}
    sort = view.query.order != "file"
    if view.is_raster:
        figure = density(view, panel, cells, figure, window or bitmap.padded(result.plane, PAD), look)
    elif look.most_points is not None and view.atlas.n_cells > look.most_points:
        figure = picture(panel, cells, figure, window or bitmap.padded(result.plane, PAD), look, sort=sort)
    else:
        figure = with_cells(figure, cells.xy, cells.places, cells.values, panel.coloring.kind, sort=sort)
    # A frame needs these to describe the cell below the pointer.
    meta = {"kind": panel.coloring.kind, "title": panel.title, "names": list(panel.names)}
    # WebGL traces would be exported as bitmaps at the resolution of a screen.
    figure["data"] = [{**trace, "type": "scatter", "meta": meta} for trace in figure["data"]]
    if look.screen:
        return Layout(_named(figure, entries, look), look)
    notes = (MOVED,) if is_moved(legend, look) else ()
    return Layout(with_legend(figure, legend, look, MARGIN["b"]), look, lower=LOWER, notes=notes)


def _figure(result: Embedding, look: Look, legend: PrintLegend, n_named: int) -> tuple[Json, bool]:
    """Draw the map without its cells, with room for the legend; its height follows the map unless one is given.

    Returns
    -------
    The figure, and whether all of the `n_named` categories of the legend are named on their cells as well.
    """
    view, plane, theme = result.view, result.plane, look.colors
    right, below = legend.room
    margin = {**MARGIN, "r": MARGIN["r"] + right, "b": MARGIN["b"] + below}
    across = look.pixels(look.width) - margin["l"] - margin["r"]
    most = min(max(int(across / LEAST_FACET), 1), MAX_ACROSS)
    # Four maps that have no room side by side stand two by two, not three and one.
    n_rows, _ = grid(len(view.facets), most)
    rows, columns = grid(len(view.facets), most if most == MAX_ACROSS else -(-len(view.facets) // n_rows) or 1)
    aspect = (plane.y[1] - plane.y[0]) / (plane.x[1] - plane.x[0])
    titles = FACET_TITLE * rows if view.facets else 0
    up = across / columns * min(max(aspect, FLATTEST), STEEPEST) * rows + titles
    beside = legend.height if legend.side == "right" else 0
    natural = max(up, beside) + margin["t"] + margin["b"]
    if not look.screen:
        # The page of a journal ends there; a map keeps its proportions in less.
        natural = min(natural, max(look.pixels(MAX_HEIGHT) - TITLE, beside))
    height = (look.pixels(look.height) - (TITLE if look.title else 0)) if look.height else natural
    area = (across / columns, (height - margin["t"] - margin["b"]) / rows)
    facets, coloring, n_omitted = _labelled(result, area, with_legend=n_named > 0, is_drawn=bool(legend.side))
    is_named = not facets and label_column(view, result.token) == result.column
    is_labelled = is_named and len(coloring.labels) >= n_named > 0
    spread = Spread(columns, max(GAP[1], titles / rows / max(area[1] * rows, 1)))
    figure = base_map(result, coloring, facets, theme, spread)
    panel = result.panel
    if coloring.kind == "blend":
        figure = with_blend_key(figure, panel.names, panel.tops, coloring.unit, theme)
    if n_omitted:
        figure["layout"]["annotations"].append(_omitted(n_omitted, theme))
    figure["layout"] |= {
        "margin": margin,
        "height": round(height + (TITLE if look.title and look.height else 0)),
    }
    return figure, is_labelled


def _labelled(
    result: Embedding, area: tuple[float, float], *, with_legend: bool, is_drawn: bool
) -> tuple[list[Facet], Coloring, int]:
    """Place the labels for the size of a map in pixels.

    Parameters
    ----------
    with_legend
        Whether a legend tells the names that have no room.
    is_drawn
        Whether it has its place beside the map already: the same names would be there twice.

    Returns
    -------
    facets, coloring
        Small maps and colours, with their labels.
    n_omitted
        How many names that no legend tells have no room.
    """
    view, plane = result.view, result.plane
    most = max(int(area[0] / LETTER), 3)
    facets = [replace(each, title=shortened(each.title, most)) for each in (facet(view, name) for name in view.facets)]
    in_legend = with_legend and label_column(view, result.token) == result.column
    # On a small map labels would cover the cells, where the legend has the same names.
    is_small = min(area) < (LEAST_SMALL if facets else LEAST_NAMED)
    if mode_of(view, view.panel, result.token) != ON or (in_legend and (is_small or (is_drawn and not facets))):
        return facets, result.panel.coloring, 0
    pads = [PAD * (high - low) for low, high in (plane.x, plane.y)]
    whole = (plane.x[0] - pads[0], plane.x[1] + pads[0], plane.y[0] - pads[1], plane.y[1] + pads[1])
    window = result.window or whole
    # Fonts of paper are wider than those of a screen, and a small map has less than its share of the area.
    shares = (1 - GAP[0], 1 - GAP[1]) if facets else (1.0, 1.0)
    panel = area[0] * shares[0] / WIDE, area[1] * shares[1] / WIDE
    found = named(view, result.token)
    labels = [tuple(placed(names, plane, window, panel)) for names in found]
    n_omitted = sum(len(in_window(names, window)) - len(shown) for names, shown in zip(found, labels, strict=True))
    n_omitted = 0 if in_legend else n_omitted
    if facets:
        facets = [replace(each, labels=shown) for each, shown in zip(facets, labels, strict=True)]
        return facets, result.panel.coloring, n_omitted
    return facets, replace(result.panel.coloring, labels=labels[0]), n_omitted


def _omitted(n: int, theme: Theme) -> Json:
    """Return a line that says how many labels have no room."""
    return {
        "text": f"{n} label{'' if n == 1 else 's'} omitted for lack of room",
        **{"xref": "paper", "yref": "paper", "x": 1.0, "y": 0.0, "xanchor": "right", "yanchor": "top"},
        **{"showarrow": False, "yshift": -4, "font": {"size": 10, "color": theme.muted}},
    }


def _entries(result: Embedding, look: Look) -> list[tuple[str, str]]:
    """List names and colours of the categories with cells, in the order of the page; none where no legend is wanted."""
    view, coloring = result.view, result.panel.coloring
    if coloring.kind != "category" or look.legend == "none":
        return []
    column = view.atlas.categorical(result.column)
    codes = column.codes[mask_of(view.atlas, view.query.selection)]
    n = np.bincount(codes + 1, minlength=len(column.categories) + 1)
    hidden = view.hidden(column.name)
    found = [
        (shortened(name, LONGEST), color)
        for name, color, many in zip(column.categories, coloring.colors, n[1:].tolist(), strict=True)
        if many and name not in hidden
    ]
    if n[0] and "" not in hidden:
        found.append((NOT_GIVEN, GREY[look.colors.name]))
    most = MAX_NAMES
    if look.height and look.legend == "right":
        most = max(int((look.pixels(look.height) - MARGIN["t"] - MARGIN["b"] - TITLE - LEGEND_PAD) / LINE) - 1, 1)
    more = [(f"and {len(found) - most:,} more", look.colors.paper)] if len(found) > most else []
    return [*found[:most], *more]


def _named(figure: Json, entries: list[tuple[str, str]], look: Look) -> Json:
    """Add names to a figure, a trace without points for each: a frame lists them below it."""
    traces = [
        {
            "type": "scatter",
            "mode": "markers",
            "x": [None],
            "y": [None],
            "name": escaped(name),
            "showlegend": True,
            "hoverinfo": "skip",
            "marker": {"size": 8, "color": color},
        }
        for name, color in entries
    ]
    data = [{**trace, "showlegend": False} for trace in figure["data"]]
    legend: Json = {"font": {"size": 11, "color": look.colors.ink}, "itemsizing": "constant", "tracegroupgap": 0}
    layout = {**figure["layout"], "showlegend": bool(entries), "legend": legend}
    return {**figure, "data": [*data, *traces], "layout": layout}


VIEW = View(resolve, compute, draw, words, subject, tables, layout)
