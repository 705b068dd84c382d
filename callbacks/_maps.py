"""What the browser needs to paint two maps of the cells: figures without their cells, and where to fetch those."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from callbacks._view import plane_of
from core.figures.embedding import Colouring, Plane, embedding, limits

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from core.expression import Expression
    from core.figures.theme import Theme
    from core.query import PageQuery
    from core.store import Atlas

Outputs = dict[str, Any]


def arrays(atlas: Atlas, path: str, **parameters: str) -> str:
    """The address of an array; it changes with the content of the atlas."""
    query = f"?{urlencode(parameters)}" if parameters else ""
    return f"/arrays/{quote(atlas.id)}/{atlas.manifest.content_hash}/{path}{query}"


def plane_and_places(atlas: Atlas, text: str) -> tuple[NDArray[np.float32], Plane]:
    """The coordinates (2, n_cells) of a map and the plane they lie in."""
    info, axes = plane_of(atlas, text)
    xy = atlas.embedding(info.key)[:, list(axes)].T
    revision = f"{atlas.manifest.content_hash}/{text}"
    return xy, Plane(info.label, axes, limits(xy[0]), limits(xy[1]), revision, atlas.n_cells)


def gene_panel(atlas: Atlas, expression: Expression, plane: Plane, theme: Theme) -> Outputs:
    """A panel coloured by a gene."""
    values = expression.values
    colouring = Colouring(
        "expression", low=min(0.0, float(values.min())), high=float(values.max()), unit=expression.unit
    )
    return {
        "figure": embedding(plane, colouring, theme),
        "kind": colouring.kind,
        "values": arrays(atlas, f"gene/{quote(expression.layer, safe='')}", gene=expression.gene),
        "names": [],
        "title": expression.gene,
    }


def spec(atlas: Atlas, query: PageQuery, left: Outputs, right: Outputs) -> Outputs:
    """Both panels and the arrays they share."""
    info, axes = plane_of(atlas, query.embedding)
    selection = urlencode(query.selection.pairs())
    return {
        "xy": arrays(atlas, f"embedding/{quote(info.key, safe='')}", axes=f"{axes[0]},{axes[1]}"),
        "mask": arrays(atlas, "mask") + f"?{selection}" if selection else None,
        "left": left,
        "right": right,
    }
