"""Images of maps with too many points for vector graphics."""

from __future__ import annotations

import base64
import io
from typing import TYPE_CHECKING, Any

import numpy as np

from core.figures.theme import Json

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from core.analysis.raster import Planes, Scale
    from core.figures.cell_map import Kind, Plane

    Pixels = NDArray[np.uint8]

# Smaller discs would have jagged edges: they are drawn at twice their size.
SMOOTH_BELOW = 3_000
MAX_SIDE = 8_000
FAINTEST = 0.4
STEPS, NONE = 65_534, 65_535


def rgb(color: str) -> tuple[int, int, int]:
    """Return the channels of ``#rrggbb``."""
    red, green, blue = (int(color[at : at + 2], 16) for at in (1, 3, 5))
    return red, green, blue


def colored(values: NDArray[Any], colors: Json, kind: Kind) -> Pixels:
    """Return the colour of each value, (n, 3), by a table of `core.figures.cell_map.colors_of`; no value may be NaN."""
    table = np.array([rgb(color) for color in colors["table"]], dtype=np.uint8)
    if kind == "none":
        return np.broadcast_to(table[0], (len(values), 3)).astype(np.uint8)
    if kind in ("category", "blend"):
        return table[values.astype(np.int64)]
    low, high = colors["low"], colors["high"]
    share = np.clip((values.astype(np.float64) - low) / (high - low), 0, 1)
    found = table[np.rint(share * (len(table) - 1)).astype(np.int64)]
    if colors["zero"]:
        found[values <= 0] = rgb(colors["zero"])
    return found


def discs(
    window: tuple[float, float, float, float],
    size: tuple[int, int],
    layers: list[tuple[NDArray[Any], Pixels]],
    diameter: float,
    opacity: float,
) -> bytes:
    """Draw discs as a PNG, the later ones above the earlier.

    Parameters
    ----------
    window : lowest and highest x, lowest and highest y
    size : pixels
    layers : coordinates (2, n) and colours (n, 3), from the lowest layer to the highest
    diameter : of a disc, in pixels
    """
    from PIL import Image, ImageDraw

    factor = 2 if max(size) < SMOOTH_BELOW else 1
    width, height = size[0] * factor, size[1] * factor
    image = Image.new("RGBA", (width, height), (255, 255, 255, 0))
    draw = ImageDraw.Draw(image)
    radius = max(diameter * factor / 2, 0.5)
    x0, x1, y0, y1 = window
    for xy, colors in layers:
        right = (xy[0].astype(np.float64) - x0) / (x1 - x0) * width
        down = (y1 - xy[1].astype(np.float64)) / (y1 - y0) * height
        for x, y, color in zip(right.tolist(), down.tolist(), colors.tolist(), strict=True):
            draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=(*color, 255))
    if factor > 1:
        image = image.resize(size, Image.Resampling.LANCZOS)
    if opacity < 1:
        image.putalpha(image.getchannel("A").point([round(alpha * opacity) for alpha in range(256)]))
    return _png(image)


def densities(planes: Planes, scales: list[Scale], colors: Json, kind: Kind, tops: tuple[float, float]) -> bytes:
    """Draw the planes of `core.analysis.raster` as a PNG, one pixel each; opacity grows with the number of cells.

    The rules are those of ``assets/js/3-maps/raster.js``.
    """
    from PIL import Image

    from core.figures.cell_map import blended

    count = planes["count"]
    inside = count > 0
    shown = np.zeros((*count.shape, 4), dtype=np.uint8)
    outside = rgb(colors["outside"])
    shown[(planes["outside"] > 0) & ~inside] = (*outside, 255)
    if inside.any():
        if kind == "category":
            codes = planes["code"][inside]
            found = colored(np.where(codes == NONE, len(colors["table"]) - 1, codes), colors, kind)
        elif kind == "none":
            found = colored(count[inside], colors, kind)
        else:
            means = [
                np.where(plane == NONE, np.nan, scale.low + plane * (scale.high - scale.low) / STEPS)
                for scale, plane in ((scale, planes[name][inside]) for scale, name in zip(scales, NAMES, strict=False))
            ]
            values = blended(means[0], means[1], tops) if kind == "blend" else means[0]
            missing = ~np.isfinite(values)
            found = colored(np.where(missing, 0, values), colors, kind)
            found[missing] = outside
        shown[inside, :3] = found
        share = np.log1p(count[inside]) / np.log1p(count.max())
        shown[inside, 3] = (255 * (FAINTEST + (1 - FAINTEST) * share)).astype(np.uint8)
    # Row 0 of the planes is the lowest.
    return _png(Image.fromarray(shown[::-1]))


NAMES = ("value", "value_b")


def placed(png: bytes, window: tuple[float, float, float, float], place: int, *, down: bool = False) -> Json:
    """Place an image of a window in a layout, on one of the small maps; `down`: its y axis grows downwards."""
    axis = str(place + 1) if place else ""
    x0, x1, y0, y1 = window
    return {
        "source": f"data:image/png;base64,{base64.b64encode(png).decode()}",
        "xref": f"x{axis}",
        "yref": f"y{axis}",
        "x": x0,
        "y": y0 if down else y1,
        "sizex": x1 - x0,
        "sizey": y1 - y0,
        "xanchor": "left",
        "yanchor": "top",
        "sizing": "stretch",
        "layer": "below",
    }


def padded(plane: Plane, pad: float) -> tuple[float, float, float, float]:
    """Return the window that shows a whole plane."""
    (x0, x1), (y0, y1) = plane.x, plane.y
    across, up = pad * (x1 - x0), pad * (y1 - y0)
    return x0 - across, x1 + across, y0 - up, y1 + up


def _png(image: Any) -> bytes:  # noqa: ANN401 - Pillow is imported when it is needed
    buffer = io.BytesIO()
    image.save(buffer, "PNG", compress_level=9)
    return buffer.getvalue()
