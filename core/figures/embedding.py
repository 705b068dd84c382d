"""A map of the cells, coloured by a column or by a gene.

There is one definition of the look, in two halves. `embedding` makes everything but the cells: layout, labels, colours,
two empty traces. `with_cells` puts the cells in. The page does the second half in the browser
(``assets/60-embedding.js``, the same rules), where the coordinates already are; an export does both here.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np

from core.figures.colour import translucent
from core.figures.palette import NOT_GIVEN, ramp
from core.figures.theme import Json, base_layout, escaped, packed, shortened

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from core.figures.labels import Label
    from core.figures.theme import Theme

Numbers: TypeAlias = "NDArray[Any]"
OUTSIDE, INSIDE = 0, 1
# The colour bar must not push the plot: both maps have the same area, so that they can share their zoom.
MARGIN = {"l": 26, "r": 10, "t": 46, "b": 26, "autoexpand": False}
PAD = 0.04
MAX_LABEL = 34


@dataclass(frozen=True)
class Plane:
    """Two axes of an embedding.

    Attributes
    ----------
    title
        What its axes are called, such as *UMAP*.
    axes
        Their numbers, from 0.
    x, y
        Smallest and largest coordinate of the cells, the same for every panel.
    revision
        Changes when the plane does: as long as it is the same, the zoom is kept.
    n_cells
        How many there are: it decides the size of the points.
    """

    title: str
    axes: tuple[int, int]
    x: tuple[float, float]
    y: tuple[float, float]
    revision: str
    n_cells: int


@dataclass(frozen=True)
class Colouring:
    """What the colour of a cell says.

    Attributes
    ----------
    kind
        ``category``: a value is a position in `colours`, one past the end where nothing is given. ``number``: a value
        between `low` and `high`, NaN where nothing is given. ``expression``: the same, zero in a quiet grey and below
        the rest. ``none``: every cell is alike.
    unit
        The title of the colour bar.
    labels
        Names on the data.
    """

    kind: Literal["category", "number", "expression", "none"]
    colours: tuple[str, ...] = ()
    low: float = 0.0
    high: float = 1.0
    unit: str = ""
    labels: tuple[Label, ...] = ()


def limits(values: Numbers) -> tuple[float, float]:
    """Smallest and largest of the finite coordinates; (0, 1) when there is none, and never empty."""
    finite = values[np.isfinite(values)]
    if not finite.size:
        return 0.0, 1.0
    low, high = float(finite.min()), float(finite.max())
    return (low, high) if high > low else (low - 0.5, high + 0.5)


def embedding(plane: Plane, colouring: Colouring, theme: Theme) -> Json:
    """The figure without its cells: a trace for those outside of the selection, and one for those inside."""
    size = point_size(plane.n_cells)
    return {
        "data": [
            {**_trace("outside the selection"), "marker": {"size": size, "color": theme.outside}, "hoverinfo": "skip"},
            {**_trace("cells"), "marker": {"size": size, "opacity": 0.9, **_marker(colouring, theme)}},
        ],
        "layout": _layout(plane, colouring, theme),
    }


def with_cells(figure: Json, xy: Numbers, mask: Numbers, values: Numbers | None, kind: str = "category") -> Json:
    """The same figure with its cells.

    Parameters
    ----------
    xy : (2, n_cells)
        Coordinates; a cell without one is not drawn.
    mask : (n_cells,) bool
        The selection.
    values : (n_cells,) or None
        Codes, numbers or expression; see `Colouring`.
    """
    placed = np.isfinite(xy).all(axis=0)
    outside, inside = np.flatnonzero(placed & ~mask), np.flatnonzero(placed & mask)
    if values is not None and kind == "expression":  # expressing cells lie above the others
        inside = np.concatenate([inside[~(values[inside] > 0)], inside[values[inside] > 0]])
    data = [dict(trace) for trace in figure["data"]]
    for trace, cells in zip(data, (outside, inside), strict=True):
        trace["x"], trace["y"] = packed(xy[0, cells]), packed(xy[1, cells])
    if values is not None and kind != "none":
        data[INSIDE]["marker"] = {**data[INSIDE]["marker"], "color": packed(values[inside])}
    return {**figure, "data": data}


def point_size(n_cells: int) -> float:
    """Diameter in pixels: fewer cells, larger points."""
    return round(min(max(10.6 - 1.8 * math.log10(max(n_cells, 1)), 1.8), 9.0), 1)


def scale_of(colouring: Colouring, theme: Theme) -> tuple[list[list[object]], float, float]:
    """Plotly's colour scale, its lower and its upper end."""
    if colouring.kind == "category":
        colours = [*colouring.colours, NOT_GIVEN[theme.name]]
        n = len(colours)
        steps: list[list[object]] = [[at / n, colour] for i, colour in enumerate(colours) for at in (i, i + 1)]
        return steps, -0.5, n - 0.5
    stops = ramp("expression" if colouring.kind == "expression" else "number", theme)
    low, high = colouring.low, colouring.high if colouring.high > colouring.low else colouring.low + 1.0
    scale: list[list[object]] = [[i / (len(stops) - 1), colour] for i, colour in enumerate(stops)]
    if colouring.kind == "expression" and low >= 0:
        # Half a step of what the browser gets: nothing but an exact zero falls below.
        edge = 0.5 / 65_535
        scale = [[0.0, theme.blank], [edge, theme.blank], [edge, stops[0]], *scale[1:]]
    return scale, low, high


def _trace(name: str) -> Json:
    # Hover is drawn by the page itself: it knows the categories, and no text is sent for every cell.
    return {"type": "scattergl", "mode": "markers", "name": name, "hoverinfo": "none", "x": [], "y": []}


def _marker(colouring: Colouring, theme: Theme) -> Json:
    if colouring.kind == "none":
        return {"color": theme.muted}
    scale, low, high = scale_of(colouring, theme)
    marker: Json = {"colorscale": scale, "cmin": low, "cmax": high, "showscale": colouring.kind != "category"}
    if marker["showscale"]:
        marker["colorbar"] = {
            "orientation": "h",
            "x": 0.0,
            "xanchor": "left",
            "y": 1.0,
            "yanchor": "bottom",
            "len": 0.5,
            "thickness": 9,
            "xpad": 4,
            "ypad": 6,
            "nticks": 5,
            "outlinewidth": 0,
            "ticks": "",
            "tickfont": {"size": 10, "color": theme.muted},
            "title": {
                "text": escaped(shortened(colouring.unit, MAX_LABEL)),
                "side": "top",
                "font": {"size": 11, "color": theme.muted},
            },
        }
    return marker


def _layout(plane: Plane, colouring: Colouring, theme: Theme) -> Json:
    def axis(bounds: tuple[float, float]) -> Json:
        pad = PAD * (bounds[1] - bounds[0])
        return {
            "range": [bounds[0] - pad, bounds[1] + pad],
            "showgrid": False,
            "zeroline": False,
            "showticklabels": False,
            "ticks": "",
            "automargin": False,
        }

    return {
        **base_layout(theme),
        "margin": MARGIN,
        "uirevision": plane.revision,
        "dragmode": "pan",
        "hoverdistance": 12,
        "xaxis": axis(plane.x),
        "yaxis": {**axis(plane.y), "scaleanchor": "x"},
        "annotations": [
            _axis_title(plane, 0, theme),
            _axis_title(plane, 1, theme),
            *(
                {
                    "text": escaped(shortened(label.text, MAX_LABEL)),
                    "x": label.x,
                    "y": label.y,
                    "xshift": label.right,
                    "yshift": label.up,
                    "showarrow": False,
                    "captureevents": False,
                    "font": {"size": 11.5, "color": theme.ink},
                    "bgcolor": translucent(theme.paper, 0.74),
                    "borderpad": 1,
                }
                for label in colouring.labels
            ),
        ],
    }


def _axis_title(plane: Plane, axis: int, theme: Theme) -> Json:
    # An annotation, as Plotly moves the title of an axis without ticks out of the way of things that are not there.
    horizontal = axis == 0
    return {
        "text": escaped(f"{plane.title} {plane.axes[axis] + 1}"),
        "xref": "paper",
        "yref": "paper",
        "x": 0.5 if horizontal else 0.0,
        "y": 0.0 if horizontal else 0.5,
        "xanchor": "center" if horizontal else "right",
        "yanchor": "top" if horizontal else "middle",
        "yshift": -4 if horizontal else 0,
        "xshift": 0 if horizontal else -2,
        "textangle": 0 if horizontal else -90,
        "showarrow": False,
        "font": {"size": 11, "color": theme.muted},
    }
