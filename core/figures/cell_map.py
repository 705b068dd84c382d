"""Map of the cells, coloured by a column or by a gene.

There is one definition of the look, in two halves. `embedding` makes everything but the cells: layout, labels, colours,
two empty traces. `with_cells` puts the cells in. The page does the second half in the browser
(``assets/js/3-maps/cells.js``, the same rules), where the coordinates already are; an export does both here.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np

from core.figures.color_space import blend, translucent
from core.figures.draw_order import drawn
from core.figures.label_style import MAX_LABEL, label_of
from core.figures.palette import NOT_GIVEN, blend_of, ramp
from core.figures.theme import Json, base_layout, escaped, packed, shortened

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from core.figures.labels import Label
    from core.figures.theme import Theme

Numbers: TypeAlias = "NDArray[Any]"
Kind: TypeAlias = Literal["category", "number", "expression", "score", "blend", "none"]
INSIDE = 1
UNSCALED = ("category", "blend")
# The colour bar must not resize the plot: maps that share a zoom need the same area.
MARGIN = {"l": 20, "r": 8, "t": 42, "b": 20, "autoexpand": False}
PAD = 0.03
# Two genes at once: as many steps of each.
BLEND = 16
MAX_ACROSS = 4
# Between two small maps of one figure, as a share of its width and height.
GAP = (0.012, 0.06)
OPACITY = 0.9


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
    y_down
        Whether y grows downwards, as in an image of the tissue.
    """

    title: str
    axes: tuple[int, int]
    x: tuple[float, float]
    y: tuple[float, float]
    revision: str
    n_cells: int
    y_down: bool = False


@dataclass(frozen=True)
class Coloring:
    """Meaning of the colours of a map.

    Attributes
    ----------
    kind
        ``category``: a value is a position in `colors`, one past the end where nothing is given. ``number``: a value
        between `low` and `high`, NaN where nothing is given. ``expression``: the same, zero in a quiet grey. ``score``:
        the same on both sides of zero, which is in the middle. ``blend``: two expressions as one code, from 0 to
        `BLEND` squared less one. ``none``: every cell is alike.
    low, high
        Ends of the scale; what lies beyond has the colour of the end.
    unit
        Unit of the values, in the title of the colour bar.
    subject
        What has these values, before the unit; `is_gene` where it is a gene, whose symbol is set in italics.
    labels
        Names on the data.
    scale
        The name of another ramp, see `palette.SCALES`; empty for the one of the kind.
    """

    kind: Kind
    colors: tuple[str, ...] = ()
    low: float = 0.0
    high: float = 1.0
    unit: str = ""
    labels: tuple[Label, ...] = ()
    scale: str = ""
    subject: str = ""
    is_gene: bool = False

    @property
    def title(self) -> str:
        """Title of the colour bar."""
        unit = escaped(shortened(self.unit, MAX_LABEL))
        if not self.subject:
            return unit
        subject = escaped(shortened(self.subject, MAX_LABEL))
        return f"{f'<i>{subject}</i>' if self.is_gene else subject} · {unit}"


@dataclass(frozen=True)
class Look:
    """Factors of the size and opacity of points."""

    size: float = 1.0
    opacity: float = 1.0


@dataclass(frozen=True)
class Facet:
    """One of several small maps: title and labels."""

    title: str
    labels: tuple[Label, ...] = ()


def limits(values: Numbers) -> tuple[float, float]:
    """Return the smallest and largest finite coordinate; (0, 1) when there is none, and never an empty range."""
    finite = values[np.isfinite(values)]
    if not finite.size:
        return 0.0, 1.0
    low, high = float(finite.min()), float(finite.max())
    return (low, high) if high > low else (low - 0.5, high + 0.5)


def embedding(
    plane: Plane, coloring: Coloring, theme: Theme, look: Look | None = None, facets: Sequence[Facet] = ()
) -> Json:
    """Draw the figure without its cells: a trace for cells outside of the selection, and one for those inside.

    With `facets` there is such a pair of traces for each, on axes of its own that move together.
    """
    chosen = look or Look()
    size = round(max(point_size(plane.n_cells) * chosen.size, 0.5), 1)
    marker = {"size": size, "opacity": min(OPACITY * chosen.opacity, 1.0), **_marker(coloring, theme)}
    data: list[Json] = []
    for place in range(max(len(facets), 1)):
        axes = {} if not place else {"xaxis": f"x{place + 1}", "yaxis": f"y{place + 1}"}
        background = {"size": size, "color": theme.outside}
        own = marker if not place else {**marker, "showscale": False}
        data.append({**_trace("outside the selection"), **axes, "marker": background, "hoverinfo": "skip"})
        data.append({**_trace("cells"), **axes, "marker": own})
    return {"data": data, "layout": _layout(plane, coloring, theme, facets)}


def with_cells(
    figure: Json, xy: Numbers, places: Numbers, values: Numbers | None, kind: Kind = "category", *, sort: bool = True
) -> Json:
    """Add cells to a figure.

    Parameters
    ----------
    xy : (2, n_cells)
        Coordinates; a cell without one is not drawn.
    places : (n_cells,) int
        The small map that each selected cell belongs to, 0 where there is one map; -1 outside of the selection. A map
        shows all that are not its own among those outside.
    values : (n_cells,) or None
        Codes, numbers or expression; see `Coloring`.
    sort
        Draw the cells with the highest values of an expression, a score or a blend last, and others scattered; else in
        the order of the file.
    """
    placed = np.isfinite(xy).all(axis=0)
    data = [dict(trace) for trace in figure["data"]]
    for place in range(len(data) // 2):
        outside, inside = np.flatnonzero(placed & (places != place)), np.flatnonzero(placed & (places == place))
        if sort:
            inside = inside[drawn(inside, None if values is None else values[inside], kind)]
        for trace, cells in zip(data[2 * place : 2 * place + 2], (outside, inside), strict=True):
            trace["x"], trace["y"] = packed(xy[0, cells]), packed(xy[1, cells])
        if values is not None and kind != "none":
            shown = data[2 * place + INSIDE]
            shown["marker"] = {**shown["marker"], "color": packed(values[inside])}
    return {**figure, "data": data}


def blended(one: Numbers, other: Numbers, tops: tuple[float, float]) -> NDArray[np.int64]:
    """Encode the expression of two genes as one number: `BLEND` steps of each, the second running faster."""

    def steps(values: Numbers, top: float) -> NDArray[np.int64]:
        share = np.clip(values / top, 0.0, 1.0) if top > 0 else np.zeros(len(values))
        # Half up, as the browser rounds.
        return np.floor(share * (BLEND - 1) + 0.5).astype(np.int64)

    return steps(one, tops[0]) * BLEND + steps(other, tops[1])


def grid(n: int) -> tuple[int, int]:
    """Return rows and columns of `n` small maps."""
    across = min(max(n, 1), MAX_ACROSS)
    return -(-max(n, 1) // across), across


def point_size(n_cells: int) -> float:
    """Return the diameter of a point in pixels: fewer cells, larger points."""
    return round(min(max(10.6 - 1.8 * math.log10(max(n_cells, 1)), 1.8), 9.0), 1)


def scale_of(coloring: Coloring, theme: Theme) -> tuple[list[list[object]], float, float]:
    """Return Plotly's colour scale with its lower and upper end."""
    if coloring.kind == "category":
        colors = [*coloring.colors, NOT_GIVEN[theme.name]]
        n = len(colors)
        steps: list[list[object]] = [[at / n, color] for i, color in enumerate(colors) for at in (i, i + 1)]
        return steps, -0.5, n - 0.5
    if coloring.kind == "blend":
        colors = blend_of(BLEND, theme)
        n = len(colors)
        return [[at / n, color] for i, color in enumerate(colors) for at in (i, i + 1)], -0.5, n - 0.5
    low, high = coloring.low, coloring.high if coloring.high > coloring.low else coloring.low + 1.0
    if coloring.kind == "score":
        low, high = -max(-low, high), max(-low, high)
    stops = ramp(coloring.scale or coloring.kind, theme)
    scale: list[list[object]] = [[i / (len(stops) - 1), color] for i, color in enumerate(stops)]
    if coloring.kind == "expression" and low >= 0:
        # Half a step of what the browser gets: nothing but an exact zero falls below.
        edge = 0.5 / 65_535
        scale = [[0.0, theme.blank], [edge, theme.blank], [edge, stops[0]], *scale[1:]]
    return scale, low, high


def colors_of(coloring: Coloring, theme: Theme) -> Json:
    """Return a table of colours for pixels: of the codes of categories and blends, else 256 from `low` to `high`.

    `zero` is the colour of an exact zero where that has its own.
    """
    if coloring.kind == "none":
        return {"table": [theme.muted], "low": 0.0, "high": 1.0, "zero": None}
    scale, low, high = scale_of(coloring, theme)
    if coloring.kind in UNSCALED:
        return {"table": [str(color) for _, color in scale[::2]], "low": low, "high": high, "zero": None}
    own = coloring.kind == "expression" and low >= 0
    stops = tuple(str(color) for _, color in (scale[2:] if own else scale))
    table = [blend(stops, at / 255) for at in range(256)]
    return {"table": table, "low": low, "high": high, "zero": theme.blank if own else None}


def _trace(name: str) -> Json:
    # The page draws hover labels itself, so that no text is sent for every cell.
    return {"type": "scattergl", "mode": "markers", "name": name, "hoverinfo": "none", "x": [], "y": []}


def _marker(coloring: Coloring, theme: Theme) -> Json:
    if coloring.kind == "none":
        return {"color": theme.muted}
    scale, low, high = scale_of(coloring, theme)
    marker: Json = {"colorscale": scale, "cmin": low, "cmax": high, "showscale": coloring.kind not in UNSCALED}
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
                "text": coloring.title,
                "side": "top",
                "font": {"size": 11, "color": theme.muted},
            },
        }
    return marker


def _layout(plane: Plane, coloring: Coloring, theme: Theme, facets: Sequence[Facet]) -> Json:
    layout: Json = {
        **base_layout(theme),
        "margin": MARGIN,
        "uirevision": plane.revision,
        "dragmode": "pan",
        "hoverdistance": 12,
        "newshape": {
            "line": {"color": theme.ink, "width": 1.5},
            "fillcolor": translucent(theme.ink, 0.08),
            "drawdirection": "diagonal",
        },
    }
    annotations = [_axis_title(plane, 0, theme), _axis_title(plane, 1, theme)]
    if not facets:
        layout |= {"xaxis": _axis(plane.x), "yaxis": {**_axis(plane.y, down=plane.y_down), "scaleanchor": "x"}}
        annotations += [label_of(label, "", theme) for label in coloring.labels]
    for place, facet in enumerate(facets):
        name = str(place + 1) if place else ""
        across, up = _domain(place, len(facets))
        together = {"matches": "x"} if place else {}
        layout[f"xaxis{name}"] = {**_axis(plane.x), "domain": across, "anchor": f"y{name}", **together}
        together = {"matches": "y"} if place else {"scaleanchor": "x"}
        layout[f"yaxis{name}"] = {**_axis(plane.y, down=plane.y_down), "domain": up, "anchor": f"x{name}", **together}
        annotations.append(_facet_title(facet, across, up, theme))
        annotations += [label_of(label, name, theme) for label in facet.labels]
    return {**layout, "annotations": annotations}


def _axis(bounds: tuple[float, float], *, down: bool = False) -> Json:
    pad = PAD * (bounds[1] - bounds[0])
    ends = [bounds[0] - pad, bounds[1] + pad]
    return {
        "range": ends[::-1] if down else ends,
        "showgrid": False,
        "zeroline": False,
        "showticklabels": False,
        "ticks": "",
        "automargin": False,
    }


def _domain(place: int, n: int) -> tuple[list[float], list[float]]:
    """Return the domain of a small map, counted from the top left."""
    rows, columns = grid(n)
    row, column = divmod(place, columns)
    width, height = 1 / columns, 1 / rows
    top = 1 - row * height
    return (
        [column * width + GAP[0] / 2, (column + 1) * width - GAP[0] / 2],
        [top - height, top - GAP[1]],
    )


def _facet_title(facet: Facet, across: list[float], up: list[float], theme: Theme) -> Json:
    return {
        "text": escaped(facet.title),
        "xref": "paper",
        "yref": "paper",
        "x": sum(across) / 2,
        "y": up[1],
        "xanchor": "center",
        "yanchor": "bottom",
        "showarrow": False,
        "font": {"size": 12, "color": theme.ink},
    }


def outlines(lassos: Sequence[Sequence[tuple[float, float]]], n_facets: int, theme: Theme) -> list[Json]:
    """Draw the lassos of a selection as shapes, on every small map."""
    return [
        {
            "type": "path",
            "path": "M" + "L".join(f"{x!r},{y!r}" for x, y in points) + "Z",
            "xref": f"x{place + 1 if place else ''}",
            "yref": f"y{place + 1 if place else ''}",
            "line": {"color": theme.ink, "width": 1.5, "dash": "dot"},
            "layer": "above",
        }
        for points in lassos
        for place in range(max(n_facets, 1))
    ]


def _axis_title(plane: Plane, axis: int, theme: Theme) -> Json:
    # An annotation, as Plotly misplaces the title of an axis without ticks.
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
