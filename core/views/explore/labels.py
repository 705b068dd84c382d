"""Names of categories on a map and on each of several small maps: their cells, and whether they are shown."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from core.cache.in_process import remembered
from core.figures.cell_map import MAX_LABEL, Facet
from core.figures.labels import COHERENT, anchors, arranged, coherence
from core.figures.theme import shortened
from core.selection.masks import mask_of
from core.selection.model import Selection
from core.views.explore.map_spec import plane_and_places
from core.views.explore.state import LABEL_PARAMETERS, LABELS
from core.views.explore.tokens import column_of
from core.views.formatting import cells_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.atlas.store import Atlas
    from core.figures.cell_map import Plane
    from core.figures.labels import Label
    from core.views.explore.state import ExploreView

ON, OFF, HOVER = LABELS


@dataclass(frozen=True)
class Name:
    """A category, its number of cells, and a point among them."""

    text: str
    n: int
    x: float
    y: float


def label_column(view: ExploreView, token: str) -> str:
    """Return the column of the labels of a map: its own if categorical, else that of the first map or the cell type."""
    for column in (column_of(token), column_of(view.query.color)):
        info = view.atlas.column_info(column) if column else None
        if info is not None and info.kind == "categorical":
            return info.name
    return view.atlas.manifest.roles.get("cell_type", "")


def default_mode(view: ExploreView, token: str) -> str:
    """Return whether a map has labels unless its reader decides: where its own categories have places of their own.

    On a map of a gene they would cover what is to be seen, and those of mixed categories would stand anywhere.
    """
    own = column_of(token)
    if not own or own != label_column(view, token):
        return OFF
    return ON if _is_coherent(view.atlas, view.query.embedding, own, view.query.selection) else OFF


def mode_of(view: ExploreView, panel: int, token: str) -> str:
    """Return whether a map has labels: always, never, or while the pointer is on it."""
    return str(getattr(view.query, LABEL_PARAMETERS[panel - 1])) or default_mode(view, token)


def named(view: ExploreView, token: str) -> list[tuple[Name, ...]]:
    """Return the names for each small map, or for the one map."""
    column = label_column(view, token)
    if not column:
        return [() for _ in view.facets or [""]]
    off = tuple(sorted(view.hidden(column)))
    chosen = [_of_facet(view, name) for name in view.facets] or [view.query.selection]
    return [names(view.atlas, view.query.embedding, column, selection, off) for selection in chosen]


def facet(view: ExploreView, name: str) -> Facet:
    """Return one of the small maps: its name and its number of cells."""
    n = int(mask_of(view.atlas, _of_facet(view, name)).sum())
    return Facet(f"{shortened(name, MAX_LABEL)} · {cells_of(n)}")


def _of_facet(view: ExploreView, name: str) -> Selection:
    selection = view.query.selection
    return selection.but(where=Selection.of({**dict(selection.where), view.query.facet: [name]}).where)


# Names depend on the cells and not on the gene, so that recolouring reuses them.
@remembered
def names(atlas: Atlas, embedding: str, column: str, selection: Selection, hidden: tuple[str, ...]) -> tuple[Name, ...]:
    """Find for each category with selected cells a point among them; those of `hidden` are left out."""
    xy, _ = plane_and_places(atlas, embedding)
    found, mask = atlas.categorical(column), mask_of(atlas, selection)
    n = len(found.categories)
    sizes = np.bincount(found.codes[mask] + 1, minlength=n + 1)[1:].tolist()
    at = anchors(xy, found.codes, mask, n)
    return tuple(
        Name(shortened(name, MAX_LABEL), many, x, y)
        for name, many, (x, y) in zip(found.categories, sizes, at.tolist(), strict=True)
        if np.isfinite(x) and name not in hidden
    )


@remembered
def _is_coherent(atlas: Atlas, embedding: str, column: str, selection: Selection) -> bool:
    xy, _ = plane_and_places(atlas, embedding)
    return coherence(xy, atlas.categorical(column).codes, mask_of(atlas, selection)) >= COHERENT


def placed(
    found: Sequence[Name], plane: Plane, window: tuple[float, float, float, float], panel: tuple[float, float]
) -> list[Label]:
    """Place names on the part of a plane that is seen, in a panel of so many pixels; leave out those without room."""
    x0, x1, y0, y1 = window
    # Labels are arranged as they are seen: the tissue hangs upside down.
    up = -1 if plane.y_down else 1
    bounds = (x0, x1), (min(up * y0, up * y1), max(up * y0, up * y1))
    at = np.array([(name.x, up * name.y) for name in found]).reshape(-1, 2)
    labels = arranged([name.text for name in found], at, [name.n for name in found], bounds, panel)
    return [replace(label, y=up * label.y) for label in labels]


def in_window(found: Sequence[Name], window: tuple[float, float, float, float]) -> list[Name]:
    """Return the names whose point is seen."""
    x0, x1, y0, y1 = window
    return [name for name in found if x0 <= name.x <= x1 and y0 <= name.y <= y1]
