"""The two maps, without their cells: those the browser fetches once from ``/arrays`` and keeps."""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING, Any

from callbacks._maps import arrays, gene_panel, plane_and_places, spec
from callbacks.explore import words
from core.expression import NOT_GIVEN, expression_of, overview
from core.figures.embedding import MAX_LABEL, Colouring, embedding, limits
from core.figures.labels import arranged, centres
from core.figures.palette import categories
from core.figures.theme import shortened
from core.query import CorrelationQuery
from core.selection import mask_of
from core.store import Categorical, Numeric

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from callbacks.explore.view import View
    from core.expression import Expression
    from core.figures.embedding import Plane
    from core.figures.theme import Theme

Outputs = dict[str, Any]


def draw(view: View, theme: Theme) -> Outputs:
    """One sentence, the number of cells, and what the browser needs to paint both maps."""
    began = perf_counter()
    expression = expression_of(view.atlas, view.query.gene, view.query.layer)
    plane = view.plane
    found = overview(view.atlas, expression, view.query.selection, plane[0].key if plane else "")
    left_note, spec = _maps(view, expression, theme)
    missing = f"{words.cells_of(found.n_unplaced)} without coordinates not drawn." if found.n_unplaced else ""
    gene_id = "" if expression.gene_id == expression.gene else f" · {expression.gene_id}"
    return {
        "sentence": words.sentence(view, expression, found, 1e3 * (perf_counter() - began)),
        "count": words.count(found.n, view.atlas.n_cells),
        "spec": spec,
        "left_title": view.query.color or "Cells",
        "left_note": f"{left_note} {missing}".strip(),
        "right_title": [words.html.I(expression.gene), gene_id],
        "right_note": f"Expressing cells lie above the others. {missing}".strip(),
        "correlate": CorrelationQuery(
            atlas=view.query.atlas, gene=expression.gene, selection=view.query.selection
        ).address,
    }


def _maps(view: View, expression: Expression, theme: Theme) -> tuple[str, Outputs | None]:
    atlas, query = view.atlas, view.query
    if view.plane is None:
        return "This atlas has no map of its cells.", None
    xy, plane = plane_and_places(atlas, query.embedding)
    left, names, note = _left(view, xy, plane)
    panel = {
        "figure": embedding(plane, left, theme),
        "kind": left.kind,
        "values": arrays(atlas, "column", name=query.color) if query.color else None,
        "names": names,
        "title": query.color,
    }
    return note, spec(atlas, query, panel, gene_panel(atlas, expression, plane, theme))


def _left(view: View, xy: NDArray[np.float32], plane: Plane) -> tuple[Colouring, list[str], str]:
    """How the left map is coloured, the names that go with its codes, and what to say about it."""
    atlas, color = view.atlas, view.query.color
    if not color:
        return Colouring("none"), [], "This atlas has no column to colour by."
    column = atlas.column(color)
    if isinstance(column, Numeric):
        low, high = limits(column.values)
        return Colouring("number", low=low, high=high, unit=color), [], "A number; cells without one are not coloured."
    mask = mask_of(atlas, view.query.selection)
    return _categories(column, xy, mask, plane)


def _categories(
    column: Categorical, xy: NDArray[np.float32], mask: NDArray[np.bool_], plane: Plane
) -> tuple[Colouring, list[str], str]:
    import numpy as np

    n = len(column.categories)
    sizes = np.bincount(column.codes[mask] + 1, minlength=n + 1)[1:]
    names = [shortened(name, MAX_LABEL) for name in column.categories]
    labels = arranged(names, centres(xy, column.codes, mask, n), sizes.tolist(), (plane.x, plane.y))
    present = int((sizes > 0).sum())
    note = f"{present:,} categor{'y' if present == 1 else 'ies'}, labelled at their medians."
    if not present:
        note = "No cell is left by the filters; the others are drawn in pale grey."
    elif len(labels) < present:
        note = f"Labels of {len(labels):,} of {present:,} categories: the table below names all."
    return (
        Colouring("category", colours=categories(column.categories), labels=tuple(labels)),
        [*column.categories, NOT_GIVEN],
        note,
    )
