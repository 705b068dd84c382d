"""The maps, without their cells: those the browser fetches once from ``/arrays`` and keeps."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from time import perf_counter
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

import numpy as np
from dash import html

from callbacks._maps import arrays, plane_and_places, spec
from callbacks.explore import legend, words
from callbacks.explore.panels import BLEND, GENE, GENE_B, NONE, Panel, column_of, panel_of, token_of
from callbacks.explore.view import COLORS
from core.cells import Selection
from core.expression import NOT_GIVEN, expression_of, overview
from core.figures.embedding import MAX_LABEL, Facet, Look, colours_of, embedding, grid, outlines
from core.figures.labels import PANEL, arranged, centres
from core.figures.theme import shortened
from core.planes import plane_of
from core.query import CorrelationQuery
from core.selection import mask_of

if TYPE_CHECKING:
    from dash.development.base_component import Component

    from callbacks.explore.view import View
    from core.figures.embedding import Plane
    from core.figures.labels import Label
    from core.figures.theme import Theme
    from core.store import Atlas

Outputs = dict[str, Any]
SMALL_PANEL = (190.0, 190.0)
MAX_SMALL = 6


def draw(view: View, theme: Theme) -> Outputs:
    """One sentence, the number of cells, and what the browser needs to paint the maps."""
    began = perf_counter()
    expression = expression_of(view.atlas, view.query.gene, view.query.layer)
    key = plane_of(view.atlas, view.query.embedding)[0].key if view.query.embedding else ""
    found = overview(view.atlas, expression, view.query.selection, key)
    missing = f"{words.cells_of(found.n_unplaced)} without coordinates not drawn." if found.n_unplaced else ""
    shown = [None if token == NONE else panel_of(view, token) for token in view.tokens]
    cards = [
        {**_card(view, panel, token, missing), "close": view.canonical.but(**{name: NONE}).address}
        for panel, token, name in zip(shown, view.tokens, COLORS, strict=True)
    ]
    return {
        "spec": _spec(view, shown, theme),
        "cards": cards,
        "style": {"--map-rows": grid(len(view.facets))[0]} if view.facets else {},
        "faceted": "true" if view.facets else "false",
        "add": _add(view),
        "correlate": CorrelationQuery(
            atlas=view.query.atlas,
            gene=expression.gene,
            a=view.query.a,
            b=view.query.b,
            selection=view.query.selection,
        ).address,
        "count": words.count(found.n, view.atlas.n_cells),
        "sentence": words.sentence(view, expression, found, 1e3 * (perf_counter() - began)),
    }


def _add(view: View) -> Outputs:
    """The way to one more map; the first that is free shows what no other does."""
    free = next((name for name, token in zip(COLORS, view.tokens, strict=True) if token == NONE), None)
    if free is None or view.plane is None:
        return {"href": view.canonical.address, "style": {"display": "none"}}
    group = view.atlas.manifest.roles.get("group", "")
    wanted = [GENE, *([token_of(group)] if group else []), GENE_B, BLEND]
    new = next((token for token in wanted if token not in view.tokens), GENE)
    return {"href": view.canonical.but(**{free: new}).address, "style": {}}


def _card(view: View, panel: Panel | None, token: str, missing: str) -> Outputs:
    """The words around one map."""
    if panel is None:
        return {"hidden": True, "title": "", "note": "", "legend": []}
    title: list[Component | str] | str = [html.I(panel.title)] if panel.italic else panel.title
    column = column_of(token)
    listed: list[Component] = []
    note = panel.note
    if panel.colouring.kind == "category":
        listed, note = legend.legend(view, column), legend.note(view, column)
    elif panel.colouring.kind == "blend":
        listed = [legend.blend(panel)]
    told = ". ".join(part.rstrip(".") for part in (note, missing) if part)
    return {"hidden": False, "title": title, "note": f"{told}." if missing else note, "legend": listed}


def _spec(view: View, shown: list[Panel | None], theme: Theme) -> Outputs | None:
    atlas, query = view.atlas, view.query
    if view.plane is None:
        return None
    _, plane = plane_and_places(atlas, query.embedding)
    facets = view.facets
    codes = [atlas.categorical(query.facet).categories.index(name) for name in facets]
    return spec(
        atlas,
        query,
        [
            None if panel is None else _panel(view, panel, token, (plane, theme))
            for panel, token in zip(shown, view.tokens, strict=True)
        ],
        facet={"values": arrays(atlas, "column", name=query.facet), "codes": codes} if facets else None,
        raster=_raster(view) if view.is_raster else None,
    )


def _panel(view: View, panel: Panel, token: str, look: tuple[Plane, Theme]) -> Outputs:
    plane, theme = look
    query, column = view.query, column_of(token)
    hidden = sorted(view.hidden(column)) if column and panel.names else []
    names = list(panel.names)
    colouring = panel.colouring
    facets = [_facet(view, name) for name in view.facets]
    labelled = _label_column(view)
    if not facets and labelled:
        off = tuple(sorted(view.hidden(labelled)))
        colouring = replace(colouring, labels=_labels(view.atlas, query.embedding, labelled, query.selection, off))
    figure = embedding(plane, colouring, theme, Look(float(query.size), float(query.opacity)), facets)
    lassos = [lasso.points for lasso in query.selection.lassos if lasso.plane == query.embedding]
    figure["layout"]["shapes"] = outlines(lassos, len(facets), theme)
    return {
        "figure": figure,
        "kind": colouring.kind,
        "values": panel.values,
        "values_b": panel.values_b,
        "names": names,
        "title": panel.title,
        "tops": panel.tops,
        "hidden": [names.index(name or NOT_GIVEN) for name in hidden],
        "sort": query.order != "file",
        "fault": panel.fault,
        "raster": f"{panel.raster}{''.join('&' + urlencode({'hide': name}) for name in hidden)}",
        "colours": colours_of(colouring, theme) if view.is_raster else None,
        "outside": theme.outside,
    }


def _raster(view: View) -> Outputs:
    """Where the raster of each small map is, but for what colours it and the window."""
    info, axes = plane_of(view.atlas, view.query.embedding)
    selection = urlencode(view.query.selection.pairs())
    address = arrays(view.atlas, f"raster/{quote(info.key, safe='')}", axes=f"{axes[0]},{axes[1]}")
    facets = [urlencode({"facet": view.query.facet, "level": name}) for name in view.facets]
    return {"address": f"{address}&{selection}".rstrip("&"), "facets": facets or [""]}


def _label_column(view: View) -> str:
    """The column whose names stand on every map: that of the first map if it has categories, else the cell type."""
    column = column_of(view.query.color)
    info = view.atlas.manifest.column(column) if column else None
    return column if info is not None and info.kind == "categorical" else view.atlas.manifest.roles.get("cell_type", "")


def _facet(view: View, name: str) -> Facet:
    """One of the small maps: its name, its cells, their labels."""
    selection = view.query.selection
    mine = selection.but(where=Selection.of({**dict(selection.where), view.query.facet: [name]}).where)
    column = _label_column(view)
    hidden = tuple(sorted(view.hidden(column))) if column else ()
    # A small map has room for the largest categories only; the legend and hover know them all.
    labels = _labels(view.atlas, view.query.embedding, column, mine, hidden, SMALL_PANEL)[:MAX_SMALL] if column else ()
    n = int(mask_of(view.atlas, mine).sum())
    return Facet(f"{shortened(name, MAX_LABEL)} · {words.cells_of(n)}", labels)


# Labels depend on the cells and not on the gene: recolouring finds them here.
@lru_cache(maxsize=128)
def _labels(
    atlas: Atlas,
    embedding: str,
    column: str,
    selection: Selection,
    hidden: tuple[str, ...],
    panel: tuple[float, float] = PANEL,
) -> tuple[Label, ...]:
    xy, plane = plane_and_places(atlas, embedding)
    found, mask = atlas.categorical(column), mask_of(atlas, selection)
    n = len(found.categories)
    sizes = np.bincount(found.codes[mask] + 1, minlength=n + 1)[1:]
    at = centres(xy, found.codes, mask, n)
    at[[found.categories.index(name) for name in hidden if name]] = np.nan
    names = [shortened(name, MAX_LABEL) for name in found.categories]
    return tuple(arranged(names, at, sizes.tolist(), (plane.x, plane.y), panel))
