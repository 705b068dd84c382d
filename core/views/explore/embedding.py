"""A map of the cells as a panel of Explore shows it, with its cells."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

import numpy as np
import pyarrow as pa

from core.analysis.expression import NOT_GIVEN, expression_of
from core.atlas.store import MISSING, Categorical
from core.errors import InvalidQuery
from core.figures import bitmap
from core.figures.cell_map import MARGIN, PAD, blended, embedding, grid, outlines, with_cells
from core.figures.cell_map import Look as Dots
from core.figures.palette import NOT_GIVEN as GREY
from core.figures.print_style import LINE, SWATCH, TITLE, legend_lines, legend_width, settled
from core.figures.theme import escaped, shortened
from core.selection.masks import mask_of
from core.urls.permalinks import panel_of as number_of
from core.views.explore.bitmaps import Cells, Window, density, picture
from core.views.explore.labels import facet, label_column, labels
from core.views.explore.map_spec import plane_and_places
from core.views.explore.panels import panel_of
from core.views.explore.state import resolve
from core.views.explore.tokens import BLEND, GENE, GENE_B, NONE, SET_A, SET_B, column_of
from core.views.result import Figure, Subject, Words, finished, sure

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from core.figures.cell_map import Facet, Plane
    from core.figures.print_style import Look
    from core.figures.theme import Json
    from core.services.container import Services
    from core.views.explore.bitmaps import Cells, Window, density, picture
    from core.views.explore.state import ExploreView
from core.views.explore.panels import Panel

# Beside a map: more would be longer than the map is high.
MAX_NAMES = 40
MAX_NAME = 26
PARAMETERS = (
    *("embedding", "color", "gene", "gene_b", "layer", "facet", "scale", "clip", "order", "size", "opacity", "hide"),
    "score",
)
LETTER = 6.8
LEGEND_PAD = 14.0
# Lines that a name may move: on paper nobody can ask a point what it is.
NEAR = 1
# Letters of the fonts of a server may be as much wider than those of a page.
WIDE = 1.15
# A map is drawn at its own proportions, within these.
FLATTEST, STEEPEST = 0.6, 1.2
LEAST_NAMED, LEAST_SMALL = 300.0, 180.0


def draw(services: Services, search: str, look: Look) -> Figure:
    """The map, coloured as the address says; a picture of the points where they are many.

    Raises
    ------
    InvalidQuery
        Something in the address means nothing here, the atlas has no map, or there is nothing to colour it by.
    """
    view, problems = resolve(services, search)
    if view is None:
        raise InvalidQuery("There is no atlas to draw.", "Import one: masldatlas import FILE.")
    notes = sure(problems)
    if view.plane is None:
        raise InvalidQuery(f"{view.atlas.id} has no map of its cells.", "Draw another figure of it.")
    number = number_of("embedding", search)
    token = view.tokens[number - 1]
    if token == NONE:
        raise InvalidQuery(f"The page of the link has no map {number}.", "Choose what colours it, or another map.")
    panel = panel_of(view, token)
    if panel.fault:
        raise InvalidQuery(panel.fault)
    _, plane = plane_and_places(view.atlas, view.query.embedding)
    cells = _cells(view, token, panel)
    entries = _entries(view, token, panel, look)
    look = settled(look, [name for name, _ in entries])
    figure = _figure(view, token, panel, plane, look, entries)
    window = _zoom(search)
    if window is not None:
        for name in [name for name in figure["layout"] if name.startswith(("xaxis", "yaxis"))]:
            ends = window[:2] if name.startswith("x") else window[2:]
            figure["layout"][name] = {**figure["layout"][name], "range": list(ends)}
    n_placed = int((cells.places >= 0).sum())
    above = services.settings.raster_above
    sort = view.query.order != "file"
    if view.atlas.n_cells > above:
        figure = density(view, panel, cells, figure, window or bitmap.padded(plane, PAD), look)
    elif look.most_points is not None and view.atlas.n_cells > look.most_points:
        figure = picture(panel, cells, figure, window or bitmap.padded(plane, PAD), look, sort=sort)
    else:
        figure = with_cells(figure, cells.xy, cells.places, cells.values, panel.colouring.kind, sort=sort)
    # WebGL draws a bitmap of the screen's own resolution into every file.
    # What a frame needs to name the cell below the mouse.
    meta = {"kind": panel.colouring.kind, "title": panel.title, "names": list(panel.names)}
    figure["data"] = [{**trace, "type": "scatter", "meta": meta} for trace in figure["data"]]
    figure = _named(figure, entries, look)
    layer = "" if token not in (GENE, GENE_B, BLEND, SET_A, SET_B) else view.query.layer
    state = _with_zoom(view.state, window)
    subject = Subject("embedding", view.atlas, view.query, state, layer=layer, notes=notes, panel=number)
    words = _words(view, token, panel, n_placed)
    return finished(subject, figure, {"cells": _table(view, panel, plane, cells)}, words, look)


def _cells(view: ExploreView, token: str, panel: Panel) -> Cells:
    atlas, query = view.atlas, view.query
    xy, _ = plane_and_places(atlas, query.embedding)
    mask = mask_of(atlas, query.selection)
    places = np.where(mask, 0, -1)
    if view.facets:
        column = atlas.categorical(query.facet)
        place_of = np.full(len(column.categories) + 1, -1)
        for place, name in enumerate(view.facets):
            place_of[column.categories.index(name)] = place
        places = np.where(mask, place_of[column.codes], -1)
    values, parts = _values(view, token, panel)
    hidden = view.hidden(column_of(token)) if column_of(token) and panel.names else ()
    if values is not None:
        for name in hidden:
            places[values == panel.names.index(name or NOT_GIVEN)] = -1
        # A cell without a number has no colour.
        places[~np.isfinite(values)] = -1
    return Cells(xy, np.where(np.isfinite(xy).all(axis=0), places, -1), values, parts)


def _values(view: ExploreView, token: str, panel: Panel) -> tuple[NDArray[Any] | None, tuple[NDArray[Any], ...]]:
    """One number a cell, as `with_cells` takes them, and what a blend is made of."""
    atlas, query = view.atlas, view.query
    if panel.colouring.kind == "none":
        return None, ()
    if token in (GENE, GENE_B):
        return expression_of(atlas, query.gene if token == GENE else query.gene_b, query.layer).values, ()
    if token == BLEND:
        one, other = (expression_of(atlas, gene, query.layer).values for gene in (query.gene, query.gene_b))
        return blended(one, other, panel.tops), (one, other)
    if token in (SET_A, SET_B):
        return view.scored(view.listed("A" if token == SET_A else "B")), ()
    column = atlas.column(column_of(token))
    if isinstance(column, Categorical):
        return np.where(column.codes == MISSING, len(column.categories), column.codes), ()
    return column.values, ()


def _figure(
    view: ExploreView, token: str, panel: Panel, plane: Plane, look: Look, entries: list[tuple[str, str]]
) -> Json:
    """Everything but the cells, with room for the legend; as high as the map wants, unless a height is given."""
    query, theme = view.query, look.colours
    margin = {**MARGIN}
    # A frame lists the names itself.
    if entries and not look.screen:
        _reserve(margin, [name for name, _ in entries], look)
    rows, columns = grid(len(view.facets))
    across = look.pixels(look.width) - margin["l"] - margin["r"]
    aspect = (plane.y[1] - plane.y[0]) / (plane.x[1] - plane.x[0])
    up = across / columns * min(max(aspect, FLATTEST), STEEPEST) * rows
    beside = LINE * len(entries) + LEGEND_PAD if look.legend == "right" else 0
    natural = max(up, beside) + margin["t"] + margin["b"]
    height = (look.pixels(look.height) - (TITLE if look.title else 0)) if look.height else natural
    area = (across / columns, (height - margin["t"] - margin["b"]) / rows)
    facets = _facets(view, area)
    colouring, labelled = panel.colouring, label_column(view)
    # On a small map names would cover the cells, and a legend says the same.
    if not facets and labelled and (min(area) >= LEAST_NAMED or labelled != column_of(token)):
        off = tuple(sorted(view.hidden(labelled)))
        # The window is larger than the cells by a margin.
        inner = area[0] / (1 + 2 * PAD) / WIDE, area[1] / (1 + 2 * PAD) / WIDE
        found = labels(view.atlas, query.embedding, labelled, query.selection, off, inner, lines=NEAR)
        colouring = replace(colouring, labels=found)
    figure = embedding(plane, colouring, theme, Dots(float(query.size), float(query.opacity)), facets)
    lassos = [lasso.points for lasso in query.selection.lassos if lasso.plane == query.embedding]
    figure["layout"] |= {
        "shapes": outlines(lassos, len(facets), theme),
        "margin": margin,
        "height": round(height + (TITLE if look.title and look.height else 0)),
    }
    return figure


def _facets(view: ExploreView, area: tuple[float, float]) -> list[Facet]:
    """The small maps; names only where they leave something of the cells to see."""
    found = [facet(view, name) for name in view.facets]
    most = max(int(area[0] / LETTER), 3)
    named = min(area) >= LEAST_SMALL
    return [replace(it, title=shortened(it.title, most), labels=it.labels if named else ()) for it in found]


def _entries(view: ExploreView, token: str, panel: Panel, look: Look) -> list[tuple[str, str]]:
    """Names and colours of the categories that have cells, in the order of the page; none where no legend is wanted."""
    if panel.colouring.kind != "category" or look.legend == "none":
        return []
    column = view.atlas.categorical(column_of(token))
    codes = column.codes[mask_of(view.atlas, view.query.selection)]
    n = np.bincount(codes + 1, minlength=len(column.categories) + 1)
    hidden = view.hidden(column.name)
    found = [
        (shortened(name, MAX_NAME), colour)
        for name, colour, many in zip(column.categories, panel.colouring.colours, n[1:].tolist(), strict=True)
        if many and name not in hidden
    ]
    if n[0] and "" not in hidden:
        found.append((NOT_GIVEN, GREY[look.colours.name]))
    most = MAX_NAMES
    if look.height and look.legend == "right":
        most = max(int((look.pixels(look.height) - MARGIN["t"] - MARGIN["b"] - TITLE - LEGEND_PAD) / LINE) - 1, 1)
    more = [(f"and {len(found) - most:,} more", look.colours.paper)] if len(found) > most else []
    return [*found[:most], *more]


def _named(figure: Json, entries: list[tuple[str, str]], look: Look) -> Json:
    """The same figure with a legend: a trace without a point for each name."""
    traces = [
        {
            "type": "scatter",
            "mode": "markers",
            "x": [None],
            "y": [None],
            "name": escaped(name),
            "showlegend": True,
            "hoverinfo": "skip",
            "marker": {"size": 8, "color": colour},
        }
        for name, colour in entries
    ]
    data = [{**trace, "showlegend": False} for trace in figure["data"]]
    legend: Json = {"font": {"size": 11, "color": look.colours.ink}, "itemsizing": "constant", "tracegroupgap": 0}
    if look.legend == "below":
        legend["entrywidth"] = legend_width([name for name, _ in entries]) - SWATCH
    layout = {**figure["layout"], "showlegend": bool(entries), "legend": legend}
    return {**figure, "data": [*data, *traces], "layout": layout}


def _reserve(margin: Json, names: list[str], look: Look) -> None:
    """Make room for a legend of these names: maps keep their area, so the legend must not push it."""
    if look.legend == "right":
        margin["r"] += legend_width(names)
    else:
        margin["b"] += LINE * legend_lines(look, names, margin["l"] + margin["r"]) + LEGEND_PAD


def _zoom(search: str) -> Window | None:
    """The part of the map in ``zoom=X0_X1_Y0_Y1``, as ``assets/js/1-shell/address_state.js`` writes it."""
    text = parse_qs(search.lstrip("?")).get("zoom", [""])[0]
    try:
        ends = [float(part) for part in text.split("_")] if text else []
    except ValueError:
        ends = [math.nan]
    if not ends:
        return None
    if len(ends) != 4 or not all(map(math.isfinite, ends)) or ends[0] >= ends[1] or ends[2] >= ends[3]:  # noqa: PLR2004
        raise InvalidQuery(f"zoom={text[:40]!r} is no part of a map.", "Write zoom=X0_X1_Y0_Y1, or leave it out.")
    return ends[0], ends[1], ends[2], ends[3]


def _with_zoom(state: str, window: Window | None) -> str:
    return state if window is None else f"{state}&zoom={'_'.join(f'{end:.6g}' for end in window)}"


def _table(view: ExploreView, panel: Panel, plane: Plane, cells: Cells) -> pa.Table:
    """The cells that are coloured, in the order of the atlas: where they lie, and what their colour says."""
    kept = np.flatnonzero(cells.places >= 0)
    cell_names = view.atlas.cells()
    columns: list[tuple[str, list[Any]]] = [("cell", [cell_names[at] for at in kept.tolist()])]
    for axis, at in zip(plane.axes, (0, 1), strict=True):
        columns.append((f"{plane.title} {axis + 1}", cells.xy[at, kept].astype(np.float64).tolist()))
    if cells.parts:
        blend = zip(panel.names, cells.parts, strict=True)
        columns += [(name, values[kept].astype(np.float64).tolist()) for name, values in blend]
    elif cells.values is not None and panel.colouring.kind == "category":
        columns.append((panel.title, [panel.names[code] for code in cells.values[kept].tolist()]))
    elif cells.values is not None:
        columns.append((panel.title, cells.values[kept].astype(np.float64).tolist()))
    if view.facets:
        columns.append((view.query.facet, [view.facets[place] for place in cells.places[kept].tolist()]))
    named: dict[str, list[Any]] = {}
    for name, values in columns:
        # A column of the atlas may be called as one of these.
        named[name if name not in named else f"{name} ({len(named) + 1})"] = values
    return pa.table(named)


def _words(view: ExploreView, token: str, panel: Panel, n_placed: int) -> Words:
    kind, query = panel.colouring.kind, view.query
    title = f"{panel.title} on {plane_and_places(view.atlas, query.embedding)[1].title}"
    colour = {
        "category": f"the colour tells its {panel.title}",
        "number": f"the colour tells {panel.title}",
        "expression": f"the colour tells the expression of {panel.title} ({panel.colouring.unit}), grey is zero",
        "score": f"the colour tells the score of {panel.title} ({panel.colouring.unit}), centred at zero",
        "blend": f"the colour blends two genes ({panel.note})",
        "none": "the colour tells nothing",
    }[kind]
    many = view.atlas.n_cells > view.services.settings.raster_above
    point = "Each pixel shows the cells at its place, the fuller the more opaque" if many else "Each point is a cell"
    small = f", one map for each {query.facet}" if view.facets else ""
    behind = "" if query.selection.is_all and not query.hide else " Cells outside of the selection are pale."
    made = (
        f"Cells are drawn at their coordinates in {query.embedding}{small}; {n_placed:,} have a place and a colour."
        + (f" Note: {panel.note}." if panel.note else "")
    )
    parameters = {name: getattr(query, name) for name in PARAMETERS if getattr(query, name)} | {"color": token}
    return Words(title, f"{point}{small}; {colour}.{behind}", made, {**parameters, "n_placed": n_placed})
