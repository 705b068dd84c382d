"""The two maps, without their cells: those the browser fetches once from ``/arrays`` and keeps."""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from callbacks.explore import words
from core.expression import NOT_GIVEN, expression_of, overview
from core.figures.embedding import MAX_LABEL, Colouring, Plane, embedding, limits
from core.figures.labels import arranged, centres
from core.figures.palette import categories
from core.figures.theme import shortened
from core.selection import mask_of
from core.store import Categorical, Numeric

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from callbacks.explore.view import View
    from core.expression import Expression
    from core.figures.theme import Theme
    from core.store import Atlas

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
    }


def arrays(atlas: Atlas, path: str, **parameters: str) -> str:
    """The address of an array; it changes with the content of the atlas."""
    query = f"?{urlencode(parameters)}" if parameters else ""
    return f"/arrays/{quote(atlas.id)}/{atlas.manifest.content_hash}/{path}{query}"


def _maps(view: View, expression: Expression, theme: Theme) -> tuple[str, Outputs | None]:
    atlas, query = view.atlas, view.query
    if view.plane is None:
        return "This atlas has no map of its cells.", None
    info, axes = view.plane
    xy = atlas.embedding(info.key)[:, list(axes)].T
    plane = Plane(
        title=info.label,
        axes=axes,
        x=limits(xy[0]),
        y=limits(xy[1]),
        revision=f"{atlas.manifest.content_hash}/{query.embedding}",
        n_cells=atlas.n_cells,
    )
    left, names, note = _left(view, xy, plane)
    values = expression.values
    right = Colouring("expression", low=min(0.0, float(values.min())), high=float(values.max()), unit=expression.unit)
    selection = urlencode(query.selection.pairs())
    return note, {
        "xy": arrays(atlas, f"embedding/{quote(info.key, safe='')}", axes=f"{axes[0]},{axes[1]}"),
        "mask": arrays(atlas, "mask") + f"?{selection}" if selection else None,
        "left": {
            "figure": embedding(plane, left, theme),
            "kind": left.kind,
            "values": arrays(atlas, "column", name=query.color) if query.color else None,
            "names": names,
            "title": query.color,
        },
        "right": {
            "figure": embedding(plane, right, theme),
            "kind": right.kind,
            "values": arrays(atlas, f"gene/{quote(expression.layer, safe='')}", gene=expression.gene),
            "names": [],
            "title": expression.gene,
        },
    }


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
