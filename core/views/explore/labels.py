"""Labels of categories on a map, and on each of several small maps."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from core.cache.in_process import remembered
from core.figures.cell_map import MAX_LABEL, Facet
from core.figures.labels import COHERENT, PANEL, anchors, arranged, coherence
from core.figures.theme import shortened
from core.selection.masks import mask_of
from core.selection.model import Selection
from core.views.explore.map_spec import plane_and_places
from core.views.explore.tokens import column_of
from core.views.formatting import cells_of

if TYPE_CHECKING:
    from core.atlas.store import Atlas
    from core.figures.labels import Label
    from core.views.explore.state import ExploreView

SMALL_PANEL = (190.0, 190.0)
MAX_SMALL = 6


def label_column(view: ExploreView) -> str:
    """Return the column of the labels on every map: that of the first map if categorical, else the cell type."""
    column = column_of(view.query.color)
    info = view.atlas.manifest.column(column) if column else None
    return column if info is not None and info.kind == "categorical" else view.atlas.manifest.roles.get("cell_type", "")


def facet(view: ExploreView, name: str) -> Facet:
    """Return one of the small maps: its name, its cells and their labels."""
    selection = view.query.selection
    mine = selection.but(where=Selection.of({**dict(selection.where), view.query.facet: [name]}).where)
    column = label_column(view)
    hidden = tuple(sorted(view.hidden(column))) if column else ()
    # A small map has room for the largest categories only; legend and hover have all.
    drawn = labels(view.atlas, view.query.embedding, column, mine, hidden, SMALL_PANEL)[:MAX_SMALL] if column else ()
    n = int(mask_of(view.atlas, mine).sum())
    return Facet(f"{shortened(name, MAX_LABEL)} · {cells_of(n)}", drawn)


# Labels depend on the cells and not on the gene, so that recolouring reuses them.
@remembered
def labels(
    atlas: Atlas,
    embedding: str,
    column: str,
    selection: Selection,
    hidden: tuple[str, ...],
    panel: tuple[float, float] = PANEL,
) -> tuple[Label, ...]:
    """Place the names of categories on their selected cells, or with a line to them; those of `hidden` are left out.

    There are none where the categories are mixed on the map: a name would stand for the cells around it.
    """
    xy, plane = plane_and_places(atlas, embedding)
    found, mask = atlas.categorical(column), mask_of(atlas, selection)
    if coherence(xy, found.codes, mask) < COHERENT:
        return ()
    n = len(found.categories)
    sizes = np.bincount(found.codes[mask] + 1, minlength=n + 1)[1:]
    at = anchors(xy, found.codes, mask, n)
    at[[found.categories.index(name) for name in hidden if name]] = np.nan
    names = [shortened(name, MAX_LABEL) for name in found.categories]
    if not plane.y_down:
        return tuple(arranged(names, at, sizes.tolist(), (plane.x, plane.y), panel))
    # Labels are arranged as they are seen: upside down.
    bounds = plane.x, (-plane.y[1], -plane.y[0])
    return tuple(replace(each, y=-each.y) for each in arranged(names, at * [1, -1], sizes.tolist(), bounds, panel))
