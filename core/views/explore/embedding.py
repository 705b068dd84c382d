"""Map of the cells as a panel of Explore shows it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from core.analysis.expression import NOT_GIVEN, expression_of
from core.atlas.nouns import counted, heading, noun_of
from core.atlas.store import MISSING, Categorical
from core.errors import InvalidQuery
from core.figures.cell_map import Look as Dots
from core.figures.cell_map import blended, embedding, outlines
from core.selection.masks import mask_of
from core.views.explore import zoom
from core.views.explore.bitmaps import Cells
from core.views.explore.labels import facet
from core.views.explore.map_spec import plane_and_places
from core.views.explore.panels import panel_of
from core.views.explore.tokens import BLEND, GENE, GENE_B, NONE, SET_A, SET_B, column_of
from core.views.result import Subject, Words

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from core.figures.cell_map import Coloring, Plane
    from core.figures.small_maps import Facet, Spread
    from core.figures.theme import Json, Theme
    from core.services.container import Services
    from core.views.explore.bitmaps import Window
    from core.views.explore.panels import Panel
    from core.views.explore.state import ExploreView

PARAMETERS = (
    *("embedding", "color", "gene", "gene_b", "layer", "facet", "scale", "clip", "order", "size", "opacity", "hide"),
    "score",
)


@dataclass(frozen=True, eq=False)
class Embedding:
    """One map of the cells: what colours it, and the plane it lies in; its cells are looked up when they are needed."""

    view: ExploreView
    token: str
    panel: Panel
    plane: Plane

    @cached_property
    def cells(self) -> Cells:
        """Coordinates, map and value of every cell."""
        view, panel = self.view, self.panel
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
        values, parts = _values(view, self.token, panel)
        hidden = view.hidden(self.column) if self.column and panel.names else ()
        if values is not None:
            for name in hidden:
                places[values == panel.names.index(name or NOT_GIVEN)] = -1
            # A cell without a number has no colour.
            places[~np.isfinite(values)] = -1
        return Cells(xy, np.where(np.isfinite(xy).all(axis=0), places, -1), values, parts)

    @property
    def column(self) -> str:
        """Column that colours the map; empty for genes and gene sets."""
        return column_of(self.token)

    @cached_property
    def window(self) -> Window | None:
        """Part of the plane that the address shows; None for all of it.

        Raises
        ------
        InvalidQuery
            The address does not say ``zoom=X0_X1_Y0_Y1``, as ``assets/js/3-maps/zoom.js`` writes it.
        """
        return zoom.read(self.view.zoom)


def compute(_services: Services, view: ExploreView) -> Embedding:
    """Find what colours the map."""
    if view.plane is None:
        raise InvalidQuery(f"{view.atlas.id} has no map of its cells.", "Draw another figure of it.")
    token = view.tokens[view.panel - 1]
    if token == NONE:
        raise InvalidQuery(f"The page of the link has no map {view.panel}.", "Choose what colours it, or another map.")
    _, plane = plane_and_places(view.atlas, view.query.embedding)
    return Embedding(view, token, panel_of(view, token), plane)


def draw(result: Embedding, theme: Theme) -> Json:
    """Draw the map without its cells and labels, which the browser adds for the size that it has."""
    view = result.view
    return base_map(result, result.panel.coloring, [facet(view, name) for name in view.facets], theme)


def base_map(
    result: Embedding, coloring: Coloring, facets: list[Facet], theme: Theme, spread: Spread | None = None
) -> Json:
    """Draw the map without its cells but with the outlines of its lassos."""
    query = result.view.query
    figure = embedding(result.plane, coloring, theme, Dots(float(query.size), float(query.opacity)), facets, spread)
    lassos = [lasso.points for lasso in query.selection.lassos if lasso.plane == query.embedding]
    figure["layout"]["shapes"] = outlines(lassos, len(facets), theme)
    return figure


def words(result: Embedding) -> Words:
    """Describe what the colours mean."""
    view, panel, query = result.view, result.panel, result.view.query
    atlas = view.atlas
    what = noun_of(atlas, panel.title) if result.column else panel.title
    unit, low = panel.coloring.unit, "grey, no expression"
    color = {
        "category": f"Colours show {what}",
        "number": f"Colour shows {what}",
        "expression": f"Colour shows expression of {panel.title} ({unit}); {low}",
        "score": f"Colour shows the score of {panel.title} ({unit}), centred at zero",
        "blend": f"Colours show the expression of both genes ({panel.note}); {low}",
        "none": "Colour carries no information",
    }[panel.coloring.kind]
    point = "Each pixel summarises the cells at its position" if view.is_raster else "Each point is a cell"
    small = f", one map for each {noun_of(atlas, query.facet)}" if view.facets else ""
    behind = "" if query.selection.is_all and not query.hide else " Cells outside the selection are pale."
    n_placed = int((result.cells.places >= 0).sum())
    n_left = int(mask_of(atlas, query.selection).sum()) - n_placed
    left = f" {counted(n_left, 'cell')} without coordinates or a colour not shown." if n_left else ""
    parameters = {name: getattr(query, name) for name in PARAMETERS if getattr(query, name)} | {"color": result.token}
    return Words(
        f"{heading(atlas, result.column) if result.column else panel.title} on {result.plane.title}",
        f"{point}{small}. {color}.{behind}{left}",
        f"{result.plane.title} coordinates {_origin(result)}.{_drawing(result)}",
        {**parameters, "n_placed": n_placed},
        panel.note,
        f"{result.plane.title} of cells, coloured by {_colored_by(result, what)}",
    )


def _colored_by(result: Embedding, what: str) -> str:
    kind = result.panel.coloring.kind
    if kind in ("expression", "blend"):
        return f"expression of {what}"
    return f"score of {what}" if kind == "score" else what


def _origin(result: Embedding) -> str:
    """State where the coordinates come from."""
    plane = result.view.plane
    if plane is not None and plane[0].computed:
        return f"were {plane[0].origin.rstrip('.')}"
    return f"are those provided with the data ({result.view.query.embedding})"


def _drawing(result: Embedding) -> str:
    """State in which order the cells of a gene are drawn, and where its colours end."""
    view = result.view
    if result.panel.coloring.kind != "expression":
        return ""
    if view.is_raster:
        drawn_as = " Pixels show the mean over their cells."
    elif view.query.order == "file":
        drawn_as = ""
    else:
        drawn_as = " Cells with the highest expression were drawn on top."
    clipped = next((part for part in result.panel.note.split(" · ") if part.startswith("clipped")), "")
    return f"{drawn_as} Colours were {clipped}." if clipped else drawn_as


def subject(result: Embedding) -> Subject:
    """Name the data of the map."""
    view, window = result.view, result.window
    layer = view.query.layer if result.token in (GENE, GENE_B, BLEND, SET_A, SET_B) else ""
    return Subject(view.atlas, view.query, zoom.written(view.state, window), layer=layer)


def tables(result: Embedding) -> dict[str, pa.Table]:
    """Return the cells that are coloured, in the order of the atlas: where they lie, and what their colour says."""
    view, panel, cells = result.view, result.panel, result.cells
    kept = np.flatnonzero(cells.places >= 0)
    cell_names = view.atlas.cells()
    columns: list[tuple[str, list[Any]]] = [("cell", [cell_names[at] for at in kept.tolist()])]
    for axis, at in zip(result.plane.axes, (0, 1), strict=True):
        columns.append((f"{result.plane.title} {axis + 1}", cells.xy[at, kept].astype(np.float64).tolist()))
    if cells.parts:
        blend = zip(panel.names, cells.parts, strict=True)
        columns += [(name, values[kept].astype(np.float64).tolist()) for name, values in blend]
    elif cells.values is not None and panel.coloring.kind == "category":
        columns.append((panel.title, [panel.names[code] for code in cells.values[kept].tolist()]))
    elif cells.values is not None:
        columns.append((panel.title, cells.values[kept].astype(np.float64).tolist()))
    if view.facets:
        columns.append((view.query.facet, [view.facets[place] for place in cells.places[kept].tolist()]))
    named: dict[str, list[Any]] = {}
    for name, values in columns:
        # A column of the atlas may have one of these names.
        named[name if name not in named else f"{name} ({len(named) + 1})"] = values
    return {"cells": pa.table(named)}


def _values(view: ExploreView, token: str, panel: Panel) -> tuple[NDArray[Any] | None, tuple[NDArray[Any], ...]]:
    """Return one number a cell, as `with_cells` takes them, and the values of both genes of a blend."""
    atlas, query = view.atlas, view.query
    if panel.coloring.kind == "none":
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
