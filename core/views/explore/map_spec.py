"""Specification of maps for the browser: figures without cells, and addresses of their arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from core.atlas.embedding_axes import plane_of
from core.cache.in_process import remembered
from core.figures.cell_map import Plane, limits
from core.urls.base_path import below

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from core.atlas.store import Atlas
    from core.urls.page_queries import PageQuery

Outputs = dict[str, Any]


def arrays(atlas: Atlas, path: str, **parameters: str) -> str:
    """Return the address of an array; the address changes with the content of the atlas."""
    query = f"?{urlencode(parameters)}" if parameters else ""
    return below(f"/arrays/{quote(atlas.id)}/{atlas.manifest.content_hash}/{path}{query}")


def plane_and_places(atlas: Atlas, text: str) -> tuple[NDArray[np.float32], Plane]:
    """Return the coordinates (2, n_cells) of a map and their plane."""
    info, axes = plane_of(atlas, text)
    return atlas.embedding(info.key)[:, list(axes)].T, _plane(atlas, text)


@remembered
def _plane(atlas: Atlas, text: str) -> Plane:
    info, axes = plane_of(atlas, text)
    x, y = (limits(atlas.embedding(info.key)[:, axis]) for axis in axes)
    down = info.y_down and axes[1] == 1
    return Plane(info.label, axes, x, y, f"{atlas.manifest.content_hash}/{text}", atlas.n_cells, down)


def spec(atlas: Atlas, query: PageQuery, panels: Sequence[Outputs | None], **more: object) -> Outputs:
    """Combine panels with the arrays that they share."""
    info, axes = plane_of(atlas, query.embedding)
    selection = urlencode(query.selection.pairs())
    return {
        "xy": arrays(atlas, f"embedding/{quote(info.key, safe='')}", axes=f"{axes[0]},{axes[1]}"),
        "plane": query.embedding,
        "mask": arrays(atlas, "mask") + f"?{selection}" if selection else None,
        "panels": panels,
        **more,
    }
