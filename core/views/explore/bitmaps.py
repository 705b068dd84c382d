"""Maps drawn as images: discs for many cells, the planes of `core.analysis.raster` for very many."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from core.analysis import raster
from core.figures import bitmap
from core.figures.cell_map import colors_of, with_cells
from core.figures.draw_order import drawn
from core.figures.print_style import DPI, TITLE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from core.arrays import Mask
    from core.figures.print_style import Look
    from core.figures.theme import Json
    from core.views.explore.panels import Panel
    from core.views.explore.state import ExploreView

Window = tuple[float, float, float, float]


@dataclass(frozen=True, eq=False)
class Cells:
    """Coordinates and values of cells, see `core.figures.cell_map.with_cells`; `parts` are the values of a blend."""

    xy: NDArray[Any]
    places: NDArray[Any]
    values: NDArray[Any] | None
    parts: tuple[NDArray[Any], ...] = ()


def _area(figure: Json, window: Window, look: Look) -> tuple[int, int]:
    """Return the pixels of the image of a window at the requested resolution; units are equal on both axes."""
    margin = figure["layout"]["margin"]
    height = look.pixels(look.height) if look.height else float(figure["layout"]["height"])
    if look.height and look.title:
        height -= TITLE
    shares = [np.ptp(figure["layout"][axis].get("domain", (0, 1))) for axis in ("xaxis", "yaxis")]
    across = (look.pixels(look.width) - margin["l"] - margin["r"]) * shares[0]
    up = (height - margin["t"] - margin["b"]) * shares[1]
    x0, x1, y0, y1 = window
    unit = min(max(across, 1) / (x1 - x0), max(up, 1) / (y1 - y0)) * _dots(look)
    sides = unit * (x1 - x0), unit * (y1 - y0)
    less = min(bitmap.MAX_SIDE / max(sides), 1.0)
    return max(round(sides[0] * less), 1), max(round(sides[1] * less), 1)


def _is_down(figure: Json) -> bool:
    low, high = figure["layout"]["yaxis"]["range"]
    return low > high


def _dots(look: Look) -> float:
    """Return the pixels of an image for one pixel of the figure."""
    return look.scale * look.dpi / DPI


def _without_cells(figure: Json, images: list[Json]) -> Json:
    """Replace the cells of a figure by images; one point without a position keeps the colour bar."""
    data: list[Json] = []
    for trace in figure["data"]:
        marker = {**trace["marker"]}
        if "cmin" in marker:
            marker["color"] = [marker["cmin"]]
        data.append({**trace, "x": [None], "y": [None], "marker": marker})
    return {"data": data, "layout": {**figure["layout"], "images": images}}


def picture(panel: Panel, cells: Cells, figure: Json, window: Window, look: Look, *, sort: bool) -> Json:
    """Draw the points as discs."""
    theme, kind = look.colors, panel.coloring.kind
    colors = colors_of(panel.coloring, theme)
    size = _area(figure, window, look)
    marker = figure["data"][1]["marker"]
    filled = with_cells(figure, cells.xy, cells.places, None, kind)
    images: list[Json] = []
    behind = np.array(bitmap.rgb(theme.outside), dtype=np.uint8)
    drawable = np.isfinite(cells.xy).all(axis=0)
    down = _is_down(figure)
    # Pixels are drawn upwards: upside down, the tissue hangs as it should.
    xy, seen = (cells.xy * [[1], [-1]], (*window[:2], -window[3], -window[2])) if down else (cells.xy, window)
    for place in range(len(filled["data"]) // 2):
        outside = np.flatnonzero(drawable & (cells.places != place))
        inside = np.flatnonzero(drawable & (cells.places == place))
        values = np.zeros(len(inside)) if cells.values is None else cells.values[inside]
        if sort:
            order = drawn(inside, None if cells.values is None else values, kind)
            inside, values = inside[order], values[order]
        layers = [
            (xy[:, outside], np.broadcast_to(behind, (len(outside), 3)).astype(np.uint8)),
            (xy[:, inside], bitmap.colored(values, colors, kind)),
        ]
        png = bitmap.discs(seen, size, layers, float(marker["size"]) * _dots(look), float(marker["opacity"]))
        images.append(bitmap.placed(png, window, place, down=down))
    return _without_cells(figure, images)


def density(view: ExploreView, panel: Panel, cells: Cells, figure: Json, window: Window, look: Look) -> Json:
    """Draw the summary of the cells of each pixel, as the page does for so many cells."""
    if view.plane is None:
        return figure
    info, axes = view.plane
    theme, kind = look.colors, panel.coloring.kind
    colors = {**colors_of(panel.coloring, theme), "outside": theme.outside}
    n_facets = len(view.facets)
    frame = raster.Window.of(window[:2], window[2:], *_area(figure, window, look))
    where = raster.placed(view.atlas, info.key, axes)
    images: list[Json] = []
    for place in range(max(n_facets, 1)):
        inside: Mask = cells.places == place
        scales: list[raster.Scale] = []
        if kind == "category":
            planes = raster.by_category(where, frame, inside, view.atlas.categorical(panel.title))
        else:
            given = cells.parts or (() if cells.values is None else (cells.values,))
            with_zero = kind in ("expression", "blend")
            scales = [raster.Scale.of(values, with_zero=with_zero) for values in given]
            planes = raster.by_value(where, frame, inside, scales)
        planes = {name: each[::-1] for name, each in planes.items()} if _is_down(figure) else planes
        png = bitmap.densities(planes, scales, colors, kind, panel.tops)
        images.append(bitmap.placed(png, window, place, down=_is_down(figure)))
    return _without_cells(figure, images)
